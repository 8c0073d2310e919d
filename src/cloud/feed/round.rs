//! Reading all sources side by side, each again after a pause of its own.
//!
//! Owns: the tasks, and what is told of each route and of the places that it covers. What goes first is the limits' business.

use std::collections::{HashMap, HashSet};
use std::future::pending;
use std::sync::Arc;
use std::time::Duration;

use tokio::sync::mpsc::{self, Receiver, Sender, UnboundedReceiver};
use tokio::task::{Id, JoinSet};
use tokio::time::{Instant, sleep_until};

use super::FeedEvent;
use super::due::Due;
use super::memory::Memory;
use super::reading::{Ended, Round};
use super::remembered::Routes;
use crate::cloud::connect::Cloud;
use crate::cloud::discover::routes;
use crate::cloud::route::{Found, Route};
use crate::findings::CoverageState;

/// Routes that wait to be read. Each is small, and while discovery waits to tell them it does not ask for the next page of accounts.
const WAITING_ROUTES: usize = 2048;

/// Accounts and regions are looked for again this long after they were all found, and at the latest after this where they were not.
const LOOK_EVERY: Duration = Duration::from_mins(15);
/// Longer than anything is waited for.
const LONG: Duration = Duration::from_hours(1);

/// Rounds over the same routes, and what is remembered between them.
pub(super) struct Rounds {
    cloud: Arc<Cloud>,
    refresh: Duration,
    routes: Routes,
    tasks: JoinSet<Ended>,
    under_way: HashMap<Id, Route>,
    /// What the reads that began lately share, and since when.
    round: Option<(Instant, Arc<Round>)>,
    /// Routes that did not end since the last round was told.
    owed: HashSet<Route>,
    /// Whether anything began since the last round was told.
    open: bool,
    /// What discovery finds, while it looks.
    finding: Option<Receiver<Found>>,
    look: Look,
}

/// When to look for accounts and regions again.
#[derive(Default)]
struct Look {
    /// Absent before the first time.
    at: Option<Instant>,
    /// What the last look said of itself; absent where it did not come to its end.
    may_miss: Option<bool>,
    /// How often in a row something was missing.
    failed: u32,
}

impl Rounds {
    pub fn new(cloud: Arc<Cloud>) -> Self {
        Self {
            cloud,
            refresh: Duration::ZERO,
            routes: Routes::default(),
            tasks: JoinSet::new(),
            under_way: HashMap::new(),
            round: None,
            owed: HashSet::new(),
            open: false,
            finding: None,
            look: Look::default(),
        }
    }

    /// Reads every source once, in the first round each as soon as it is found. False when nobody listens any more.
    pub async fn next(&mut self, tx: &Sender<FeedEvent>) -> bool {
        self.round = None;
        self.look_if_due();
        for route in self.routes.order.clone() {
            self.begin(&route, tx);
        }
        while self.is_busy() {
            let happened = self.happened().await;
            if !self.told(happened, tx).await {
                return false;
            }
        }
        // Nothing is read any more, so nothing is told until the next round: the receiver may see the end.
        self.round = None;
        self.tell_round(tx).await
    }

    /// Reads each source again `refresh` after it was read, or at once when `again` asks for it, until nobody listens any more. A
    /// source that is slow holds up no other; a round is told when each was read once more.
    pub async fn go_on(mut self, refresh: Duration, mut again: UnboundedReceiver<()>, tx: Sender<FeedEvent>) {
        self.refresh = refresh;
        let mut due = Due::default();
        loop {
            self.look_if_due();
            if self.open && self.finding.is_none() && self.owed.is_empty() && !self.tell_round(&tx).await {
                return;
            }
            let wake = due
                .first()
                .into_iter()
                .chain(self.look.at.filter(|_| self.finding.is_none()))
                .min();
            let wake = wake.unwrap_or_else(|| Instant::now() + LONG);
            tokio::select! {
                happened = self.happened(), if self.is_busy() => {
                    let ended = match &happened {
                        Happened::Ended(route, _) => Some((route.clone(), Instant::now())),
                        Happened::Found(_) | Happened::Nothing => None,
                    };
                    if !self.told(happened, &tx).await {
                        return;
                    }
                    // One that goes on waits for its next read when that has ended, too.
                    if let Some((route, at)) = ended.filter(|(route, _)| !self.routes.is_read(route)) {
                        due.ended(&route, at, refresh);
                    }
                }
                () = sleep_until(wake) => {
                    while let Some(route) = due.next(Instant::now()) {
                        self.begin(&route, &tx);
                    }
                }
                Some(()) = again.recv() => {
                    self.round = None;
                    self.look.at = None;
                    for route in due.all() {
                        self.begin(&route, &tx);
                    }
                }
            }
        }
    }

