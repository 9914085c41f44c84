//! What `init` makes, as others read it.

use std::os::unix::fs::PermissionsExt as _;

use super::{PASSPHRASE, cluster, folder, kept, say, with_key};
use crate::support::Folder;
use crate::support::predicates_lite::{has, lacks};

fn compiled() -> Folder {
    let folder = kept();
    let run = with_key(
        &folder,
        &["compile", "cluster.pik", "-o", "out", "--require-secrets"],
        "",
    );
    assert_eq!(run.status, 0, "{run:?}");
    folder
}

#[test]
fn init_makes_one_closed_file_and_says_what_is_missing() {
    let folder = folder();
    let run = say(
        &folder,
        &["secrets", "init", "cluster.pik", "-R", "key.pub"],
    );
    assert_eq!(run.status, 0, "{run:?}");
    has(
        &run.out,
        &format!(
            "wrote cluster.secrets.age: 7 secrets of the cluster {}",
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
fn the_certificates_are_authorities_as_openssl_reads_them() {
    let folder = compiled();
    let node = "out/nodes/control/once/pki";
    for (name, common) in [
        ("ca", "kubernetes"),
        ("front-proxy-ca", "front-proxy-ca"),
        ("etcd/ca", "etcd-ca"),
    ] {
        let run = folder.shell(&format!("openssl x509 -in {node}/{name}.crt -noout -text"));
        assert_eq!(run.status, 0, "{run:?}");
        for words in [
            "CA:TRUE".to_owned(),
            "Digital Signature, Key Encipherment, Certificate Sign".to_owned(),
            format!("DNS:{common}"),
            format!("Subject: CN = {common}"),
            "prime256v1".to_owned(),
        ] {
            let text = run.out.replace("CN=", "CN = ");
            has(&text, &words);
        }
        // It can sign, and what it signs is accepted.
        let signed = folder.shell(&format!(
            "openssl req -newkey rsa:2048 -nodes -keyout leaf.key -subj /CN=leaf -out leaf.csr 2>/dev/null && \
             openssl x509 -req -in leaf.csr -CA {node}/{name}.crt -CAkey {node}/{name}.key -days 30 -out leaf.crt 2>/dev/null && \
             openssl verify -CAfile {node}/{name}.crt leaf.crt"
        ));
        has(&signed.out, "leaf.crt: OK");
        // Ten years, as kubeadm's own.
        let ends = folder.shell(&format!(
            "openssl x509 -in {node}/{name}.crt -noout -checkend $((3640 * 86400))"
        ));
        assert_eq!(ends.status, 0, "{ends:?}");
        let ends = folder.shell(&format!(
            "openssl x509 -in {node}/{name}.crt -noout -checkend $((3660 * 86400))"
        ));
        assert_eq!(ends.status, 1, "{ends:?}");
    }
    let pair = folder.shell(&format!(
        "openssl pkey -in {node}/sa.key -pubout | diff - {node}/sa.pub && openssl pkey -in {node}/sa.key -noout -text"
    ));
    assert_eq!(pair.status, 0, "{pair:?}");
    has(&pair.out, "prime256v1");
}

#[test]
fn the_join_file_of_a_worker_trusts_that_authority_and_its_pin_is_openssls() {
    let folder = compiled();
    let join = folder.read("out/nodes/worker/once/discovery.conf");
    let packed = join
        .lines()
        .find_map(|line| line.trim().strip_prefix("certificate-authority-data: "))
        .expect("the authority");
    folder.text("packed", packed.trim_matches('"'));
    let same = folder.shell("base64 -d packed | diff - out/nodes/control/once/pki/ca.crt");
    assert_eq!(same.status, 0, "{same:?}");
    let pin = folder.shell(
        "base64 -d packed | openssl x509 -pubkey -noout | openssl pkey -pubin -outform der | openssl dgst -sha256 -r | cut -c1-64",
    );
    let list = with_key(&folder, &["secrets", "list", "cluster.pik"], "");
    has(&list.out, &format!("sha256:{}", pin.out.trim()));
    has(&join, "# window-seconds: 259200");
    // The patterns that kubeadm checks them with.
    let token = folder.shell(
        "token=$(sed -n 's/^ *token: \"\\?\\([a-z0-9.]*\\)\"\\?$/\\1/p' out/nodes/worker/once/discovery.conf); \
         [[ $token =~ ^[a-z0-9]{6}\\.[a-z0-9]{16}$ ]] && [ \"$token\" = \"$(cat out/nodes/control/once/token)\" ]",
    );
    assert_eq!(token.status, 0, "{join}");
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

#[test]
fn the_age_program_opens_it_too() {
    let folder = kept();
    if folder.shell("command -v age").status != 0 {
        return;
    }
    let run = folder.shell("age --decrypt --identity key cluster.secrets.age");
    has(&run.out, "\"name\": \"pki/ca\"");
}
