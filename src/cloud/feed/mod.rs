//! The feed: every finding of every account, region and source, the most severe first, again and again.
//!
//! Owns: the rounds, and what is known of each source. Must never: take a source that
//! could not be read for an empty one, or hold up the others for it.

mod due;
mod guardduty;
mod held;
mod known;
mod memory;
mod page;
pub mod queue;
mod reading;
mod remembered;
mod round;
mod securityhub;
mod source;

use std::collections::BTreeMap;
use std::sync::Arc;
use std::time::Duration;

use tokio::sync::mpsc::{self, Receiver, Sender, UnboundedReceiver};
use tokio::task::JoinHandle;

use super::connect::Cloud;
use super::discover::Account;
use super::route::Route;
use crate::domain::{AccountId, Region, Time};
use crate::findings::{Coverage, Finding, copies};

pub use held::Held;
pub use page::Page;

/// Events that wait for the receiver. Pages among them are bounded by the limits, which count each until it is taken in; the rest is
/// small, and whoever begins to read must not wait for a receiver that has much else to do.
pub const WAITING: usize = 2048;

/// What is said of a search for accounts and regions that says nothing of itself.
const UNFINISHED: &str = "The search for accounts and regions did not come to its end, please report it.";

/// What the feed tells.
#[derive(Debug)]
pub enum FeedEvent {
    /// Accounts and their names.
    Accounts(Vec<Account>),
    /// Which way was taken to the findings, and why: safe to show.
    Way {
        how: String,
        /// Whether there may be accounts or regions that nobody named.
        may_miss: bool,
    },
    /// A read of everything along a route begins.
    Begins(Route),
    /// It has ended, and no finding of these places was left out.
    Whole {
        route: Route,
        places: Vec<(AccountId, Region)>,
    },
    /// One page of findings, or what is new on it.
    Findings(Page),
    /// What is known now of one account, region and source.
    Coverage(Coverage),
    /// Every source was read once more since the last round was told.
    Round {
        /// Whether every source was read to its end or is not enabled, and no account or region may be missing.
        complete: bool,
        /// When the round ended.
        at: Time,
    },
}

/// Reads each source again and again, `refresh` after its own last read or at once when `again` asks for it, until the receiver is
/// gone or the task is aborted. Accounts and regions are looked for again now and then, too.
pub fn spawn(
    cloud: Arc<Cloud>,
    refresh: Duration,
    again: UnboundedReceiver<()>,
    tx: Sender<FeedEvent>,
) -> JoinHandle<()> {
    tokio::spawn(round::Rounds::new(cloud).go_on(refresh, again, tx))
}

/// Everything that can be read now.
#[derive(Clone, Debug, Default)]
pub struct Everything {
    pub accounts: Vec<Account>,
    pub how: String,
    pub may_miss: bool,
    /// Ordered by key, each once: Security Hub's copy of a GuardDuty finding is no finding of its own.
    pub findings: Vec<Finding>,
    /// Ordered by account, region and source.
    pub coverage: Vec<Coverage>,
}

/// Reads everything once.
pub async fn read_once(cloud: Arc<Cloud>) -> Everything {
    read_told(cloud, |_| {}).await
}

/// The same, and what the feed tells is told as it comes.
pub async fn read_told(cloud: Arc<Cloud>, tell: impl FnMut(&FeedEvent)) -> Everything {
    let (tx, rx) = mpsc::channel(WAITING);
    let reading = tokio::spawn(async move { round::Rounds::new(cloud).next(&tx).await });
    let mut all = gathered(rx, tell).await;
    // Whether somebody listened does not matter; that it ended by itself does.
    if let Err(fault) = reading.await {
        (all.how, all.may_miss) = (
            format!("Reading was cut short, please report it: {fault}. {}", all.how),
            true,
        );
    }
    all
}

/// What is told until the channel ends. Without a word on the way it may all be too little.
async fn gathered(mut rx: Receiver<FeedEvent>, mut tell: impl FnMut(&FeedEvent)) -> Everything {
    let mut findings = Held::default();
    let mut coverage = BTreeMap::new();
    let mut all = Everything {
        how: UNFINISHED.to_owned(),
        may_miss: true,
        ..Everything::default()
    };
    while let Some(event) = rx.recv().await {
        tell(&event);
        match event {
            FeedEvent::Findings(page) => findings.merge(page.into_seen()),
            FeedEvent::Coverage(row) => {
                coverage.insert((row.account, row.region.clone(), row.source), row);
            }
            FeedEvent::Accounts(more) => all.accounts.extend(more),
            FeedEvent::Way { how, may_miss } => (all.how, all.may_miss) = (how, may_miss),
            FeedEvent::Begins(_) | FeedEvent::Whole { .. } | FeedEvent::Round { .. } => {}
        }
    }
    all.findings = findings.into_findings();
    copies::join(&mut all.findings);
    all.coverage = coverage.into_values().collect();
    all
}

#[cfg(test)]
mod tests;
