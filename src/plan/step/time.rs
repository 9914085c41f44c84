//! The clock.

use serde_json::json;

use super::super::file::Placing;
use super::{ClassView, Step};
use crate::file_format::Writer;
use crate::file_format::chrony::Chrony;
use crate::file_format::systemd::Systemd;
use crate::origin::{Origin, Sourced};
use crate::stdlib::TimeDaemon;

pub(super) fn plan(class: &ClassView<'_>) -> Option<Step> {
    let time = &class.model.cluster.time;
    let words = |list: &[Sourced<String>]| -> Vec<String> {
        list.iter().map(|word| word.value.clone()).collect()
    };
    let origins = |list: &[Sourced<String>]| -> Vec<Origin> {
        list.iter().map(|word| word.origin.clone()).collect()
    };
    let all: Vec<Origin> = origins(&time.servers)
        .into_iter()
        .chain(origins(&time.fallback))
        .chain([class.system.time_daemon.origin.clone()])
        .collect();
    let mut step = Step::new("32-time").set(
        "time",
        json!({
            "servers": words(&time.servers),
            "fallback": words(&time.fallback),
            "unit": class.system.time_unit.value,
            "file": place(class),
            "main_file": class.system.time_file.as_ref().map(|file| file.value.clone()),
        }),
        all,
    );
    if !time.servers.is_empty() {
        step = step.asked(
            format!("time servers = [{}]", words(&time.servers).join(", ")),
            origins(&time.servers),
        );
    }
    if !time.fallback.is_empty() {
        step = step.asked(
            format!("time fallback = [{}]", words(&time.fallback).join(", ")),
            origins(&time.fallback),
        );
    }
    if step.asked.is_empty() {
        let os = class.settings.os.as_ref()?;
        return Some(step.asked(
            format!("os = {} (its own time servers)", class.system.name),
            [os.origin.clone()],
        ));
    }
    const WHY: &str = "Where this machine gets the time.";
    if class.system.time_daemon.value == TimeDaemon::Chrony {
        let mut list = Writer::<Chrony>::headed(WHY, class.spec);
        for server in time.servers.iter().chain(&time.fallback) {
            list.server(&server.value, [server.origin.clone()]);
        }
        if let Some(file) = &class.system.time_file {
            let mut line = Writer::<Chrony>::new();
            let asked = time.servers.iter().chain(&time.fallback);
            let why = asked.map(|server| server.origin.clone());
            line.sources_in(&folder(class), why.chain([file.origin.clone()]));
            step = step.file(Placing::fragment("chrony-sources", line.finish()));
        }
        return Some(step.file(Placing::whole(&place(class), list)));
    }
    let mut file = Writer::<Systemd>::headed(WHY, class.spec);
    file.fixed("[Time]");
    for (key, list) in [("NTP", &time.servers), ("FallbackNTP", &time.fallback)] {
        if !list.is_empty() {
            let hosts: Vec<&str> = list.iter().map(|host| host.value.as_str()).collect();
            file.hosts(key, &hosts, origins(list));
        }
    }
    Some(step.file(Placing::whole(&place(class), file)))
}

/// The folder in which the system's time daemon looks for servers.
fn folder(class: &ClassView<'_>) -> String {
    let usual = match class.system.time_daemon.value {
        TimeDaemon::Chrony => "/etc/chrony/sources.d",
        TimeDaemon::Timesyncd => "/etc/systemd/timesyncd.conf.d",
    };
    let own = class.system.time_folder.as_ref();
    own.map_or_else(|| usual.to_owned(), |folder| folder.value.clone())
}

/// The file there.
fn place(class: &ClassView<'_>) -> String {
    let file = match class.system.time_daemon.value {
        TimeDaemon::Chrony => "90-pikc.sources",
        TimeDaemon::Timesyncd => "90-pikc.conf",
    };
    format!("{}/{file}", folder(class))
}
