//! The feed: every finding of every account, region and source, the most severe first, again and again.
//!
//! Owns: the rounds, how many calls are under way at once, and what is known of each source. Must never: take a source that
//! could not be read for an empty one, or hold up the others for it.

mod guardduty;
mod memory;
mod round;
mod securityhub;
mod source;

use std::collections::BTreeMap;
use std::sync::Arc;
use std::time::Duration;

use tokio::sync::mpsc::{self, Sender};
use tokio::task::JoinHandle;

use super::connect::Cloud;
use crate::domain::{AccountId, Region, Time};
use crate::findings::{Coverage, Finding, FindingKey};

/// Pages that wait for the receiver. More would only hold memory.
const WAITING_EVENTS: usize = 64;

/// What the feed tells.
#[derive(Clone, Debug)]
pub enum FeedEvent {
    /// One page of findings, or what is new on it.
    Findings(Vec<Finding>),
    /// What is known now of one account, region and source.
    Coverage(Coverage),
    /// A round over all sources has ended.
    Round {
        /// Whether every source was read to its end, or is not enabled.
        complete: bool,
        /// When the round ended.
        at: Time,
    },
}

/// Reads round after round, with a pause of `refresh` between them, until the receiver is gone or the task is aborted.
pub fn spawn(
    cloud: Arc<Cloud>,
    targets: Vec<(AccountId, Region)>,
    refresh: Duration,
    tx: Sender<FeedEvent>,
) -> JoinHandle<()> {
    tokio::spawn(async move {
        let mut rounds = round::Rounds::new(cloud, targets);
        while rounds.next(&tx).await {
            tokio::time::sleep(refresh).await;
        }
    })
}

/// Everything that can be read now. Findings are ordered by key, each once; coverage by account, region and source.
pub async fn read_once(cloud: Arc<Cloud>, targets: Vec<(AccountId, Region)>) -> (Vec<Finding>, Vec<Coverage>) {
    let (tx, mut rx) = mpsc::channel(WAITING_EVENTS);
    let reading = tokio::spawn(async move { round::Rounds::new(cloud, targets).next(&tx).await });
    let mut findings: BTreeMap<FindingKey, Finding> = BTreeMap::new();
    let mut coverage = BTreeMap::new();
    while let Some(event) = rx.recv().await {
        match event {
            FeedEvent::Findings(page) => {
                for finding in page {
                    let key = finding.key();
                    // An administrator's detector shows the members' findings too, so one may arrive twice.
                    if findings.get(&key).is_none_or(|f| f.updated_at <= finding.updated_at) {
                        findings.insert(key, finding);
                    }
                }
            }
            FeedEvent::Coverage(row) => {
                coverage.insert((row.account.clone(), row.region.clone(), row.source), row);
            }
            FeedEvent::Round { .. } => {}
        }
    }
    // The channel ends with the task; what it returns is only whether somebody listened.
    let _ = reading.await;
    (findings.into_values().collect(), coverage.into_values().collect())
}

#[cfg(test)]
mod tests;
