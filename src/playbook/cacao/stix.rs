//! Conditions as comparisons of the STIX patterning grammar, over variables that the caller of a CACAO playbook fills in.
//!
//! STIX has no `NOT` of a whole expression, so a negation is carried to the comparisons, which have one each.

use serde_json::{Value, json};

use crate::domain::SeverityLabel;
use crate::playbook::classify::SEVERITIES;
use crate::playbook::when::{Compare, Test};

/// The variables, all of them given from outside.
pub fn variables() -> Value {
    let variable = |description: &str| json!({ "type": "string", "description": description, "external": true });
    json!({
        "__severity__": variable("The incident's severity: critical, high, medium or low."),
        "__incident_type__": variable("The incident's type, as the classification table names it."),
        "__subtype__": variable("Its subtype."),
        "__finding_types__": variable("The types of its findings, each with a comma before and after it."),
        "__resource_kinds__": variable("The kinds of resource that they name, each with a comma before and after it."),
    })
}

/// The condition as an expression.
pub fn condition(test: &Test) -> String {
    written(test, false)
}

fn written(test: &Test, not: bool) -> String {
    match test {
        Test::Severity(compare, among) => {
            let holds = |severity: SeverityLabel| match compare {
                Compare::In => among.contains(&severity),
                Compare::AtLeast => among.iter().all(|least| severity >= *least),
                Compare::AtMost => among.iter().all(|most| severity <= *most),
            };
            let words = SEVERITIES.into_iter().filter(|s| holds(*s));
            one_of("__severity__", words.map(SeverityLabel::word), not)
        }
        Test::Type(names) => one_of("__incident_type__", names.iter().map(String::as_str), not),
        Test::Subtype(names) => one_of("__subtype__", names.iter().map(String::as_str), not),
        Test::Finding(pattern) => {
            let parts: Vec<String> = pattern.split('*').map(escaped).collect();
            matches("__finding_types__", &parts.join("[^,]*"), not)
        }
        Test::Resource(kind) => {
            let word = serde_json::to_value(kind).unwrap_or_default();
            matches("__resource_kinds__", word.as_str().unwrap_or_default(), not)
        }
        Test::Not(inner) => written(inner, !not),
        Test::All(tests) => joined(tests, if not { " OR " } else { " AND " }, not),
        Test::Any(tests) => joined(tests, if not { " AND " } else { " OR " }, not),
    }
}

fn joined(tests: &[Test], by: &str, not: bool) -> String {
    let parts: Vec<String> = tests.iter().map(|t| written(t, not)).collect();
    format!("({})", parts.join(by))
}

fn one_of<'a>(variable: &str, words: impl Iterator<Item = &'a str>, not: bool) -> String {
    let words: Vec<String> = words.map(quoted).collect();
    let not = if not { " NOT" } else { "" };
    format!("{variable}:value{not} IN ({})", words.join(", "))
}

/// Whether a list between commas has an item of this regular expression.
fn matches(variable: &str, expression: &str, not: bool) -> String {
    let not = if not { " NOT" } else { "" };
    format!("{variable}:value{not} MATCHES {}", quoted(&format!(",{expression},")))
}

/// A string of the grammar: single quotes, with backslashes before what would end it.
fn quoted(text: &str) -> String {
    format!("'{}'", text.replace('\\', "\\\\").replace('\'', "\\'"))
}

/// A text that stands for itself in a regular expression.
fn escaped(text: &str) -> String {
    let mut out = String::with_capacity(text.len());
    for c in text.chars() {
        if !c.is_ascii_alphanumeric() && c.is_ascii() && !matches!(c, '/' | ':' | '-' | '_' | '&' | '!') {
            out.push('\\');
        }
        out.push(c);
    }
    out
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::playbook::When;

    #[test]
    fn conditions_are_comparisons_over_variables() {
        for (text, expected) in [
            ("severity == high", "__severity__:value IN ('high')"),
            ("severity >= high", "__severity__:value IN ('critical', 'high')"),
            ("severity != low", "__severity__:value NOT IN ('low')"),
            ("type in [a, b]", "__incident_type__:value IN ('a', 'b')"),
            (
                "resource has access-key",
                "__resource_kinds__:value MATCHES ',access-key,'",
            ),
            (
                "finding matches \"Backdoor:EC2/C&C*.B\"",
                "__finding_types__:value MATCHES ',Backdoor:EC2/C&C[^,]*\\\\.B,'",
            ),
            (
                "not (type == a and (severity == low or not subtype == b))",
                "(__incident_type__:value NOT IN ('a') OR (__severity__:value NOT IN ('low') AND __subtype__:value IN ('b')))",
            ),
        ] {
            let when = When::parse(text).unwrap();
            assert_eq!(condition(when.test()), expected, "{text}");
        }
    }
}
