//! What the cache knew at the start: shown at once as stale, and compared with what is read.
//!
//! Owns: the words for how old it is, and when something is taken for gone. Must never: show the cache's word as AWS's, or hide a
//! finding because a read that was not complete did not find it.

mod reads;

use std::collections::{BTreeMap, BTreeSet};
use std::sync::{Arc, Mutex as StdMutex, MutexGuard, PoisonError};

use tokio::sync::Mutex;
use tokio::sync::mpsc::UnboundedSender;
use tokio::task::JoinHandle;

use super::gate::Gate;
use crate::app::Event;
use crate::cloud::Route;
use crate::domain::{AccountId, Region, Time, Untrusted};
use crate::findings::cache::{Batch, Before, Cache, CacheError, Kept, Known, Run, Scope};
use crate::findings::version::Told;
use crate::findings::{Coverage, CoverageState, Finding, Place, Seen, Source};
use reads::Reads;

/// Findings that are handed over together.
const PAGE: usize = 300;

type Spot = (AccountId, Region, Source);

fn spot(row: &Coverage) -> Spot {
    (row.account, row.region.clone(), row.source)
}

/// What is remembered of the cache while it is caught up with.
#[derive(Debug)]
pub struct Recall {
    cache: Arc<Cache>,
    tell: UnboundedSender<Event>,
    /// Held by whoever looks into the cache and tells what is there, or puts something in and tells it: so nothing that is known
    /// to be newer is told before what is older.
    turn: Arc<Mutex<()>>,
    /// What was received before this run came from the cache. None where the cache failed, which it has told: then nothing of it is
    /// shown, and nothing is taken for gone.
    began: Option<Run>,
    /// What the cache said of each place.
    before: Before,
    /// Rows that nobody has told of since.
    waiting: BTreeMap<Spot, Coverage>,
    scope: Scope,
    reads: Reads,
    /// Where the cache held what was received before `began`, once that was asked.
    older: Option<BTreeSet<Spot>>,
    /// From where on other consoles' events were not looked for.
    heard: Option<Run>,
    /// Which of the events the list takes in.
    gate: Arc<StdMutex<Gate>>,
    /// Hands over the cache's findings, and says at last where they were from, unless the cache failed.
    telling: Option<JoinHandle<Option<BTreeSet<Spot>>>>,
}

impl Recall {
    /// Tells the accounts' names and every row of the cache as stale, and begins to hand over its findings, the worst first.
    pub async fn begin(cache: Arc<Cache>, scope: Scope, started: Time, tell: &UnboundedSender<Event>) -> Self {
        let (asked, of) = (Arc::clone(&cache), scope.clone());
        let part = of.clone();
        // Where the cache fails, which it tells by itself, the names come with the accounts.
        let both = blocking(move || {
            (
                asked.names(&part).unwrap_or_default(),
                asked.coverage(&part).unwrap_or_default(),
            )
        });
        let (names, rows) = both.await.unwrap_or_default();
        // Before any finding: a filter by an account's name is asked about the very first.
        if !names.is_empty() {
            let _ = tell.send(Event::Accounts(names));
        }
        let before = Before::new(&rows);
        let mut waiting = BTreeMap::new();
        for Known { row, at, .. } in rows {
            let row = stale(row, at, started);
            waiting.insert(spot(&row), row.clone());
            let _ = tell.send(Event::Coverage(row));
        }
        let turn = Arc::default();
        let asked = Arc::clone(&cache);
        let gate: Arc<StdMutex<Gate>> = Arc::default();
        let mut telling = None;
        let began = match blocking(move || asked.begin()).await {
            Some(Ok(run)) => {
                let at = (Arc::clone(&turn), Arc::clone(&gate));
                let all = findings(Arc::clone(&cache), scope, run, at, tell.clone());
                telling = Some(tokio::spawn(all));
                Some(run)
            }
            Some(Err(error)) => {
                let _ = tell.send(unshown(&error));
                None
            }
            None => None,
        };
        Self {
            cache,
            tell: tell.clone(),
            turn,
            began,
            before,
            waiting,
            scope: of,
            reads: Reads::default(),
            older: None,
            heard: began,
            gate,
            telling,
        }
    }

    /// Ends, and tells nothing any more: what was shown is another's.
    pub async fn take_back(self) {
        if let Some(telling) = self.telling {
            telling.abort();
            // Ended or cut short, it is waited for, so that none of it comes after this.
            let _ = telling.await;
        }
    }

