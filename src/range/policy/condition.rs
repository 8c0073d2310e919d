//! The `Condition` element: one operator, one key, some values.
//!
//! A policy with an operator that is not here is refused when it is written, never ignored.

use std::collections::BTreeMap;

use super::pattern::like;
use crate::domain::Time;

#[derive(Clone, Debug)]
pub(super) struct Condition {
    operator: Operator,
    /// Whether a missing key counts as a match.
    if_exists: bool,
    key: String,
    values: Vec<String>,
}

#[derive(Clone, Copy, Debug, PartialEq, Eq)]
enum Operator {
    StringEquals,
    StringNotEquals,
    StringEqualsIgnoreCase,
    StringNotEqualsIgnoreCase,
    StringLike,
    StringNotLike,
    ArnLike,
    ArnNotLike,
    Bool,
    NumericEquals,
    NumericLessThan,
    NumericLessThanEquals,
    NumericGreaterThan,
    NumericGreaterThanEquals,
    DateEquals,
    DateLessThan,
    DateLessThanEquals,
    DateGreaterThan,
    DateGreaterThanEquals,
    Null,
}

impl Condition {
    /// Nothing where the operator is not known.
    pub fn new(operator: &str, key: &str, values: Vec<String>) -> Option<Self> {
        let (name, if_exists) = match operator.strip_suffix("IfExists") {
            Some(name) => (name, true),
            None => (operator, false),
        };
        let operator = Operator::named(name)?;
        Some(Self {
            operator,
            if_exists,
            key: key.to_ascii_lowercase(),
            values,
        })
    }

    /// Whether the request's context meets this. Keys of the context are in lower case.
    pub fn holds(&self, context: &BTreeMap<String, String>) -> bool {
        let actual = context.get(&self.key);
        if self.operator == Operator::Null {
            return self
                .values
                .iter()
                .any(|v| v == if actual.is_none() { "true" } else { "false" });
        }
        let Some(actual) = actual else {
            return self.if_exists || self.operator.negated();
        };
        let any = self.values.iter().any(|value| self.operator.matches(value, actual));
        any != self.operator.negated()
    }
}

impl Operator {
    fn named(name: &str) -> Option<Self> {
        Some(match name {
            "StringEquals" => Self::StringEquals,
            "StringNotEquals" => Self::StringNotEquals,
            "StringEqualsIgnoreCase" => Self::StringEqualsIgnoreCase,
            "StringNotEqualsIgnoreCase" => Self::StringNotEqualsIgnoreCase,
            "StringLike" => Self::StringLike,
            "StringNotLike" => Self::StringNotLike,
            "ArnLike" | "ArnEquals" => Self::ArnLike,
            "ArnNotLike" | "ArnNotEquals" => Self::ArnNotLike,
            "Bool" => Self::Bool,
            "NumericEquals" => Self::NumericEquals,
            "NumericLessThan" => Self::NumericLessThan,
            "NumericLessThanEquals" => Self::NumericLessThanEquals,
            "NumericGreaterThan" => Self::NumericGreaterThan,
            "NumericGreaterThanEquals" => Self::NumericGreaterThanEquals,
            "DateEquals" => Self::DateEquals,
            "DateLessThan" => Self::DateLessThan,
            "DateLessThanEquals" => Self::DateLessThanEquals,
            "DateGreaterThan" => Self::DateGreaterThan,
            "DateGreaterThanEquals" => Self::DateGreaterThanEquals,
            "Null" => Self::Null,
            _ => return None,
        })
    }

    fn negated(self) -> bool {
        matches!(
            self,
            Self::StringNotEquals | Self::StringNotEqualsIgnoreCase | Self::StringNotLike | Self::ArnNotLike
        )
    }

