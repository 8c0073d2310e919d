//! One round over all sources, side by side.
//!
//! Owns: the tasks and their turn. A turn is one page and turns are given in order, so every source's first page, which is its
//! most severe, comes before any source's second.

use std::collections::HashMap;
use std::sync::Arc;

use tokio::sync::Semaphore;
use tokio::sync::mpsc::Sender;
use tokio::task::JoinSet;

use super::FeedEvent;
use super::memory::Memory;
use super::source::{End, Reader};
use super::{guardduty, securityhub};
use crate::cloud::connect::Cloud;
use crate::cloud::errors::ErrorKind;
use crate::domain::{AccountId, Region};
use crate::findings::{Coverage, CoverageState, Place, Source};

/// So many calls are under way at once.
const IN_FLIGHT: usize = 32;

/// One account, region and source.
type Key = (AccountId, Region, Source);

/// Rounds over the same targets, and what is remembered between them.
pub(super) struct Rounds {
    cloud: Arc<Cloud>,
    memories: HashMap<Key, Memory>,
    order: Vec<Key>,
    first: bool,
}

impl Rounds {
    pub fn new(cloud: Arc<Cloud>, targets: Vec<(AccountId, Region)>) -> Self {
        let order = targets
            .into_iter()
            .flat_map(|(account, region)| Source::ALL.map(|source| (account.clone(), region.clone(), source)))
            .collect();
        Self {
            cloud,
            memories: HashMap::new(),
            order,
            first: true,
        }
    }

    /// Reads every source once. False when nobody listens any more.
    pub async fn next(&mut self, tx: &Sender<FeedEvent>) -> bool {
        if std::mem::take(&mut self.first) {
            for key in &self.order {
                let row = coverage(key, CoverageState::Reading, None);
                if tx.send(FeedEvent::Coverage(row)).await.is_err() {
                    return false;
                }
            }
        }
        let limit = Arc::new(Semaphore::new(IN_FLIGHT));
        let mut tasks = JoinSet::new();
        for key in &self.order {
            let memory = self.memories.remove(key).unwrap_or_default();
            let (cloud, limit, tx) = (Arc::clone(&self.cloud), Arc::clone(&limit), tx.clone());
            tasks.spawn(one(cloud, key.clone(), memory, limit, tx));
        }
        let mut complete = true;
        while let Some(ended) = tasks.join_next().await {
            match ended {
                Ok((key, memory, state)) => {
                    complete &= !state.is_gap();
                    self.memories.insert(key, memory);
                }
                // A task that was cut short has forgotten what it knew, so all is read again.
                Err(_) => complete = false,
            }
        }
        let at = self.cloud.now();
        tx.send(FeedEvent::Round { complete, at }).await.is_ok()
    }
}

fn coverage(key: &Key, state: CoverageState, error: Option<String>) -> Coverage {
    Coverage {
        account: key.0.clone(),
        region: key.1.clone(),
        source: key.2,
        state,
        error,
    }
}

/// One source in one round.
async fn one(
    cloud: Arc<Cloud>,
    key: Key,
    mut memory: Memory,
    limit: Arc<Semaphore>,
    tx: Sender<FeedEvent>,
) -> (Key, Memory, CoverageState) {
    let started = cloud.now();
    let since = memory.since();
    let place = Place {
        account: key.0.clone(),
        region: key.1.clone(),
    };
    let (end, newest) = match cloud.session(&key.0).await {
        Ok(session) => {
            let mut reader = Reader::new(session, place, since, started, limit, tx.clone());
            let end = match key.2 {
                Source::GuardDuty => guardduty::read(&mut reader).await,
                Source::SecurityHub => securityhub::read(&mut reader).await,
            };
            (reader.end(end), reader.newest())
        }
        Err(error) => {
            let why = format!("In {} nothing can be read: {error}", key.0);
            let end = match error.kind() {
                ErrorKind::Denied => End::Refused(why),
                _ => End::Partial(why),
            };
            (end, None)
        }
    };
    let (state, error) = memory.learn(end, newest, started, since.is_none());
    let row = coverage(&key, state, error);
    // Where nobody listens, the round itself finds out at its end.
    let _ = tx.send(FeedEvent::Coverage(row)).await;
    (key, memory, state)
}