    /// Keeps a page and tells it. Waits for room in the cache, so that what waits for the disk does not grow in memory.
    pub async fn found(&self, page: Vec<Seen>, now: Time) {
        let _turn = self.turn.lock().await;
        // Only where there is no room is it worth another thread: thousands of pages come in a few seconds.
        if let Err(batch) = self.cache.keep_now(Batch::of(&page), now) {
            let cache = Arc::clone(&self.cache);
            blocking(move || cache.keep(batch, now)).await;
        }
        self.tell_all(page.into_iter().map(|seen| seen.finding).collect());
        if let Some(trouble) = self.cache.trouble() {
            let _ = self.tell.send(Event::Failed(trouble));
        }
    }

    /// Keeps what the accounts are called for the next start.
    pub fn named(&self, accounts: &[(AccountId, Untrusted)]) {
        self.cache.name(accounts.to_vec());
    }

    /// Takes in what is known now of one source, and gives it with what quell itself kept back.
    pub async fn covered(&mut self, row: Coverage, now: Time) -> Coverage {
        let _turn = Arc::clone(&self.turn).lock_owned().await;
        self.waiting.remove(&spot(&row));
        self.reads.led(&row);
        let row = self.before.cover(&self.cache, row, now);
        lock(&self.gate).amend(row)
    }

    /// Takes in that every source was read once more.
    pub fn settled(&mut self) {
        self.before.settle(&self.cache);
    }

    /// Takes in that everything along a route begins to be read. The first time, whatever came since the start counts.
    pub async fn begins(&mut self, route: Route) {
        let run = if self.reads.again(&route) {
            self.next_run().await
        } else {
            self.began
        };
        // Where the cache fails, which it tells by itself, nothing of this read is taken for gone.
        if let Some(run) = run {
            self.reads.begin(route, run);
        }
    }

    /// Takes in that it was read to its end: what the cache alone knows of these places is marked as gone and told as such.
    pub async fn whole(&mut self, route: &Route, places: Vec<(AccountId, Region)>, now: Time) {
        let mut since = self.reads.end(route, places);
        let _turn = Arc::clone(&self.turn).lock_owned().await;
        let source = route.source;
        let start = self.began;
        if let Some(older) = self.older().await {
            let held = |at: &Place| older.contains(&(at.account, at.region.clone(), source));
            since.retain(|(place, run)| Some(*run) != start || held(place));
        }
        if since.is_empty() {
            return;
        }
        let cache = Arc::clone(&self.cache);
        let gone = blocking(move || {
            let each = since.into_iter();
            each.flat_map(|(place, run)| all_gone(&cache, &place, source, run, now))
                .collect()
        });
        self.tell_all(gone.await.unwrap_or_default());
    }

    /// Where the cache held anything from before the start. Asked for once, for such places only become fewer. `None`
    /// where the cache fails; then every place is asked for.
    async fn older(&mut self) -> Option<&BTreeSet<Spot>> {
        if self.older.is_none() {
            let (cache, began) = (Arc::clone(&self.cache), self.began?);
            self.older = blocking(move || cache.older(began)).await.and_then(Result::ok);
        }
        self.older.as_ref()
    }

    /// Tells the events that another console of this workspace has taken out of the queue since the last time.
    pub async fn others(&mut self) {
        let Some(from) = self.heard else { return };
        let Some(now) = self.next_run().await else { return };
        let _turn = Arc::clone(&self.turn).lock_owned().await;
        let (cache, scope) = (Arc::clone(&self.cache), self.scope.clone());
        let found = blocking(move || cache.since(&scope, Source::EventBridge, (from, now), Kept::read));
        // Where the cache fails, they are asked for again.
        if let Some(Ok(found)) = found.await {
            self.heard = Some(now);
            self.tell_all(found);
        }
    }

    async fn next_run(&self) -> Option<Run> {
        let cache = Arc::clone(&self.cache);
        blocking(move || cache.begin()).await.and_then(Result::ok)
    }

    fn tell_all(&self, findings: Vec<Finding>) {
        let page = let_in(&self.gate, findings);
        if !page.is_empty() {
            let _ = self.tell.send(Event::Findings(page));
        }
    }

    /// The rows that a whole round did not speak of: no route leads there any more. Where the cache has findings of the place, or
    /// that is not known, the row says so; where it has none and `all_named`, every place that there is was named, the row goes.
    pub async fn unspoken(&mut self, all_named: bool) -> Vec<Event> {
        let mut left = std::mem::take(&mut self.waiting);
        left.retain(|_, row| row.source != Source::EventBridge);
        if left.is_empty() {
            return Vec::new();
        }
        let known = match self.telling.take() {
            Some(telling) => telling.await.ok().flatten(),
            None => None,
        };
        let told = |(spot, mut row): (Spot, Coverage)| {
            if all_named && known.as_ref().is_some_and(|known| !known.contains(&spot)) {
                let (account, region, source) = spot;
                return Event::Uncovered(Place { account, region }, source);
            }
            let known = row.error.take().unwrap_or_default();
            row.error = Some(format!(
                "{known} Now no way leads there: the account or region is not among those found."
            ));
            Event::Coverage(row)
        };
        left.into_iter().map(told).collect()
    }
}

