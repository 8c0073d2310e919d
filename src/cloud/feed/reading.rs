//! One source read once.
//!
//! Owns: the session that it is read with, and what a read leaves. Must never: take a session that cannot be opened for a source
//! without findings.

use std::collections::HashMap;
use std::sync::{Arc, Mutex, PoisonError};

use tokio::sync::OnceCell;
use tokio::sync::mpsc::Sender;

use super::FeedEvent;
use super::known::Known;
use super::memory::{Memory, Scope};
use super::source::{End, Reader, Told, Width};
use super::{guardduty, securityhub};
use crate::cloud::connect::Cloud;
use crate::cloud::errors::ErrorKind;
use crate::cloud::route::Route;
use crate::cloud::session::{Session, SessionError};
use crate::domain::{AccountId, Time};
use crate::findings::reason::NOTHING;
use crate::findings::{CoverageState, Place, Source};

/// What is left of a route when its round has ended.
pub(super) struct Ended {
    pub memory: Memory,
    pub state: CoverageState,
    pub error: Option<String>,
    /// Whether everything was read, and read to its end.
    pub whole: bool,
    /// Whether the route is to be read once more in the same round.
    pub goes_on: bool,
}

/// What the sources of a round share.
pub(super) struct Round {
    cloud: Arc<Cloud>,
    tx: Sender<FeedEvent>,
    /// An account whose session cannot be opened is asked once a round, and not once for each of its sources.
    sessions: Mutex<HashMap<AccountId, Arc<Opened>>>,
}

type Opened = OnceCell<Result<Arc<Session>, SessionError>>;

impl Round {
    pub fn new(cloud: Arc<Cloud>, tx: Sender<FeedEvent>) -> Self {
        Self {
            cloud,
            tx,
            sessions: Mutex::default(),
        }
    }

    async fn session(&self, account: AccountId) -> Result<Arc<Session>, SessionError> {
        let opened = {
            let mut sessions = self.sessions.lock().unwrap_or_else(PoisonError::into_inner);
            Arc::clone(sessions.entry(account).or_default())
        };
        // Boxed: each source of the account waits here, and one of them opens it.
        opened
            .get_or_init(|| Box::pin(self.cloud.session(&account)))
            .await
            .clone()
    }

    /// One source in one round.
    pub async fn one(self: Arc<Self>, route: Route, mut memory: Memory, width: Width) -> Ended {
        let started = self.cloud.now();
        let scope = memory.scope(started);
        if scope == Scope::All {
            // Where nobody listens, the round finds out at its end.
            let _ = self.tx.send(FeedEvent::Begins(route.clone())).await;
        }
        let (end, known) = match Box::pin(self.session(route.via)).await {
            Ok(session) => {
                let reader = self.reader(&route, session, &memory, (scope, started), width);
                let end = match route.source {
                    Source::GuardDuty => Box::pin(guardduty::read(&reader, &mut memory)).await,
                    Source::SecurityHub => Box::pin(securityhub::read(&reader)).await,
                    Source::EventBridge => End::Disabled("A queue is not read by regions.".to_owned()),
                };
                memory.switched(reader.switch());
                reader.end(end)
            }
            Err(error) => {
                let why = format!("In {} {NOTHING}: {error}", route.via);
                let end = match error.kind() {
                    ErrorKind::Denied => End::Refused(why),
                    _ => End::Partial(why),
                };
                (end, Known::new(route.source))
            }
        };
        let whole = scope == Scope::All && end == End::Complete;
        let (state, error) = memory.learn(end, known, started, scope);
        Ended {
            whole,
            goes_on: match scope {
                // Only after that, so that a switch that cannot be asked for is not asked for again and again.
                Scope::All => whole && memory.owes_switch(),
                Scope::From(_) | Scope::Again(_) | Scope::After(_) | Scope::Switch => memory.has_gap(),
            },
            memory,
            state,
            error,
        }
    }

    fn reader(
        &self,
        route: &Route,
        session: Arc<Session>,
        memory: &Memory,
        (scope, started): (Scope, Time),
        width: Width,
    ) -> Arc<Reader> {
        let known = memory.known.clone();
        let begins_with = match scope {
            Scope::All => Known::new(route.source),
            Scope::From(_) | Scope::Again(_) | Scope::After(_) | Scope::Switch => known.clone(),
        };
        Arc::new(Reader {
            cloud: Arc::clone(&self.cloud),
            session,
            place: Place {
                account: route.via,
                region: route.region.clone(),
            },
            scope,
            started,
            width: if memory.is_short() {
                width.min(Width::Wide)
            } else {
                width
            },
            known,
            tx: self.tx.clone(),
            told: Mutex::new(Told::new(begins_with)),
        })
    }
}
