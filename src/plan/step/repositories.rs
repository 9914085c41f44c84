//! Where the packages come from and whose signature is trusted.

use serde_json::json;

use super::super::file::Placing;
use super::super::sources::{PackageSource, package_sources};
use super::{ClassView, Step};
use crate::file_format::Writer;
use crate::file_format::apt_sources::AptSources;
use crate::file_format::yum_repo::YumRepo;
use crate::model::url_host;
use crate::stdlib::{Gone, PackageManager};

pub(super) fn plan(class: &ClassView<'_>) -> Option<Step> {
    let kubernetes = class.model.cluster.kubernetes.as_ref()?;
    let sources = package_sources(class.model, class.system, &class.board.architecture.value);
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
            "url": source.url,
            "verified": match class.system.package_manager.value {
                PackageManager::Apt => "apt checks the signature with the repository's key",
                PackageManager::Dnf => "rpm checks the signature of each package with the repository's key",
            },
            "list": path(class, source),
            "key": source.key,
            "fingerprint": source.fingerprint,
            "origin": {"$origin": handle},
        }));
        step = step.file(match class.system.package_manager.value {
            PackageManager::Apt => list(class, source),
            PackageManager::Dnf => repository(class, source),
        });
    }
    let manager = class.system.package_manager.value;
    let gone = class.model.facts.gone.iter();
    let gone: Vec<&Gone> = gone.filter(|gone| gone.was_for(manager)).collect();
    let places = gone
        .iter()
        .map(|gone| crate::origin::Origin::Default(gone.span));
    let addresses = gone.iter().flat_map(|gone| gone.prefixes.iter());
    let addresses: Vec<&str> = addresses.map(String::as_str).collect();
    Some(
        step.set("repositories", rows, [])
            .set("gone_sources", addresses, places),
    )
}

/// A source in the format that names its keyring (deb822); flat repositories have `/` for a suite.
fn list(class: &ClassView<'_>, source: &PackageSource) -> Placing {
    let mut list = Writer::<AptSources>::headed(&source.title, class.spec);
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
    Placing::whole(&path(class, source), list)
}

/// A source as dnf has it. What the steps install from it is excluded there, so that no upgrade changes it; they say that they mean it.
fn repository(class: &ClassView<'_>, source: &PackageSource) -> Placing {
    let mut file = Writer::<YumRepo>::headed(&source.title, class.spec);
    let because = || source.origins.clone();
    file.section(&format!("pikc-{}", source.name), because());
    file.title(&source.title, because());
    file.base_url(&source.url, because());
    file.fixed("enabled=1");
    file.fixed("# Each package is signed, with this key, whose fingerprint has been verified.");
    file.fixed("gpgcheck=1");
    let key = format!("/etc/pki/rpm-gpg/RPM-GPG-KEY-pikc-{}", source.name);
    file.key_file(&key, []);
    file.fixed("# A repository that does not answer is an error: a missing package would be harder to explain.");
    file.fixed("skip_if_unavailable=0");
    file.fixed("# No upgrade of the system changes these.");
    let held: Vec<&str> = source.held.iter().map(|one| one.value.as_str()).collect();
    file.excluded(&held, source.held.iter().map(|one| one.origin.clone()));
    let exemptions = class.model.exemptions();
    let host = url_host(&source.url);
    let exempt = exemptions.iter().find(|one| one.covers(host));
    if let Some(exempt) = exempt.filter(|_| class.model.cluster.http_proxy.is_some()) {
        file.fixed("# The spec exempts this host from the proxy.");
        file.constant("proxy=_none_", [exempt.origin.clone()]);
    }
    Placing::whole(&path(class, source), file)
}

/// Where the system looks for its package sources.
fn path(class: &ClassView<'_>, source: &PackageSource) -> String {
    let name = &source.name;
    match class.system.package_manager.value {
        PackageManager::Apt => format!("/etc/apt/sources.list.d/pikc-{name}.sources"),
        PackageManager::Dnf => format!("/etc/yum.repos.d/pikc-{name}.repo"),
    }
}
