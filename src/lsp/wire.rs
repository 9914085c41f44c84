//! Messages on a stream: a header with a length, then JSON.
//!
//! What is not a message is answered or skipped, and the next one is read: an editor's mistake must not end the server. No more
//! is held in memory than a message may have.

use std::io::{self, BufRead, Read as _, Write};

use serde_json::{Value, json};

use super::protocol::ErrorCode;

/// A message may have 64 MiB: a spec has 8 at most, and JSON escapes some of its characters with six.
const MOST: u64 = 64 << 20;

/// A header line that is longer is not one.
const LONGEST_LINE: u64 = 4096;

/// The identifier of a request, as the other side chose it.
#[derive(Clone, Debug, PartialEq, Eq, Hash, PartialOrd, Ord)]
pub(super) enum Id {
    Number(i64),
    Text(String),
}

impl Id {
    fn read(value: &Value) -> Option<Self> {
        match value {
            Value::String(text) => Some(Self::Text(text.clone())),
            number => number.as_i64().map(Self::Number),
        }
    }

    /// As it is written in a message.
    pub(super) fn json(&self) -> Value {
        match self {
            Self::Number(number) => json!(number),
            Self::Text(text) => json!(text),
        }
    }
}

/// What the other side sent.
#[derive(Clone, Debug, PartialEq)]
pub(super) enum Incoming {
    Request {
        id: Id,
        method: String,
        params: Value,
    },
    Notification {
        method: String,
        params: Value,
    },
    /// The answer to a request of ours; an error counts as no result.
    Answer {
        id: Id,
        result: Value,
    },
    /// Something that is not a message, and why.
    Wrong(ErrorCode, &'static str),
}

impl Incoming {
    /// About how many bytes of memory it takes.
    pub(super) fn weight(&self) -> usize {
        match self {
            Self::Request { params, .. } | Self::Notification { params, .. } => weight(params),
            Self::Answer { result, .. } => weight(result),
            Self::Wrong(..) => 0,
        }
    }
}

/// The next message; none at the end of the stream.
pub(super) fn read(input: &mut impl BufRead) -> io::Result<Option<Incoming>> {
    let Some(length) = header(input)? else {
        return Ok(None);
    };
    if length > MOST {
        io::copy(&mut input.take(length), &mut io::sink())?;
        let why = "the message is too long";
        return Ok(Some(Incoming::Wrong(ErrorCode::InvalidRequest, why)));
    }
    let mut bytes = Vec::new();
    if io::copy(&mut input.take(length), &mut bytes)? != length {
        return Ok(None);
    }
    let why = "the message is not JSON";
    Ok(Some(match serde_json::from_slice(&bytes) {
        Ok(value) => message(value),
        Err(_) => Incoming::Wrong(ErrorCode::ParseError, why),
    }))
}

/// The length that a header announces; lines that are none are skipped.
fn header(input: &mut impl BufRead) -> io::Result<Option<u64>> {
    let mut length = None;
    loop {
        let mut line = Vec::new();
        if input.take(LONGEST_LINE).read_until(b'\n', &mut line)? == 0 {
            return Ok(None);
        }
        let line = String::from_utf8_lossy(&line);
        let line = line.trim();
        if line.is_empty() {
            match length {
                Some(length) => return Ok(Some(length)),
                None => continue,
            }
        }
        if let Some((name, value)) = line.split_once(':')
            && name.trim().eq_ignore_ascii_case("content-length")
        {
            length = value.trim().parse().ok();
        }
    }
}

fn message(value: Value) -> Incoming {
    let wrong = Incoming::Wrong(ErrorCode::InvalidRequest, "this is not a message");
    let Value::Object(mut fields) = value else {
        return wrong;
    };
    let id = fields.get("id").and_then(Id::read);
    let params = fields.remove("params").unwrap_or_default();
    match (fields.remove("method"), id) {
        (Some(Value::String(method)), Some(id)) => Incoming::Request { id, method, params },
        (Some(Value::String(method)), None) if !fields.contains_key("id") => {
            Incoming::Notification { method, params }
        }
        (None, Some(id)) => Incoming::Answer {
            id,
            result: fields.remove("result").unwrap_or_default(),
        },
        _ => wrong,
    }
}

/// About how many bytes of memory a value takes.
pub(super) fn weight(value: &Value) -> usize {
    let inside = match value {
        Value::Null | Value::Bool(_) | Value::Number(_) => 0,
        Value::String(text) => text.len(),
        Value::Array(items) => items.iter().map(weight).sum(),
        Value::Object(fields) => {
            let field = |(name, value): (&String, &Value)| FIELD_EXTRA + name.len() + weight(value);
            fields.iter().map(field).sum()
        }
    };
    size_of::<Value>() + inside
}

/// What a field of an object takes besides its name and its value.
const FIELD_EXTRA: usize = 48;

/// Writes one message.
pub(super) fn write(output: &mut impl Write, message: &Value) -> io::Result<()> {
    let text = message.to_string();
    write!(output, "Content-Length: {}\r\n\r\n{text}", text.len())?;
    output.flush()
}

#[cfg(test)]
mod tests {
    use super::*;

    fn all(stream: &str) -> Vec<Incoming> {
        let mut input = stream.as_bytes();
        std::iter::from_fn(|| read(&mut input).expect("bytes can be read")).collect()
    }

    fn framed(text: &str) -> String {
        format!("Content-Length: {}\r\n\r\n{text}", text.len())
    }

    #[test]
    fn what_is_not_a_message_does_not_hide_the_next_one() {
        let exit = framed(r#"{"jsonrpc":"2.0","method":"exit"}"#);
        for (bad, answered) in [
            (framed("{"), true),
            (framed("[]"), true),
            (framed(r#"{"id":{},"method":"x"}"#), true),
            (framed(r#"{"id":1.5}"#), true),
            ("Content-Type: x\r\n".to_owned(), false),
            ("nonsense\r\n\r\n\r\n".to_owned(), false),
            ("Content-Length: -4\r\n\r\n".to_owned(), false),
            (format!("{}\n", "x".repeat(10_000)), false),
        ] {
            let found = all(&format!("{bad}{exit}"));
            let method = |one: &Incoming| matches!(one, Incoming::Notification { method, .. } if method == "exit");
            assert!(found.last().is_some_and(method), "{bad}: {found:?}");
            assert_eq!(found.len(), 1 + usize::from(answered), "{bad}");
        }
    }

    #[test]
    fn a_length_that_is_too_large_is_not_held_in_memory() {
        assert!(all("Content-Length: 18446744073709551615\r\n\r\nabc").len() <= 1);
        assert!(all(&format!("Content-Length: {}\r\n\r\nabc", MOST)).is_empty());
    }

    #[test]
    fn what_is_written_is_read() {
        let mut stream = Vec::new();
        let text = json!({"jsonrpc": "2.0", "id": "a", "method": "é", "params": {"x": 1}});
        write(&mut stream, &text).expect("memory takes it");
        let found = read(&mut stream.as_slice()).expect("it is a message");
        assert_eq!(
            found,
            Some(Incoming::Request {
                id: Id::Text("a".to_owned()),
                method: "é".to_owned(),
                params: json!({"x": 1}),
            })
        );
    }
}
