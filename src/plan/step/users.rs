//! Accounts, their keys and their rights.

use super::super::file::{Placing, header};
use super::super::types::Line;
use super::{Class, Step};
use crate::model::User;

pub(super) fn plan(class: &Class<'_>) -> Option<Step> {
    let users = &class.settings.users;
    if users.is_empty() {
        return None;
    }
    let mut step = Step::new("25-users");
    for user in users {
        step = step.asked(
            format!("user {}", user.name.value),
            [user.name.origin.clone()],
        );
        if !user.ssh_keys.is_empty() {
            step = step.file(keys(user));
        }
        if let Some(file) = sudoer(user, class.spec) {
            step = step.file(file);
        }
    }
    Some(step)
}

fn keys(user: &User) -> Placing {
    let line = |key: &crate::origin::Sourced<crate::value::SshKey>| {
        Line::from(key.value.to_string(), [key.origin.clone()])
    };
    Placing::fragment(
        &format!("authorized_keys.{}", user.name.value),
        user.ssh_keys.iter().map(line).collect(),
    )
    .because([user.name.origin.clone()])
}

fn sudoer(user: &User, spec: &str) -> Option<Placing> {
    let sudo = user.sudo.as_ref().filter(|sudo| sudo.value != "none")?;
    let name = &user.name.value;
    let rule = match sudo.value.as_str() {
        "nopasswd" => format!("{name} ALL=(ALL:ALL) NOPASSWD: ALL"),
        _ => format!("{name} ALL=(ALL:ALL) ALL"),
    };
    let mut lines = header(
        &format!("{name} may become root (sudo = {}).", sudo.value),
        spec,
    );
    lines.push(Line::from(
        rule,
        [user.name.origin.clone(), sudo.origin.clone()],
    ));
    Some(
        // sudo skips files with a dot in their name.
        Placing::whole(
            &format!("/etc/sudoers.d/010_pikc-{}", name.replace('.', "_")),
            lines,
        )
        .because([sudo.origin.clone()])
        .mode(0o440),
    )
}
