//! The container runtime. What all of them share is here and in one template; the configuration of each
//! is in a file of its own.

mod containerd;
mod crio;
mod registry;

use serde_json::json;

use super::super::file::Placing;
use super::super::network::Secrets;
use super::proxy::{drop_in, drop_in_path};
use super::{ClassView, Step};
use crate::model::{Model, Packaged, RuntimeChoice};
use crate::origin::{Origin, Sourced};
use crate::stdlib::RuntimeKind;
use crate::value::SecretName;

pub(super) fn plan(class: &ClassView<'_>) -> Option<Step> {
    let choice = class.model.cluster.runtime.as_ref()?;
    let own = class.model.packaged(class.system)?;
    let facts = own.runtime;
    let sandbox = sandbox(class)?;
    let (name, files): (_, Vec<Placing>) = match facts.configuration.value {
        RuntimeKind::Containerd => ("60-containerd", containerd::files(class, &own, &sandbox)),
        RuntimeKind::Crio => ("60-crio", crio::files(class, &own, &sandbox)),
    };
    let proxied = drop_in(class, &facts.service.value);
    let drop_in = proxied.as_ref().map(|_| drop_in_path(&facts.service.value));
    let has_logins = !class.model.registry_logins().is_empty();
    let bridges: Vec<String> = facts
        .default_cni
        .iter()
        .map(|file| file.value.clone())
        .collect();
    let cni = class.model.facts.cni.as_ref();
    let conflists: Vec<Sourced<String>> = cni.iter().flat_map(|cni| cni.conflist.clone()).collect();
    let rivals: Vec<&str> = facts
        .rivals
        .iter()
        .map(|rival| rival.value.as_str())
        .filter(|rival| *rival != own.package.value)
        .collect();
    let socket = facts.socket.value.trim_start_matches("unix://").to_owned();
    let asked: Vec<Origin> = [choice.name.origin.clone(), own.version.origin.clone()]
        .into_iter()
        .chain(choice.source.iter().map(|source| source.origin.clone()))
        .collect();
    let origins = asked
        .iter()
        .cloned()
        .chain([own.package.origin.clone(), facts.socket.origin.clone()]);
    // An archive has one release, so there is no choice.
    let pin = own.repository.map(|_| format!("{}.*", own.version.value));
    let mut step = Step::new(name)
        .with_template("60-runtime")
        .asked(asked_words(choice), asked.clone())
        .set(
            "runtime",
            json!({
                "name": facts.configuration.value,
                "crio": facts.configuration.value == RuntimeKind::Crio,
                "title": facts.title,
                "package": own.package.value,
                "version": own.version.value.to_string(),
                "pin": pin,
                "rivals": rivals,
                "service": facts.service.value,
                "folder": format!("{}/", facts.config_folder.value),
                "default_cni": bridges,
                "socket": socket,
                "sandbox": sandbox.value,
                "plugins": facts.cni_bin.value,
                "drop_in": drop_in,
                "logins": has_logins.then_some(crio::LOGINS),
                "certificates": class.model.cluster.registries.iter().any(|one| one.ca.is_some()),
            }),
            origins,
        );
    let chosen = class.model.cluster.cni.iter();
    step = step.set(
        "conflists",
        conflists
            .iter()
            .map(|file| file.value.clone())
            .collect::<Vec<_>>(),
        chosen
            .map(|choice| choice.name.origin.clone())
            .chain(conflists.iter().map(|file| file.origin.clone())),
    );
    step = asked_registries(step, class.model);
    for file in files.into_iter().chain(proxied) {
        step = step.file(file);
    }
    Some(step)
}

/// Names the settings that say where images come from.
fn asked_registries(mut step: Step, model: &Model) -> Step {
    if let Some(images) = &model.cluster.mirror.images {
        let asked = format!("mirror {{ images = {} }}", images.value);
        step = step.asked(asked, [images.origin.clone()]);
    }
    for registry in &model.cluster.registries {
        let asked = format!("registry {}", registry.name.value);
        step = step.asked(asked, [registry.name.origin.clone()]);
    }
    step
}

/// The file of a machine that holds its accounts at registries, or its path and the secret that has no value. Nothing without logins.
pub(in crate::plan) fn with_logins(
    class: &ClassView<'_>,
    secrets: &Secrets<'_>,
) -> Option<Result<Placing, (SecretName, String)>> {
    if class.model.registry_logins().is_empty() {
        return None;
    }
    let own = class.model.packaged(class.system)?;
    let sandbox = sandbox(class)?;
    let facts = own.runtime;
    let kind = facts.configuration.value;
    let made = registry::logins(class, secrets).map(|logins| {
        let file = match kind {
            RuntimeKind::Containerd => containerd::settings(class, &own, &sandbox, &logins),
            RuntimeKind::Crio => crio::logins(&logins),
        };
        file.secret()
    });
    let path = login_file(class.model)?;
    Some(made.map_err(|secret| (secret, path)))
}

/// Where the accounts at registries are on a machine.
pub(in crate::plan) fn login_file(model: &Model) -> Option<String> {
    let facts = model.facts.runtime.as_ref()?;
    Some(match facts.configuration.value {
        RuntimeKind::Containerd => format!("{}/config.toml", facts.config_folder.value),
        RuntimeKind::Crio => crio::LOGINS.to_owned(),
    })
}

/// The choice as the spec has it.
fn asked_words(choice: &RuntimeChoice) -> String {
    let version = choice
        .version
        .as_ref()
        .map(|own| format!("version = {}", own.value));
    let source = choice
        .source
        .as_ref()
        .map(|own| format!("source = {}", own.value));
    let said: Vec<String> = source.into_iter().chain(version).collect();
    match said.is_empty() {
        true => format!("runtime {}", choice.name.value),
        false => format!("runtime {} {{ {} }}", choice.name.value, said.join(", ")),
    }
}

/// The sandbox image, under the name that kubeadm uses, so that it is fetched once.
fn sandbox(class: &ClassView<'_>) -> Option<Sourced<String>> {
    let release = class.model.facts.release.as_ref()?;
    let kubernetes = class.model.cluster.kubernetes.as_ref()?;
    let images = class.model.cluster.mirror.images.as_ref();
    let registry = images.map_or(release.registry.value.as_str(), |images| {
        images.value.as_str()
    });
    let mut from = vec![kubernetes.origin.clone(), release.pause.origin.clone()];
    from.extend(images.map(|images| images.origin.clone()));
    Some(Sourced::new(
        format!("{registry}/pause:{}", release.pause.value),
        Origin::derived("the same sandbox image as kubeadm's", from),
    ))
}

/// Why a setting of the runtime is as it is: the runtime was chosen, and needs it.
fn because(class: &ClassView<'_>, own: &Packaged<'_>) -> Vec<Origin> {
    let choice = class.model.cluster.runtime.iter();
    choice
        .map(|choice| choice.name.origin.clone())
        .chain([own.runtime.configuration.origin.clone()])
        .collect()
}
