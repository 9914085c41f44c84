//! Whether an argument's value is of the type that the program reads.

use std::net::IpAddr;

use ipnet::IpNet;

use super::{Argument, Program, as_read, each};
use crate::check::support::findings::Findings;
use crate::check::support::offers::text_instead;
use crate::declare;
use crate::diagnostic::{Descriptor, Diagnostic, Severity, suggest};
use crate::model::Model;
use crate::stdlib::FlagType;

declare! {
    /// A program exits at a value that it cannot read: a number with a unit, a length of time without one, a word that is none of
    /// those it has. kubeadm passes arguments on without reading them.
    ///
    /// | what the program reads | written as |
    /// |---|---|
    /// | yes or no | `true`, `false` |
    /// | a length of time | `30s`, `4m0s`, `1h30m`: there are no days |
    /// | addresses, ranges | `192.168.11.201`, `10.244.0.0/16` |
    ///
    /// ```pik fails
    /// api-server { extra-args { request-timeout = "60" } }
    /// ```
    ///
    /// ```pik
    /// api-server { extra-args { request-timeout = 60s } }
    /// ```
    ///
    /// ```yaml fails
    /// apiVersion: kubeadm.k8s.io/v1beta4
    /// kind: ClusterConfiguration
    /// kubernetesVersion: v1.36.4
    /// apiServer:
    ///   extraArgs:
    ///     - { name: audit-log-maxage, value: 30d }
    /// ```
    ///
    /// ```yaml
    /// apiVersion: kubeadm.k8s.io/v1beta4
    /// kind: ClusterConfiguration
    /// kubernetesVersion: v1.36.4
    /// apiServer:
    ///   extraArgs:
    ///     - { name: audit-log-maxage, value: "30" }
    /// ```
    pub static WRONG = {
        code: "argument/wrong-value",
        since: "0.1.0",
        severity: Error,
        title: "a value that the program cannot read",
        help: "write a value of the argument's type",
        sources: ["spf13/pflag", "pkg.go.dev/time#ParseDuration"],
    }
}

pub(in crate::check) static CODES: &[&Descriptor] = &[&WRONG];

pub(in crate::check) fn check(model: &Model, out: &mut Findings<'_>) {
    each(model, out, judge);
}

fn judge(model: &Model, program: &Program<'_>, (name, value): &Argument) -> Option<Diagnostic> {
    let flag = program.flags.find(&as_read(program, &name.value))?;
    // A length of time that the file could hold as well is compared with what the kubelet accepts there.
    if flag.field().is_some() && flag.ty == FlagType::Duration {
        return None;
    }
    // What pikc writes itself is reported as such.
    let written = model.is_spec() && program.flags.writer(&flag.name).is_some();
    if !flag.is_in(program.release) || written || is_filled_in_later(&value.value) {
        return None;
    }
    let wanted = wanted(&flag.ty, &value.value)?;
    let message = format!(
        "`{}` of {} is {wanted}, and {} would not start with {}",
        flag.name,
        program.name,
        program.whose,
        shown(&value.value)
    );
    let mut finding = Diagnostic::new(&WRONG, message).label(value, format!("not {wanted}"));
    if !flag.verified {
        finding = finding.severity(Severity::Warning);
    }
    Some(match proposal(&flag.ty, &value.value) {
        Some(proposal) => text_instead(finding, &value.origin, &value.value, &proposal)
            .help(format!("write `{proposal}`")),
        None => finding.help(format!("write {wanted}")),
    })
}

/// A value that is put in before the program sees it: by Kubernetes (`$(POD_IP)`), or by whatever made the file.
fn is_filled_in_later(value: &str) -> bool {
    ["$(", "${", "{{"].iter().any(|sign| value.contains(sign))
}

fn shown(value: &str) -> String {
    const MOST: usize = 40;
    match value.chars().count() {
        0 => "an empty value".to_owned(),
        1..=MOST => format!("`{}`", value.escape_debug()),
        _ => "this value".to_owned(),
    }
}

