//! What `init` makes, as others read it.

use std::os::unix::fs::PermissionsExt as _;

use base64::Engine as _;
use base64::engine::general_purpose::STANDARD;

use super::{PASSPHRASE, cluster, compiled, folder, init, say, with_key};
use crate::support::Folder;
use crate::support::predicates_lite::{has, lacks};

#[test]
fn init_makes_one_closed_file_and_says_what_is_missing() {
    let folder = folder();
    let run = init(&folder);
    assert_eq!(run.status, 0, "{run:?}");
    has(
        &run.out,
        &format!(
            "wrote cluster.secrets.age: 6 secrets of the cluster {}",
            cluster()
        ),
    );
    has(&run.out, "not set yet: pikc secrets set cluster.pik wifi");
    lacks(&run.out, "cluster.pik etcd");
    let path = folder.path().join("cluster.secrets.age");
    let mode = std::fs::metadata(&path)
        .expect("a file")
        .permissions()
        .mode();
    assert_eq!(mode & 0o777, 0o600);
    has(
        &folder.read("cluster.secrets.age"),
        "-----BEGIN AGE ENCRYPTED FILE-----",
    );
    let left: Vec<_> = std::fs::read_dir(folder.path())
        .expect("a folder")
        .map(|entry| entry.expect("an entry").file_name())
        .filter(|name| name.to_string_lossy().starts_with('.'))
        .collect();
    assert!(left.is_empty(), "{left:?}");
}

#[test]
fn the_join_file_of_a_worker_trusts_the_authority_of_the_control_plane() {
    let folder = compiled();
    let join = folder.read("out/nodes/worker/once/discovery.conf");
    let packed = join
        .lines()
        .find_map(|line| line.trim().strip_prefix("certificate-authority-data: "))
        .expect("the authority");
    let trusted = STANDARD.decode(packed.trim_matches('"')).expect("base64");
    let authority = folder.read("out/nodes/control/once/pki/ca.crt");
    assert_eq!(String::from_utf8(trusted).expect("PEM"), authority);
    has(&join, "# window-seconds: 259200");
    // The patterns that kubeadm checks them with.
    let token = folder.shell(
        "token=$(sed -n 's/^ *token: \"\\?\\([a-z0-9.]*\\)\"\\?$/\\1/p' out/nodes/worker/once/discovery.conf); \
         [[ $token =~ ^[a-z0-9]{6}\\.[a-z0-9]{16}$ ]] && cd out/nodes/control/once && \
         grep -Eqx \" +token-id: \\\"?${token%.*}\\\"?\" token.yaml && grep -Eqx \" +token-secret: \\\"?${token#*.}\\\"?\" token.yaml",
    );
    assert_eq!(token.status, 0, "{join}");
    // The step adds a line to the end, which belongs to the same list.
    let object = folder.read("out/nodes/control/once/token.yaml");
    let last = object.lines().last().expect("a line");
    has(last, "  auth-extra-groups: ");
    let server = folder.shell(
        "grep -E '^ *server: \"?https://[0-9.]+:6443\"?$' out/nodes/worker/once/discovery.conf",
    );
    assert_eq!(server.status, 0, "{join}");
}

#[test]
fn no_two_files_have_the_same_secrets() {
    let one = folder();
    let two = folder();
    for folder in [&one, &two] {
        let run = say(folder, &["secrets", "init", "cluster.pik", "-R", "key.pub"]);
        assert_eq!(run.status, 0, "{run:?}");
    }
    let pin = |folder: &Folder| {
        let run = with_key(
            folder,
            &["secrets", "list", "cluster.pik", "--format", "json"],
            "",
        );
        let page: serde_json::Value = serde_json::from_str(&run.out).expect("JSON");
        page["authority"].as_str().expect("a pin").to_owned()
    };
    assert_ne!(pin(&one), pin(&two));
}

