//! What discovery met that somebody might want to mend; `quell doctor` tells it.

use crate::cloud::doctor::Health;
use crate::domain::{AccountId, Region};

/// What a remark is about, in a word for the first column.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord)]
pub(in crate::cloud) enum Topic {
    Regions,
    Accounts,
    Administrator,
    Members,
    Home,
    Profile,
}

impl Topic {
    /// The word.
    pub fn word(self) -> &'static str {
        match self {
            Self::Regions => "regions",
            Self::Accounts => "accounts",
            Self::Administrator => "administrator",
            Self::Members => "members",
            Self::Home => "home region",
            Self::Profile => "profile",
        }
    }
}

/// One thing that was met. Remarks that differ in their place alone are told as one.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(in crate::cloud) struct Remark {
    pub topic: Topic,
    pub health: Health,
    /// What is so, without the place. Safe to show.
    pub sentence: String,
    /// What to do about it.
    pub advice: &'static str,
    /// Which account, and where.
    pub place: Option<(AccountId, Option<Region>)>,
}

impl Remark {
    pub fn new(topic: Topic, health: Health, sentence: impl Into<String>, advice: &'static str) -> Self {
        Self {
            topic,
            health,
            sentence: sentence.into(),
            advice,
            place: None,
        }
    }

    /// The same, of an account in a region.
    pub fn at(mut self, account: AccountId, region: Option<&Region>) -> Self {
        self.place = Some((account, region.cloned()));
        self
    }
}
