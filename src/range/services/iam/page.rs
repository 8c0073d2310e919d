//! IAM's way of paging: `Marker`, `MaxItems`, `IsTruncated`.

use serde_json::{Map, Value, json};

use super::invalid;
use crate::range::call::{Answer, Call};

/// Items on a page that nobody asked to be smaller (API reference).
const DEFAULT: usize = 100;
const MAX: usize = 1000;

/// One page of these items under this name. `items` come in the order of their names, which the marker repeats.
pub fn page(call: &Call, list: &str, items: impl Iterator<Item = (String, Value)>) -> Answer {
    let size =
        match call.text("MaxItems") {
            None => DEFAULT,
            Some(text) => text.parse().ok().filter(|n| (1..=MAX).contains(n)).ok_or_else(|| {
                invalid("1 validation error detected: Value at 'maxItems' failed to satisfy constraint")
            })?,
        };
    let after = match call.text("Marker") {
        None => None,
        Some(text) => Some(
            text.strip_prefix("m:")
                .ok_or_else(|| invalid("Invalid Marker"))?
                .to_owned(),
        ),
    };
    let mut rest = items.filter(|(name, _)| after.as_ref().is_none_or(|a| name > a));
    let (names, values): (Vec<String>, Vec<Value>) = rest.by_ref().take(size).unzip();
    let more = rest.next().is_some();
    let mut answer = Map::new();
    answer.insert(list.to_owned(), Value::Array(values));
    answer.insert("IsTruncated".to_owned(), json!(more));
    if let (true, Some(last)) = (more, names.last()) {
        answer.insert("Marker".to_owned(), json!(format!("m:{last}")));
    }
    Ok(Value::Object(answer))
}
