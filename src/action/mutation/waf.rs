//! What may be changed through AWS WAF, of what is regional.

use std::collections::BTreeMap;

use serde::{Deserialize, Serialize};

use super::{Call, Grant, Made, NotMade, Place};
use crate::domain::{Arn, Untrusted};

/// One call that changes something.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(tag = "call", deny_unknown_fields)]
pub enum WafCall {
    /// replaces the set's addresses by these. Refused where the set changed since the lock token was read.
    UpdateIpSet {
        set: Arn,
        addresses: Vec<String>,
        /// As it is; a change without it takes it away.
        description: Option<String>,
        lock_token: String,
        /// The one address that is added or taken out, for people.
        change: String,
    },
    /// `TagResource`: tags an IP set.
    TagIpSet { set: Arn, tags: BTreeMap<String, String> },
    /// `UntagResource`: removes tags of an IP set by key.
    UntagIpSet { set: Arn, keys: Vec<String> },
}

impl Call for WafCall {
    fn permission(&self) -> &'static str {
        match self {
            Self::UpdateIpSet { .. } => "wafv2:UpdateIPSet",
            Self::TagIpSet { .. } => "wafv2:TagResource",
            Self::UntagIpSet { .. } => "wafv2:UntagResource",
        }
    }

    fn needs(&self, _place: &Place<'_>) -> Vec<Grant> {
        match self {
            Self::UpdateIpSet { set, .. } | Self::TagIpSet { set, .. } | Self::UntagIpSet { set, .. } => {
                vec![Grant::exactly(self.permission(), set.as_str())]
            }
        }
    }

    fn resolve(&mut self, _made: &Made) -> Result<(), NotMade> {
        Ok(())
    }

    fn phrase(&self, _was: &str) -> String {
        match self {
            Self::UpdateIpSet {
                set, addresses, change, ..
            } => {
                let (verb, way) = if addresses.contains(change) {
                    ("add", "to")
                } else {
                    ("take", "out of")
                };
                format!("IP set {}: {verb} {change} {way} its addresses", name(set))
            }
            Self::TagIpSet { set, tags } => {
                let keys: Vec<&str> = tags.keys().map(String::as_str).collect();
                format!("IP set {}: tag {}", name(set), keys.join(", "))
            }
            Self::UntagIpSet { set, keys } => format!("IP set {}: remove the tags {}", name(set), keys.join(", ")),
        }
    }
}

/// `regional/ipset/blocked/0aa1…` is called `blocked`.
fn name(set: &Arn) -> String {
    Untrusted::new(set.resource().split('/').nth(2).unwrap_or_default()).shown()
}
