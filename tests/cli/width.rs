//! What commands print fits a terminal of 80 columns.

use super::GOOD;
use crate::support::Folder;

/// The terminal.
const COLUMNS: &str = "80";

/// What a folder needs for the commands below: the examples, and a compiled tree of each.
fn folder(examples: &[&str]) -> Folder {
    let folder = Folder::new(&[("good.pik", GOOD)]);
    for name in examples {
        for entry in std::fs::read_dir(format!("examples/{name}")).expect("an example") {
            let path = entry.expect("an entry").path();
            let file = path.file_name().expect("a name").to_string_lossy();
            let text = std::fs::read_to_string(&path).expect("a text");
            folder.text(&format!("{name}/{file}"), &text);
        }
        let spec = format!("{name}/cluster.pik");
        let out = format!("{name}/out");
        let run = print(&folder, &["compile", &spec, "-o", &out]);
        assert!(run.contains("next: read"), "{run}");
    }
    folder
}

/// Both streams of a command.
fn print(folder: &Folder, arguments: &[&str]) -> String {
    let run = folder.run(arguments, &[("COLUMNS", COLUMNS)], "");
    assert!(run.status == 0, "{arguments:?}: {run:?}");
    format!("{}{}", run.out, run.err)
}

/// Lines that are too wide, but for those that are one long word, which cannot be broken.
fn too_wide(text: &str) -> Vec<&str> {
    let most: usize = COLUMNS.parse().expect("a number");
    let wide = text.lines().filter(|line| line.chars().count() > most);
    wide.filter(|line| line.trim().contains(' ') || line.trim().len() < most - 20)
        .collect()
}

const EXAMPLES: &[&str] = &["home-pi", "office", "policies", "ubuntu-cloud"];

#[test]
fn tables_fit_eighty_columns() {
    let folder = folder(EXAMPLES);
    let mut wrong = Vec::new();
    let mut measured = 0;
    let mut check = |arguments: &[&str]| {
        let text = print(&folder, arguments);
        measured += text.lines().count();
        for line in too_wide(&text) {
            wrong.push(format!("{arguments:?}: {line}"));
        }
    };
    for name in EXAMPLES {
        let spec = format!("{name}/cluster.pik");
        for command in ["show", "cni"] {
            check(&[command, &spec]);
        }
        check(&["show", "--budget", &spec]);
        check(&["graph", "--format", "text", &spec]);
        let lines = std::fs::read_to_string(format!("examples/{spec}")).expect("the example");
        for line in (1..=lines.lines().count()).step_by(9) {
            check(&["why", &format!("{spec}:{line}")]);
        }
        for below in ["", "/README.md", "/cluster", "/nodes"] {
            check(&["why", &format!("{name}/out{below}")]);
        }
        check(&["why", &format!("{name}/out/README.md:1")]);
        check(&["compile", &spec, "-o", &format!("{name}/new"), "--dry-run"]);
    }
    check(&["stdlib", "list"]);
    for name in names(&folder) {
        check(&["stdlib", "show", &name]);
    }
    assert!(wrong.is_empty(), "{}", wrong.join("\n"));
    assert!(measured > 3000, "{measured} lines were measured");
}

/// All names of the library, each with its kind.
fn names(folder: &Folder) -> Vec<String> {
    let list = print(folder, &["stdlib", "list"]);
    let mut kind = String::new();
    let mut names = Vec::new();
    for line in list.lines() {
        match line.strip_prefix("  ") {
            Some(rest) if !rest.starts_with(' ') => {
                let name = rest.split_whitespace().next().expect("a name");
                names.push(format!("{kind}/{name}"));
            }
            Some(_) => {}
            None => line.clone_into(&mut kind),
        }
    }
    assert!(names.len() > 30, "{names:?}");
    names
}

#[test]
fn help_fits_eighty_columns_and_has_an_example() {
    let folder = Folder::new(&[]);
    let help = print(&folder, &["--help"]);
    let commands = help.split_once("Commands:\n").expect("a list").1;
    let commands = commands.split_once("\n\n").expect("its end").0;
    let names = commands.lines().filter_map(|line| {
        let name = line
            .strip_prefix("  ")
            .filter(|rest| !rest.starts_with(' '))?;
        name.split_whitespace().next()
    });
    let mut count = 0;
    for name in names {
        count += 1;
        for option in ["-h", "--help"] {
            let text = print(&folder, &[name, option]);
            assert_eq!(too_wide(&text), Vec::<&str>::new(), "{name} {option}");
            // Of these, each command below has its own.
            let group = matches!(name, "stdlib" | "secrets");
            assert!(
                group || text.contains("Example:\n"),
                "{name} has no example"
            );
        }
    }
    assert!(count >= 18, "{help}");
    let color = help
        .lines()
        .position(|line| line.contains("--color <WHEN>"));
    let next = help.lines().nth(color.expect("the option") + 1);
    assert!(
        next.is_some_and(|next| next.contains("-h, --help")),
        "one line: {help}"
    );
}

#[test]
fn the_most_similar_command_is_named_first() {
    let folder = Folder::new(&[]);
    for (typed, meant) in [
        ("complie", "compile"),
        ("comple", "compile"),
        ("shwo", "show"),
    ] {
        let run = folder.run(&[typed], &[], "");
        assert_eq!(run.status, 2, "{run:?}");
        let tip = run.err.lines().find(|line| line.contains("tip:"));
        let first = tip.and_then(|tip| tip.split('\'').nth(1));
        assert_eq!(first, Some(meant), "{}", run.err);
    }
}
