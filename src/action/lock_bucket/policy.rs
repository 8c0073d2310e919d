//! The policy that locks a bucket, made from the one that is there.
//!
//! Owns: the lock's statement, what of the old policy it cuts, and the limit of its size. Must never: drop an old statement unsaid, or
//! make a policy that shuts out who must take it away again.

use std::collections::BTreeSet;

use serde_json::{Map, Value, json};

use crate::domain::Untrusted;

/// Bytes of a bucket policy (S3 User Guide, "Bucket policies for Amazon S3": 20 KB).
pub const MAX_POLICY: usize = 20 * 1024;
/// The name of the lock's statement.
pub const SID: &str = "QuellLock";

/// A policy that could be read.
#[derive(Clone, Debug)]
pub struct Old {
    whole: Map<String, Value>,
    statements: Vec<Value>,
}

impl Old {
    /// Reads a policy's text; nothing where it is not one.
    pub fn read(text: &str) -> Option<Self> {
        let Value::Object(mut whole) = serde_json::from_str(text).ok()? else {
            return None;
        };
        let statements = match whole.remove("Statement")? {
            Value::Array(list) => list,
            one @ Value::Object(_) => vec![one],
            _ => return None,
        };
        Some(Self { whole, statements })
    }

    /// How many statements it has.
    pub fn count(&self) -> usize {
        self.statements.len()
    }

    fn others(&self) -> impl Iterator<Item = &Value> {
        self.statements.iter().filter(|s| s["Sid"] != SID)
    }

    /// The services of AWS that it allows something, each once.
    pub fn services(&self) -> BTreeSet<&str> {
        let allowing = self.others().filter(|s| s["Effect"] == "Allow");
        allowing.flat_map(|s| texts(&s["Principal"]["Service"])).collect()
    }

    /// The principals of any account that it allows something, each once, safe to show.
    pub fn principals(&self) -> BTreeSet<String> {
        let allowing = self.others().filter(|s| s["Effect"] == "Allow");
        let named = allowing.flat_map(|s| match &s["Principal"] {
            Value::String(everybody) => vec![everybody.as_str()],
            principal => texts(&principal["AWS"]),
        });
        named.map(|name| Untrusted::new(name).shown()).collect()
    }

    /// Statements that deny changing the policy, as far as that can be told, to whoever has this ARN: each with whether it
    /// always holds, or under a condition.
    pub fn shutting_out(&self, arn: &str) -> Vec<(String, bool)> {
        let denying = self.others().filter(|s| s["Effect"] == "Deny");
        denying
            .filter(|s| speaks_of(s, arn) && covers_policy(s))
            .filter_map(|s| {
                let always = s
                    .get("Condition")
                    .is_none_or(|c| c.as_object().is_some_and(Map::is_empty));
                // Whoever comes by TLS, as quell does, is not denied by the statement that asks for TLS.
                (always || !is_about_tls(&s["Condition"])).then(|| (name(s), always))
            })
            .collect()
    }

    /// Whether the lock for these is in it already.
    pub fn has_lock(&self, lock: &Value) -> bool {
        let same = |s: &&Value| super::super::expectation::same_policy(&s.to_string(), &lock.to_string());
        self.statements.iter().any(|s| same(&s))
    }
}

/// The lock's statement: everything is denied to everyone but these. Who has no `aws:PrincipalArn`, a service of AWS or somebody who
/// is not signed in, is denied too; `keep_services` lets the first through (IAM User Guide, "AWS global condition context keys").
pub fn lock(partition: &str, bucket: &str, allowed: &BTreeSet<String>, keep_services: bool) -> Value {
    let arn = format!("arn:{partition}:s3:::{bucket}");
    let mut condition = json!({"ArnNotEquals": {"aws:PrincipalArn": allowed}});
    if keep_services {
        condition["BoolIfExists"] = json!({"aws:PrincipalIsAWSService": "false"});
    }
    json!({
        "Sid": SID,
        "Effect": "Deny",
        "Principal": "*",
        "Action": "s3:*",
        "Resource": [arn, format!("{arn}/*")],
        "Condition": condition,
    })
}

