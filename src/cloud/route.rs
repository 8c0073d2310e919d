//! Where findings are read: what is asked of which source, with whose session, and for which accounts it speaks.
//!
//! Owns: the words between discovery, which finds routes, and the feed, which reads along them.

use super::discover::Account;
use crate::domain::{AccountId, Region};
use crate::findings::{Coverage, Source};

/// One stream of findings: a source in one region, read with the session of one account.
#[derive(Clone, Debug, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub struct Route {
    pub source: Source,
    /// The account whose session asks: the account itself, or an administrator.
    pub via: AccountId,
    pub region: Region,
}

/// What discovery finds, told as soon as it is known: the feed reads the first route while the last is still looked for.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum Found {
    /// Accounts and their names. May come more than once.
    Accounts(Vec<Account>),
    /// A route to read. It speaks for its own account and region; `Covers` adds others.
    Route {
        route: Route,
        /// Whether it is an administrator's, which shows the findings of many: its lists are taken for long before they are seen.
        long: bool,
        /// Whether nobody else shows the place. False where that is not known: it was not asked yet, or could not be.
        sure: bool,
    },
    /// These accounts, in these regions, are seen through that route too. Of a place whose own route was told without being sure, it
    /// is for the feed to say by which of the two it is read.
    Covers {
        route: Route,
        accounts: Vec<AccountId>,
        regions: Vec<Region>,
    },
    /// No route leads there: nothing is enabled, or AWS refuses.
    NoRoute(Coverage),
    /// Which way was taken and why, in one or two sentences that are safe to show; the last word of discovery.
    Way {
        how: String,
        /// Whether there may be accounts or regions that nobody named.
        may_miss: bool,
    },
}
