//! Finding criteria and sort criteria of GuardDuty ("Filtering findings", `FindingCriteria` in the API reference).
//!
//! Owns: reading them with AWS's strictness and applying them to a finding's JSON. Never: touches the store.

use serde_json::Value;

use super::bad;
use crate::domain::Time;
use crate::range::call::ApiError;
use crate::range::services::paging::Key;
use crate::range::services::wildcard::wildcard;

/// One attribute and one condition on it.
pub struct Criterion {
    path: String,
    condition: Condition,
}

enum Condition {
    OneOf(Vec<String>),
    NoneOf(Vec<String>),
    Matches(Vec<String>),
    NotMatches(Vec<String>),
    Greater(f64),
    AtLeast(f64),
    Less(f64),
    AtMost(f64),
}

/// Values in one `eq` or `neq`, AWS's limit on attributes and values alike.
const MAX: usize = 50;

/// Reads `findingCriteria`; absent means no criterion.
pub fn read(criteria: &Value) -> Result<Vec<Criterion>, ApiError> {
    let refuse = || bad("The request is rejected because the parameter findingCriteria has an invalid value.");
    if criteria.is_null() {
        return Ok(Vec::new());
    }
    let Some(attributes) = criteria["criterion"].as_object() else {
        return if criteria.as_object().is_some_and(serde_json::Map::is_empty) {
            Ok(Vec::new())
        } else {
            Err(refuse())
        };
    };
    if attributes.len() > MAX {
        return Err(refuse());
    }
    let mut found = Vec::new();
    for (path, conditions) in attributes {
        if !known(path) {
            return Err(refuse());
        }
        for (operator, operand) in conditions.as_object().ok_or_else(refuse)? {
            let texts = || -> Option<Vec<String>> {
                let list = operand.as_array().filter(|l| l.len() <= MAX)?;
                list.iter().map(|v| v.as_str().map(str::to_owned)).collect()
            };
            let number = || operand.as_f64();
            let condition = match operator.as_str() {
                "eq" | "equals" => texts().map(Condition::OneOf),
                "neq" | "notEquals" => texts().map(Condition::NoneOf),
                "matches" => texts().map(Condition::Matches),
                "notMatches" => texts().map(Condition::NotMatches),
                "gt" | "greaterThan" => number().map(Condition::Greater),
                "gte" | "greaterThanOrEqual" => number().map(Condition::AtLeast),
                "lt" | "lessThan" => number().map(Condition::Less),
                "lte" | "lessThanOrEqual" => number().map(Condition::AtMost),
                _ => None,
            };
            found.push(Criterion {
                path: path.clone(),
                condition: condition.ok_or_else(refuse)?,
            });
        }
    }
    Ok(found)
}

/// The attributes that may be asked about: a few of the finding's own and everything under `resource` and `service`.
fn known(path: &str) -> bool {
    const OWN: &[&str] = &[
        "accountId",
        "confidence",
        "createdAt",
        "id",
        "region",
        "severity",
        "type",
        "updatedAt",
        "title",
        "associatedAttackSequenceArn",
    ];
    OWN.contains(&path) || path.starts_with("resource.") || path.starts_with("service.")
}

impl Criterion {
    /// Whether the finding meets the condition. A list in the finding meets it if one of its items does.
    pub fn accepts(&self, finding: &Value) -> bool {
        let mut values = Vec::new();
        collect(finding, &self.path, &mut values);
        let text = |wanted: &[String]| values.iter().any(|v| wanted.contains(&plain(v)));
        let like = |patterns: &[String]| values.iter().any(|v| patterns.iter().any(|p| wildcard(p, &plain(v))));
        let number = |test: &dyn Fn(f64) -> bool| values.iter().filter_map(|v| measure(v)).any(test);
        match &self.condition {
            Condition::OneOf(wanted) => text(wanted),
            Condition::NoneOf(wanted) => !text(wanted),
            Condition::Matches(patterns) => like(patterns),
            Condition::NotMatches(patterns) => !like(patterns),
            Condition::Greater(limit) => number(&|v| v > *limit),
            Condition::AtLeast(limit) => number(&|v| v >= *limit),
            Condition::Less(limit) => number(&|v| v < *limit),
            Condition::AtMost(limit) => number(&|v| v <= *limit),
        }
    }
}

/// All values that a dotted path leads to; lists on the way are walked through.
fn collect<'a>(value: &'a Value, path: &str, found: &mut Vec<&'a Value>) {
    match value {
        Value::Array(items) => items.iter().for_each(|item| collect(item, path, found)),
        _ if path.is_empty() => found.push(value),
        Value::Object(fields) => {
            let (head, rest) = path.split_once('.').unwrap_or((path, ""));
            if let Some(next) = fields.get(head) {
                collect(next, rest, found);
            }
        }
        _ => {}
    }
}

/// A leaf as the criteria write it: severities as `8` or `8.5`, booleans as `true`.
fn plain(value: &Value) -> String {
    match value {
        Value::String(text) => text.clone(),
        Value::Number(number) => number.as_f64().map_or_else(String::new, |n| n.to_string()),
        other => other.to_string(),
    }
}

/// A leaf as a number; a time counts in milliseconds since the epoch.
fn measure(value: &Value) -> Option<f64> {
    match value {
        Value::String(text) => {
            let milliseconds = text.parse::<Time>().ok()?.as_millisecond();
            // Exact: the milliseconds of any year that RFC 3339 can write are below 2^53.
            #[allow(clippy::cast_precision_loss, reason = "below 2^53")]
            let exact = milliseconds as f64;
            Some(exact)
        }
        other => other.as_f64(),
    }
}

/// How to order findings.
pub struct Sort {
    path: String,
    descending: bool,
}

/// Reads `sortCriteria`; absent means by `updatedAt`, newest last.
pub fn sort(criteria: &Value) -> Result<Sort, ApiError> {
    let refuse = || bad("The request is rejected because the parameter sortCriteria has an invalid value.");
    let path = match &criteria["attributeName"] {
        Value::Null => "updatedAt",
        given => given.as_str().filter(|path| known(path)).ok_or_else(refuse)?,
    };
    let descending = match &criteria["orderBy"] {
        Value::Null => false,
        given => match given.as_str() {
            Some("ASC") => false,
            Some("DESC") => true,
            _ => return Err(refuse()),
        },
    };
    Ok(Sort {
        path: path.to_owned(),
        descending,
    })
}

impl Sort {
    /// Where the finding stands in the order.
    pub fn key(&self, finding: &Value) -> Key {
        let mut values = Vec::new();
        collect(finding, &self.path, &mut values);
        let key = match values.first() {
            Some(value) => measure(value).map_or_else(|| Key::up_text(&plain(value)), Key::up_number),
            None => Key::up_text(""),
        };
        if self.descending { key.reversed() } else { key }
    }
}
