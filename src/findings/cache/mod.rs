//! The cache: every finding as AWS sent it, in one `SQLite` file, so that memory holds an index alone and the next start has
//! something to show at once.
//!
//! Owns: `cache.sqlite` in a workspace, and the one thread that touches it. Must never: show what belongs to another world
//! (another endpoint or another caller's account), keep the console from starting, or say that something is stored before its
//! transaction has ended. What is lost with it can be read again from AWS, except for events, whose only other copy is the
//! message that is deleted once they are stored.

mod batch;
mod before;
mod earlier;
mod file;
mod kept;
mod table;
mod waiting;
mod worker;

use std::collections::BTreeSet;
use std::fmt;
use std::path::{Path, PathBuf};
use std::sync::atomic::{AtomicI64, Ordering};
use std::sync::mpsc::{SyncSender, TrySendError, sync_channel};
use std::sync::{Arc, Mutex, PoisonError};
use std::thread::JoinHandle;

use super::{Coverage, CoverageState, FindingKey, Place, Source};
use crate::domain::{AccountId, Region, Time, Untrusted};
use bytes::Bytes;
use waiting::Waiting;
use worker::{Job, Receipt};

pub use batch::{Aside, Asides, Batch};
pub use before::Before;
pub use kept::{Kept, Known};
pub use table::MOST_EARLIER;

/// The file's name inside the workspace.
pub const FILE_NAME: &str = "cache.sqlite";
/// Jobs that wait for the thread: questions, and what somebody wants a receipt for.
const JOBS: usize = 16;
/// Findings that are in memory together with their JSON.
const PAGE: usize = 300;

/// Whose findings they are. Two callers of the same account at the same endpoint see the same world.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct World {
    /// The endpoint, where it is not AWS's own.
    pub endpoint: Option<String>,
    /// `aws`, `aws-cn`, `aws-us-gov`.
    pub partition: String,
    /// The caller's account, from which everything is discovered.
    pub account: AccountId,
}

impl World {
    fn name(&self) -> String {
        let endpoint = self.endpoint.as_deref().unwrap_or_default();
        format!("{} {} {endpoint}", self.partition, self.account)
    }
}

/// Which part of the cache is meant: what the caller asked to look at. An empty list means all.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct Scope {
    pub accounts: Vec<AccountId>,
    pub regions: Vec<Region>,
}

impl Scope {
    fn holds(&self, account: AccountId, region: &Region) -> bool {
        (self.accounts.is_empty() || self.accounts.contains(&account))
            && (self.regions.is_empty() || self.regions.contains(region))
    }
}

/// Why the cache cannot do what was asked.
#[derive(Clone, Debug, PartialEq, Eq, thiserror::Error)]
pub enum CacheError {
    /// The file or its directory cannot be used as they are.
    #[error("the cache {path} cannot be used: {why}")]
    Unusable { path: String, why: String },
    /// `SQLite` refused.
    #[error("the cache failed: {0}")]
    Database(String),
    /// It ends with the process, so what only it holds is not safe.
    #[error("{0}")]
    Passing(String),
    /// The thread is gone.
    #[error("the cache has ended")]
    Ended,
    /// There is no such finding.
    #[error("the cache does not hold this finding")]
    Unknown,
}

/// Says that what went in with `T` is on the disk. There is no other way to get one, and no clone: a message's handle that goes in
/// comes out only when its content is stored in a file that stays.
///
/// ```compile_fail
/// let forged = quell::findings::cache::Stored { token: () };
/// ```
#[derive(Debug)]
#[must_use = "what waits for the storing wants its token back"]
pub struct Stored<T> {
    token: T,
}

impl<T> Stored<T> {
    /// What was waiting for the storing.
    pub fn into_token(self) -> T {
        self.token
    }
}

/// A count of the cache's own, by which what came before and what came since are told apart. No clock has a part in it.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord)]
pub struct Run(i64);

impl Run {
    /// Before all that was ever stored.
    pub const FIRST: Self = Self(i64::MIN);
}

/// Where a page of the cache ended; the next begins after it.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Mark(table::Order);

/// The cache. Everything is done by its one thread, in the order in which it was asked; it ends when the value is dropped, after
/// what was asked is done.
pub struct Cache {
    work: Option<SyncSender<Job>>,
    thread: Option<JoinHandle<()>>,
    trouble: Arc<Mutex<Option<String>>>,
    waiting: Arc<Waiting>,
    /// Why what is stored does not outlive the process, where it does not.
    passing: Option<String>,
    /// The latest run that anybody was told of.
    latest: Arc<AtomicI64>,
}

impl fmt::Debug for Cache {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str("Cache")
    }
}

