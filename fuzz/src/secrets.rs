//! A file of secrets, which may be damaged, but whose content must never be repeated.

use pikc::cli::parse_secrets;

/// Whatever stands in it: it is read, or the complaint holds no eight characters in a row of what is not plain words.
pub fn secrets(data: &[u8]) {
    let Ok(text) = std::str::from_utf8(data) else {
        return; // refused where files are read
    };
    match parse_secrets(text) {
        Ok(pairs) => {
            for (name, value) in pairs {
                assert!(!name.contains('\n') || text.contains("\\n"), "{name:?}");
                assert!(
                    text.contains(&value) || text.contains('\\'),
                    "a value that the file does not hold"
                );
            }
        }
        Err(why) => {
            let pieces: Vec<char> = text.chars().collect();
            for piece in pieces.windows(8) {
                let piece: String = piece.iter().collect();
                let plain = |c: char| c.is_ascii_lowercase() || matches!(c, ' ' | ',');
                assert!(
                    piece.chars().all(plain) || !why.contains(&piece),
                    "a complaint repeats a piece of the file"
                );
            }
        }
    }
}