#[test]
fn a_passphrase_opens_a_file_without_recipients() {
    let folder = folder();
    let run = folder.run(
        &["secrets", "init", "cluster.pik"],
        &[
            ("HOME", "/nowhere"),
            ("PIKC_SECRETS_PASSPHRASE", PASSPHRASE),
        ],
        "",
    );
    assert_eq!(run.status, 0, "{run:?}");
    has(&run.out, "a passphrase opens it");
    folder.text("words", &format!("{PASSPHRASE}\n"));
    folder.shell("chmod 600 words");
    let run = say(
        &folder,
        &[
            "secrets",
            "check",
            "cluster.pik",
            "--passphrase-file",
            "words",
        ],
    );
    assert_eq!(run.status, 0, "{run:?}");
    has(&run.err, "wifi has no value");
    let wrong = folder.run(
        &["secrets", "list", "cluster.pik"],
        &[
            ("HOME", "/nowhere"),
            ("PIKC_SECRETS_PASSPHRASE", "tea-on-a-monday"),
        ],
        "",
    );
    assert_eq!(wrong.status, 3, "{wrong:?}");
    has(
        &wrong.err,
        "the passphrase is not the one that it was encrypted with",
    );
    lacks(&wrong.err, "monday");
}

#[test]
fn an_ssh_key_with_a_passphrase_opens_it_where_no_one_can_be_asked() {
    let folder = folder();
    let line = [
        "secrets",
        "init",
        "cluster.pik",
        "-R",
        "key.pub",
        "-R",
        "locked.pub",
    ];
    let run = say(&folder, &line);
    assert_eq!(run.status, 0, "{run:?}");
    let list = |passphrase: &str| {
        let line = ["secrets", "list", "cluster.pik", "--identity", "locked"];
        let variables = [
            ("HOME", "/nowhere"),
            ("PIKC_SECRETS_PASSPHRASE", passphrase),
        ];
        folder.run(&line, &variables, "")
    };
    let run = list(PASSPHRASE);
    assert_eq!(run.status, 0, "{run:?}");
    for (passphrase, words) in [
        (
            "",
            "the SSH key has a passphrase, and there is no terminal to ask for it",
        ),
        (
            "another",
            "the passphrase of the SSH key is not the one that was given",
        ),
    ] {
        let run = list(passphrase);
        assert_eq!(run.status, 3, "{run:?}");
        has(&run.err, words);
        has(&run.err, "--passphrase-file FILE");
        lacks(&run.err, "was not encrypted to the key");
    }
    folder.text("words", &format!("{PASSPHRASE}\n"));
    folder.shell("chmod 600 words");
    let mut line = vec!["secrets", "list", "cluster.pik", "--identity", "locked"];
    line.extend(["--passphrase-file", "words"]);
    assert_eq!(say(&folder, &line).status, 0);
}

#[test]
fn an_age_identity_opens_it_from_a_file_the_environment_or_a_descriptor() {
    let folder = folder();
    let made = age::x25519::Identity::generate();
    let recipient = made.to_public().to_string();
    let key = made.to_string();
    let key = age::secrecy::ExposeSecret::expose_secret(&key);
    let run = say(
        &folder,
        &[
            "secrets",
            "init",
            "cluster.pik",
            "-R",
            &recipient,
            "-R",
            "key.pub",
        ],
    );
    assert_eq!(run.status, 0, "{run:?}");
    has(&run.out, "any of 2 keys opens it");
    folder.text("age.key", &format!("# created: today\n{key}\n"));
    folder.shell("chmod 600 age.key");
    let run = say(
        &folder,
        &["secrets", "list", "cluster.pik", "--identity", "age.key"],
    );
    assert_eq!(run.status, 0, "{run:?}");
    let run = folder.run(
        &["secrets", "list", "cluster.pik"],
        &[("HOME", "/nowhere"), ("PIKC_SECRETS_IDENTITY", key)],
        "",
    );
    assert_eq!(run.status, 0, "{run:?}");
    let run = folder.shell(&format!(
        "HOME=/nowhere {} secrets list cluster.pik --identity /dev/fd/3 3< <(cat age.key)",
        crate::support::PIKC
    ));
    assert_eq!(run.status, 0, "{run:?}");
    lacks(&run.out, "AGE-SECRET");
}
