//! What must be true afterwards of what S3 holds.

use std::fmt;
use std::time::Duration;

use serde::{Deserialize, Serialize};
use serde_json::Value;

use super::{State, Verdict};
use crate::action::answer::PublicBlock;
use crate::action::facts::Facts;
use crate::action::mutation::Made;
use crate::action::query::{Query, S3Query};
use crate::action::refusal::Stop;
use crate::domain::BucketName;

/// One thing to read back.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(tag = "expect", rename_all = "kebab-case", deny_unknown_fields)]
pub enum S3State {
    /// The bucket's public access block is as said, or there is none.
    PublicBlock {
        bucket: BucketName,
        block: Option<PublicBlock>,
    },
    /// The bucket's policy says what this one says, or there is none.
    BucketPolicy { bucket: BucketName, policy: Option<String> },
}

impl State for S3State {
    fn queries(&self, _made: &Made) -> Vec<Query> {
        vec![Query::S3(self.query())]
    }

    fn patience(&self) -> Option<Duration> {
        match self {
            Self::PublicBlock { .. } | Self::BucketPolicy { .. } => None,
        }
    }

    fn holds(&self, facts: &Facts, _made: &Made) -> Result<Verdict, Stop> {
        let query = Query::S3(self.query());
        Ok(match self {
            Self::PublicBlock { block, .. } => {
                let found = *facts.public_block(&query)?;
                if found == *block {
                    Verdict::Verified
                } else {
                    Verdict::Failed(format!("It is: {}.", shown(found)))
                }
            }
            Self::BucketPolicy { policy, .. } => {
                let found = facts.bucket_policy(&query)?;
                match (found, policy) {
                    (None, None) => Verdict::Verified,
                    (Some(found), Some(policy)) if same_policy(found, policy) => Verdict::Verified,
                    (None, Some(_)) => Verdict::Failed("There is no policy.".to_owned()),
                    (Some(found), None) => Verdict::Failed(format!("There is a policy of {} bytes.", found.len())),
                    (Some(found), Some(_)) => {
                        Verdict::Failed(format!("The policy, of {} bytes, says something else.", found.len()))
                    }
                }
            }
        })
    }
}

impl S3State {
    fn query(&self) -> S3Query {
        match self {
            Self::PublicBlock { bucket, .. } => S3Query::PublicBlock { bucket: bucket.clone() },
            Self::BucketPolicy { bucket, .. } => S3Query::BucketPolicy { bucket: bucket.clone() },
        }
    }
}

impl fmt::Display for S3State {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            Self::PublicBlock { bucket, block } => {
                write!(f, "public access block of bucket {bucket}: {}", shown(*block))
            }
            Self::BucketPolicy { bucket, policy: None } => write!(f, "bucket {bucket} has no policy"),
            Self::BucketPolicy {
                bucket,
                policy: Some(policy),
            } => write!(
                f,
                "bucket {bucket} has the policy of {} bytes that was put",
                policy.len()
            ),
        }
    }
}

fn shown(block: Option<PublicBlock>) -> String {
    block.map_or_else(|| "none".to_owned(), PublicBlock::shown)
}

/// Whether two policies say the same. AWS may give a policy back with other spaces, another order, or a list of one as the one.
pub fn same_policy(one: &str, other: &str) -> bool {
    let read = |text: &str| serde_json::from_str::<Value>(text).ok().map(plain);
    one == other || read(one).is_some_and(|one| read(other) == Some(one))
}

/// A value in which a list of one is the one, and the order of a list means nothing.
fn plain(value: Value) -> Value {
    match value {
        Value::Array(list) => {
            let mut list: Vec<Value> = list.into_iter().map(plain).collect();
            list.sort_by_cached_key(Value::to_string);
            match list.len() {
                1 => list.remove(0),
                _ => Value::Array(list),
            }
        }
        Value::Object(map) => Value::Object(map.into_iter().map(|(key, value)| (key, plain(value))).collect()),
        other => other,
    }
}

#[cfg(test)]
mod tests {
    use super::same_policy;

    #[test]
    fn policies_are_compared_by_what_they_say() {
        let one = r#"{"Version": "2012-10-17", "Statement": [{"Effect": "Deny", "Action": ["s3:*"], "Resource": ["a", "b"]}]}"#;
        let same = r#"{"Statement":{"Action":"s3:*","Effect":"Deny","Resource":["b","a"]},"Version":"2012-10-17"}"#;
        assert!(same_policy(one, same));
        for other in [
            r#"{"Statement":{"Action":"s3:*","Effect":"Allow","Resource":["b","a"]},"Version":"2012-10-17"}"#,
            r#"{"Statement":{"Action":"s3:*","Effect":"Deny","Resource":["b"]},"Version":"2012-10-17"}"#,
            "",
        ] {
            assert!(!same_policy(one, other), "{other}");
        }
        assert!(!same_policy("not json", "nor this"));
    }
}
