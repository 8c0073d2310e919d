//! `[discovery]`: what is pinned of the way to the findings.
//!
//! Owns: its keys, and which of them contradict each other. Must never: let a key that has no effect go by in silence.

use std::fmt;
use std::ops::Range;

use serde::de::{self, Visitor};
use serde::{Deserialize, Deserializer};
use toml::Spanned;

use crate::cloud::{Discovery, HomeRegion, Way};
use crate::domain::{AccountId, Region};

/// The keys, with their places in the file.
#[derive(Clone, Debug, Default, PartialEq, Eq, Deserialize)]
#[serde(deny_unknown_fields, default)]
pub struct Pinned {
    /// `auto`, `administrator`, `organization`, `profiles` or `accounts`.
    way: Option<Spanned<Word>>,
    guardduty_administrator: Option<Spanned<AccountId>>,
    securityhub_administrator: Option<Spanned<AccountId>>,
    /// A region, or `none`: each region is read by itself.
    securityhub_home: Option<Spanned<Home>>,
    profiles: Option<Spanned<Vec<String>>>,
}

#[derive(Clone, Copy, Debug, PartialEq, Eq, Deserialize)]
#[serde(rename_all = "lowercase")]
enum Word {
    Auto,
    Administrator,
    Organization,
    Profiles,
    Accounts,
}

#[derive(Clone, Debug, PartialEq, Eq)]
struct Home(HomeRegion);

impl Pinned {
    /// As discovery takes it.
    #[must_use]
    pub fn discovery(&self) -> Discovery {
        Discovery {
            way: self.way(),
            guardduty_administrator: self.guardduty_administrator.as_ref().map(|id| *id.get_ref()),
            securityhub_administrator: self.securityhub_administrator.as_ref().map(|id| *id.get_ref()),
            securityhub_home: self.securityhub_home.as_ref().map(|home| home.get_ref().0.clone()),
            profiles: self
                .profiles
                .as_ref()
                .map(|list| list.get_ref().clone())
                .unwrap_or_default(),
        }
    }

    fn way(&self) -> Way {
        match self.way.as_ref().map(Spanned::get_ref) {
            None | Some(Word::Auto) => Way::Auto,
            Some(Word::Administrator) => Way::Administrator,
            Some(Word::Organization) => Way::Organization,
            Some(Word::Profiles) => Way::Profiles,
            Some(Word::Accounts) => Way::Accounts,
        }
    }
}

/// Two keys of which one would have no effect: the place of that one, and why.
pub(super) fn contradiction(pinned: &Pinned, accounts: &[AccountId]) -> Option<(Range<usize>, String)> {
    let way = pinned.way();
    let list = pinned.profiles.as_ref();
    let profiles = list.is_some_and(|list| !list.get_ref().is_empty());
    let of_way = pinned.way.as_ref().map(Spanned::span);
    match way {
        Way::Profiles if !profiles => {
            return of_way.map(|span| (span, "way is \"profiles\", but no profiles are listed".to_owned()));
        }
        Way::Administrator | Way::Organization | Way::Profiles if !accounts.is_empty() => {
            let what = "accounts are listed, which is a way of its own; leave one of the two out";
            return of_way.map(|span| (span, what.to_owned()));
        }
        Way::Auto | Way::Administrator | Way::Organization | Way::Profiles | Way::Accounts => {}
    }
    if let Some(list) = list
        && !(way == Way::Profiles || way == Way::Auto && accounts.is_empty() && profiles)
    {
        let what = if profiles {
            "profiles are listed, but another way is taken; set way = \"profiles\" or leave them out"
        } else {
            "the list of profiles is empty; name one or leave it out"
        };
        return Some((list.span(), what.to_owned()));
    }
    // An administrator counts only where administrators are looked for.
    let looked_for = match way {
        Way::Auto => accounts.is_empty() && !profiles,
        Way::Administrator => true,
        Way::Organization | Way::Profiles | Way::Accounts => false,
    };
    if looked_for {
        return None;
    }
    let keys = [
        pinned.guardduty_administrator.as_ref().map(Spanned::span),
        pinned.securityhub_administrator.as_ref().map(Spanned::span),
        pinned.securityhub_home.as_ref().map(Spanned::span),
    ];
    let first = keys.into_iter().flatten().next()?;
    let what = "it has no effect: each account is read by its own role; leave it out, or set way = \"administrator\"";
    Some((first, what.to_owned()))
}

