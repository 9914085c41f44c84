//! Canaries: three secrets full of odd characters, and an encryption key. No command may print them, and no file that others can read may hold them, neither
//! as they are nor in any form that a file could hold.

use std::collections::BTreeSet;
use std::io::Read as _;
use std::os::unix::fs::PermissionsExt as _;

use base64::Engine as _;
use base64::engine::general_purpose::STANDARD;

use crate::support::{Folder, Run};

const WIFI: &str = r#"k4n@ri "e'\$;&<%=#{x}`"#;
/// 32 bytes in base64, as the API server wants them.
const ETCD: &str = "azRuQHJpLWV0Y2QtazRuQHJpLWV0Y2QtazRuQHJpLSE=";
const LOGIN: &str = r#"k4n@ri-ops:k4n@ri pw "'\$&<%={x}"#;
const WEAVE: &str = r#"w€ave-k4n@ri: "'\$&<%=#{{x}}"#;

/// Every form of a secret that a file could hold.
fn forms() -> BTreeSet<String> {
    let mut key = [0_u8; 32];
    let ssid = SSID.as_bytes();
    pbkdf2::pbkdf2_hmac::<sha1::Sha1>(WIFI.as_bytes(), ssid, 4096, &mut key);
    let hex = |bytes: &[u8]| -> String { bytes.iter().map(|byte| format!("{byte:02x}")).collect() };
    let mut all = BTreeSet::from([hex(&key), hex(&key).to_uppercase(), STANDARD.encode(key)]);
    for secret in [WIFI, WEAVE, ETCD, LOGIN] {
        let json = serde_json::to_string(secret).expect("a text");
        let percent: String = secret
            .bytes()
            .map(|byte| match byte.is_ascii_alphanumeric() {
                true => char::from(byte).to_string(),
                false => format!("%{byte:02X}"),
            })
            .collect();
        all.extend([
            secret.to_owned(),
            json[1..json.len() - 1].to_owned(),
            secret.replace('\\', "\\\\"),
            secret.replace('\'', "'\\''"),
            secret.replace('\'', "''"),
            secret.replace('&', "&amp;").replace('<', "&lt;"),
            format!("{}", secret.escape_debug()),
            format!("{}", secret.escape_default()),
            percent,
            hex(secret.as_bytes()),
            STANDARD.encode(secret),
            // What is left if a part was cut off or removed.
            secret[..8].to_owned(),
        ]);
    }
    all.insert("k4n@ri".to_owned());
    all
}

const SSID: &str = "home";

/// The text, and each of its lines decoded from base64 and unpacked.
pub(in crate::cli) fn unfolded(text: &str) -> String {
    let mut all = text.to_owned();
    let packed: String = text
        .lines()
        .map(str::trim)
        .filter(|line| {
            line.len() >= 8
                && line
                    .bytes()
                    .all(|b| b.is_ascii_alphanumeric() || b"+/=".contains(&b))
        })
        .collect();
    for piece in packed.split_inclusive('=').chain([packed.as_str()]) {
        let clean = piece.trim_end_matches('=');
        let clean = &clean[..clean.len() / 4 * 4];
        let Ok(bytes) = STANDARD.decode(clean) else {
            continue;
        };
        all.push_str(&String::from_utf8_lossy(&bytes));
        let mut inner = Vec::new();
        // As much as can be unpacked.
        let _ = flate2::read::GzDecoder::new(bytes.as_slice()).read_to_end(&mut inner);
        all.push_str(&String::from_utf8_lossy(&inner));
    }
    all
}

#[track_caller]
fn silent(what: &str, text: &str, forms: &BTreeSet<String>) {
    let text = unfolded(text);
    for form in forms {
        assert!(
            !text.contains(form.as_str()),
            "{what} says {form:?}:\n{text}"
        );
    }
}

/// A spec whose network and CNI need a secret each.
fn spec() -> String {
    super::with_wifi(
        "cni weave { password = secret:weave }\n  api-server { encryption-at-rest { key = secret:etcd } }\n  registry docker.io { mirrors = [\"https://mirror.example/hub\"], login = secret:login }",
    )
}

