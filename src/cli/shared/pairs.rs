//! The names and values in a plain secrets file: lines, or one JSON object.

use std::collections::BTreeMap;
use std::fmt;

use serde::de::{DeserializeSeed, Deserializer, Error as _, MapAccess, Visitor};

/// The names and values in a secrets file: lines `name=value`, or one JSON object of strings.
///
/// # Errors
///
/// A sentence that says what is wrong. It never holds a piece of the text: that may be a value.
pub fn parse(text: &str) -> Result<BTreeMap<String, String>, String> {
    if text.trim_start().starts_with('{') {
        return object(text);
    }
    let mut found = BTreeMap::new();
    let mut lines = BTreeMap::new();
    for (index, line) in text.lines().enumerate() {
        if line.trim().is_empty() || line.trim_start().starts_with('#') {
            continue;
        }
        let (name, value) = line
            .split_once('=')
            .ok_or_else(|| format!("line {} has no `=`", index + 1))?;
        let name = name.trim().to_owned();
        if let Some(first) = lines.insert(name.clone(), index + 1) {
            return Err(twice(first, index + 1));
        }
        found.insert(name, value.to_owned());
    }
    Ok(found)
}

/// Whichever of the two is meant, the other one could reach a machine without a word about it.
fn twice(first: usize, second: usize) -> String {
    format!("lines {first} and {second} set the same name")
}

fn object(text: &str) -> Result<BTreeMap<String, String>, String> {
    let wrong = |error: &serde_json::Error| {
        format!(
            "line {}, column {} is not JSON with strings as values",
            error.line(),
            error.column()
        )
    };
    let mut names = Names::default();
    let mut reader = serde_json::Deserializer::from_str(text);
    let read = (&mut names).deserialize(&mut reader);
    let found = match (
        read.and_then(|found| reader.end().map(|()| found)),
        names.twice,
    ) {
        (Ok(found), _) => return Ok(found),
        (Err(error), None) => return Err(wrong(&error)),
        (Err(second), Some(first)) => (first, second.line()),
    };
    // The reader knows where it is when it stops, so it stops at the first of the two as well.
    let mut names = Names {
        stop: Some(found.0),
        ..Names::default()
    };
    let first = (&mut names).deserialize(&mut serde_json::Deserializer::from_str(text));
    Err(twice(
        first.err().map_or(found.1, |first| first.line()),
        found.1,
    ))
}

/// Reads an object of strings, up to the first name that is already there, or to the name with a given number.
#[derive(Default)]
struct Names {
    stop: Option<usize>,
    /// The number of the name that is set twice.
    twice: Option<usize>,
}

impl<'de> DeserializeSeed<'de> for &mut Names {
    type Value = BTreeMap<String, String>;

    fn deserialize<D: Deserializer<'de>>(self, reader: D) -> Result<Self::Value, D::Error> {
        reader.deserialize_map(self)
    }
}

impl<'de> Visitor<'de> for &mut Names {
    type Value = BTreeMap<String, String>;

    fn expecting(&self, out: &mut fmt::Formatter<'_>) -> fmt::Result {
        out.write_str("an object of strings")
    }

    fn visit_map<A: MapAccess<'de>>(self, mut map: A) -> Result<Self::Value, A::Error> {
        let (mut found, mut numbers) = (BTreeMap::new(), BTreeMap::new());
        while let Some(name) = map.next_key::<String>()? {
            let number = numbers.len();
            self.twice = numbers.insert(name.clone(), number);
            if self.twice.is_some() || self.stop == Some(number) {
                return Err(A::Error::custom("a name"));
            }
            found.insert(name, map.next_value()?);
        }
        Ok(found)
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn lines_and_json_say_the_same() {
        let lines = parse("# mine\n\nwifi=a=b c \nother =x\n").expect("lines");
        let json = parse("{\"wifi\": \"a=b c \", \"other\": \"x\"}").expect("JSON");
        assert_eq!(lines, json);
    }

    #[test]
    fn no_complaint_holds_a_value() {
        for text in [
            "hunter2\n",
            "{\"wifi\": hunter2}",
            "{\"wifi\": [\"hunter2\"]}",
        ] {
            let why = parse(text).expect_err(text);
            assert!(!why.contains("hunter2"), "{why}");
        }
    }

    #[test]
    fn a_name_that_is_set_twice_is_reported_with_its_lines() {
        for (text, lines) in [
            ("# mine\nwifi=hunter2\n\n wifi =hunter3\n", [2, 4]),
            (
                "{\n  \"other\": \"x\",\n  \"wifi\": \"hunter2\",\n\n  \"w\\u0069fi\": \"hunter2\"\n}",
                [3, 5],
            ),
            ("{\"wifi\": \"hunter2\", \"wifi\": [\"hunter3\"]}", [1, 1]),
        ] {
            let why = parse(text).expect_err(text);
            let [first, second] = lines;
            assert_eq!(why, format!("lines {first} and {second} set the same name"));
        }
    }
}
