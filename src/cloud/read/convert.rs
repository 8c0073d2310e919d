//! From the SDK's optional strings to checked values.
//!
//! Owns: the words for what is missing or misshapen. Must never: put a default in the place of an id.

use std::str::FromStr;

use super::failure;
use crate::action::{ReadFailure, ReadFailureKind, Tags};
use crate::domain::{Time, Untrusted};

/// A value that must be there and have its shape.
pub(super) fn must<T>(call: &'static str, what: &str, text: Option<&str>) -> Result<T, ReadFailure>
where
    T: FromStr,
    T::Err: std::fmt::Display,
{
    let text = text.ok_or_else(|| missing(call, what))?;
    text.parse()
        .map_err(|bad| failure(ReadFailureKind::Malformed, format!("{call}: {what}: {bad}")))
}

/// A value that may be missing, but has its shape where it is there.
pub(super) fn may<T>(call: &'static str, what: &str, text: Option<&str>) -> Result<Option<T>, ReadFailure>
where
    T: FromStr,
    T::Err: std::fmt::Display,
{
    match text.filter(|t| !t.is_empty()) {
        None => Ok(None),
        some => must(call, what, some).map(Some),
    }
}

/// Says that something is missing.
pub(super) fn missing(call: &'static str, what: &str) -> ReadFailure {
    failure(ReadFailureKind::Malformed, format!("{call}: the answer has no {what}"))
}

/// A time, where AWS gives one that exists.
pub(super) fn time(at: Option<&aws_smithy_types::DateTime>) -> Option<Time> {
    let at = at?;
    Time::new(at.secs(), i32::try_from(at.subsec_nanos()).ok()?).ok()
}

/// EC2's tags.
pub(super) fn tags(tags: &[aws_sdk_ec2::types::Tag]) -> Tags {
    tags.iter()
        .filter_map(|tag| {
            let value = Untrusted::new(tag.value().unwrap_or_default());
            Some((tag.key()?.to_owned(), value))
        })
        .collect()
}
