//! A file of secrets, which may be damaged, but whose content must never be repeated.

use pikc::cli::parse_secrets;

/// All that is ever said of such a file, without the numbers.
const COMPLAINTS: [&str; 3] = [
    "line  has no `=`",
    "lines  and  give the same name a value",
    "line , column  is not as JSON with texts has it",
];

/// Whatever stands in it: it is read, or the complaint says where it is wrong, and nothing of what stands there.
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
            let shape: String = why.chars().filter(|c| !c.is_ascii_digit()).collect();
            assert!(
                COMPLAINTS.contains(&shape.as_str()),
                "a complaint says more than where: {why}"
            );
        }
    }
}
