//! A secrets file, which may be damaged, but whose content must never be repeated.

use pikc::cli::parse_secrets;

/// All that is ever said about such a file, without the numbers.
const COMPLAINTS: [&str; 3] = [
    "line  has no `=`",
    "lines  and  set the same name",
    "line , column  is not JSON with strings as values",
];

/// Whatever is in it: it is read, or the message says where it is wrong, and shows nothing of its content.
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
                    "a value that is not in the file"
                );
            }
        }
        Err(why) => {
            let shape: String = why.chars().filter(|c| !c.is_ascii_digit()).collect();
            assert!(
                COMPLAINTS.contains(&shape.as_str()),
                "a message says more than where: {why}"
            );
        }
    }
}
