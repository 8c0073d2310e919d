//! An XML document as JSON, for the protocols that take one.
//!
//! Owns: its limits. Must never: follow an entity, or take half a document for a whole one.

use quick_xml::events::Event as Piece;
use serde_json::{Map, Value, json};

use crate::range::call::ApiError;

/// Levels of a document; S3's own have fewer.
const MAX_DEPTH: usize = 16;

/// What S3 says to a body that it cannot read.
pub fn malformed() -> ApiError {
    ApiError::new(
        400,
        "MalformedXML",
        "The XML you provided was not well-formed or did not validate against our published schema",
    )
}

/// A document as `{"Root": …}`: elements become keys, repeated ones lists, and what holds no element is text.
pub fn document(bytes: &[u8]) -> Result<Value, ApiError> {
    let text = std::str::from_utf8(bytes).map_err(|_| malformed())?;
    let mut reader = quick_xml::Reader::from_str(text);
    let mut open: Vec<(String, Map<String, Value>, String)> = vec![(String::new(), Map::new(), String::new())];
    loop {
        match reader.read_event().map_err(|_| malformed())? {
            Piece::Start(start) => {
                if open.len() > MAX_DEPTH {
                    return Err(malformed());
                }
                let name = start.local_name().as_ref().to_owned();
                open.push((name, Map::new(), String::new()));
            }
            Piece::Empty(start) => {
                let name = start.local_name().as_ref().to_owned();
                let (_, parent, _) = open.last_mut().ok_or_else(malformed)?;
                put(parent, name, Value::String(String::new()));
            }
            Piece::Text(part) => {
                open.last_mut().ok_or_else(malformed)?.2.push_str(&part);
            }
            Piece::GeneralRef(reference) => {
                let raw = format!("&{};", &*reference);
                let part = quick_xml::escape::unescape(&raw).map_err(|_| malformed())?;
                open.last_mut().ok_or_else(malformed)?.2.push_str(&part);
            }
            Piece::End(_) => {
                let (name, map, text) = open.pop().ok_or_else(malformed)?;
                let value = if map.is_empty() {
                    Value::String(text.trim().to_owned())
                } else {
                    Value::Object(map)
                };
                let (_, parent, _) = open.last_mut().ok_or_else(malformed)?;
                put(parent, name, value);
            }
            Piece::Eof => break,
            // Comments, declarations and the like hold nothing.
            _ => {}
        }
    }
    match (open.pop(), open.is_empty()) {
        (Some((_, root, _)), true) => Ok(Value::Object(root)),
        _ => Err(malformed()),
    }
}

fn put(parent: &mut Map<String, Value>, name: String, value: Value) {
    match parent.get_mut(&name) {
        None => {
            parent.insert(name, value);
        }
        Some(Value::Array(list)) => list.push(value),
        Some(first) => *first = json!([first.take(), value]),
    }
}
