//! The clock.

use serde_json::json;

use super::super::file::{Placing, header};
use super::super::types::Line;
use super::{Class, Step};
use crate::origin::{Origin, Sourced};

pub(super) fn plan(class: &Class<'_>) -> Option<Step> {
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
        json!({"servers": words(&time.servers), "fallback": words(&time.fallback)}),
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
    let mut lines = header("Where this machine gets the time.", class.spec);
    let path = if class.system.time_daemon.value == "chrony" {
        let server = |word: &Sourced<String>| {
            Line::from(
                format!("server {} iburst", word.value),
                [word.origin.clone()],
            )
        };
        lines.extend(time.servers.iter().chain(&time.fallback).map(server));
        "/etc/chrony/sources.d/90-pikc.sources"
    } else {
        lines.push(Line::constant("[Time]"));
        if !time.servers.is_empty() {
            lines.push(Line::from(
                format!("NTP={}", words(&time.servers).join(" ")),
                origins(&time.servers),
            ));
        }
        if !time.fallback.is_empty() {
            lines.push(Line::from(
                format!("FallbackNTP={}", words(&time.fallback).join(" ")),
                origins(&time.fallback),
            ));
        }
        "/etc/systemd/timesyncd.conf.d/90-pikc.conf"
    };
    Some(step.file(Placing::whole(path, lines)))
}
