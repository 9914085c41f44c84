//! The HTTP proxy: apt's settings, and the environment of everything else that fetches something.

use std::collections::BTreeSet;

use serde_json::Value as Json;

use super::super::file::Placing;
use super::super::sources::{mirrored_archives, package_sources};
use super::{ClassView, Step};
use crate::file_format::Writer;
use crate::file_format::apt_conf::{AptConf, Scheme};
use crate::file_format::shell_settings::ShellSettings;
use crate::file_format::systemd::Systemd;
use crate::file_format::yum_repo::YumRepo;
use crate::model::{Exemption, HttpProxy, Model, Whose, url_host};
use crate::origin::{Origin, Sourced};
use crate::plan::types::Context;
use crate::stdlib::PackageManager;

/// Where the steps and kubeadm have the proxy from.
const ENVIRONMENT: &str = "/etc/pikc/proxy.env";

pub(super) fn plan(class: &ClassView<'_>) -> Option<Step> {
    let (proxy, http, https) = proxies(class.model)?;
    let mut asked = format!("http-proxy {{ http = {}", http.value);
    if https.value != http.value {
        asked.push_str(", https = ");
        asked.push_str(&https.value);
    }
    if !proxy.no_proxy.is_empty() {
        let listed: Vec<&str> = proxy
            .no_proxy
            .iter()
            .map(|one| one.value.as_str())
            .collect();
        asked.push_str(", no-proxy = [");
        asked.push_str(&listed.join(", "));
        asked.push(']');
    }
    asked.push_str(" }");
    let listed = proxy.no_proxy.iter().map(|one| one.origin.clone());
    let why = [http.origin.clone(), https.origin.clone()];
    let settings = match class.system.package_manager.value {
        PackageManager::Apt => Placing::whole(
            "/etc/apt/apt.conf.d/90-pikc-proxy.conf",
            for_apt(class, http, https),
        ),
        PackageManager::Dnf => {
            let mut line = Writer::<YumRepo>::new();
            line.proxy(&https.value, [https.origin.clone()]);
            Placing::fragment("dnf-proxy", line.finish())
        }
    };
    Some(
        Step::new("33-proxy")
            .asked(asked, why.into_iter().chain(listed))
            .file(settings)
            .file(Placing::whole(ENVIRONMENT, environment(class, http, https))),
    )
}

/// The block, and the proxy for each scheme.
fn proxies(model: &Model) -> Option<(&HttpProxy, &Sourced<String>, &Sourced<String>)> {
    let proxy = model.cluster.http_proxy.as_ref()?;
    Some((proxy, proxy.http.as_ref()?, proxy.https.as_ref()?))
}

/// Whether there is one, for the templates of the class.
pub(in crate::plan) fn add(model: &Model, context: &mut Context) {
    let found = proxies(model);
    let why = found.map(|(_, http, https)| [http.origin.clone(), https.origin.clone()]);
    let file = found.map_or(Json::Null, |_| ENVIRONMENT.into());
    context.set("http_proxy", file, why.into_iter().flatten());
}

/// A list as `no_proxy` has it, and where its entries come from.
fn joined(exemptions: &[Exemption]) -> (String, Vec<Origin>) {
    let texts: Vec<&str> = exemptions.iter().map(|one| one.text.as_str()).collect();
    let mut why: Vec<Origin> = Vec::new();
    for one in exemptions {
        if !why.contains(&one.origin) {
            why.push(one.origin.clone());
        }
    }
    (texts.join(","), why)
}

/// In lowercase all programs read these: curl ignores `HTTP_PROXY`, and Go reads either.
fn environment(
    class: &ClassView<'_>,
    http: &Sourced<String>,
    https: &Sourced<String>,
) -> Writer<ShellSettings> {
    let mut file = Writer::<ShellSettings>::headed(
        "The way out for the steps and for kubeadm, which passes it on to what it starts. By hand: set -a; . /etc/pikc/proxy.env",
        class.spec,
    );
    file.set("http_proxy", &http.value, [http.origin.clone()]);
    file.set("https_proxy", &https.value, [https.origin.clone()]);
    let (list, why) = joined(&class.model.exemptions());
    file.set("no_proxy", &list, why);
    file
}

/// The container runtime's drop-in; none without a proxy.
pub(super) fn drop_in(class: &ClassView<'_>, service: &str) -> Option<Placing> {
    let (_, http, https) = proxies(class.model)?;
    let mut file = Writer::<Systemd>::headed(
        "Images come through the proxy that the spec sets.",
        class.spec,
    );
    file.constant("[Service]", [http.origin.clone()]);
    file.environment("HTTP_PROXY", &http.value, [http.origin.clone()]);
    file.environment("HTTPS_PROXY", &https.value, [https.origin.clone()]);
    let mut all = class.model.exemptions();
    all.retain(|one| one.whose != Whose::Machine);
    let (list, why) = joined(&all);
    file.environment("NO_PROXY", &list, why);
    Some(Placing::whole(&drop_in_path(service), file))
}

/// Where systemd looks for it.
pub(super) fn drop_in_path(service: &str) -> String {
    format!("/etc/systemd/system/{service}.d/90-pikc-proxy.conf")
}

/// apt compares names and single addresses only, and not in all of its programs: it is told about each host that it is not to ask
/// through the proxy.
fn for_apt(
    class: &ClassView<'_>,
    http: &Sourced<String>,
    https: &Sourced<String>,
) -> Writer<AptConf> {
    let mut file = Writer::<AptConf>::headed(
        "Packages come through the proxy that the spec sets.",
        class.spec,
    );
    file.proxy(Scheme::Http, &http.value, [http.origin.clone()]);
    file.proxy(Scheme::Https, &https.value, [https.origin.clone()]);
    let architecture = &class.board.architecture.value;
    let archives = mirrored_archives(class.model, class.system, architecture);
    let archives = archives
        .into_iter()
        .map(|one| (one.url.value, vec![one.url.origin]));
    let sources = package_sources(class.model, class.system, architecture);
    let sources = sources.into_iter().map(|one| (one.url, one.origins));
    let exemptions = class.model.exemptions();
    let mut seen = BTreeSet::new();
    for (url, origins) in archives.chain(sources) {
        let scheme = match url.split_once("://") {
            Some(("http", _)) => Scheme::Http,
            Some(("https", _)) => Scheme::Https,
            _ => continue,
        };
        let host = url_host(&url).to_owned();
        let Some(covering) = exemptions.iter().find(|one| one.covers(&host)) else {
            continue;
        };
        if seen.insert((scheme == Scheme::Https, host.clone())) {
            let why = origins.into_iter().chain([covering.origin.clone()]);
            file.direct(scheme, &host, why);
        }
    }
    file
}