fn unshown(error: &CacheError) -> Event {
    Event::Failed(format!(
        "What the cache knew cannot be shown: {error}. Everything is read again."
    ))
}

fn lock(gate: &StdMutex<Gate>) -> MutexGuard<'_, Gate> {
    gate.lock().unwrap_or_else(PoisonError::into_inner)
}

/// Those that the list takes in.
fn let_in(gate: &StdMutex<Gate>, findings: Vec<Finding>) -> Vec<Arc<Finding>> {
    let mut gate = lock(gate);
    let page = findings.into_iter().filter(|finding| gate.lets_in(finding));
    page.map(Arc::new).collect()
}

/// Hands over what the cache has, and gives the places that it is of. `None` where the cache failed or nobody listens any more.
async fn findings(
    cache: Arc<Cache>,
    scope: Scope,
    began: Run,
    (turn, gate): (Arc<Mutex<()>>, Arc<StdMutex<Gate>>),
    tell: UnboundedSender<Event>,
) -> Option<BTreeSet<Spot>> {
    let (mut mark, mut of) = (None, BTreeSet::new());
    loop {
        let _turn = turn.lock().await;
        let (asked, within) = (Arc::clone(&cache), scope.clone());
        let page = blocking(move || {
            let (page, next) = asked.page(&within, began, mark, PAGE)?;
            let read: Vec<Finding> = page.iter().map(Kept::read).collect();
            Ok::<_, CacheError>((read, next))
        });
        match page.await {
            Some(Ok((page, Some(next)))) => {
                mark = Some(next);
                of.extend(page.iter().map(|f| (f.account, f.region.clone(), f.source)));
                if tell.send(Event::Findings(let_in(&gate, page))).is_err() {
                    return None;
                }
            }
            Some(Ok((_, None))) => {
                // The queue's own row says it, too, if a queue is read.
                let told = lock(&gate).told();
                let _ = told.is_some_and(|told| tell.send(Event::Failed(told)).is_err());
                return Some(of);
            }
            None => return None,
            Some(Err(error)) => {
                let _ = tell.send(unshown(&error));
                return None;
            }
        }
    }
}

/// Marks what a whole read of a source did not return, and gives it as it is to be shown. Where the cache fails, which it tells by
/// itself, the findings stay: that errs on the safe side.
fn all_gone(cache: &Cache, place: &Place, source: Source, began: Run, now: Time) -> Vec<Finding> {
    let mut all = Vec::new();
    while let Ok(page) = cache.gone(place, source, began, PAGE)
        && !page.is_empty()
    {
        all.extend(page.iter().map(|kept| lost(kept, now)));
    }
    all
}

/// Runs what waits for the disk on a thread that may wait. `None` where it had a fault.
pub async fn blocking<T: Send + 'static>(work: impl FnOnce() -> T + Send + 'static) -> Option<T> {
    tokio::task::spawn_blocking(work).await.ok()
}

/// A row as the cache knows it.
fn stale(row: Coverage, at: Time, now: Time) -> Coverage {
    let why = row.error.map(|error| format!(" ({error})")).unwrap_or_default();
    let error = format!("From the cache: {}, read {}{why}.", row.state.word(), ago(at, now));
    Coverage {
        state: CoverageState::Stale,
        error: Some(error),
        ..row
    }
}

/// A finding that a whole read did not return: archived, expired or deleted.
fn lost(kept: &Kept, at: Time) -> Finding {
    let mut finding = kept.read();
    finding.archived = true;
    finding
        .doubts
        .push(format!("it was not there any more when everything was read at {at}"));
    // It is another version than the one that was shown, and the later one.
    finding.digest = !finding.digest;
    finding.told = Told::read(at);
    finding
}

/// How long ago, in the largest whole unit.
fn ago(at: Time, now: Time) -> String {
    let seconds = now.duration_since(at).as_secs().max(0);
    let (count, unit) = match seconds {
        0..60 => return "less than a minute ago".to_owned(),
        60..3_600 => (seconds / 60, "minute"),
        3_600..86_400 => (seconds / 3_600, "hour"),
        _ => (seconds / 86_400, "day"),
    };
    format!("{count} {unit}{} ago", if count == 1 { "" } else { "s" })
}

#[cfg(test)]
#[path = "recall_tests.rs"]
mod tests;
