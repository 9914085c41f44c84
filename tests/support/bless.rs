//! Files that are made from the program: compared, or with `PIKC_BLESS=1` written anew.

use std::path::PathBuf;

/// The file is as the program makes it now.
#[track_caller]
pub fn same(path: &str, made: &str) {
    let file = PathBuf::from(env!("CARGO_MANIFEST_DIR")).join(path);
    if blessing() {
        std::fs::create_dir_all(file.parent().expect("a parent")).expect("folders");
        if std::fs::read_to_string(&file).ok().as_deref() != Some(made) {
            // Tests beside this one may read it, and not half of it.
            let new = file.with_extension("new");
            std::fs::write(&new, made).expect("a file");
            std::fs::rename(&new, &file).expect("a file");
        }
        return;
    }
    let kept = std::fs::read_to_string(&file).unwrap_or_default();
    if kept != made {
        let difference = similar::TextDiff::from_lines(kept.as_str(), made)
            .unified_diff()
            .header(path, "as the program makes it now")
            .to_string();
        panic!(
            "{path} is stale; `PIKC_BLESS=1 cargo test` writes it anew, then read the diff\n{difference}"
        );
    }
}

/// Whether files are written anew.
pub fn blessing() -> bool {
    std::env::var_os("PIKC_BLESS").is_some_and(|value| value == "1")
}