/// The policy's text: the old statements, where they are kept, but for an older lock; then the lock.
pub fn with_lock(old: Option<&Old>, lock: Value) -> String {
    let mut whole = old.map_or_else(Map::new, |old| old.whole.clone());
    whole.entry("Version").or_insert_with(|| json!("2012-10-17"));
    let mut statements: Vec<Value> = old.map(|old| old.others().cloned().collect()).unwrap_or_default();
    statements.push(lock);
    whole.insert("Statement".to_owned(), Value::Array(statements));
    Value::Object(whole).to_string()
}

/// A statement's name, safe to show.
fn name(statement: &Value) -> String {
    match statement["Sid"].as_str() {
        Some(sid) if !sid.is_empty() => format!("{:?}", Untrusted::new(sid).shown()),
        _ => "without a name".to_owned(),
    }
}

/// One text, or a list of them.
fn texts(value: &Value) -> Vec<&str> {
    match value {
        Value::String(one) => vec![one],
        Value::Array(list) => list.iter().filter_map(Value::as_str).collect(),
        _ => Vec::new(),
    }
}

/// Whether a denying statement may be about this ARN.
fn speaks_of(statement: &Value, arn: &str) -> bool {
    let account = arn.split(':').nth(4).unwrap_or_default();
    let names = |value: &Value| {
        let listed = match value {
            Value::String(all) => vec![all.as_str()],
            of => texts(&of["AWS"]),
        };
        listed.iter().any(|name| {
            *name == "*" || *name == arn || *name == account || name.ends_with(&format!("::{account}:root"))
        })
    };
    match (statement.get("Principal"), statement.get("NotPrincipal")) {
        (Some(principal), _) => names(principal),
        // A role is spared only by its own ARN: that of its account alone does not do (IAM User Guide, "NotPrincipal").
        (None, Some(others)) => !texts(&others["AWS"]).contains(&arn),
        (None, None) => false,
    }
}

/// Whether a statement is about putting or deleting the policy.
fn covers_policy(statement: &Value) -> bool {
    const CALLS: [&str; 3] = ["s3:putbucketpolicy", "s3:deletebucketpolicy", "s3:getbucketpolicy"];
    let covered = |pattern: &str| {
        let pattern = pattern.to_ascii_lowercase();
        CALLS.iter().any(|call| match pattern.split_once(['*', '?']) {
            Some((start, _)) => call.starts_with(start),
            None => *call == pattern,
        })
    };
    match (statement.get("Action"), statement.get("NotAction")) {
        (Some(actions), _) => texts(actions).into_iter().any(covered),
        (None, Some(spared)) => !texts(spared).into_iter().any(covered),
        (None, None) => false,
    }
}

/// Whether a condition asks for nothing but an encrypted connection.
fn is_about_tls(condition: &Value) -> bool {
    let operators = condition.as_object().into_iter().flat_map(Map::values);
    let mut keys = operators.filter_map(Value::as_object).flat_map(Map::keys).peekable();
    keys.peek().is_some()
        && keys.all(|key| key.eq_ignore_ascii_case("aws:SecureTransport") || key.eq_ignore_ascii_case("s3:TlsVersion"))
}

#[cfg(test)]
mod tests {
    use super::*;

    const ROLE: &str = "arn:aws:iam::111122223333:role/quell-responder";

    fn old(statements: &str) -> Old {
        Old::read(&format!(
            r#"{{"Id":"x","Version":"2008-10-17","Statement":{statements}}}"#
        ))
        .unwrap()
    }

