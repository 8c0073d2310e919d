//! What AWS WAF answers, reduced to what plans and screens use.

use serde::{Deserialize, Serialize};

use crate::domain::Untrusted;

/// A list of addresses, as a listing names it.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct IpSetName {
    pub id: String,
    pub name: Untrusted,
    pub arn: String,
}

/// A list of addresses that rules of web ACLs refer to.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct IpSet {
    pub id: String,
    pub name: Untrusted,
    pub arn: String,
    pub description: Untrusted,
    /// `IPV4` or `IPV6`.
    pub version: String,
    /// CIDRs, sorted.
    pub addresses: Vec<String>,
    /// Changes with every change; a change must name the present one.
    pub lock_token: String,
}