impl<'de> Deserialize<'de> for Home {
    fn deserialize<D: Deserializer<'de>>(deserializer: D) -> Result<Self, D::Error> {
        struct Text;
        impl Visitor<'_> for Text {
            type Value = Home;

            fn expecting(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
                f.write_str("a region, or \"none\"")
            }

            fn visit_str<E: de::Error>(self, text: &str) -> Result<Home, E> {
                if text == "none" {
                    return Ok(Home(HomeRegion::None));
                }
                let region: Region = text.parse().map_err(|bad| E::custom(format!("{bad}, or \"none\"")))?;
                Ok(Home(HomeRegion::At(region)))
            }
        }
        deserializer.deserialize_str(Text)
    }
}

#[cfg(test)]
mod tests {
    use std::path::Path;

    use super::*;
    use crate::config::Config;

    fn parse(text: &str) -> Result<Config, String> {
        Config::parse(Path::new("/etc/q/config.toml"), text).map_err(|e| e.to_string())
    }

    #[test]
    fn every_key_is_read() {
        let config = parse(
            r#"
            [discovery]
            way = "administrator"
            guardduty_administrator = "222222222222"
            securityhub_administrator = "333333333333"
            securityhub_home = "ap-northeast-2"
            "#,
        )
        .unwrap();
        let discovery = config.discovery.discovery();
        assert_eq!(discovery.way, Way::Administrator);
        assert_eq!(discovery.guardduty_administrator.unwrap().as_str(), "222222222222");
        assert_eq!(discovery.securityhub_administrator.unwrap().as_str(), "333333333333");
        let home = HomeRegion::At("ap-northeast-2".parse().unwrap());
        assert_eq!(discovery.securityhub_home, Some(home));
        let config = parse("[discovery]\nprofiles = [\"prod\", \"data\"]\n").unwrap();
        assert_eq!(config.discovery.discovery().profiles, ["prod", "data"]);
        let config = parse("discovery.securityhub_home = \"none\"").unwrap();
        assert_eq!(config.discovery.discovery().securityhub_home, Some(HomeRegion::None));
        // Without a list it is the caller's own account.
        let own = parse("discovery.way = \"accounts\"").unwrap();
        assert_eq!(own.discovery.discovery().way, Way::Accounts);
        assert_eq!(parse("").unwrap().discovery.discovery(), Discovery::default());
    }

    #[test]
    fn each_fault_names_its_place() {
        for (text, place, expected) in [
            ("way = \"best\"", ":2:7:", "`best` is not known here"),
            ("ways = \"auto\"", ":2:1:", "expected one of `way`"),
            ("guardduty_administrator = \"acme\"", ":2:27:", "12 digits"),
            ("securityhub_home = \"Seoul\"", ":2:20:", "or \"none\""),
            ("securityhub_home = 7", ":2:20:", "a region, or \"none\""),
            ("way = \"profiles\"", ":2:7:", "no profiles are listed"),
            ("profiles = []", ":2:12:", "empty"),
            (
                "profiles = [\"a\"]\nway = \"organization\"",
                ":2:12:",
                "another way is taken",
            ),
            (
                "way = \"organization\"\nguardduty_administrator = \"222222222222\"",
                ":3:27:",
                "no effect",
            ),
            ("profiles = [\"a\"]\nsecurityhub_home = \"none\"", ":3:20:", "no effect"),
        ] {
            let shown = parse(&format!("[discovery]\n{text}")).unwrap_err();
            assert!(shown.contains(place) && shown.contains(expected), "{text}: {shown}");
        }
        let both = "accounts = [\"222222222222\"]\n[discovery]\nway = \"organization\"";
        let shown = parse(both).unwrap_err();
        assert!(shown.contains(":3:7:") && shown.contains("a way of its own"), "{shown}");
    }
}
