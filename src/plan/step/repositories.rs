//! Where the packages come from and whose signature is trusted.

use serde_json::json;

use super::super::file::Placing;
use super::super::sources::{PackageSource, package_sources};
use super::{ClassView, Step};
use crate::file_format::Writer;
use crate::file_format::apt_sources::AptSources;

pub(super) fn plan(class: &ClassView<'_>) -> Option<Step> {
    let kubernetes = class.model.cluster.kubernetes.as_ref()?;
    let sources = package_sources(class.model, class.system);
    let mut step = Step::new("55-repositories").asked(
        format!("kubernetes = {}", kubernetes.value),
        [kubernetes.origin.clone()],
    );
    let mut rows = Vec::new();
    for source in &sources {
        let handle = format!("repository_{}", source.name);
        step.context
            .because(&handle, source.origins.iter().cloned());
        if source.mirrored {
            step = step.asked(
                format!("mirror {{ {} = {} }}", source.name, source.url),
                source.origins.iter().cloned(),
            );
        }
        rows.push(json!({
            "name": source.name,
            "title": source.title,
            "key": source.key,
            "fingerprint": source.fingerprint,
            "origin": {"$origin": handle},
        }));
        step = step.file(list(source, class.spec));
    }
    let gone: Vec<&str> = class
        .model
        .facts
        .gone
        .iter()
        .flat_map(|gone| gone.prefixes.iter().map(String::as_str))
        .collect();
    let places = class
        .model
        .facts
        .gone
        .iter()
        .map(|gone| crate::origin::Origin::Default(gone.span));
    Some(
        step.set("repositories", rows, [])
            .set("gone_sources", gone, places),
    )
}

/// A source in the format that names its keyring (deb822); flat repositories have `/` for a suite.
fn list(source: &PackageSource, spec: &str) -> Placing {
    let mut list = Writer::<AptSources>::headed(&source.title, spec);
    list.fixed("Types: deb");
    list.uri(&source.url, source.origins.clone());
    if source.components.is_empty() {
        list.fixed("Suites: /");
    } else {
        let components: Vec<&str> = source.components.iter().map(String::as_str).collect();
        list.suites(&[&source.suite], source.origins.clone());
        list.components(&components, source.origins.clone());
    }
    let keyring = format!("/etc/apt/keyrings/pikc-{}.asc", source.name);
    list.signed_by(&keyring, []);
    Placing::whole(
        &format!("/etc/apt/sources.list.d/pikc-{}.sources", source.name),
        list,
    )
}
