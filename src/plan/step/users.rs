//! Accounts, their keys and their rights.

use super::super::file::Placing;
use super::{ClassView, Step};
use crate::file_format::Writer;
use crate::file_format::authorized_keys::AuthorizedKeys;
use crate::file_format::sudoers::Sudoers;
use crate::model::User;

pub(super) fn plan(class: &ClassView<'_>) -> Option<Step> {
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
    let mut file = Writer::<AuthorizedKeys>::new();
    for key in &user.ssh_keys {
        file.key(&key.value, [key.origin.clone()]);
    }
    Placing::fragment(
        &format!("authorized_keys.{}", user.name.value),
        file.finish(),
    )
    .because([user.name.origin.clone()])
}

fn sudoer(user: &User, spec: &str) -> Option<Placing> {
    let sudo = user.sudo.as_ref().filter(|sudo| sudo.value != "none")?;
    let name = &user.name.value;
    let mut file = Writer::<Sudoers>::headed(
        &format!("{name} may become root (sudo = {}).", sudo.value),
        spec,
    );
    file.may_become_root(
        name,
        sudo.value != "nopasswd",
        [user.name.origin.clone(), sudo.origin.clone()],
    );
    Some(
        // sudo skips files with a dot in their name.
        Placing::whole(
            &format!("/etc/sudoers.d/010_pikc-{}", name.replace('.', "_")),
            file,
        )
        .because([sudo.origin.clone()])
        .mode(0o440),
    )
}