impl Cache {
    /// Opens the cache of a workspace, making it if it is not there. What is no cache of ours, or is damaged, is set aside; the
    /// sentence says so. `now` prunes what can be read again: what is gone for 30 days, what was not received for 90, and what is of
    /// worlds beyond the last four. Events and messages set aside stay.
    pub fn open(directory: &Path, world: &World, now: Time) -> Result<(Self, Option<String>), CacheError> {
        let name = world.name();
        let (path, opened, told) = file::open(directory, &name, now)?;
        let cache = Self::run(opened, Ok(path), &name, now)?;
        Ok((cache, told))
    }

    /// The same, beginning with nothing: a drill's world begins anew.
    pub fn afresh(directory: &Path, world: &World, now: Time) -> Result<Self, CacheError> {
        file::remove(directory)?;
        Self::open(directory, world, now).map(|(cache, _)| cache)
    }

    /// A cache that ends with the process, in a temporary file without a name. It keeps findings, and stores nothing: it gives no
    /// `Stored`.
    pub fn private(now: Time) -> Result<Self, CacheError> {
        Self::instead(now, "the cache ends with quell".to_owned())
    }

    /// The same in place of one that cannot be used, and why it cannot.
    pub fn instead(now: Time, why: String) -> Result<Self, CacheError> {
        Self::run(file::private(now)?, Err(why), "private", now)
    }

    fn run(opened: file::Opened, path: Result<PathBuf, String>, world: &str, now: Time) -> Result<Self, CacheError> {
        let (work, jobs) = sync_channel(JOBS);
        let trouble = Arc::new(Mutex::new(None));
        let latest = Arc::new(AtomicI64::new(0));
        let waiting = Arc::new(Waiting::default());
        let told = (Arc::clone(&trouble), Arc::clone(&latest), Arc::clone(&waiting));
        let (path, passing) = match path {
            Ok(path) => (Some(path), None),
            Err(why) => (None, Some(why)),
        };
        let worker = worker::Worker::new(opened, path, world, now, told);
        let thread = std::thread::Builder::new()
            .name("cache".to_owned())
            .spawn(move || worker.run(&jobs))
            .map_err(|e| CacheError::Database(format!("its thread could not be started: {e}")))?;
        Ok(Self {
            work: Some(work),
            thread: Some(thread),
            trouble,
            waiting,
            passing,
            latest,
        })
    }

    /// Hands findings over to be stored. Waits for room, not for the disk: pages of a few findings come by the thousand, and as many as
    /// there are share a transaction. What goes wrong is told by `trouble`, and nothing is taken for gone by what was read meanwhile.
    pub fn keep(&self, batch: Batch, at: Time) {
        self.waiting.room(|| self.wakes());
        let is_new = self.waiting.add(batch, at);
        self.told(is_new);
    }

    /// The same where there is room at once; otherwise the batch comes back.
    pub fn keep_now(&self, batch: Batch, at: Time) -> Result<(), Batch> {
        if self.waiting.is_full() {
            return Err(batch);
        }
        let is_new = self.waiting.add(batch, at);
        self.told(is_new);
        Ok(())
    }

    /// Whether what is stored outlives the process; if not, why.
    pub fn durable(&self) -> Result<(), CacheError> {
        self.passing
            .as_ref()
            .map_or(Ok(()), |why| Err(CacheError::Passing(why.clone())))
    }

    /// Stores findings, and returns when they are on the disk: a crash or a power cut does not lose them any more. A cache that ends
    /// with the process refuses.
    pub fn store<T>(&self, batch: Batch, at: Time, token: T) -> Result<Stored<T>, CacheError> {
        self.durable()?;
        let (tell, told) = sync_channel(1);
        self.send(Job::Store {
            batch,
            at,
            receipt: Receipt(tell),
        })?;
        told.recv().map_err(|_| CacheError::Ended)??;
        Ok(Stored { token })
    }

    /// Notes what is known of an account, region and source. `Reading` is nothing to remember. Does not wait: thousands of these
    /// come while an organisation is read, and go into the transaction that is next.
    pub fn cover(&self, row: &Coverage, at: Time) {
        if row.state == CoverageState::Reading {
            return;
        }
        let is_new = self.waiting.cover(row.clone(), at);
        self.told(is_new);
    }

    /// Tells the thread that something waits, where it was not told. One that has ended has told why.
    fn told(&self, is_new: bool) {
        if is_new && !self.wakes() {
            // Nobody will ever write it.
            self.waiting.clear();
        }
    }

    /// Lets the thread look at what waits. Where there is no room for that word the thread has other jobs to come to, and looks at
    /// each. False if it has ended.
    fn wakes(&self) -> bool {
        let Some(work) = &self.work else { return false };
        !matches!(work.try_send(Job::Waiting), Err(TrySendError::Disconnected(_)))
    }

    /// The finding as AWS sent it.
    pub fn raw(&self, key: &FindingKey) -> Result<Bytes, CacheError> {
        let key = key.clone();
        self.ask(move |tables| tables.raw(&key))?.ok_or(CacheError::Unknown)
    }

