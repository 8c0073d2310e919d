//! An AWS region code.

use serde::{Deserialize, Serialize};
use std::fmt;
use std::str::FromStr;
use std::sync::Arc;

/// A region code such as `ap-northeast-2`: lower-case letters, digits and hyphens, at most 32 characters.
///
/// The list of regions grows, so the shape is checked and not the name.
#[derive(Clone, Debug, PartialEq, Eq, PartialOrd, Ord, Hash, Serialize, Deserialize)]
#[serde(try_from = "String", into = "String")]
pub struct Region(Arc<str>);

/// The text does not have the shape of a region code.
#[derive(Debug, Clone, PartialEq, Eq, thiserror::Error)]
#[error("{0:?} is not a region code; it should look like ap-northeast-2")]
pub struct BadRegion(pub String);

impl Region {
    /// The region that IAM, Organizations and other global services are signed for.
    pub const GLOBAL: &'static str = "us-east-1";

    /// The code.
    #[must_use]
    pub fn as_str(&self) -> &str {
        &self.0
    }

    /// The region that global services are signed for.
    #[must_use]
    pub fn global() -> Self {
        Self(Arc::from(Self::GLOBAL))
    }

    /// The short form that narrow columns use: `apne2`, `use1`, `euc1`.
    #[must_use]
    pub fn short(&self) -> String {
        let mut parts = self.0.split('-');
        let mut short: String = parts.next().unwrap_or_default().to_owned();
        for part in parts {
            let compass = match part {
                "northeast" => "ne",
                "northwest" => "nw",
                "southeast" => "se",
                "southwest" => "sw",
                "gov" => "gov",
                other => &other[..other.chars().next().map_or(0, char::len_utf8)],
            };
            short.push_str(compass);
        }
        short
    }
}

impl FromStr for Region {
    type Err = BadRegion;

    fn from_str(text: &str) -> Result<Self, Self::Err> {
        let shaped = (4..=32).contains(&text.len())
            && text.contains('-')
            && text.starts_with(|c: char| c.is_ascii_lowercase())
            && text
                .bytes()
                .all(|b| b.is_ascii_lowercase() || b.is_ascii_digit() || b == b'-');
        if shaped {
            Ok(Self(Arc::from(text)))
        } else {
            Err(BadRegion(text.chars().take(40).collect()))
        }
    }
}

impl TryFrom<String> for Region {
    type Error = BadRegion;

    fn try_from(text: String) -> Result<Self, Self::Error> {
        text.parse()
    }
}

impl From<Region> for String {
    fn from(region: Region) -> Self {
        region.0.as_ref().to_owned()
    }
}

impl fmt::Display for Region {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.pad(&self.0)
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn short_forms_are_the_ones_people_use() {
        for (code, short) in [
            ("ap-northeast-2", "apne2"),
            ("us-east-1", "use1"),
            ("eu-central-1", "euc1"),
            ("us-gov-west-1", "usgovw1"),
        ] {
            assert_eq!(code.parse::<Region>().unwrap().short(), short);
        }
    }

    #[test]
    fn other_shapes_are_refused() {
        for bad in ["", "seoul", "AP-NORTHEAST-2", "ap northeast 2", "ap-\u{1b}[2J"] {
            assert!(bad.parse::<Region>().is_err(), "{bad}");
        }
    }
}
