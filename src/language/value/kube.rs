//! Values with Kubernetes' own rules: object names, labels, taints, feature gates, arguments.

use super::Bad;
use super::name::label;
use super::text::{longest, wrong_sign};

/// The name of an object or a namespace: the same rule as for machines, with other wording.
pub(super) fn dns_label(word: &str) -> Result<String, Bad> {
    label(word).map_err(|mut bad| {
        bad.why = bad.why.replace("machine name", "DNS label");
        bad.help = bad
            .help
            .map(|help| help.replace("machine name", "DNS label"));
        bad
    })
}

/// `[prefix/]name`, as `IsQualifiedName` of Kubernetes' apimachinery has it.
pub(super) fn label_key(word: &str) -> Result<String, Bad> {
    let (prefix, found) = match word.split_once('/') {
        Some((prefix, found)) => (Some(prefix), found),
        None => (None, word),
    };
    if let Some(prefix) = prefix {
        subdomain(prefix)?;
    }
    let at = word.len() - found.len();
    if found.is_empty() {
        return Err(Bad::whole(word, "is not a label key: it has no name").help(KEY));
    }
    qualified(found, "is not a label key").map_err(|bad| bad.shifted(at).help(KEY))?;
    Ok(word.to_owned())
}

/// A DNS name in lowercase (`IsDNS1123Subdomain`).
fn subdomain(word: &str) -> Result<(), Bad> {
    longest(word, 253, "a DNS name")?;
    let mut at = 0;
    for part in word.split('.') {
        if let Err(mut bad) = label(part) {
            bad.why = bad.why.replace("machine name", "label key");
            bad.why = bad.why.replace(
                "is empty",
                "is not a label key: it needs a DNS name before the `/`",
            );
            bad.to = bad.to.max(1);
            return Err(bad.shifted(at).help(KEY));
        }
        at += part.len() + 1;
    }
    Ok(())
}

/// The value of a label; it may be empty (`IsValidLabelValue`).
pub(super) fn label_value(word: &str) -> Result<String, Bad> {
    if !word.is_empty() {
        qualified(word, "is not the value of a label")
            .map_err(|bad| bad.help(format!("{QUALIFIED}; or \"\"")))?;
    }
    Ok(word.to_owned())
}

/// `[value:]Effect`. The value has the form of a label value; whether the effect exists is checked by a rule, which
/// knows what was most likely meant.
pub(super) fn taint(word: &str) -> Result<String, Bad> {
    let (value, effect) = word.rsplit_once(':').unwrap_or(("", word));
    if value.is_empty() && word.starts_with(':') {
        let bad = Bad::part(0, 1, "is not a taint: there is no value before the `:`");
        return Err(match effect {
            "" => bad,
            effect => bad.help(format!("write `{effect}`")).instead(effect),
        });
    }
    if !value.is_empty() {
        qualified(value, "is not the value of a taint").map_err(|bad| bad.help(QUALIFIED))?;
    }
    let at = word.len() - effect.len();
    let effects =
        "write `NoSchedule`, `PreferNoSchedule` or `NoExecute`, with or without `VALUE:` before it";
    if let Some((from, to, _)) = wrong_sign(effect, |c| c.is_ascii_alphabetic()) {
        return Err(Bad::part(
            at + from,
            at + to,
            "is not a taint: the effect must be one word of letters",
        )
        .help(effects));
    }
    if effect.is_empty() || effect.len() > 63 {
        return Err(
            Bad::part(at, word.len(), "is not a taint: it does not name an effect").help(effects),
        );
    }
    Ok(word.to_owned())
}

/// Letters and digits; whether the gate exists is checked by a rule.
pub(super) fn feature_gate(word: &str) -> Result<String, Bad> {
    let fine = |c: char| c.is_ascii_alphanumeric();
    if let Some((from, to, sign)) = wrong_sign(word, fine) {
        return Err(Bad::part(
            from,
            to,
            format!("is not a feature gate: it contains `{sign}`"),
        )
        .help("a feature gate consists of letters and digits: `MemoryQoS`"));
    }
    if !word.starts_with(|c: char| c.is_ascii_alphabetic()) {
        return Err(Bad::whole(
            word,
            "is not a feature gate: it does not begin with a letter",
        ));
    }
    longest(word, 63, "a feature gate")?;
    Ok(word.to_owned())
}

/// As the kubelet lists its own. The kubelet reads `_` as `-`, so a name with `_` is refused: rules and reviewers that
/// look for the argument would miss it.
pub(super) fn argument(word: &str) -> Result<String, Bad> {
    let fine = |c: char| c.is_ascii_lowercase() || c.is_ascii_digit() || c == '-';
    let meant = word
        .trim_start_matches('-')
        .to_ascii_lowercase()
        .replace('_', "-");
    let sound = meant.starts_with(|c: char| c.is_ascii_lowercase()) && meant.chars().all(fine);
    let bad = match wrong_sign(word, fine) {
        Some((from, to, sign)) => Bad::part(
            from,
            to,
            format!("is not an argument's name: it contains `{sign}`"),
        ),
        None if word.starts_with('-') => Bad::part(
            0,
            word.len() - word.trim_start_matches('-').len(),
            "is not an argument's name: it begins with dashes",
        ),
        None if !sound => Bad::whole(
            word,
            "is not an argument's name: it does not begin with a letter",
        ),
        None => {
            longest(word, 63, "an argument's name")?;
            return Ok(word.to_owned());
        }
    };
    Err(match sound {
        true => bad.help(format!("write `{meant}`")),
        false => bad.help("an argument's name consists of lowercase letters, digits and `-`"),
    })
}

