//! The lowest layer of the reader: one level of an object, one scalar, one string.
//!
//! Owns: JSON's own grammar where `serde_json` is too strict. Must never: recurse, or look deeper than one level.

use std::borrow::Cow;
use std::fmt;

use serde::de::{Deserializer as _, MapAccess, Visitor};
use serde_json::value::RawValue;

/// The fields of an object, as they stand. A repeated name stands there twice.
pub type Level<'a> = Vec<(Cow<'a, str>, &'a RawValue)>;

/// The text of a string, number or flag, and whether it was a string.
pub fn scalar(raw: &str) -> Option<(String, bool)> {
    match raw.as_bytes().first()? {
        b'"' => Some((unquote(raw), true)),
        b'{' | b'[' => None,
        _ if raw == "null" => None,
        _ => Some((raw.to_owned(), false)),
    }
}

/// The text of a JSON string. Half of a surrogate pair, which JSON can write and Unicode cannot, becomes U+FFFD.
pub fn unquote(raw: &str) -> String {
    if let Ok(text) = serde_json::from_str::<String>(raw) {
        return text;
    }
    let opened = raw.strip_prefix('"').unwrap_or(raw);
    let mut rest = opened.strip_suffix('"').unwrap_or(opened);
    let mut whole = String::with_capacity(raw.len());
    while let Some(at) = rest.find('\\') {
        whole.push_str(&rest[..at]);
        rest = &rest[at..];
        // A pair is twelve bytes, a single escape six, the short ones two. The longest that reads by itself is taken.
        let taken = [12, 6, 2].into_iter().find_map(|length| {
            let piece = rest.get(..length)?;
            let text: String = serde_json::from_str(&format!("\"{piece}\"")).ok()?;
            Some((text, length))
        });
        let (text, length) = taken.unwrap_or(("\u{fffd}".to_owned(), if rest.starts_with("\\u") { 6 } else { 1 }));
        whole.push_str(&text);
        rest = rest.get(length..).unwrap_or_default();
    }
    whole.push_str(rest);
    whole
}

/// The fields of an object whose text this is.
pub fn fields_of(text: &str) -> Result<Level<'_>, serde_json::Error> {
    let mut reader = serde_json::Deserializer::from_str(text);
    let fields = reader.deserialize_map(Fields)?;
    reader.end()?;
    Ok(fields)
}

struct Fields;

impl<'de> Visitor<'de> for Fields {
    type Value = Level<'de>;

    fn expecting(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str("an object")
    }

    fn visit_map<A: MapAccess<'de>>(self, mut map: A) -> Result<Self::Value, A::Error> {
        let mut fields = Vec::with_capacity(16);
        // Keys are read as raw text too: one that is not Unicode must not spoil its neighbours.
        while let Some((key, value)) = map.next_entry::<&'de RawValue, &'de RawValue>()? {
            let quoted = key.get();
            let plain = quoted.strip_prefix('"').and_then(|k| k.strip_suffix('"'));
            let name = match plain {
                Some(name) if !name.contains('\\') => Cow::Borrowed(name),
                _ => Cow::Owned(unquote(quoted)),
            };
            fields.push((name, value));
        }
        Ok(fields)
    }
}
