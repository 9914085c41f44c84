//! How long the certificates that kubeadm makes are valid.

use crate::check::support::findings::Findings;
use crate::declare;
use crate::diagnostic::{Descriptor, Diagnostic, Severity};
use crate::model::{Data, Model, Target};
use crate::origin::Sourced;
use crate::value::Duration;

declare! {
    /// kubeadm makes certificates for one year and renews them with every upgrade; its authorities are valid for ten. A certificate that is valid
    /// for longer cannot be taken back if its key is lost: Kubernetes has no list of revoked certificates. One that outlives its authority ends
    /// with it, on a day that no tool shows: `kubeadm certs check-expiration` prints the date in the certificate.
    ///
    /// Nor do they work if they end too soon: within a day kubeadm may not even be through on a small board, and within 30 days a person has
    /// to remember to renew them, unless `renew` does it.
    ///
    /// Both settings exist since Kubernetes 1.31.
    ///
    /// ```pik fails
    /// certificates { validity = 87600h }
    /// ```
    ///
    /// ```pik fails
    /// certificates { validity = 1h }
    /// ```
    ///
    /// ```pik
    /// certificates { validity = 8760h }
    /// ```
    pub static VALIDITY = {
        code: "kubeadm/certificate-validity",
        since: "0.1.0",
        severity: Warning,
        title: "certificates that are valid for too long, or not long enough",
        help: "write `validity = 8760h`, or leave it out; `kubeadm certs renew all` and every upgrade renew them",
        sources: ["kubernetes/kubernetes cmd/kubeadm/app/apis/kubeadm/validation/validation.go", "kubernetes.io: docs/tasks/administer-cluster/kubeadm/kubeadm-certs"],
    }
}

declare! {
    /// A control plane that renews its certificates looks at them once a week or once a month. One look can be missed: the machine is off, or
    /// not all members of etcd are healthy. Certificates that are valid for less than two such times can then end before the next one, and
    /// the API no longer answers.
    ///
    /// ```pik fails
    /// certificates { validity = 720h, renew = monthly }
    /// ```
    ///
    /// ```pik
    /// certificates { validity = 720h, renew = weekly }
    /// ```
    pub static RENEWAL = {
        code: "kubeadm/renewal-too-rare",
        since: "0.1.0",
        severity: Warning,
        title: "certificates that can end between two looks at them",
        help: "write `renew = weekly`, or let the certificates be valid for longer",
        sources: ["kubernetes.io: docs/tasks/administer-cluster/kubeadm/kubeadm-certs"],
    }
}

pub(in crate::check) static CODES: &[&Descriptor] = &[&VALIDITY, &RENEWAL];

const DAY: u64 = 24 * 3600;

const YEAR: u64 = 8760 * 3600;

/// kubeadm's own: of certificates, and of the authorities.
const DEFAULTS: (u64, u64) = (YEAR, 10 * YEAR);

pub(in crate::check) fn check(model: &Model, out: &mut Findings<'_>) {
    let own = period(model, "certificateValidityPeriod");
    let authority = period(model, "caCertificateValidityPeriod");
    if too_short(model, &own, &authority, out) {
        return;
    }
    let seconds =
        |found: &Option<Sourced<u64>>, usual| found.as_ref().map_or(usual, |found| found.value);
    if let Some(own) = &own {
        renewed(model, own, out);
    }
    let (leaf, ca) = (seconds(&own, DEFAULTS.0), seconds(&authority, DEFAULTS.1));
    if leaf > ca {
        let message = format!(
            "certificates for {} would outlive their authority, which is valid for {}",
            hours(leaf),
            hours(ca)
        );
        let finding = Diagnostic::new(&VALIDITY, message)
            .severity(Severity::Error)
            .label(&own, "the certificates")
            .label(&authority, "their authority");
        out.push(
            finding.help("make the certificates valid for a shorter time than their authority"),
        );
        return;
    }
    for (found, usual, what) in [
        (own, DEFAULTS.0, "certificates"),
        (authority, DEFAULTS.1, "certificate authorities"),
    ] {
        if let Some(found) = found.filter(|found| found.value > usual) {
            let message = format!(
                "{what} for {}: kubeadm's own are valid for {}",
                hours(found.value),
                hours(usual)
            );
            out.push(
                Diagnostic::new(&VALIDITY, message)
                    .label(&found, "longer than kubeadm recommends")
                    .help(format!("write {}, or leave it out", hours(usual)))
                    .choice(|it| {
                        it.write(&found.origin, hours(usual))
                            .remove("leave it out", &found.origin)
                    }),
            );
        }
    }
}

