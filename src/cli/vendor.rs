//! `pikc vendor`: a script that fetches upstream's files, for sites without internet.

use camino::{Utf8Path, Utf8PathBuf};
use clap::Args;

use super::shared::args::{Reading, Strictness};
use super::shared::console::Console;
use super::shared::exit::{Exit, Failure, Outcome};
use super::shared::files::{self, shown};
use super::shared::{paths, report};
use crate::output::{self, Sort, Unread};
use crate::plan;
use crate::render::{self, Entry};

/// `pikc vendor`
#[derive(Debug, Args)]
#[command(
    after_help = "Example:\n  pikc vendor cluster.pik --into upstream   then read and run upstream/fetch.sh"
)]
pub(super) struct VendorArgs {
    /// The spec; `-` is standard input
    #[arg(value_name = "SPEC", value_parser = paths::path)]
    pub spec: Utf8PathBuf,
    /// The folder for the script, and for what it fetches
    #[arg(long, value_name = "DIR", value_parser = paths::path)]
    pub into: Utf8PathBuf,
    #[command(flatten)]
    pub reading: Reading,
}

pub(super) fn run(args: &VendorArgs, console: &Console) -> Outcome {
    let analysis = files::judge(&args.spec, &args.reading, None)?;
    let name = shown(&args.spec);
    console.report(&report::render(&analysis, name, console.err));
    let (false, Some(checked)) = (Strictness::LENIENT.refuses(&analysis), &analysis.checked) else {
        return Ok(Exit::Mistakes);
    };
    if plan::wanted(checked.get()).is_empty() {
        console.result(
            "there is nothing to fetch for this cluster: pikc writes all its manifests itself\n",
        )?;
        return Ok(Exit::Done);
    }
    let options = plan::Options {
        spec: Utf8Path::new(name).file_name().unwrap_or(name).to_owned(),
        ..plan::Options::default()
    };
    let plan = plan::vendor(checked, &options);
    let made = render::assemble(&plan, &analysis.library, false)
        .map_err(|error| Failure::environment(error.to_string()))?;
    let script = made.entries().values().find_map(|entry| match entry {
        Entry::File(file) => file.content.text().map(|text| text.into_owned()),
        Entry::Link(_) => None,
    });
    let path = args.into.join("fetch.sh");
    put(&path, &script.unwrap_or_default())?;
    console.result(&format!(
        "{path} is written; run it where there is internet: bash {path}\nthen: pikc compile {name} -o DIR --vendored {}\n",
        args.into
    ))?;
    Ok(Exit::Done)
}

/// Writes pikc's script; another file of the same name stays.
fn put(path: &Utf8Path, text: &str) -> Result<(), Failure> {
    use std::os::unix::fs::PermissionsExt as _;
    let failed = |error: std::io::Error| Failure::environment(format!("{path}: {error}"));
    match output::read(path, Sort::Vendored) {
        Err(Unread::Io(error)) if error.kind() == std::io::ErrorKind::NotFound => {}
        Err(why) => return Err(Failure::environment(format!("{path}: {why}"))),
        Ok(there) if !String::from_utf8_lossy(&there.bytes).contains("# Made by pikc from ") => {
            return Err(
                Failure::environment(format!("{path} exists, and pikc did not write it"))
                    .help("name another folder, or move that file"),
            );
        }
        Ok(_) => {}
    }
    if let Some(folder) = path.parent() {
        std::fs::create_dir_all(folder).map_err(failed)?;
    }
    let new = path.with_extension("sh.new");
    std::fs::write(&new, text).map_err(failed)?;
    std::fs::set_permissions(&new, std::fs::Permissions::from_mode(0o755)).map_err(failed)?;
    std::fs::rename(&new, path).map_err(failed)
}
