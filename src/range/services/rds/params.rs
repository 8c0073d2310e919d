//! RDS's parameters: lists have the name of their items between, and identifiers are in lower case.

use std::collections::BTreeMap;

use serde_json::{Value, json};

use crate::range::call::{Answer, ApiError, Call};
use crate::range::services::paging::{hex, unhex};

/// A list that the call has; nothing where the parameter is missing.
pub fn list<'c>(call: &'c Call, name: &str, item: &str) -> Option<&'c Vec<Value>> {
    let given = call.params.get(name)?;
    given.get(item).unwrap_or(given).as_array()
}

pub fn flag(call: &Call, name: &str) -> Result<Option<bool>, ApiError> {
    match call.text(name) {
        None => Ok(None),
        Some("true") => Ok(Some(true)),
        Some("false") => Ok(Some(false)),
        Some(other) => Err(invalid(format!("Invalid boolean {other} for {name}."))),
    }
}

/// The identifier as it is stored. An ARN's last part is one, too.
pub fn identifier(text: &str) -> String {
    let id = if text.starts_with("arn:") {
        text.rsplit(':').next()
    } else {
        None
    };
    id.unwrap_or(text).to_ascii_lowercase()
}

/// An identifier for something new (API reference: letters, digits and single hyphens, a letter first, no hyphen last).
pub fn new_identifier(call: &Call, name: &str) -> Result<String, ApiError> {
    let id = call.text(name).unwrap_or_default().to_ascii_lowercase();
    let legal = id.len() <= 255
        && id.starts_with(|c: char| c.is_ascii_alphabetic())
        && id.bytes().all(|b| b.is_ascii_alphanumeric() || b == b'-')
        && !id.ends_with('-')
        && !id.contains("--");
    if legal {
        return Ok(id);
    }
    Err(invalid(format!(
        "The parameter {name} is not a valid identifier. Identifiers must begin with a letter; must contain only ASCII letters, \
         digits, and hyphens; and must not end with a hyphen or contain two consecutive hyphens."
    )))
}

pub fn tags(call: &Call) -> BTreeMap<String, String> {
    let list = list(call, "Tags", "Tag");
    let text = |value: &Value| value.as_str().unwrap_or_default().to_owned();
    let tags = list.into_iter().flatten();
    tags.map(|tag| (text(&tag["Key"]), text(&tag["Value"]))).collect()
}

/// One page of a listing, under the list's and its items' names.
pub fn page(call: &Call, (list, item): (&str, &str), all: Vec<(String, Value)>) -> Answer {
    let size = match call.number("MaxRecords") {
        None => 100,
        Some(given) => usize::try_from(given)
            .ok()
            .filter(|n| (20..=100).contains(n))
            .ok_or_else(|| {
                invalid(format!(
                    "Invalid value {given} for MaxRecords. Must be between 20 and 100"
                ))
            })?,
    };
    let after = match call.text("Marker").filter(|m| !m.is_empty()) {
        None => None,
        Some(marker) => {
            let id = unhex(marker).and_then(|bytes| String::from_utf8(bytes).ok());
            Some(id.ok_or_else(|| invalid("The parameter Marker is not valid."))?)
        }
    };
    let mut rest = all
        .into_iter()
        .filter(|(id, _)| after.as_ref().is_none_or(|after| id > after));
    let shown: Vec<(String, Value)> = rest.by_ref().take(size).collect();
    let more = rest.next().is_some();
    let mut answer = json!({});
    if let Some((last, _)) = shown.last().filter(|_| more) {
        answer["Marker"] = hex(last.as_bytes()).into();
    }
    answer[list] = named(item, shown.into_iter().map(|(_, item)| item).collect());
    Ok(answer)
}

/// A list whose elements have this name.
pub fn named(item: &str, all: Vec<Value>) -> Value {
    Value::Object([(format!("*{item}"), Value::Array(all))].into_iter().collect())
}

pub fn invalid(message: impl Into<String>) -> ApiError {
    ApiError::new(400, "InvalidParameterValue", message)
}
