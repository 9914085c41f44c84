//! `firstrun.sh`, for images without cloud-init: started by words on the kernel command line.

use std::sync::Arc;

use camino::Utf8PathBuf;
use serde_json::json;

use super::Input;
use crate::origin::{Origin, Sourced};
use crate::plan::class::Class;
use crate::plan::types::{CARRIED, Carrier, Context, Plan};

/// What the script is filled in with.
pub(super) fn context(class: &Class, spec: &str) -> Option<Context> {
    let os = class.settings.os.as_ref()?;
    let boot = os
        .value
        .boot(class.settings.board.as_ref()?.value.hardware)?;
    let partition = boot.partition.as_ref()?;
    let files: Vec<&str> = boot.files.iter().map(|file| file.value.as_str()).collect();
    let origins = boot.files.iter().map(|file| file.origin.clone());
    let mut context = Context::default();
    context.set("spec", spec, []);
    context.set(
        "asked",
        vec![format!("os = {}", os.value.name)],
        [os.origin.clone()],
    );
    context.set(
        "boot",
        json!({"partition": partition.value, "files": files}),
        origins.chain([partition.origin.clone(), os.origin.clone()]),
    );
    context.set("carried", CARRIED, []);
    context.set(
        "login",
        class.settings.login(),
        class
            .settings
            .users
            .iter()
            .map(|user| user.name.origin.clone()),
    );
    context.because(
        "users",
        class
            .settings
            .users
            .iter()
            .map(|user| user.name.origin.clone()),
    );
    Some(context)
}

/// Adds a node's script to its `boot/`.
pub(super) fn add(input: &Input<'_>, folder: Utf8PathBuf, plan: &mut Plan) {
    let name: &Sourced<String> = &input.node.name;
    let origins: Arc<[Origin]> = Arc::from([name.origin.clone()]);
    plan.carriers.push(Carrier {
        path: folder.join("firstrun.sh"),
        mode: if input.secret { 0o600 } else { 0o755 },
        payload: input.payload,
        list: input.list,
        name: name.clone(),
        origins,
    });
}