    fn is_busy(&self) -> bool {
        self.finding.is_some() || !self.tasks.is_empty()
    }

    /// Waits for what happens next. Nothing is lost where the waiting is given up. Never ends where nothing is under way.
    async fn happened(&mut self) -> Happened {
        tokio::select! {
            found = async {
                match &mut self.finding {
                    Some(finding) => finding.recv().await,
                    None => pending().await,
                }
            } => Happened::Found(found),
            Some(ended) = self.tasks.join_next_with_id() => {
                let (id, ended) = match ended {
                    Ok((id, ended)) => (id, Some(ended)),
                    Err(error) => (error.id(), None),
                };
                match self.under_way.remove(&id) {
                    Some(route) => Happened::Ended(route, ended.map(Box::new)),
                    None => Happened::Nothing,
                }
            }
        }
    }

    /// Takes in what happened, and tells it. False when nobody listens.
    async fn told(&mut self, happened: Happened, tx: &Sender<FeedEvent>) -> bool {
        let events = match happened {
            Happened::Found(Some(found)) => self.take(found, tx),
            Happened::Found(None) => self.looked(),
            Happened::Ended(route, ended) => self.ended(&route, ended.map(|ended| *ended), tx),
            Happened::Nothing => Vec::new(),
        };
        for event in events {
            if tx.send(event).await.is_err() {
                return false;
            }
        }
        true
    }

    async fn tell_round(&mut self, tx: &Sender<FeedEvent>) -> bool {
        self.open = false;
        self.owed = self.routes.order.iter().cloned().collect();
        let complete = self.look.may_miss == Some(false) && self.routes.are_whole();
        let at = self.cloud.now();
        tx.send(FeedEvent::Round { complete, at }).await.is_ok()
    }

    /// Looks for accounts and regions, if it is time and nobody looks already. What is read already is read on meanwhile.
    fn look_if_due(&mut self) {
        if self.finding.is_some() || self.look.at.is_some_and(|at| Instant::now() < at) {
            return;
        }
        self.routes.look();
        let (found, finding) = mpsc::channel(WAITING_ROUTES);
        tokio::spawn(routes(Arc::clone(&self.cloud), found));
        (self.finding, self.look.may_miss, self.open) = (Some(finding), None, true);
    }

    /// Nothing more is found. Where something may be missing, it is looked for again in the next round, and then less and less often:
    /// what is refused for good must not cost more than all that is read. Gives what there is to tell: a search that ended without a
    /// word on the way fell over, and what it did not find must not pass for nothing.
    fn looked(&mut self) -> Vec<FeedEvent> {
        self.finding = None;
        let wait = if self.look.may_miss == Some(false) && !self.routes.lacks() {
            self.look.failed = 0;
            LOOK_EVERY
        } else {
            let times = 1_u32.checked_shl(self.look.failed).unwrap_or(u32::MAX);
            self.look.failed += 1;
            self.refresh.saturating_mul(times).min(LOOK_EVERY)
        };
        self.look.at = Some(Instant::now() + wait);
        if self.look.may_miss.is_some() {
            return Vec::new();
        }
        vec![FeedEvent::Way {
            how: super::UNFINISHED.to_owned(),
            may_miss: true,
        }]
    }

