//! The pages of a family of checks are in the folder with its name, and hold its cases.

use std::collections::BTreeSet;
use std::path::Path;

use pikc::check::all_codes;

use super::{page, pages};
use crate::support::family::{family, of_checks};

/// Folders that have pages and no checks: how specs are written, and library folders. Any code can be expected there.
const OTHERS: [&str; 2] = ["language", "library"];
/// Its codes are about files that are not specs: those are in `tests/existing`.
const NO_SPECS: &str = "existing";

/// The family of a page: its folder.
fn of_page(name: &str) -> &str {
    name.split('/').next().unwrap_or_default()
}

#[test]
fn every_family_has_its_pages_and_every_page_its_family() {
    let mut families = of_checks();
    assert!(families.remove(NO_SPECS) && Path::new("tests/existing").exists());
    families.extend(OTHERS.map(str::to_owned));
    let pages = pages();
    let with_pages: BTreeSet<String> = pages
        .iter()
        .map(|(name, _)| of_page(name).to_owned())
        .collect();
    assert_eq!(with_pages, families);
}

#[test]
fn a_case_is_in_the_pages_of_its_family() {
    let codes = all_codes();
    let family_of = |code: &str| -> String {
        let found = codes.iter().find(|descriptor| descriptor.code == code);
        found.map_or_else(|| panic!("there is no code {code}"), |one| family(one))
    };
    let (mut wrong, mut at_home) = (Vec::new(), BTreeSet::new());
    let mut abroad: BTreeSet<(String, String)> = BTreeSet::new();
    for (name, text) in pages() {
        let own = of_page(&name);
        for case in page::cases(&text).unwrap_or_else(|why| panic!("{name}: {why}")) {
            let files = case.files.values().chain(case.library.values());
            let expected: BTreeSet<String> = [&case.text]
                .into_iter()
                .chain(files)
                .flat_map(|text| page::expectations(text))
                .filter(|one| !one.label)
                .map(|one| one.code)
                .collect();
            let mut fits = expected.is_empty() || OTHERS.contains(&own) || case.stands_here;
            for code in expected {
                let family = family_of(&code);
                // A wrong value is tested in the family of its setting.
                fits |= family == own || family == "language";
                if family == own {
                    at_home.insert(code);
                } else if !case.stands_here {
                    abroad.insert((code, format!("{name}:{}", case.line)));
                }
            }
            if !fits {
                wrong.push(format!(
                    "tests/spec/{name}:{}: no code of {own} is expected; move the case, or say why it is here with `Stands here: `",
                    case.line
                ));
            }
        }
    }
    let of_specs = |family: &str| family != NO_SPECS && family != "cli" && family != "language";
    for (code, place) in abroad {
        let family = family_of(&code);
        if !at_home.contains(&code) && of_specs(&family) {
            wrong.push(format!(
                "tests/spec/{place}: {code} is expected here, but nowhere in tests/spec/{family}"
            ));
        }
    }
    assert!(wrong.is_empty(), "{}", wrong.join("\n"));
}