/// A tree compiled with the canaries.
fn compiled() -> Folder {
    let folder = Folder::new(&[("cluster.pik", &spec())]);
    let run = say(
        &folder,
        &[
            "compile",
            "cluster.pik",
            "-o",
            "out",
            "--seed-images",
            "--require-secrets",
        ],
        "trace",
    );
    assert_eq!(run.status, 0, "{run:?}");
    folder
}

fn say(folder: &Folder, line: &[&str], level: &str) -> Run {
    let variables = [
        ("PIKC_SECRET_WIFI", WIFI),
        ("PIKC_SECRET_WEAVE", WEAVE),
        ("PIKC_SECRET_ETCD", ETCD),
        ("PIKC_SECRET_LOGIN", LOGIN),
        ("RUST_LOG", level),
    ];
    folder.run(line, &variables, "")
}

#[test]
fn secrets_are_only_in_files_that_others_cannot_read() {
    let forms = forms();
    let folder = compiled();
    let mut closed = 0;
    for path in folder.files("") {
        let bytes = std::fs::read(&path).expect("a file");
        let mode = std::fs::metadata(&path)
            .expect("a file")
            .permissions()
            .mode();
        if mode & 0o077 == 0 {
            let text = unfolded(&String::from_utf8_lossy(&bytes));
            closed += usize::from(forms.iter().any(|form| text.contains(form.as_str())));
            continue;
        }
        silent(
            &path.display().to_string(),
            &String::from_utf8_lossy(&bytes),
            &forms,
        );
    }
    // Otherwise the test looks for the wrong thing.
    assert!(closed >= 5, "only {closed} closed files hold a canary");
}

/// containerd has the login in its main file, which then is each machine's own and no one else's to read.
#[test]
fn a_login_makes_the_runtimes_file_a_secret() {
    let spec = super::with_wifi("cni flannel { }\n  registry docker.io { login = secret:login }");
    let spec = spec.replacen(
        "runtime crio {}",
        "runtime containerd { source = upstream }",
        1,
    );
    let folder = Folder::new(&[("cluster.pik", &spec)]);
    let compile = ["compile", "cluster.pik", "-o", "out"];
    let run = folder.run(
        &compile,
        &[
            ("PIKC_SECRET_WIFI", WIFI),
            ("PIKC_SECRET_LOGIN", "no colon"),
        ],
        "",
    );
    assert!(
        run.status == 1 && run.err.contains("secret/login"),
        "{run:?}"
    );
    assert!(!run.err.contains("no colon\""), "{run:?}");
    let run = say(&folder, &compile, "error");
    assert_eq!(run.status, 0, "{run:?}");
    let own: Vec<_> = folder
        .files("out")
        .into_iter()
        .filter(|path| path.ends_with("etc/containerd/config.toml"))
        .collect();
    assert!(!own.is_empty());
    for path in own {
        let mode = std::fs::metadata(&path)
            .expect("a file")
            .permissions()
            .mode();
        assert_eq!(mode & 0o777, 0o600, "{}", path.display());
        let text = std::fs::read_to_string(&path).expect("text");
        assert!(
            text.contains("registry-1.docker.io") && text.contains("k4n@ri"),
            "{text}"
        );
        assert!(
            path.starts_with(folder.path().join("out/nodes")),
            "{}",
            path.display()
        );
    }
}