    /// Takes in what discovery found, and gives what there is to tell of it.
    fn take(&mut self, found: Found, tx: &Sender<FeedEvent>) -> Vec<FeedEvent> {
        match found {
            Found::Accounts(accounts) => vec![FeedEvent::Accounts(accounts)],
            Found::Way { mut how, mut may_miss } => {
                if self.routes.are_doubted() {
                    may_miss = true;
                    how.push_str(
                        " Who sees some accounts could not be asked again: they are read as they were before.",
                    );
                }
                self.look.may_miss = Some(may_miss);
                vec![FeedEvent::Way { how, may_miss }]
            }
            Found::NoRoute(row) => self.routes.lack(row).into_iter().map(FeedEvent::Coverage).collect(),
            Found::Route { route, long, sure } => {
                // A route that is found again is read already.
                let Some(row) = self.routes.add(&route, long, sure) else {
                    return Vec::new();
                };
                self.begin(&route, tx);
                vec![FeedEvent::Coverage(row)]
            }
            Found::Covers {
                route,
                accounts,
                regions,
            } => {
                let events = self.routes.covers(&route, &accounts, &regions);
                self.forgive();
                if self.routes.is_late(&route) {
                    self.begin(&route, tx);
                }
                events
            }
        }
    }

    /// Begins to read a route, unless it is being read.
    fn begin(&mut self, route: &Route, tx: &Sender<FeedEvent>) {
        let round = match &self.round {
            Some((since, round)) if self.refresh.is_zero() || since.elapsed() <= self.refresh => Arc::clone(round),
            _ => {
                let round = Arc::new(Round::new(Arc::clone(&self.cloud), tx.clone()));
                self.round.insert((Instant::now(), round)).1.clone()
            }
        };
        let Some((memory, width)) = self.routes.begin(route) else {
            return;
        };
        let task = self.tasks.spawn(round.one(route.clone(), memory, width));
        self.under_way.insert(task.id(), route.clone());
        self.owed.insert(route.clone());
        self.open = true;
    }

    /// A task that was cut short has forgotten what it knew, so all is read again. One that has more to ask does so at once, and is owed
    /// until then.
    fn ended(&mut self, route: &Route, ended: Option<Ended>, tx: &Sender<FeedEvent>) -> Vec<FeedEvent> {
        self.owed.remove(route);
        let cut_short = || Ended {
            memory: Memory::new(route),
            state: CoverageState::Partial,
            error: Some(format!("In {} {}: reading was cut short.", route.via, route.region)),
            whole: false,
            goes_on: false,
        };
        let ended = ended.unwrap_or_else(cut_short);
        self.routes.remember(route).memory = Some(ended.memory);
        let mut events = self.routes.tell(route, ended.state, ended.error);
        self.forgive();
        if ended.whole {
            events.extend(self.routes.read_whole(route));
        }
        self.routes.remember(route).goes_on = ended.goes_on;
        if ended.goes_on {
            self.begin(route, tx);
        }
        events
    }

    /// No round waits for routes that gave way to others.
    fn forgive(&mut self) {
        for route in self.routes.gave_way() {
            self.owed.remove(&route);
        }
    }

    #[cfg(test)]
    pub fn routes(&mut self) -> &mut Routes {
        &mut self.routes
    }
}

/// What happens while routes are read.
enum Happened {
    /// Discovery found something, or is at its end.
    Found(Option<Found>),
    /// A route was read, or its task was cut short.
    Ended(Route, Option<Box<Ended>>),
    Nothing,
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::cloud::testing;

    #[tokio::test]
    async fn a_search_that_falls_over_is_said() {
        let (range, login) = testing::range();
        let cloud = Cloud::connect(testing::options(&range, &login)).await.unwrap();
        let mut rounds = Rounds::new(cloud);
        let (tx, mut rx) = mpsc::channel(4);
        let (found, finding) = mpsc::channel(1);
        rounds.finding = Some(finding);
        // As its task leaves it when it panics.
        drop(found);
        let happened = rounds.happened().await;
        assert!(rounds.told(happened, &tx).await);
        let Some(FeedEvent::Way { how, may_miss: true }) = rx.recv().await else {
            panic!("it was not said");
        };
        assert!(how.contains("did not come to its end"), "{how}");
        assert!(rounds.look.at.is_some(), "it is looked for again");
    }
}
