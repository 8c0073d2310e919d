//! A policy document: JSON parsed into statements.

use std::collections::BTreeMap;

use serde_json::Value;

use super::condition::Condition;
use crate::domain::AccountId;

/// A parsed document, with the text that it came from.
#[derive(Clone, Debug)]
pub struct Policy {
    /// As it was written; IAM gives it back so.
    pub text: String,
    pub(super) statements: Vec<Statement>,
}

/// The text is not a policy. IAM calls that `MalformedPolicyDocument`.
#[derive(Clone, Debug, PartialEq, Eq, thiserror::Error)]
#[error("{0}")]
pub struct BadPolicy(pub String);

#[derive(Clone, Debug)]
pub(super) struct Statement {
    pub allow: bool,
    pub actions: Set,
    /// Nothing in a trust policy, where the role itself is the resource.
    pub resources: Option<Set>,
    /// Nothing in an identity policy.
    pub principals: Option<Principals>,
    pub conditions: Vec<Condition>,
}

/// A list of patterns, or everything but them.
#[derive(Clone, Debug)]
pub(super) struct Set {
    pub patterns: Vec<String>,
    pub inverted: bool,
}

/// Whom a trust policy speaks of.
#[derive(Clone, Debug, Default)]
pub(super) struct Principals {
    pub anyone: bool,
    pub accounts: Vec<AccountId>,
    pub arns: Vec<String>,
    pub inverted: bool,
}

impl Policy {
    /// Reads an identity policy or a session policy.
    pub fn identity(text: &str) -> Result<Self, BadPolicy> {
        let policy = Self::parse(text)?;
        for statement in &policy.statements {
            if statement.principals.is_some() {
                return Err(bad("Policy document should not specify a principal."));
            }
            if statement.resources.is_none() {
                return Err(bad("Policy statement must contain resources."));
            }
        }
        Ok(policy)
    }

    /// Reads the policy of a resource such as a bucket, whose statements name both who and what.
    pub fn resource(text: &str) -> Result<Self, BadPolicy> {
        let policy = Self::parse(text)?;
        for statement in &policy.statements {
            if statement.principals.is_none() {
                return Err(bad("Missing required field Principal"));
            }
            if statement.resources.is_none() {
                return Err(bad("Missing required field Resource"));
            }
        }
        Ok(policy)
    }

    /// Whether it allows anybody at all: a statement for everyone without a condition. Conditions that do not narrow who asks are
    /// taken for ones that do, which is more lenient than S3 ("The meaning of public").
    pub fn is_public(&self) -> bool {
        let open = |s: &Statement| s.principals.as_ref().is_some_and(|p| p.anyone && !p.inverted);
        self.statements
            .iter()
            .any(|s| s.allow && s.conditions.is_empty() && open(s))
    }

    /// The patterns of resources that its statements speak of.
    pub fn resources(&self) -> impl Iterator<Item = &str> {
        let sets = self.statements.iter().filter_map(|s| s.resources.as_ref());
        sets.flat_map(|set| set.patterns.iter().map(String::as_str))
    }

    /// Reads a role's trust policy.
    pub fn trust(text: &str) -> Result<Self, BadPolicy> {
        let policy = Self::parse(text)?;
        for statement in &policy.statements {
            if statement.principals.is_none() {
                return Err(bad("Missing required field Principal"));
            }
            if statement.resources.is_some() {
                return Err(bad("Has prohibited field Resource"));
            }
        }
        Ok(policy)
    }

    fn parse(text: &str) -> Result<Self, BadPolicy> {
        let value: Value =
            serde_json::from_str(text).map_err(|_| bad("The policy is not in the valid JSON format."))?;
        let Value::Object(map) = &value else {
            return Err(bad("Syntax errors in policy."));
        };
        for key in map.keys() {
            if !matches!(key.as_str(), "Version" | "Id" | "Statement") {
                return Err(bad("Syntax errors in policy."));
            }
        }
        let statements = match map.get("Statement") {
            Some(Value::Array(list)) => list.iter().map(statement).collect::<Result<_, _>>()?,
            Some(one @ Value::Object(_)) => vec![statement(one)?],
            _ => return Err(bad("Syntax errors in policy.")),
        };
        Ok(Self {
            text: text.to_owned(),
            statements,
        })
    }
}

fn statement(value: &Value) -> Result<Statement, BadPolicy> {
    let Value::Object(map) = value else {
        return Err(bad("Syntax errors in policy."));
    };
    for key in map.keys() {
        let known = matches!(
            key.as_str(),
            "Sid"
                | "Effect"
                | "Action"
                | "NotAction"
                | "Resource"
                | "NotResource"
                | "Principal"
                | "NotPrincipal"
                | "Condition"
        );
        if !known {
            return Err(bad("Syntax errors in policy."));
        }
    }
    let allow = match map.get("Effect").and_then(Value::as_str) {
        Some("Allow") => true,
        Some("Deny") => false,
        _ => return Err(bad("Syntax errors in policy.")),
    };
    let actions = set(map, "Action", "NotAction")?.ok_or_else(|| bad("Policy statement must contain actions."))?;
    if actions.patterns.iter().any(|a| a != "*" && !a.contains(':')) {
        return Err(bad(
            "Actions/Conditions must be prefaced by a vendor, e.g., iam, sdb, ec2, etc.",
        ));
    }
    let principals = match (map.get("Principal"), map.get("NotPrincipal")) {
        (Some(value), None) => Some(principals(value, false)?),
        (None, Some(value)) => Some(principals(value, true)?),
        (None, None) => None,
        (Some(_), Some(_)) => return Err(bad("Syntax errors in policy.")),
    };
    let conditions = match map.get("Condition") {
        None => Vec::new(),
        Some(Value::Object(operators)) => conditions(operators)?,
        Some(_) => return Err(bad("Syntax errors in policy.")),
    };
    Ok(Statement {
        allow,
        actions,
        resources: set(map, "Resource", "NotResource")?,
        principals,
        conditions,
    })
}