#[test]
fn no_command_prints_a_secret_in_any_format_at_any_level() {
    let forms = forms();
    let folder = compiled();
    folder.text(
        "values",
        &format!("wifi={WIFI}\nweave={WEAVE}\netcd={ETCD}\nlogin={LOGIN}\n"),
    );
    folder.shell("chmod 600 values; mkdir boot; touch boot/config.txt; echo root=/dev/mmcblk0p2 > boot/cmdline.txt");
    folder.text("broken", &format!("wifi {WIFI}\n"));
    folder.text("broken.json", &format!("{{\"wifi\": [\"{}\"]}}", "k4n@ri"));
    folder.shell("chmod 600 broken broken.json; cp -r out edited; for f in $(grep -rlIE 'password|psk|secretbox' edited); do echo '# edited' >> $f; done");
    let lines: &[&[&str]] = &[
        &["compile", "cluster.pik", "-o", "out"],
        &["compile", "cluster.pik", "-o", "out", "--dry-run"],
        &[
            "compile",
            "cluster.pik",
            "-o",
            "new",
            "--dry-run",
            "--secrets",
            "values",
        ],
        &["compile", "cluster.pik", "-o", "edited"],
        &["compile", "cluster.pik", "-o", "new", "--secrets", "broken"],
        &[
            "compile",
            "cluster.pik",
            "-o",
            "new",
            "--secrets",
            "broken.json",
        ],
        &["check", "values"],
        &["check", "cluster.pik"],
        &["check", "cluster.pik", "--fix"],
        &["check", "cluster.pik", "--format", "json"],
        &["check", "cluster.pik", "--format", "sarif"],
        &["check", "cluster.pik", "--format", "github"],
        &["check", "cluster.pik", "--format", "gitlab"],
        &[
            "check",
            "--kubeadm",
            "out/nodes/control/kubeadm.yaml",
            "--manifest",
            "out/cluster/cni/05-weave-secret.yaml",
        ],
        &["show", "cluster.pik"],
        &["show", "cluster.pik", "--format", "json"],
        &["show", "cluster.pik", "--budget"],
        &["show", "cluster.pik", "--budget", "--format", "json"],
        &["diff", "cluster.pik", "-o", "out"],
        &["diff", "cluster.pik", "-o", "new"],
        &["diff", "cluster.pik", "-o", "edited"],
        &["diff", "cluster.pik", "-o", "out", "--unified"],
        &["diff", "cluster.pik", "-o", "edited", "--unified"],
        &["diff", "cluster.pik", "-o", "new", "--format", "json"],
        &["diff", "cluster.pik", "-o", "edited", "--format", "json"],
        &["why", "out"],
        &["why", "out", "--format", "json"],
        &["why", "out/nodes/control", "--format", "json"],
        &["why", "cluster.pik:2"],
        &["why", "cluster.pik:2", "--format", "json"],
        &["graph", "cluster.pik"],
        &["graph", "cluster.pik", "--format", "mermaid"],
        &["graph", "cluster.pik", "--format", "dot"],
        &["graph", "cluster.pik", "--format", "text"],
        &["cni", "cluster.pik"],
        &["cni", "cluster.pik", "--format", "json"],
        &["cni", "cluster.pik", "--format", "markdown"],
        &[
            "card",
            "cluster.pik",
            "control",
            "--boot",
            "boot",
            "--dry-run",
        ],
        &["card", "cluster.pik", "control", "--boot", "boot"],
        &["vendor", "cluster.pik", "--into", "vendored"],
        &["explain"],
        &["explain", "secret/missing"],
        &["explain", "--format", "json"],
        &["stdlib", "list"],
        &["stdlib", "show", "weave"],
        &["completions", "bash"],
        &["man"],
        &["init", "fresh"],
        &["--help"],
    ];
    for line in lines {
        // A secrets file that is passed as a spec is quoted like one: whoever passes it can read it anyway.
        if *line == ["check", "values"] {
            continue;
        }
        for level in ["trace", "off"] {
            let run = say(&folder, line, level);
            silent(
                &format!("{line:?}"),
                &format!("{}\n{}", run.out, run.err),
                &forms,
            );
        }
    }
}