    #[test]
    fn old_statements_stay_and_an_older_lock_goes() {
        let allowed: BTreeSet<String> = [ROLE.to_owned()].into();
        let new = lock("aws", "acme", &allowed, false);
        let before = old(r#"[{"Sid":"a","Effect":"Allow"},{"Sid":"QuellLock","Effect":"Deny"}]"#);
        let made: Value = serde_json::from_str(&with_lock(Some(&before), new.clone())).unwrap();
        assert_eq!((&made["Id"], &made["Version"]), (&json!("x"), &json!("2008-10-17")));
        assert_eq!(made["Statement"], json!([{"Sid": "a", "Effect": "Allow"}, new]));
        let bare = with_lock(None, new.clone());
        assert!(Old::read(&bare).unwrap().has_lock(&new));
        assert!(!before.has_lock(&new));
        let wider = lock("aws", "acme", &allowed, true);
        assert!(!Old::read(&bare).unwrap().has_lock(&wider));
        assert!(Old::read("[]").is_none() && Old::read("{}").is_none() && Old::read("x").is_none());
    }

    #[test]
    fn what_would_shut_the_responder_out_is_found() {
        for (statement, expected) in [
            (r#"{"Effect":"Deny","Principal":"*","Action":"s3:*"}"#, Some(true)),
            (
                r#"{"Effect":"Deny","Principal":{"AWS":"*"},"Action":["s3:Put*"]}"#,
                Some(true),
            ),
            (
                r#"{"Effect":"Deny","Principal":{"AWS":"arn:aws:iam::111122223333:role/quell-responder"},"Action":"S3:DeleteBucketPolicy"}"#,
                Some(true),
            ),
            (
                r#"{"Effect":"Deny","Principal":{"AWS":"111122223333"},"NotAction":"s3:GetObject"}"#,
                Some(true),
            ),
            (
                r#"{"Effect":"Deny","NotPrincipal":{"AWS":"arn:aws:iam::111122223333:role/other"},"Action":"*"}"#,
                Some(true),
            ),
            (
                r#"{"Effect":"Deny","Principal":"*","Action":"s3:*","Condition":{"StringNotEquals":{"aws:SourceVpc":"vpc-1"}}}"#,
                Some(false),
            ),
            (
                r#"{"Effect":"Deny","Principal":"*","Action":"s3:*","Condition":{"Bool":{"aws:SecureTransport":"false"}}}"#,
                None,
            ),
            (
                r#"{"Effect":"Deny","NotPrincipal":{"AWS":"arn:aws:iam::111122223333:root"},"Action":"s3:*"}"#,
                Some(true),
            ),
            (
                r#"{"Effect":"Deny","NotPrincipal":{"AWS":["111122223333","arn:aws:iam::111122223333:role/quell-responder"]},"Action":"s3:*"}"#,
                None,
            ),
            (
                r#"{"Effect":"Deny","Principal":"*","Action":"s3:PutBucket?olicy"}"#,
                Some(true),
            ),
            (r#"{"Effect":"Deny","Principal":"*","Action":"s3:PutObject"}"#, None),
            (r#"{"Effect":"Allow","Principal":"*","Action":"s3:*"}"#, None),
            (
                r#"{"Effect":"Deny","Principal":{"AWS":"arn:aws:iam::111122223333:role/other"},"Action":"s3:*"}"#,
                None,
            ),
            (
                r#"{"Sid":"QuellLock","Effect":"Deny","Principal":"*","Action":"s3:*"}"#,
                None,
            ),
        ] {
            let found = old(statement).shutting_out(ROLE);
            assert_eq!(found.first().map(|(_, always)| *always), expected, "{statement}");
        }
    }

    #[test]
    fn whom_the_lock_cuts_is_read_from_what_is_allowed() {
        let old = old(
            r#"[{"Effect":"Allow","Principal":{"Service":["cloudtrail.amazonaws.com"],"AWS":"arn:aws:iam::444455556666:root"}},
                {"Effect":"Allow","Principal":"*"},{"Effect":"Deny","Principal":{"Service":"config.amazonaws.com"}}]"#,
        );
        assert_eq!(
            old.services().into_iter().collect::<Vec<_>>(),
            ["cloudtrail.amazonaws.com"]
        );
        assert_eq!(
            old.principals().into_iter().collect::<Vec<_>>(),
            ["*", "arn:aws:iam::444455556666:root"]
        );
    }
}