/// One word: kubeadm puts the arguments into one line of an environment file, and systemd splits that line at spaces and
/// interprets quotes and `\\` in it (systemd.service(5), "Command lines"). A space would begin another argument. In the arguments of a
/// container, Kubernetes replaces `$(NAME)` and `$$` itself.
pub(super) fn argument_value(word: &str) -> Result<String, Bad> {
    let fine = |c: char| c.is_ascii_graphic() && !"\"'\\$`".contains(c);
    if let Some((from, to, sign)) = wrong_sign(word, fine) {
        let why = match sign {
            ' ' => "contains a space, and what follows it would be a separate argument".to_owned(),
            '`' => "contains a backquote, which systemd does not pass on unchanged".to_owned(),
            _ => {
                format!("contains `{sign}`, which systemd or Kubernetes does not pass on unchanged")
            }
        };
        return Err(Bad::part(from, to, why)
            .help("write one word of printable ASCII, without spaces, quotes, `\\` and `$`"));
    }
    longest(word, 1000, "an argument")?;
    Ok(word.to_owned())
}

const QUALIFIED: &str =
    "up to 63 letters, digits, `-`, `_`, `.`, with a letter or digit at both ends";

const KEY: &str = "up to 63 letters, digits, `-`, `_`, `.`, with a letter or digit at both ends; a lowercase DNS name and `/` can come before";

/// What Kubernetes calls a qualified name: the part of a label's key after the `/`, and its value.
fn qualified(word: &str, what: &str) -> Result<(), Bad> {
    let ends = |c: char| c.is_ascii_alphanumeric();
    let inner = |c: char| c.is_ascii_alphanumeric() || matches!(c, '-' | '_' | '.');
    if let Some((from, to, sign)) = wrong_sign(word, inner) {
        let sign = sign.escape_debug();
        return Err(Bad::part(from, to, format!("{what}: it contains `{sign}`")));
    }
    if word.len() > 63 {
        return Err(Bad::part(
            63,
            word.len(),
            format!(
                "{what}: it has {} characters, at most 63 are allowed",
                word.len()
            ),
        ));
    }
    if !word.starts_with(ends) {
        return Err(Bad::part(
            0,
            1,
            format!("{what}: it does not begin with a letter or a digit"),
        ));
    }
    if !word.ends_with(ends) {
        return Err(Bad::part(
            word.len() - 1,
            word.len(),
            format!("{what}: it does not end with a letter or a digit"),
        ));
    }
    Ok(())
}

#[cfg(test)]
mod tests {
    use super::*;

    fn all(fine: &[&str], wrong: &[&str], read: fn(&str) -> Result<String, Bad>) {
        for word in fine {
            assert!(read(word).is_ok(), "{word:?}: {:?}", read(word));
        }
        for word in wrong {
            let bad = read(word).expect_err(word);
            assert!(
                bad.from <= bad.to && bad.to <= word.len(),
                "{word:?}: {bad:?}"
            );
        }
    }

    #[test]
    fn objects_and_labels_follow_kubernetes_rules() {
        let long = "a".repeat(64);
        all(
            &["web-2", &long[1..]],
            &["Web", "", "a.b", &long],
            dns_label,
        );
        assert_eq!(
            dns_label("Web").expect_err("a capital").help.as_deref(),
            Some("write `web`")
        );
        all(
            &["", "front", "V1.2_x", "0"],
            &["-a", "a-", "a/b", "front end", "$(id)", "a,b=c", "é", &long],
            label_value,
        );
        all(
            &[
                "app",
                "example.org/rack",
                "a.b/V_1",
                "node-role.kubernetes.io/worker",
            ],
            &[
                "",
                "/a",
                "a/",
                "Example.org/a",
                "a/b/c",
                "-a",
                "a b",
                "a=b",
                "fe80::1/x",
                "a..b/c",
                &long,
            ],
            label_key,
        );
    }

    #[test]
    fn a_taint_is_a_value_and_an_effect() {
        all(
            &["NoSchedule", "yes:NoExecute", "yes:noschedule"],
            &[
                "",
                ":NoSchedule",
                "yes:",
                "a b:NoSchedule",
                "a,b=c:NoSchedule",
                "yes:No Schedule",
                "-a:NoSchedule",
                "a:b:NoSchedule",
            ],
            taint,
        );
    }

    #[test]
    fn an_argument_stays_one_argument() {
        all(
            &["v", "eviction-hard"],
            &["", "--v", "node_labels", "V", "-", "a=b", "1"],
            argument,
        );
        assert_eq!(
            argument("--node_ip").expect_err("dashes").help.as_deref(),
            Some("write `node-ip`")
        );
        all(
            &["4", "", "memory.available<200Mi,nodefs.available<10%"],
            &[
                "4 --anonymous-auth=true",
                "\"4\"",
                "it's",
                "a\\b",
                "日",
                "$HOME",
                "$(NODE)",
                "`id`",
            ],
            argument_value,
        );
        all(
            &["MemoryQoS", "memoryqos"],
            &["", "Memory-QoS", "A=true,B", "1A", "a b"],
            feature_gate,
        );
    }
}
