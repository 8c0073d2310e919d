//! Event patterns ("Creating Amazon EventBridge event patterns" in the user guide).
//!
//! Owns: whether an event fits. Must never: take a pattern that it does not wholly understand.

use serde_json::{Map, Value};

use crate::range::services::wildcard::wildcard;

/// Whether a pattern is one that the range understands: objects down to lists of values and of single conditions.
pub fn is_sound(pattern: &Value) -> bool {
    match pattern {
        Value::Object(fields) => !fields.is_empty() && fields.values().all(is_sound),
        Value::Array(choices) => !choices.is_empty() && choices.iter().all(is_choice),
        _ => false,
    }
}

fn is_choice(choice: &Value) -> bool {
    let Value::Object(condition) = choice else {
        return !choice.is_array();
    };
    let Some((name, operand)) = single(condition) else {
        return false;
    };
    match name {
        "prefix" | "suffix" | "equals-ignore-case" | "wildcard" => operand.is_string(),
        "exists" => operand.is_boolean(),
        "anything-but" => !operand.is_object(),
        "numeric" => comparisons(operand).is_some(),
        _ => false,
    }
}

fn single(condition: &Map<String, Value>) -> Option<(&str, &Value)> {
    let (name, operand) = condition.iter().next()?;
    (condition.len() == 1).then_some((name.as_str(), operand))
}

/// `[">", 0, "<=", 5]`
fn comparisons(operand: &Value) -> Option<Vec<(&str, f64)>> {
    let parts = operand.as_array().filter(|p| !p.is_empty() && p.len() % 2 == 0)?;
    let pairs = parts.chunks_exact(2).map(|pair| {
        let sign = pair[0]
            .as_str()
            .filter(|s| matches!(*s, "=" | "<" | "<=" | ">" | ">="))?;
        Some((sign, pair[1].as_f64()?))
    });
    pairs.collect()
}

/// Whether the event has everything that the pattern asks for. Lists in the event fit where one of their items does.
pub fn fits(pattern: &Value, event: Option<&Value>) -> bool {
    match (pattern, event) {
        (Value::Object(_), Some(Value::Array(items))) => items.iter().any(|item| fits(pattern, Some(item))),
        (Value::Object(fields), _) => fields
            .iter()
            .all(|(name, below)| fits(below, event.and_then(|e| e.get(name)))),
        (Value::Array(choices), _) => choices.iter().any(|choice| chosen(choice, event)),
        _ => false,
    }
}

fn chosen(choice: &Value, event: Option<&Value>) -> bool {
    if let Some(("exists", wanted)) = choice.as_object().and_then(single) {
        return event.is_some() == (wanted == true);
    }
    match event {
        None => false,
        Some(Value::Array(items)) => items.iter().any(|item| meets(choice, item)),
        Some(value) => meets(choice, value),
    }
}

fn meets(choice: &Value, value: &Value) -> bool {
    let Some((name, operand)) = choice.as_object().and_then(single) else {
        return choice == value;
    };
    let texts = || Some((operand.as_str()?, value.as_str()?));
    match name {
        "prefix" => texts().is_some_and(|(part, text)| text.starts_with(part)),
        "suffix" => texts().is_some_and(|(part, text)| text.ends_with(part)),
        "equals-ignore-case" => texts().is_some_and(|(other, text)| text.to_lowercase() == other.to_lowercase()),
        "wildcard" => texts().is_some_and(|(pattern, text)| wildcard(pattern, text)),
        "anything-but" => match operand {
            Value::Array(others) => !others.contains(value),
            other => other != value,
        },
        "numeric" => {
            let number = value.as_f64();
            let limits = comparisons(operand).unwrap_or_default();
            number.is_some_and(|n| {
                limits.iter().all(|(sign, limit)| match *sign {
                    "<" => n < *limit,
                    "<=" => n <= *limit,
                    ">" => n > *limit,
                    ">=" => n >= *limit,
                    _ => n.total_cmp(limit).is_eq(),
                })
            })
        }
        _ => false,
    }
}

#[cfg(test)]
mod tests {
    use serde_json::json;

    use super::*;

    #[test]
    fn patterns_choose_events() {
        let event = json!({"source": "aws.guardduty", "detail": {"severity": 8.5, "type": "Recon:EC2/Portscan",
            "findings": [{"Severity": {"Label": "LOW"}}, {"Severity": {"Label": "HIGH"}}]}});
        for (pattern, expected) in [
            (json!({"source": ["aws.guardduty", "aws.securityhub"]}), true),
            (json!({"source": ["aws.rds"]}), false),
            (
                json!({"source": [{"prefix": "aws."}], "detail": {"severity": [{"numeric": [">=", 7, "<", 9]}]}}),
                true,
            ),
            (json!({"detail": {"severity": [{"numeric": [">", 8.5]}]}}), false),
            (json!({"detail": {"findings": {"Severity": {"Label": ["HIGH"]}}}}), true),
            (
                json!({"detail": {"findings": {"Severity": {"Label": ["MEDIUM"]}}}}),
                false,
            ),
            (json!({"detail": {"type": [{"wildcard": "*:EC2/*"}]}}), true),
            (
                json!({"detail": {"type": [{"anything-but": ["Recon:EC2/Portscan"]}]}}),
                false,
            ),
            (json!({"detail": {"errorCode": [{"exists": false}]}}), true),
            (json!({"detail": {"type": [{"exists": false}]}}), false),
        ] {
            assert!(is_sound(&pattern), "{pattern}");
            assert_eq!(fits(&pattern, Some(&event)), expected, "{pattern}");
        }
        for bad in [
            json!({}),
            json!({"source": "aws.rds"}),
            json!({"source": [{"cidr": "10.0.0.0/8"}]}),
            json!([]),
        ] {
            assert!(!is_sound(&bad), "{bad}");
        }
    }
}
