//! Canaries where no secret belongs: in clear text in a spec, and on the command line. What is refused is not repeated.

use super::with_wifi;
use crate::support::Folder;
use crate::support::predicates_lite::has;

/// Part of each value below.
const CANARY: &str = "cAn4ry";

/// What can be written instead of `passphrase = secret:wifi`, with each kind of mistake around it.
const WRITTEN: &[&str] = &[
    "passphrase = cAn4ryPlain1",
    "passphrase = \"cAn4ryPlain1\"",
    "passphrase = \"cAn4ry \\\"Plain\\\"\"",
    "passphrase = secret:cAn4ryPlain1!",
    "passphrase = [cAn4ryPlain1]",
    "passphrase = [cAn4ryPlain1, cAn4ryPlain2]",
    "passphrase = $pw",
    "frob = 1, passphrase = cAn4ryPlain1",
    "passphrase = cAn4ryPlain1, frob = 1",
    "pasphrase = cAn4ryPlain1",
    "password = cAn4ryPlain1",
    "passphrase = secret:wifi, passphrase = cAn4ryPlain1",
    // These are not specs.
    "passphrase = cAn4ryPlain1 and cAn4ryPlain2",
    "passphrase = \"cAn4ryPlain1",
    "passphrase = \"\"\"cAn4ryPlain1",
    "passphrase cAn4ryPlain1",
    "passphrase: cAn4ryPlain1",
    "passphrase = = cAn4ryPlain1",
];

#[test]
fn no_report_shows_a_secret_that_a_spec_has_in_clear_text() {
    let sound = with_wifi("cni flannel {}");
    let lines: &[&[&str]] = &[
        &["check", "cluster.pik"],
        &["check", "cluster.pik", "--format", "json"],
        &["check", "cluster.pik", "--format", "sarif"],
        &["check", "cluster.pik", "--format", "github"],
        &["check", "cluster.pik", "--format", "gitlab"],
        &["check", "cluster.pik", "--fix"],
        &["compile", "cluster.pik", "-o", "out"],
        &["show", "cluster.pik"],
        &["show", "cluster.pik", "--format", "json"],
        &["fmt", "--check", "cluster.pik"],
        &["graph", "cluster.pik"],
        &["why", "cluster.pik:3"],
        &["secrets", "list", "cluster.pik"],
    ];
    for written in WRITTEN {
        let mut text = sound.replace("passphrase = secret:wifi", written);
        assert_ne!(text, sound);
        // What nothing uses is known to be a secret by no one.
        if written.contains("$pw") {
            text = format!("let {{ pw = cAn4ryPlain1 }}\n{text}");
        }
        for line in lines {
            let folder = Folder::new(&[("cluster.pik", &text)]);
            let run = folder.run(line, &[], "");
            let said = format!("{}\n{}", run.out, run.err);
            assert!(!said.contains(CANARY), "{line:?} of `{written}`:\n{said}");
        }
        let folder = Folder::new(&[("cluster.pik", &text)]);
        let run = folder.run(&["check", "cluster.pik"], &[], "");
        assert_eq!(run.status, 1, "{written}: {run:?}");
    }
}

/// Stars are in the place of the value only, and what follows it is underlined where it is.
#[test]
fn the_rest_of_the_line_is_shown() {
    let text = with_wifi("cni flannel {}").replace(
        "passphrase = secret:wifi",
        "passphrase = cAn4ryPlain1, frob = 1",
    );
    let folder = Folder::new(&[("cluster.pik", &text)]);
    let run = folder.run(&["check", "cluster.pik"], &[], "");
    has(&run.err, "passphrase = ************, frob = 1");
    has(&run.err, "the value of `passphrase` is in clear text");
    has(&run.err, "unknown here");
}

#[test]
fn no_report_repeats_a_secret_of_the_command_line() {
    let folder = Folder::new(&[("cluster.pik", &with_wifi("cni flannel {}"))]);
    let pem = "-----BEGIN OPENSSH PRIVATE KEY-----\ncAn4ry\n-----END OPENSSH PRIVATE KEY-----";
    let long = format!("{}\u{200e}{CANARY}", "a".repeat(80));
    let cases: &[(&[&str], &str)] = &[
        (
            &["secrets", "list", "cluster.pik", "--identity", pem],
            "PIKC_SECRETS_IDENTITY",
        ),
        (
            &[
                "secrets",
                "list",
                "cluster.pik",
                "--identity",
                "AGE-SECRET-KEY-1cAn4ry",
            ],
            "PIKC_SECRETS_IDENTITY",
        ),
        (
            &[
                "compile",
                "cluster.pik",
                "-o",
                "out",
                "--identity=age-secret-key-1cAn4ry",
            ],
            "PIKC_SECRETS_IDENTITY",
        ),
        (&["secrets", "init", "cluster.pik", "-R", pem], "public key"),
        (
            &["secrets", "set", "cluster.pik", "wifi", "cAn4ry"],
            "standard input",
        ),
        (
            &["secrets", "set", "cluster.pik", "wifi=cAn4ry"],
            "standard input",
        ),
        (
            &["secrets", "set", "cluster.pik", "cAn4ry"],
            "lowercase letters",
        ),
        (
            &["secrets", "rotate", "cluster.pik", "pki/ca", "cAn4ry"],
            "standard input",
        ),
        (
            &[
                "compile",
                "cluster.pik",
                "-o",
                "out",
                "--secrets",
                "wifi=cAn4ry",
            ],
            "PIKC_SECRET_NAME",
        ),
        (&["compile", "cluster.pik", "-o", &long], "U+200E"),
    ];
    for (line, help) in cases {
        let run = folder.run(line, &[], "");
        assert_eq!(run.status, 2, "{run:?}");
        let said = format!("{}\n{}", run.out, run.err);
        assert!(!said.contains(CANARY), "{line:?}: {said}");
        let flat = run.err.split_whitespace().collect::<Vec<_>>().join(" ");
        has(&flat, help);
    }
    for key in ["age-secret-key-1cAn4ry", pem] {
        folder.text(
            "cluster.secrets.age",
            "age-encryption.org/v1\n-> X25519 a\nb\n--- c\n",
        );
        let run = folder.run(
            &["secrets", "list", "cluster.pik"],
            &[("PIKC_SECRETS_IDENTITY", key)],
            "",
        );
        let said = format!("{}\n{}", run.out, run.err);
        assert!(run.status != 0 && !said.contains(CANARY), "{said}");
    }
    // A mistake without a secret is still quoted.
    let run = folder.run(
        &["secrets", "set", "cluster.pik", "wifi", "--frob"],
        &[],
        "",
    );
    has(&run.err, "--frob");
}
