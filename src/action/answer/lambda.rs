//! What Lambda answers, reduced to what plans and screens use.

use serde::{Deserialize, Serialize};

use crate::domain::Untrusted;

/// A function's configuration, without its code and environment.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct Function {
    pub arn: String,
    /// The ARN of its execution role.
    pub role: String,
    pub runtime: Option<Untrusted>,
    /// The main function's ARN, where this is a replica of Lambda@Edge.
    pub main: Option<String>,
}

/// What wakes a function by being polled.
#[derive(Clone, Debug, PartialEq, Eq, PartialOrd, Ord, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct EventSource {
    /// The ARN of the queue, stream or broker; empty for one that is not AWS's.
    pub from: Untrusted,
    /// `Enabled`, `Disabled`, …
    pub state: Untrusted,
}

/// An address under which a function, or an alias of it, is called directly.
#[derive(Clone, Debug, PartialEq, Eq, PartialOrd, Ord, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct FunctionUrl {
    pub url: Untrusted,
    /// `NONE` where anybody may call it, or `AWS_IAM`.
    pub auth: Untrusted,
}

/// Executions that are kept ready for a version or alias.
#[derive(Clone, Debug, PartialEq, Eq, PartialOrd, Ord, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct Provisioned {
    /// The ARN with the version or alias.
    pub arn: Untrusted,
    pub requested: i32,
}

/// The resource policies of a function's aliases and versions.
#[derive(Clone, Debug, Default, PartialEq, Eq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct QualifiedPolicies {
    /// By alias or version number; those without a policy are not here.
    pub policies: Vec<(Untrusted, String)>,
    /// Those whose policy could not be read, and why not.
    pub unread: Vec<(Untrusted, Untrusted)>,
    /// How many more there are, which were not asked about.
    pub left_out: usize,
}
