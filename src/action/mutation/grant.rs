//! What a call must be allowed: a permission on a resource, as policies write both.
//!
//! Owns: ARNs of a place, and how free text stands in a policy. Must never: let a name be read as a pattern.

use crate::domain::{AccountId, Region};

/// Where a call goes.
#[derive(Clone, Copy, Debug)]
pub struct Place<'a> {
    pub partition: &'a str,
    pub region: &'a Region,
    pub account: &'a AccountId,
}

/// A permission on one resource, as a session policy writes it (Service Authorization Reference).
#[derive(Clone, Debug, PartialEq, Eq, PartialOrd, Ord)]
pub struct Grant {
    pub action: &'static str,
    /// An ARN as a policy writes it: `*` where what will be made has no id yet, and free text escaped ([`literal`]).
    pub resource: String,
    /// Only where this service of AWS asks on the caller's behalf (`kms:ViaService`).
    pub via: Option<String>,
}

impl Grant {
    /// A permission without a condition. A name that others chose freely must have gone through [`literal`].
    pub(in crate::action) fn on(action: &'static str, resource: impl Into<String>) -> Self {
        Self {
            action,
            resource: resource.into(),
            via: None,
        }
    }

    /// A permission on just this ARN, which AWS gave.
    pub(in crate::action) fn exactly(action: &'static str, arn: &str) -> Self {
        Self::on(action, literal(arn))
    }

    /// The one ARN that it is for; none where it is a pattern, or where the ARN itself would be read as one.
    #[must_use]
    pub fn exact(&self) -> Option<String> {
        let is_pattern = self.resource.contains(['*', '?']);
        (!is_pattern).then(|| self.shown())
    }

    /// The resource as people read it, without escapes.
    #[must_use]
    pub fn shown(&self) -> String {
        SPECIAL.iter().fold(self.resource.clone(), |text, (escaped, plain)| {
            text.replace(escaped, plain)
        })
    }
}

/// What a policy would read as a wildcard or as the beginning of a variable, and how it takes each for itself (IAM User Guide, "IAM
/// policy elements: Variables and tags", "Specifying special characters"). `$` is the last, for the others' escapes have one.
const SPECIAL: [(&str, &str); 3] = [("${*}", "*"), ("${?}", "?"), ("${$}", "$")];

/// Text that somebody chose freely, so that a policy takes every character of it for itself. Otherwise an Auto Scaling group called
/// `web${x}` would be covered by no policy, and one called `*` would have the session cover every group.
#[must_use]
pub fn literal(text: &str) -> String {
    let mut literal = String::with_capacity(text.len());
    for character in text.chars() {
        match character {
            '*' | '?' | '$' => literal.extend(['$', '{', character, '}']),
            plain => literal.push(plain),
        }
    }
    literal
}

/// A resource in which every escaped character stands for any one: a little wider, and as long as the name itself.
#[must_use]
pub fn blurred(resource: &str) -> String {
    SPECIAL
        .iter()
        .fold(resource.to_owned(), |text, (escaped, _)| text.replace(escaped, "?"))
}

impl Place<'_> {
    /// The ARN of something regional: `arn:aws:ec2:ap-northeast-2:111122223333:` and the rest.
    #[must_use]
    pub fn arn(&self, service: &str, rest: &str) -> String {
        format!(
            "arn:{}:{service}:{}:{}:{rest}",
            self.partition, self.region, self.account
        )
    }

    /// The ARN of something that belongs to no region: `arn:aws:iam::111122223333:` and the rest.
    #[must_use]
    pub fn global_arn(&self, service: &str, rest: &str) -> String {
        format!("arn:{}:{service}::{}:{rest}", self.partition, self.account)
    }
}
