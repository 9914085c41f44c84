//! The examples in the help texts do what they say: each is typed as it stands into a shell, next to files of the names that it uses.

use crate::support::{Folder, PIKC, pikc};

/// The text of a spec that the examples' names are true of.
const SPEC: &str = include_str!("home-pi.pik");

/// The names of all commands, from the first page of help.
fn commands() -> Vec<String> {
    let help = pikc(&Folder::new(&[]), &["--help"]).out;
    let listed = help
        .lines()
        .skip_while(|line| *line != "Commands:")
        .skip(1)
        .take_while(|line| !line.is_empty());
    listed
        .filter_map(|line| {
            let name = line.strip_prefix("  ")?.split_whitespace().next()?;
            Some(name.to_owned())
        })
        .collect()
}

/// The commands under "Example:", without what is said about them.
fn examples(command: &str) -> Vec<String> {
    let help = pikc(&Folder::new(&[]), &[command, "--help"]).out;
    help.lines()
        .skip_while(|line| *line != "Example:")
        .skip(1)
        .take_while(|line| line.starts_with("  "))
        .map(|line| {
            line.trim_start()
                .split("  ")
                .next()
                .unwrap_or("")
                .trim_end()
        })
        .map(str::to_owned)
        .collect()
}

/// What the examples find in their folder.
fn desk() -> Folder {
    let folder = Folder::new(&[
        ("cluster.pik", SPEC),
        ("old.pik", SPEC),
        (
            "maps.yaml",
            include_str!("../../examples/existing/kubeadm.yaml"),
        ),
        ("nodes.yaml", "kind: List\napiVersion: v1\nitems: []\n"),
        (
            "kube-flannel.yml",
            include_str!("../../examples/existing/kube-flannel.yaml"),
        ),
        (
            "bootfs/cmdline.txt",
            "console=tty1 root=PARTUUID=1-02 rootwait\n",
        ),
        ("bootfs/config.txt", "[all]\n"),
    ]);
    let made = folder.shell(&format!(
        "PIKC_SECRET_WIFI=correct-horse-battery {PIKC} compile cluster.pik -o out"
    ));
    assert_eq!(made.status, 0, "{made:?}");
    folder
}

#[test]
fn each_example_in_a_help_text_works_as_it_is_written() {
    let mut tried = 0;
    for command in commands() {
        for example in examples(&command) {
            // kubectl needs a cluster, and `lsp` an editor.
            if example.starts_with("kubectl ") || example.starts_with("pikc lsp") {
                continue;
            }
            // `init` writes the spec that everything else begins with.
            let folder = match command.as_str() {
                "init" => Folder::new(&[]),
                _ => desk(),
            };
            // `import` writes that spec, too.
            if command == "import" {
                std::fs::remove_file(folder.path().join("cluster.pik")).expect("the spec");
            }
            let typed = example
                .replace("/media/you/bootfs", "bootfs")
                .replace("| man -l -", "| grep -q '^.TH'")
                .replace(
                    "~/.local/share/bash-completion/completions/pikc",
                    "completions",
                );
            let run = folder.shell(&format!(
                "set -o pipefail; export PIKC_SECRET_WIFI=correct-horse-battery; pikc() {{ {PIKC} \"$@\"; }}; {typed}"
            ));
            assert_eq!(
                run.status, 0,
                "pikc {command} --help: {example}\n{}{}",
                run.out, run.err
            );
            tried += 1;
        }
    }
    assert!(tried > 20, "{tried} examples were found");
}
