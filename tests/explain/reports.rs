//! The text of every report: what the terminal shows for the failing example of each code, kept in
//! `tests/spec/FAMILY/reports.md` next to the cases of the family. A changed word shows up in the diff, which has to be read.

use std::collections::BTreeMap;

use pikc::Analysis;
use pikc::cli::{Look, render_report};
use pikc::diagnostic::{Certainty, Descriptor};

use crate::support::bless::same;
use crate::support::family::family;

/// The pages, by family.
#[derive(Default)]
pub struct Reports(BTreeMap<String, String>);

impl Reports {
    /// Adds the report on one failing example: the findings of its code in full, the others by name.
    pub fn add(&mut self, descriptor: &Descriptor, example: &str, analysis: &Analysis) {
        let family = family(descriptor);
        let page = self.0.entry(family.clone()).or_insert_with(|| {
            format!(
                "# Reports: {family}\n\n<!-- Made by `PIKC_BLESS=1 cargo test --test all explain::` from the failing examples of `pikc explain`. -->\n"
            )
        });
        let mut own = analysis.clone();
        own.diagnostics
            .retain(|one| one.descriptor.code == descriptor.code);
        let others: Vec<String> = analysis
            .diagnostics
            .iter()
            .filter(|one| one.descriptor.code != descriptor.code)
            .map(|one| format!("`{}`", one.descriptor.code))
            .collect();
        let report = render_report(&own, "cluster.pik", Look::PLAIN);
        page.push_str(&format!(
            "\n## {}\n\n```\n{}\n```\n\n```report\n{}\n```\n",
            descriptor.code,
            example.trim_end(),
            report.trim_end()
        ));
        if !others.is_empty() {
            page.push_str(&format!("\nAlso reported: {}.\n", others.join(", ")));
        }
        let fixes = || own.diagnostics.iter().flat_map(|one| &one.fixes);
        for (certainty, word) in [
            (Certainty::Certain, "`--fix`"),
            (Certainty::Choice, "Offered"),
        ] {
            let wanted = fixes().filter(|fix| fix.certainty == certainty);
            let mut titles: Vec<String> = wanted.map(|fix| fix.title.clone()).collect();
            titles.dedup();
            if !titles.is_empty() {
                page.push_str(&format!("\n{word}: {}.\n", titles.join("; or ")));
            }
        }
    }

    /// Compares the pages with the kept ones.
    pub fn compare(&self) {
        for (family, page) in &self.0 {
            same(&format!("tests/spec/{family}/reports.md"), page);
        }
        let kept = std::fs::read_dir("tests/spec").expect("the families");
        for entry in kept {
            let folder = entry.expect("an entry").path();
            let family = folder.file_name().unwrap_or_default().to_string_lossy();
            assert!(
                !folder.join("reports.md").exists() || self.0.contains_key(&*family),
                "tests/spec/{family}/reports.md: there is no code of this family any more"
            );
        }
    }
}