/// Reports certificates that end before anyone renews them. Returns whether they are of no use at all.
fn too_short(
    model: &Model,
    own: &Option<Sourced<u64>>,
    authority: &Option<Sourced<u64>>,
    out: &mut Findings<'_>,
) -> bool {
    let mut useless = false;
    for (found, what, usual) in [
        (own, "certificates", DEFAULTS.0),
        (authority, "certificate authorities", DEFAULTS.1),
    ] {
        let Some(found) = found else { continue };
        let renews = what != "certificates" || model.cluster.control_plane.rhythm().is_some();
        let (severity, why) = match found.value {
            ..DAY => (
                Severity::Error,
                "may have ended before the cluster is there",
            ),
            _ if found.value < 30 * DAY && !renews => (
                Severity::Warning,
                "end within a month, and nothing renews them",
            ),
            _ => continue,
        };
        useless |= severity == Severity::Error;
        let span = Duration(found.value).short();
        let message = format!("{what} for {span} {why}");
        let finding = Diagnostic::new(&VALIDITY, message)
            .severity(severity)
            .label(found, "valid for so long");
        let finding = match severity {
            Severity::Error => finding.help(format!("write {}, or leave it out", hours(usual))),
            _ => finding.help("write `validity = 8760h`, or `renew = weekly`"),
        };
        out.push(finding.choice(|it| it.write(&found.origin, hours(usual))));
    }
    useless
}

/// Reports certificates that can end although they are renewed regularly.
fn renewed(model: &Model, validity: &Sourced<u64>, out: &mut Findings<'_>) {
    let Some(renew) = model.cluster.control_plane.rhythm() else {
        return;
    };
    let days = renew.value.every;
    if validity.value >= 2 * days * 86_400 {
        return;
    }
    let message = format!(
        "certificates are valid for {} and looked at every {days} days: if one look is missed, they end",
        hours(validity.value)
    );
    let finding = Diagnostic::new(&RENEWAL, message)
        .label(&renew, "renewed this often")
        .label(validity, "valid for so long");
    let longer = hours(2 * days * 86_400);
    out.push(finding.choice(|it| {
        let it = it.write(&validity.origin, longer);
        match validity.value >= 14 * 86_400 {
            true => it.write(&renew.origin, "weekly"),
            false => it,
        }
    }));
}

fn hours(seconds: u64) -> String {
    format!("{}h", seconds / 3600)
}

/// A length of time that becomes a field of kubeadm's document, in seconds.
fn period(model: &Model, field: &str) -> Option<Sourced<u64>> {
    let carried =
        model.cluster.carried.iter().find(
            |carried| matches!(&carried.target, Target::Field { path, .. } if path == field),
        )?;
    let Data::Text(text) = &carried.value.value else {
        return None;
    };
    let seconds = go_seconds(text)?;
    Some(Sourced::new(seconds, carried.value.origin.clone()))
}

/// The whole seconds of `8760h0m0s`. Fractions are cut off.
fn go_seconds(text: &str) -> Option<u64> {
    let mut total = 0_u64;
    let mut rest = text;
    while !rest.is_empty() {
        let end = rest.find(|c: char| !(c.is_ascii_digit() || c == '.'))?;
        let number: u64 = rest[..end].split('.').next()?.parse().ok()?;
        let unit = &rest[end..];
        let after = unit
            .find(|c: char| c.is_ascii_digit())
            .unwrap_or(unit.len());
        let factor = match &unit[..after] {
            "h" => 3600,
            "m" => 60,
            "s" => 1,
            "d" => 86400,
            _ => 0,
        };
        total = total.saturating_add(number.saturating_mul(factor));
        rest = &unit[after..];
    }
    Some(total)
}

#[cfg(test)]
mod tests {
    use super::go_seconds;

    #[test]
    fn lengths_of_time_are_added_up() {
        for (text, seconds) in [
            ("8760h", 31_536_000),
            ("1h30m", 5400),
            ("1.5s", 1),
            ("20ms", 0),
        ] {
            assert_eq!(go_seconds(text), Some(seconds), "{text}");
        }
        assert_eq!(go_seconds("1"), None);
    }
}
