//! The certificate authorities that the machine trusts beside those of its system.

use std::sync::Arc;

use serde_json::json;

use super::super::file::Placing;
use super::{ClassView, Step};
use crate::model::Authority;
use crate::origin::Origin;

pub(super) fn plan(class: &ClassView<'_>) -> Option<Step> {
    let authorities = &class.model.cluster.authorities;
    if authorities.is_empty() {
        return None;
    }
    let mut step = Step::new("31-authorities");
    let mut paths = Vec::new();
    for authority in authorities {
        let why = [
            authority.name.origin.clone(),
            authority.ca.path.origin.clone(),
        ];
        // That it cannot be read has been reported.
        let Ok(text) = &authority.ca.text else {
            continue;
        };
        let path = path(class, authority);
        let file = Placing::brought(&format!("files{path}"), Arc::from(text.as_bytes()));
        let asked = format!("authority {}", authority.name.value);
        step = step.asked(asked, why.clone()).file(file.because(why));
        paths.push(path);
    }
    Some(step.set("authorities", json!(paths), origins(class)))
}

/// Where one is on the machine. The name says whose it is: `unput` knows by it what has to follow when it goes.
fn path(class: &ClassView<'_>, authority: &Authority) -> String {
    let folder = &class.system.trust_store.folder.value;
    format!("{folder}/pikc-{}.crt", authority.name.value)
}

fn origins(class: &ClassView<'_>) -> Vec<Origin> {
    let all = class.model.cluster.authorities.iter();
    all.map(|authority| authority.ca.path.origin.clone())
        .collect()
}
