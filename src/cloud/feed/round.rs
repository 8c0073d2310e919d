//! One round over all sources, side by side.
//!
//! Owns: the tasks, and what is told of each route and of the places that it covers. What goes first is the limits' business.

use std::collections::{HashMap, HashSet};
use std::sync::{Arc, Mutex, PoisonError};

use tokio::sync::OnceCell;
use tokio::sync::mpsc::{self, Sender};
use tokio::task::JoinSet;

use super::FeedEvent;
use super::known::Known;
use super::memory::{Memory, Scope};
use super::source::{End, Reader, Told};
use super::{guardduty, securityhub};
use crate::cloud::connect::Cloud;
use crate::cloud::discover::routes;
use crate::cloud::errors::ErrorKind;
use crate::cloud::route::{Found, Route};
use crate::cloud::session::{Session, SessionError};
use crate::domain::{AccountId, Region, Time};
use crate::findings::{Coverage, CoverageState, Place, Source};

/// Routes that wait to be read. More would only hold memory.
const WAITING_ROUTES: usize = 64;
/// Long lists of the first routes are read in more parts side by side. Where there are more routes than this, there are calls
/// enough to fill the time, and more of them would only take longer.
const WIDE_ROUTES: usize = 64;

/// Rounds over the same routes, and what is remembered between them.
pub(super) struct Rounds {
    cloud: Arc<Cloud>,
    known: HashMap<Route, Remembered>,
    order: Vec<Route>,
    /// Whether the routes are all known.
    discovered: bool,
}

/// What is remembered of a route.
struct Remembered {
    /// Absent while the route is read.
    memory: Option<Memory>,
    wide: bool,
    /// The other places that are seen through it.
    covers: Vec<(AccountId, Region)>,
    state: CoverageState,
    error: Option<String>,
    /// Whether everything was read along it once.
    whole: bool,
}

impl Rounds {
    pub fn new(cloud: Arc<Cloud>) -> Self {
        Self {
            cloud,
            known: HashMap::new(),
            order: Vec::new(),
            discovered: false,
        }
    }

    /// Reads every source once, in the first round each as soon as it is found. False when nobody listens any more.
    pub async fn next(&mut self, tx: &Sender<FeedEvent>) -> bool {
        let round = Arc::new(Round {
            cloud: Arc::clone(&self.cloud),
            tx: tx.clone(),
            sessions: Mutex::default(),
        });
        let mut tasks = JoinSet::new();
        let (found, mut finding) = mpsc::channel(WAITING_ROUTES);
        if std::mem::replace(&mut self.discovered, true) {
            drop(found);
            for route in self.order.clone() {
                self.begin(&route, &round, &mut tasks);
            }
        } else {
            tokio::spawn(routes(Arc::clone(&self.cloud), found));
        }
        let (mut looking, mut complete) = (true, true);
        while looking || !tasks.is_empty() {
            let events = tokio::select! {
                found = finding.recv(), if looking => {
                    looking = found.is_some();
                    found.map_or_else(Vec::new, |found| self.take(found, &round, &mut tasks))
                }
                Some(ended) = tasks.join_next(), if !tasks.is_empty() => match ended {
                    Ok(ended) => {
                        complete &= !ended.state.is_gap();
                        self.ended(ended)
                    }
                    // A task that was cut short has forgotten what it knew, so all is read again; its rows are told below.
                    Err(_) => Vec::new(),
                },
            };
            for event in events {
                if tx.send(event).await.is_err() {
                    return false;
                }
            }
        }
        let cut = self.cut_short();
        complete &= cut.is_empty();
        for event in cut {
            if tx.send(event).await.is_err() {
                return false;
            }
        }
        let at = self.cloud.now();
        tx.send(FeedEvent::Round { complete, at }).await.is_ok()
    }

    /// Takes in what discovery found, and gives what there is to tell of it.
    fn take(&mut self, found: Found, round: &Arc<Round>, tasks: &mut JoinSet<Ended>) -> Vec<FeedEvent> {
        match found {
            Found::Accounts(accounts) => vec![FeedEvent::Accounts(accounts)],
            Found::Way { how, may_miss } => vec![FeedEvent::Way { how, may_miss }],
            Found::NoRoute(row) => vec![FeedEvent::Coverage(row)],
            Found::Route(route) => {
                let remembered = self.remember(&route);
                let row = remembered.row(&route);
                // A route that is found twice is read once.
                if !self.order.contains(&route) {
                    self.order.push(route.clone());
                    self.begin(&route, round, tasks);
                }
                vec![FeedEvent::Coverage(row)]
            }
            covers @ Found::Covers { .. } => self.covers(covers),
        }
    }

    /// Takes in which other places a route covers, and tells what is known of those that are new.
    pub fn covers(&mut self, found: Found) -> Vec<FeedEvent> {
        let Found::Covers {
            route,
            accounts,
            regions,
        } = found
        else {
            return Vec::new();
        };
        let remembered = self.remember(&route);
        let had: HashSet<(AccountId, Region)> = remembered.covers.iter().cloned().collect();
        let mut events = Vec::new();
        let first = remembered.covers.len();
        for account in accounts {
            for region in &regions {
                let place = (account, region.clone());
                if place == (route.via, route.region.clone()) || had.contains(&place) {
                    continue;
                }
                events.push(FeedEvent::Coverage(remembered.covered(&route, &place)));
                remembered.covers.push(place);
            }
        }
        let places = remembered.covers[first..].to_vec();
        if remembered.whole && !places.is_empty() {
            events.push(FeedEvent::Whole { route, places });
        }
        events
    }

