//! One round over all sources, side by side.
//!
//! Owns: the tasks and their turn. A turn is one page and turns are given in order, so every source's first page, which is its
//! most severe, comes before any source's second.

use std::collections::HashMap;
use std::sync::Arc;

use tokio::sync::Semaphore;
use tokio::sync::mpsc::{self, Sender};
use tokio::task::JoinSet;

use super::FeedEvent;
use super::memory::Memory;
use super::source::{End, Reader};
use super::{guardduty, securityhub};
use crate::cloud::connect::Cloud;
use crate::cloud::discover::routes;
use crate::cloud::errors::ErrorKind;
use crate::cloud::route::{Found, Route};
use crate::findings::{Coverage, CoverageState, Place, Source};

/// So many calls are under way at once.
const IN_FLIGHT: usize = 32;
/// Routes that wait to be read. More would only hold memory.
const WAITING_ROUTES: usize = 64;

/// Rounds over the same routes, and what is remembered between them.
pub(super) struct Rounds {
    cloud: Arc<Cloud>,
    memories: HashMap<Route, Memory>,
    order: Vec<Route>,
    /// Whether the routes are all known.
    discovered: bool,
}

impl Rounds {
    pub fn new(cloud: Arc<Cloud>) -> Self {
        Self {
            cloud,
            memories: HashMap::new(),
            order: Vec::new(),
            discovered: false,
        }
    }

    /// Reads every source once, in the first round each as soon as it is found. False when nobody listens any more.
    pub async fn next(&mut self, tx: &Sender<FeedEvent>) -> bool {
        let limit = Arc::new(Semaphore::new(IN_FLIGHT));
        let mut tasks = JoinSet::new();
        if std::mem::replace(&mut self.discovered, true) {
            for route in self.order.clone() {
                self.begin(route, &limit, tx, &mut tasks);
            }
        } else {
            let (found, mut finding) = mpsc::channel(WAITING_ROUTES);
            let discovering = tokio::spawn(routes(Arc::clone(&self.cloud), found));
            while let Some(found) = finding.recv().await {
                let event = match found {
                    Found::Accounts(accounts) => FeedEvent::Accounts(accounts),
                    Found::Way { how, may_miss } => FeedEvent::Way { how, may_miss },
                    Found::NoRoute(row) => FeedEvent::Coverage(row),
                    Found::Covers { .. } => continue,
                    Found::Route(route) => {
                        let row = coverage(&route, CoverageState::Reading, None);
                        self.begin(route.clone(), &limit, tx, &mut tasks);
                        self.order.push(route);
                        FeedEvent::Coverage(row)
                    }
                };
                if tx.send(event).await.is_err() {
                    discovering.abort();
                    return false;
                }
            }
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

    fn begin(&mut self, route: Route, limit: &Arc<Semaphore>, tx: &Sender<FeedEvent>, tasks: &mut JoinSet<Ended>) {
        let memory = self.memories.remove(&route).unwrap_or_default();
        let (cloud, limit, tx) = (Arc::clone(&self.cloud), Arc::clone(limit), tx.clone());
        tasks.spawn(one(cloud, route, memory, limit, tx));
    }
}

fn coverage(key: &Route, state: CoverageState, error: Option<String>) -> Coverage {
    Coverage {
        account: key.via,
        region: key.region.clone(),
        source: key.source,
        state,
        via: None,
        error,
    }
}

/// What is left of a route when its round has ended.
type Ended = (Route, Memory, CoverageState);

/// One source in one round.
async fn one(cloud: Arc<Cloud>, key: Route, mut memory: Memory, limit: Arc<Semaphore>, tx: Sender<FeedEvent>) -> Ended {
    let started = cloud.now();
    let since = memory.since();
    let place = Place {
        account: key.via,
        region: key.region.clone(),
    };
    let (end, newest) = match cloud.session(&key.via).await {
        Ok(session) => {
            let mut reader = Reader::new(session, place, since, started, limit, tx.clone());
            let end = match key.source {
                Source::GuardDuty => guardduty::read(&mut reader).await,
                Source::SecurityHub => securityhub::read(&mut reader).await,
                Source::EventBridge => End::Disabled("A queue is not read by regions.".to_owned()),
            };
            (reader.end(end), reader.newest())
        }
        Err(error) => {
            let why = format!("In {} nothing can be read: {error}", key.via);
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
