//! Reading EC2's query parameters: every leaf is a string, every list is flat.
//!
//! Owns: the checks that all operations share (numbers, booleans, filters, pages). Never: touches the store.

use serde_json::Value;

use super::errors;
use crate::range::call::ApiError;
use crate::range::services::paging::{hex, unhex};
use crate::range::services::wildcard::wildcard;

/// A text parameter.
pub fn text<'a>(params: &'a Value, name: &str) -> Option<&'a str> {
    params.get(name).and_then(Value::as_str)
}

/// A text parameter that must be there.
pub fn required<'a>(params: &'a Value, name: &str) -> Result<&'a str, ApiError> {
    text(params, name)
        .filter(|value| !value.is_empty())
        .ok_or_else(|| errors::missing(name))
}

/// A list of texts, as `Name.1=a&Name.2=b`.
pub fn list<'a>(params: &'a Value, name: &str) -> Vec<&'a str> {
    items(params, name).iter().filter_map(Value::as_str).collect()
}

/// A list of structures.
pub fn items<'a>(params: &'a Value, name: &str) -> &'a [Value] {
    params.get(name).and_then(Value::as_array).map_or(&[], Vec::as_slice)
}

/// A boolean; absent is `None`, anything but `true` and `false` is an error.
pub fn boolean(params: &Value, name: &str) -> Result<Option<bool>, ApiError> {
    match text(params, name) {
        None => Ok(None),
        Some("true") => Ok(Some(true)),
        Some("false") => Ok(Some(false)),
        Some(other) => Err(errors::invalid(other, name)),
    }
}

/// A boolean wrapped in an `AttributeBooleanValue`: `Name.Value=true`.
pub fn attribute_boolean(params: &Value, name: &str) -> Result<Option<bool>, ApiError> {
    params
        .get(name)
        .map_or(Ok(None), |attribute| boolean(attribute, "Value"))
}

/// A whole number.
pub fn number(params: &Value, name: &str) -> Result<Option<i32>, ApiError> {
    text(params, name)
        .map(|value| value.parse().map_err(|_| errors::invalid(value, name)))
        .transpose()
}

/// Answers `DryRunOperation` where asked to. Called after the checks and before the change.
pub fn stop_if_dry_run(params: &Value) -> Result<(), ApiError> {
    if boolean(params, "DryRun")? == Some(true) {
        return Err(errors::dry_run());
    }
    Ok(())
}

/// One `Filter.N`: a name and the values of which one must match; `*` and `?` are wildcards.
pub struct Filter<'a> {
    pub name: &'a str,
    pub values: Vec<&'a str>,
}

/// All filters of a request. At most 200 values in all, as AWS has it.
pub fn filters(params: &Value) -> Result<Vec<Filter<'_>>, ApiError> {
    let mut found = Vec::new();
    for filter in items(params, "Filter") {
        let name = required(filter, "Name")?;
        let values = list(filter, "Value");
        if values.is_empty() {
            return Err(errors::missing("Filter.Value"));
        }
        found.push(Filter { name, values });
    }
    if found.iter().map(|f| f.values.len()).sum::<usize>() > 200 {
        return Err(errors::client(
            "FilterLimitExceeded",
            "The maximum number of filter values specified on a single call is 200",
        ));
    }
    Ok(found)
}

/// Whether all filters accept an item. `lookup` gives the item's values for a filter name, or `None` for a name that the
/// operation does not know, which is an error.
pub fn accepts(filters: &[Filter<'_>], mut lookup: impl FnMut(&str) -> Option<Vec<String>>) -> Result<bool, ApiError> {
    for filter in filters {
        let Some(values) = lookup(filter.name) else {
            return Err(errors::client(
                "InvalidParameterValue",
                format!("The filter '{}' is invalid", filter.name),
            ));
        };
        let matched = values
            .iter()
            .any(|value| filter.values.iter().any(|pattern| wildcard(pattern, value)));
        if !matched {
            return Ok(false);
        }
    }
    Ok(true)
}

/// The values of `tag:KEY`, `tag-key` and `tag-value` filters; `None` when the name is none of them.
pub fn tag_values(tags: &super::model::Tags, name: &str) -> Option<Vec<String>> {
    if let Some(key) = name.strip_prefix("tag:") {
        return Some(tags.get(key).cloned().into_iter().collect());
    }
    match name {
        "tag-key" => Some(tags.keys().cloned().collect()),
        "tag-value" => Some(tags.values().cloned().collect()),
        _ => None,
    }
}

/// What page of a listing to give: how many and after which id.
pub struct Page {
    size: usize,
    after: Option<String>,
}

impl Page {
    /// Reads `MaxResults` (5 to 1,000) and `NextToken`. Without `MaxResults` a page holds 1,000.
    pub fn read(params: &Value) -> Result<Self, ApiError> {
        let size = match number(params, "MaxResults")? {
            None => 1000,
            Some(n @ 5..) => usize::try_from(n.min(1000)).unwrap_or(1000),
            Some(n) => {
                return Err(errors::client(
                    "InvalidParameterValue",
                    format!("Value ( {n} ) for parameter maxResults is invalid. Expecting a value greater than 5."),
                ));
            }
        };
        let after = match text(params, "NextToken").filter(|token| !token.is_empty()) {
            None => None,
            Some(token) => Some(
                unhex(token)
                    .and_then(|bytes| String::from_utf8(bytes).ok())
                    .ok_or_else(|| errors::client("InvalidNextToken", "The token is not valid."))?,
            ),
        };
        Ok(Self { size, after })
    }

    /// Cuts the page out of items that are ordered by id. The token names the last id given, so what is added or removed
    /// between two pages moves nothing else.
    pub fn cut<T>(&self, items: Vec<T>, id: impl Fn(&T) -> &str) -> (Vec<T>, Option<String>) {
        let mut rest: Vec<T> = items
            .into_iter()
            .filter(|item| self.after.as_deref().is_none_or(|after| id(item) > after))
            .collect();
        let more = rest.len() > self.size;
        rest.truncate(self.size);
        let token = match rest.last() {
            Some(last) if more => Some(hex(id(last).as_bytes())),
            _ => None,
        };
        (rest, token)
    }
}