/// What the value must be, if it is not that.
fn wanted(ty: &FlagType, value: &str) -> Option<String> {
    let port = |text: &str| {
        text.parse::<i64>()
            .is_ok_and(|port| (0..=65535).contains(&port))
    };
    let (fits, wanted) = match ty {
        FlagType::Boolean => (boolean(value), "`true` or `false`"),
        FlagType::Integer => (integer(value), "a whole number"),
        FlagType::Number => (value.parse::<f64>().is_ok_and(f64::is_finite), "a number"),
        FlagType::Duration => (duration(value), "a length of time such as `30s` or `1h30m`"),
        FlagType::Address => (value.parse::<IpAddr>().is_ok(), "an address"),
        FlagType::Cidrs => (
            value
                .split(',')
                .all(|one| one.trim().parse::<IpNet>().is_ok()),
            "a range such as `10.244.0.0/16`",
        ),
        FlagType::Port => (port(value), "a port"),
        FlagType::Choice(words) => {
            let fits = value.is_empty() || words.iter().any(|word| word == value);
            let all = words.join("`, `");
            return (!fits).then(|| format!("one of `{all}`"));
        }
        FlagType::Text => return None,
    };
    (!fits).then(|| wanted.to_owned())
}

/// What was most likely meant.
fn proposal(ty: &FlagType, value: &str) -> Option<String> {
    match ty {
        FlagType::Boolean => match value.to_ascii_lowercase().as_str() {
            "on" | "yes" => Some("true".to_owned()),
            "off" | "no" => Some("false".to_owned()),
            _ => None,
        },
        FlagType::Duration => {
            let days = value
                .strip_suffix('d')
                .and_then(|days| days.parse::<u32>().ok());
            match (value.parse::<u32>(), days) {
                (Ok(seconds), _) => Some(format!("{seconds}s")),
                (_, Some(days)) => Some(format!("{}h", u64::from(days) * 24)),
                _ => None,
            }
        }
        FlagType::Integer => {
            let digits: String = value.chars().take_while(char::is_ascii_digit).collect();
            (!digits.is_empty() && value.ends_with('d')).then_some(digits)
        }
        FlagType::Choice(words) => {
            suggest::nearest(value, words.iter().map(String::as_str)).map(str::to_owned)
        }
        _ => None,
    }
}

/// As Go's `strconv.ParseBool` reads it.
fn boolean(value: &str) -> bool {
    const WORDS: &[&str] = &[
        "1", "t", "T", "TRUE", "true", "True", "0", "f", "F", "FALSE", "false", "False",
    ];
    WORDS.contains(&value)
}

/// As Go's `strconv.ParseInt` reads it with base 0: also with `0x`, `0o` and `0b`.
fn integer(value: &str) -> bool {
    let digits = value.strip_prefix(['-', '+']).unwrap_or(value);
    let lower = digits.to_ascii_lowercase();
    let of = |prefix: &str, radix| {
        lower
            .strip_prefix(prefix)
            .is_some_and(|rest| i64::from_str_radix(rest, radix).is_ok())
    };
    let plain = digits.bytes().all(|byte| byte.is_ascii_digit()) && digits.parse::<i64>().is_ok();
    plain || of("0x", 16) || of("0o", 8) || of("0b", 2)
}

/// As Go's `time.ParseDuration` reads it: numbers, each with a unit; only 0 needs none.
fn duration(value: &str) -> bool {
    const UNITS: &[&str] = &["ns", "us", "µs", "μs", "ms", "s", "m", "h"];
    let mut rest = value.strip_prefix(['-', '+']).unwrap_or(value);
    if rest == "0" {
        return true;
    }
    if rest.is_empty() {
        return false;
    }
    while !rest.is_empty() {
        let end = rest.find(|c: char| !(c.is_ascii_digit() || c == '.'));
        let Some(end) = end else { return false };
        let (number, after) = rest.split_at(end);
        if number.parse::<f64>().is_err() {
            return false;
        }
        let unit_end = after.find(|c: char| c.is_ascii_digit() || c == '.');
        let (unit, next) = after.split_at(unit_end.unwrap_or(after.len()));
        if !UNITS.contains(&unit) {
            return false;
        }
        rest = next;
    }
    true
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn lengths_of_time_are_read_as_go_reads_them() {
        for good in [
            "0", "30s", "4m0s", "1h30m", "1.5h", "-1s", ".5s", "100ms", "2µs",
        ] {
            assert!(duration(good), "{good}");
        }
        for bad in ["", "30", "30 s", "1d", "s", "1h30", "1..5s", "-", "5min"] {
            assert!(!duration(bad), "{bad}");
        }
    }

    #[test]
    fn whole_numbers_are_read_as_go_reads_them() {
        for good in ["0", "-1", "+7", "0x1F", "007"] {
            assert!(integer(good), "{good}");
        }
        for bad in ["", "-", "1.0", "30d", "0x", "+-1", "٣"] {
            assert!(!integer(bad), "{bad}");
        }
    }
}