    fn remember(&mut self, route: &Route) -> &mut Remembered {
        let wide = self.known.len() < WIDE_ROUTES;
        self.known.entry(route.clone()).or_insert_with(|| Remembered {
            memory: Some(Memory::new(route)),
            wide,
            covers: Vec::new(),
            state: CoverageState::Reading,
            error: None,
            whole: false,
        })
    }

    fn begin(&mut self, route: &Route, round: &Arc<Round>, tasks: &mut JoinSet<Ended>) {
        let remembered = self.remember(route);
        let memory = remembered.memory.take().unwrap_or_else(|| Memory::new(route));
        tasks.spawn(Arc::clone(round).one(route.clone(), memory, remembered.wide));
    }

    fn ended(&mut self, ended: Ended) -> Vec<FeedEvent> {
        let Ended { route, whole, .. } = ended;
        let remembered = self.remember(&route);
        remembered.memory = Some(ended.memory);
        remembered.whole |= whole;
        let mut events = self.tell(&route, ended.state, ended.error);
        if whole {
            let mut places = vec![(route.via, route.region.clone())];
            places.extend(self.remember(&route).covers.iter().cloned());
            events.push(FeedEvent::Whole { route, places });
        }
        events
    }

    /// Notes what is known of a route, and gives the rows that say so.
    pub fn tell(&mut self, route: &Route, state: CoverageState, error: Option<String>) -> Vec<FeedEvent> {
        self.remember(route).tell(route, state, error)
    }

    /// The routes whose tasks did not come back.
    fn cut_short(&mut self) -> Vec<FeedEvent> {
        let mut events = Vec::new();
        for route in &self.order {
            if let Some(remembered) = self.known.get_mut(route).filter(|r| r.memory.is_none()) {
                let why = format!("In {} {}: reading was cut short.", route.via, route.region);
                events.extend(remembered.tell(route, CoverageState::Partial, Some(why)));
            }
        }
        events
    }
}

impl Remembered {
    /// The row of the route's own place, and those of the places that it covers where they changed.
    fn tell(&mut self, route: &Route, state: CoverageState, error: Option<String>) -> Vec<FeedEvent> {
        let changed = (self.state, &self.error) != (state, &error);
        (self.state, self.error) = (state, error);
        let mut rows = vec![self.row(route)];
        if changed {
            rows.extend(self.covers.iter().map(|place| self.covered(route, place)));
        }
        rows.into_iter().map(FeedEvent::Coverage).collect()
    }

    fn row(&self, route: &Route) -> Coverage {
        Coverage {
            account: route.via,
            region: route.region.clone(),
            source: route.source,
            state: self.state,
            via: None,
            error: self.error.clone(),
        }
    }

    fn covered(&self, route: &Route, (account, region): &(AccountId, Region)) -> Coverage {
        let through = |why: &String| {
            format!(
                "{account} {region} is read through {} {}: {why}",
                route.via, route.region
            )
        };
        Coverage {
            account: *account,
            region: region.clone(),
            via: Some(route.via),
            error: self.error.as_ref().map(through),
            ..self.row(route)
        }
    }
}

/// What is left of a route when its round has ended.
struct Ended {
    route: Route,
    memory: Memory,
    state: CoverageState,
    error: Option<String>,
    /// Whether everything was read, and read to its end.
    whole: bool,
}

/// What the sources of a round share.
struct Round {
    cloud: Arc<Cloud>,
    tx: Sender<FeedEvent>,
    /// An account whose session cannot be opened is asked once a round, and not once for each of its sources.
    sessions: Mutex<HashMap<AccountId, Arc<Opened>>>,
}

type Opened = OnceCell<Result<Arc<Session>, SessionError>>;

impl Round {
    async fn session(&self, account: AccountId) -> Result<Arc<Session>, SessionError> {
        let opened = {
            let mut sessions = self.sessions.lock().unwrap_or_else(PoisonError::into_inner);
            Arc::clone(sessions.entry(account).or_default())
        };
        opened.get_or_init(|| self.cloud.session(&account)).await.clone()
    }

    /// One source in one round.
    async fn one(self: Arc<Self>, route: Route, mut memory: Memory, wide: bool) -> Ended {
        let started = self.cloud.now();
        let scope = memory.scope(started);
        if scope == Scope::All {
            // Where nobody listens, the round finds out at its end.
            let _ = self.tx.send(FeedEvent::Begins(route.clone())).await;
        }
        let (end, known) = match Box::pin(self.session(route.via)).await {
            Ok(session) => {
                let reader = self.reader(&route, session, &memory, (scope, started), wide);
                let end = match route.source {
                    Source::GuardDuty => Box::pin(guardduty::read(&reader, &mut memory.detectors)).await,
                    Source::SecurityHub => Box::pin(securityhub::read(&reader)).await,
                    Source::EventBridge => End::Disabled("A queue is not read by regions.".to_owned()),
                };
                reader.end(end)
            }
            Err(error) => {
                let why = format!("In {} nothing can be read: {error}", route.via);
                let end = match error.kind() {
                    ErrorKind::Denied => End::Refused(why),
                    _ => End::Partial(why),
                };
                (end, Known::new(route.source))
            }
        };
        let (state, error) = memory.learn(end, known, started, scope);
        Ended {
            route,
            memory,
            whole: scope == Scope::All && state == CoverageState::Complete,
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
        wide: bool,
    ) -> Arc<Reader> {
        let known = memory.known.clone();
        let begins_with = match scope {
            Scope::All => Known::new(route.source),
            Scope::From(_) | Scope::After(_) => known.clone(),
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
            wide,
            known,
            tx: self.tx.clone(),
            told: Mutex::new(Told::new(begins_with)),
        })
    }
}