    /// Begins a run: whatever is stored from now on, by another console of the workspace too, belongs to it or to a later one.
    pub fn begin(&self) -> Result<Run, CacheError> {
        let latest = Arc::clone(&self.latest);
        self.ask(move |tables| {
            let run = tables.begin(latest.load(Ordering::SeqCst))?;
            latest.fetch_max(run.0, Ordering::SeqCst);
            Ok(run)
        })
    }

    /// At most `limit` findings that were last received before the run `before`, the worst first, after where the last page ended.
    /// Those that are known to be gone are left out. The page after the last is empty.
    pub fn page(
        &self,
        scope: &Scope,
        before: Run,
        after: Option<Mark>,
        limit: usize,
    ) -> Result<(Vec<Kept>, Option<Mark>), CacheError> {
        let scope = scope.clone();
        let (kept, last) = self.ask(move |tables| tables.page(&scope, before, after.map(|m| m.0), limit))?;
        Ok((kept, last.map(Mark)))
    }

    /// What was last known of each account, region and source.
    pub fn coverage(&self, scope: &Scope) -> Result<Vec<Known>, CacheError> {
        let scope = scope.clone();
        self.ask(move |tables| {
            let mut rows = tables.coverage()?;
            rows.retain(|known| scope.holds(known.row.account, &known.row.region));
            Ok(rows)
        })
    }

    /// Keeps what accounts are called, for the next start. One that came without a name keeps what is known. Does not wait.
    pub fn name(&self, names: Vec<(AccountId, Untrusted)>) {
        let is_new = self.waiting.name(names);
        self.told(is_new);
    }

    /// What accounts are called, as far as it was ever told.
    pub fn names(&self, scope: &Scope) -> Result<Vec<(AccountId, Untrusted)>, CacheError> {
        let wanted = scope.accounts.clone();
        self.ask(move |tables| {
            let mut names = tables.names()?;
            names.retain(|(account, _)| wanted.is_empty() || wanted.contains(account));
            Ok(names)
        })
    }

    /// Marks up to `limit` findings of an account, region and source as gone that were not received in the run `before` or later,
    /// and returns them: everything was read since it began, and they were not there. None where something that was received since
    /// could not be stored: it may be among them.
    pub fn gone(&self, place: &Place, source: Source, before: Run, limit: usize) -> Result<Vec<Kept>, CacheError> {
        let place = place.clone();
        self.ask(move |tables| tables.gone(&place, source, before, limit))
    }

    /// Where the cache holds findings that were last received before a run: only there can something be gone.
    pub fn older(&self, before: Run) -> Result<BTreeSet<(AccountId, Region, Source)>, CacheError> {
        self.ask(move |tables| tables.older(before))
    }

    /// What a source told since the run `from` and before the run `before`, to whichever console of the workspace: each as `read` makes
    /// it of what is kept, which is in memory a page at a time.
    pub fn since<T>(
        &self,
        scope: &Scope,
        source: Source,
        (from, before): (Run, Run),
        read: impl Fn(&Kept) -> T,
    ) -> Result<Vec<T>, CacheError> {
        let (mut all, mut after) = (Vec::new(), i64::MIN);
        loop {
            let (page, last) = self.ask(move |tables| tables.since(source, (from, before), after, PAGE))?;
            let wanted = page
                .iter()
                .filter(|kept| scope.holds(kept.key.account, &kept.key.region));
            all.extend(wanted.map(&read));
            let Some(last) = last else { return Ok(all) };
            after = last;
        }
    }

    /// How many messages were set aside in all, and up to `limit` of them, the last first.
    pub fn asides(&self, limit: usize) -> Result<Asides, CacheError> {
        self.ask(move |tables| tables.asides(limit))
    }

    /// What went wrong since the last question, where nobody waited for an answer.
    #[must_use]
    pub fn trouble(&self) -> Option<String> {
        self.trouble.lock().unwrap_or_else(PoisonError::into_inner).take()
    }

    /// Lets no more pages be written, as a full disk does.
    #[cfg(test)]
    pub(crate) fn limit(&self, pages: i64) -> i64 {
        self.ask(move |tables| tables.limit(pages)).unwrap()
    }

    fn send(&self, job: Job) -> Result<(), CacheError> {
        let work = self.work.as_ref().ok_or(CacheError::Ended)?;
        work.send(job).map_err(|_| CacheError::Ended)
    }

    fn ask<T: Send + 'static>(
        &self,
        question: impl Fn(&table::Tables<'_>) -> rusqlite::Result<T> + Send + 'static,
    ) -> Result<T, CacheError> {
        let (tell, told) = sync_channel(1);
        self.send(Job::ask(question, tell))?;
        told.recv().map_err(|_| CacheError::Ended)?
    }
}

impl Drop for Cache {
    fn drop(&mut self) {
        drop(self.work.take());
        if let Some(thread) = self.thread.take() {
            // A thread that had a fault has been told of.
            let _ = thread.join();
        }
    }
}

#[cfg(test)]
mod tests;