#[test]
fn why_shows_no_secret_next_to_a_line_that_holds_one() {
    let forms = forms();
    let folder = compiled();
    let mut all = folder.files("out");
    all.sort();
    let mut blotted = 0;
    for path in all {
        let below = path
            .strip_prefix(folder.path())
            .expect("below")
            .display()
            .to_string();
        let Ok(text) = std::fs::read_to_string(&path) else {
            continue;
        };
        // The lines that hold a secret, their neighbours, and the first line: the test below checks all the others.
        let mut near: BTreeSet<usize> = text
            .lines()
            .enumerate()
            .filter(|(_, line)| forms.iter().any(|form| line.contains(form.as_str())))
            .flat_map(|(at, _)| at.max(1)..=at + 2)
            .collect();
        near.insert(1);
        for number in near {
            if number > text.lines().count() {
                continue;
            }
            let run = say(&folder, &["why", &format!("{below}:{number}")], "trace");
            silent(
                &format!("why {below}:{number}"),
                &format!("{}\n{}", run.out, run.err),
                &forms,
            );
            blotted += usize::from(run.out.contains("(holds a secret: not shown)"));
        }
    }
    assert!(blotted > 10, "only {blotted} lines are hidden");
}

#[test]
fn why_of_a_line_of_the_spec_shows_no_secret() {
    let forms = forms();
    let folder = compiled();
    let spec = spec();
    let mut blotted = 0;
    // Lines that make lines with a secret, and every third of the others.
    for (index, line) in spec.lines().enumerate() {
        if !line.contains("secret:") && index % 3 > 0 {
            continue;
        }
        let place = format!("cluster.pik:{}", index + 1);
        let (format, mark) = match index % 2 {
            0 => ("human", "(holds a secret: not shown)"),
            _ => ("json", "\"hidden\": \"secret\""),
        };
        let run = say(&folder, &["why", &place, "--format", format], "off");
        silent(&place, &format!("{}\n{}", run.out, run.err), &forms);
        blotted += usize::from(run.out.contains(mark));
    }
    assert!(blotted > 2, "only {blotted} answers hide a line");
}

struct Nothing;

impl pikc::model::Reader for Nothing {
    fn read(&self, _: &camino::Utf8Path) -> Result<String, String> {
        Err("there is no such file".to_owned())
    }
}

/// `why` shows the lines of a file except those whose origin says that they hold a secret. This checks every line of every file, in the
/// same process: one run per line would take an hour.
#[test]
fn every_line_that_a_secret_went_into_is_marked() {
    let forms = forms();
    let text = spec();
    let analysis = pikc::analyze(pikc::AnalyzeInput {
        path: "cluster.pik".into(),
        text: &text,
        reader: &Nothing,
        overlay: Default::default(),
        as_of: None,
        kept: None,
    });
    let secret = |name: &str| pikc::value::SecretName(name.to_owned());
    let options = pikc::plan::Options {
        secrets: [
            (secret("wifi"), WIFI.into()),
            (secret("weave"), WEAVE.into()),
            (secret("etcd"), ETCD.into()),
            (secret("login"), LOGIN.into()),
        ]
        .into(),
        spec: "cluster.pik".to_owned(),
        ..Default::default()
    };
    let compiled = pikc::compile(&analysis, &options, true).expect("a sound spec");
    let (mut lines, mut hidden, mut held) = (0, 0, 0);
    for (path, entry) in compiled.rendered.entries() {
        let pikc::render::Entry::File(file) = entry else {
            continue;
        };
        let Some(text) = file.content.text() else {
            continue;
        };
        let origins: Vec<_> = file.origins().collect();
        assert_eq!(origins.len(), text.lines().count(), "{path}");
        let known = |at: usize| origins[at].iter().any(pikc::origin::Origin::is_secret);
        let shown: String = text
            .lines()
            .enumerate()
            .map(|(at, line)| match known(at) {
                true => "\n".to_owned(),
                false => format!("{line}\n"),
            })
            .collect();
        silent(path.as_str(), &shown, &forms);
        let all = unfolded(&text);
        held += usize::from(forms.iter().any(|form| all.contains(form.as_str())));
        lines += origins.len();
        hidden += (0..origins.len()).filter(|at| known(*at)).count();
    }
    assert!(held >= 6, "{held} files hold a secret");
    // And not because everything is hidden.
    assert!(hidden * 3 < lines, "{hidden} of {lines} lines are hidden");
}