fn conditions(operators: &serde_json::Map<String, Value>) -> Result<Vec<Condition>, BadPolicy> {
    let mut conditions = Vec::new();
    for (operator, keys) in operators {
        let Value::Object(keys) = keys else {
            return Err(bad("Syntax errors in policy."));
        };
        for (key, values) in keys {
            let values = strings(values)?;
            let condition = Condition::new(operator, key, values)
                .ok_or_else(|| BadPolicy(format!("Invalid Condition type : {operator}.")))?;
            conditions.push(condition);
        }
    }
    Ok(conditions)
}

fn set(map: &serde_json::Map<String, Value>, plain: &str, inverted: &str) -> Result<Option<Set>, BadPolicy> {
    let (value, inverted) = match (map.get(plain), map.get(inverted)) {
        (Some(value), None) => (value, false),
        (None, Some(value)) => (value, true),
        (None, None) => return Ok(None),
        (Some(_), Some(_)) => return Err(bad("Syntax errors in policy.")),
    };
    let patterns = strings(value)?;
    Ok(Some(Set { patterns, inverted }))
}

fn principals(value: &Value, inverted: bool) -> Result<Principals, BadPolicy> {
    let mut out = Principals {
        inverted,
        ..Principals::default()
    };
    let kinds: BTreeMap<&str, Vec<String>> = match value {
        Value::String(all) if all == "*" => [("AWS", vec!["*".to_owned()])].into(),
        Value::Object(map) => map
            .iter()
            .map(|(kind, who)| Ok((kind.as_str(), strings(who)?)))
            .collect::<Result<_, _>>()?,
        _ => return Err(bad("Invalid principal in policy.")),
    };
    for (kind, names) in kinds {
        match kind {
            "AWS" => {
                for name in names {
                    out.add(name)?;
                }
            }
            // Nobody in the range signs as a service, an identity provider or a canonical user.
            "Service" | "Federated" | "CanonicalUser" => {}
            _ => return Err(bad("Invalid principal in policy.")),
        }
    }
    Ok(out)
}

impl Principals {
    fn add(&mut self, name: String) -> Result<(), BadPolicy> {
        if name == "*" {
            self.anyone = true;
        } else if let Ok(account) = name.parse() {
            self.accounts.push(account);
        } else if let Some(account) = name.strip_prefix("arn:aws:iam::").and_then(|n| n.strip_suffix(":root")) {
            self.accounts
                .push(account.parse().map_err(|_| bad("Invalid principal in policy."))?);
        } else if name.starts_with("arn:aws:") && !name.contains(['*', '?']) {
            self.arns.push(name);
        } else {
            return Err(BadPolicy(format!("Invalid principal in policy: \"AWS\":\"{name}\"")));
        }
        Ok(())
    }
}

/// A string or a list of them; numbers and booleans count as they are written.
fn strings(value: &Value) -> Result<Vec<String>, BadPolicy> {
    match value {
        Value::String(one) => Ok(vec![one.clone()]),
        Value::Bool(_) | Value::Number(_) => Ok(vec![value.to_string()]),
        Value::Array(list) => {
            let nested: Result<Vec<Vec<String>>, _> = list
                .iter()
                .map(|v| {
                    if v.is_array() {
                        Err(bad("Syntax errors in policy."))
                    } else {
                        strings(v)
                    }
                })
                .collect();
            Ok(nested?.concat())
        }
        _ => Err(bad("Syntax errors in policy.")),
    }
}

fn bad(text: &str) -> BadPolicy {
    BadPolicy(text.to_owned())
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn what_is_not_a_policy_is_refused() {
        for text in [
            "",
            "[]",
            "{}",
            r#"{"Statement":[{"Effect":"Perhaps","Action":"a:b","Resource":"*"}]}"#,
            r#"{"Statement":[{"Effect":"Allow","Resource":"*"}]}"#,
            r#"{"Statement":[{"Effect":"Allow","Action":"nocolon","Resource":"*"}]}"#,
            r#"{"Statement":[{"Effect":"Allow","Action":"a:b"}]}"#,
            r#"{"Statement":[{"Effect":"Allow","Action":"a:b","Resource":"*","Principal":"*"}]}"#,
            r#"{"Statement":[{"Effect":"Allow","Action":"a:b","Resource":"*","Condition":{"Weird":{"a:b":"c"}}}]}"#,
            r#"{"Statement":[{"Effect":"Allow","Action":"a:b","Resource":"*","Extra":1}]}"#,
        ] {
            assert!(Policy::identity(text).is_err(), "{text}");
        }
        assert!(Policy::trust(r#"{"Statement":{"Effect":"Allow","Action":"sts:AssumeRole"}}"#).is_err());
        assert!(
            Policy::trust(r#"{"Statement":{"Effect":"Allow","Action":"sts:AssumeRole","Principal":{"AWS":"x*"}}}"#)
                .is_err()
        );
    }
}