    /// Whether one value of the policy matches; negated operators match as their positive twins do.
    fn matches(self, wanted: &str, actual: &str) -> bool {
        match self {
            Self::StringEquals | Self::StringNotEquals => wanted == actual,
            Self::StringEqualsIgnoreCase | Self::StringNotEqualsIgnoreCase | Self::Bool => {
                wanted.eq_ignore_ascii_case(actual)
            }
            Self::StringLike | Self::StringNotLike => like(wanted, actual),
            Self::ArnLike | Self::ArnNotLike => arn_like(wanted, actual),
            Self::NumericEquals => number(wanted, actual, |a, w| a.total_cmp(&w).is_eq()),
            Self::NumericLessThan => number(wanted, actual, |a, w| a < w),
            Self::NumericLessThanEquals => number(wanted, actual, |a, w| a <= w),
            Self::NumericGreaterThan => number(wanted, actual, |a, w| a > w),
            Self::NumericGreaterThanEquals => number(wanted, actual, |a, w| a >= w),
            Self::DateEquals => date(wanted, actual, |a, w| a == w),
            Self::DateLessThan => date(wanted, actual, |a, w| a < w),
            Self::DateLessThanEquals => date(wanted, actual, |a, w| a <= w),
            Self::DateGreaterThan => date(wanted, actual, |a, w| a > w),
            Self::DateGreaterThanEquals => date(wanted, actual, |a, w| a >= w),
            // Answered before, since it looks at whether there is a value at all.
            Self::Null => false,
        }
    }
}

/// Each of the six parts of an ARN is matched by itself, so that a star does not reach over a colon.
fn arn_like(pattern: &str, actual: &str) -> bool {
    let (p, a): (Vec<_>, Vec<_>) = (pattern.splitn(6, ':').collect(), actual.splitn(6, ':').collect());
    p.len() == a.len() && p.iter().zip(&a).all(|(p, a)| like(p, a))
}

fn number(wanted: &str, actual: &str, holds: fn(f64, f64) -> bool) -> bool {
    match (actual.parse::<f64>(), wanted.parse::<f64>()) {
        (Ok(actual), Ok(wanted)) => holds(actual, wanted),
        _ => false,
    }
}

fn date(wanted: &str, actual: &str, holds: fn(Time, Time) -> bool) -> bool {
    match (moment(actual), moment(wanted)) {
        (Some(actual), Some(wanted)) => holds(actual, wanted),
        _ => false,
    }
}

/// ISO 8601 with or without a time of day, or seconds since 1970.
fn moment(text: &str) -> Option<Time> {
    if let Ok(time) = text.parse() {
        return Some(time);
    }
    if let Ok(seconds) = text.parse() {
        return Time::from_second(seconds).ok();
    }
    format!("{text}T00:00:00Z").parse().ok()
}

#[cfg(test)]
mod tests {
    use super::*;

    fn holds(operator: &str, wanted: &str, actual: Option<&str>) -> bool {
        let condition = Condition::new(operator, "aws:Key", vec![wanted.to_owned()]).unwrap();
        let context = actual
            .map(|a| ("aws:key".to_owned(), a.to_owned()))
            .into_iter()
            .collect();
        condition.holds(&context)
    }

    #[test]
    fn operators() {
        for (operator, wanted, actual, expected) in [
            ("StringEquals", "a", Some("a"), true),
            ("StringEquals", "a", Some("A"), false),
            ("StringEquals", "a", None, false),
            ("StringEqualsIfExists", "a", None, true),
            ("StringNotEquals", "a", Some("b"), true),
            ("StringNotEquals", "a", Some("a"), false),
            ("StringNotEquals", "a", None, true),
            ("StringLike", "AROA*:x", Some("AROA1:x"), true),
            ("Bool", "true", Some("True"), true),
            ("Null", "true", None, true),
            ("Null", "true", Some("a"), false),
            ("NumericLessThan", "10", Some("9"), true),
            ("NumericLessThan", "10", Some("x"), false),
            ("ArnLike", "arn:aws:iam::*:role/x", Some("arn:aws:iam::1:role/x"), true),
            ("ArnLike", "arn:aws:*:role/x", Some("arn:aws:iam::1:role/x"), false),
            (
                "DateLessThan",
                "2026-03-01T00:00:00Z",
                Some("2026-02-28T23:59:59Z"),
                true,
            ),
            (
                "DateLessThan",
                "2026-03-01T00:00:00Z",
                Some("2026-03-01T00:00:00Z"),
                false,
            ),
            ("DateGreaterThan", "2026-03-01", Some("2026-03-01T00:00:01Z"), true),
            ("DateLessThan", "2026-03-01", None, false),
        ] {
            assert_eq!(
                holds(operator, wanted, actual),
                expected,
                "{operator} {wanted} {actual:?}"
            );
        }
        assert!(Condition::new("IpAddress", "aws:SourceIp", vec![]).is_none());
    }
}
