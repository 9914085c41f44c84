//! Lines as the readers of their formats read them.

/// The text after a key, as it is.
pub(super) fn after(line: &str, key: &str) -> Option<String> {
    line.strip_prefix(key).map(str::to_owned)
}

/// g_key_file_get_string: strips spaces before the value (`g_ascii_isspace`, so no other script's) and undoes escapes.
pub(super) fn glib(line: &str, key: &str) -> Option<String> {
    let raw = line.strip_prefix(key)?.trim_ascii_start();
    let mut out = String::new();
    let mut chars = raw.chars();
    while let Some(c) = chars.next() {
        out.push(match c {
            '\\' => match chars.next()? {
                's' => ' ',
                'n' => '\n',
                't' => '\t',
                'r' => '\r',
                '\\' => '\\',
                _ => return None,
            },
            c => c,
        });
    }
    Some(out)
}

/// systemd-sysctl and procps: strip comments and spaces; the first `=` ends the key, which may follow a `-`.
pub(super) fn sysctl_read(line: &str) -> Option<(String, String)> {
    let line = line.trim();
    if line.starts_with(['#', ';']) {
        return None;
    }
    let (key, value) = line.split_once('=')?;
    let key = key.trim();
    assert!(
        !key.starts_with('-') && !key.contains(['*', '?', '[']),
        "{key}"
    );
    Some((key.to_owned(), value.trim().to_owned()))
}

/// systemd: the value without the spaces around it; a word of it must not contain what is special to `extract_first_word`.
pub(super) fn systemd_read(line: &str, key: &str) -> Option<String> {
    assert!(!line.ends_with('\\'));
    let value = line.strip_prefix(key)?.trim();
    let means = |c: char| c.is_whitespace() || "\\\"'%!*?[".contains(c);
    (!value.is_empty() && !value.contains(means)).then(|| value.to_owned())
}
