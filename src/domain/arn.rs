//! An Amazon Resource Name.

use std::fmt;
use std::str::FromStr;

use serde::{Deserialize, Serialize};

/// `arn:partition:service:region:account:resource`, with region and account possibly empty
/// (AWS General Reference, "Amazon Resource Names").
#[derive(Clone, Debug, PartialEq, Eq, PartialOrd, Ord, Hash, Serialize, Deserialize)]
#[serde(try_from = "String", into = "String")]
pub struct Arn(String);

/// The text does not have the six parts of an ARN.
#[derive(Debug, Clone, PartialEq, Eq, thiserror::Error)]
#[error("{0:?} is not an ARN; it should look like arn:aws:SERVICE:REGION:ACCOUNT:RESOURCE")]
pub struct BadArn(pub String);

impl Arn {
    /// The whole ARN.
    #[must_use]
    pub fn as_str(&self) -> &str {
        &self.0
    }

    fn part(&self, index: usize) -> &str {
        self.0.splitn(6, ':').nth(index).unwrap_or_default()
    }

    /// `aws`, `aws-cn`, `aws-us-gov`.
    #[must_use]
    pub fn partition(&self) -> &str {
        self.part(1)
    }

    /// The service prefix, such as `ec2`.
    #[must_use]
    pub fn service(&self) -> &str {
        self.part(2)
    }

    /// The region, empty for global resources.
    #[must_use]
    pub fn region(&self) -> &str {
        self.part(3)
    }

    /// The account, empty for resources such as buckets.
    #[must_use]
    pub fn account(&self) -> &str {
        self.part(4)
    }

    /// Everything after the account: `instance/i-0ab`, `role/path/name`, `topic-name`.
    #[must_use]
    pub fn resource(&self) -> &str {
        self.part(5)
    }

    /// The last segment of the resource: `i-0ab` of `instance/i-0ab`.
    #[must_use]
    pub fn name(&self) -> &str {
        self.resource().rsplit('/').next().unwrap_or_default()
    }
}

impl FromStr for Arn {
    type Err = BadArn;

    fn from_str(text: &str) -> Result<Self, Self::Err> {
        let parts: Vec<&str> = text.splitn(6, ':').collect();
        let shaped = parts.len() == 6
            && parts[0] == "arn"
            && !parts[1].is_empty()
            && !parts[2].is_empty()
            && !parts[5].is_empty()
            && !text.chars().any(char::is_control);
        if shaped {
            Ok(Self(text.to_owned()))
        } else {
            Err(BadArn(text.chars().take(80).collect()))
        }
    }
}

impl TryFrom<String> for Arn {
    type Error = BadArn;

    fn try_from(text: String) -> Result<Self, Self::Error> {
        text.parse()
    }
}

impl From<Arn> for String {
    fn from(arn: Arn) -> Self {
        arn.0
    }
}

impl fmt::Display for Arn {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.pad(&self.0)
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_parts_of_an_arn() {
        let arn: Arn = "arn:aws:sts::111122223333:assumed-role/web/i-0ab".parse().unwrap();
        assert_eq!(
            (arn.service(), arn.region(), arn.account()),
            ("sts", "", "111122223333")
        );
        assert_eq!((arn.resource(), arn.name()), ("assumed-role/web/i-0ab", "i-0ab"));
        assert!("i-0ab".parse::<Arn>().is_err());
    }
}
