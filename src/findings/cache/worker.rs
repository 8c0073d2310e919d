//! The one thread that touches the cache's file.
//!
//! Owns: the connection, the transactions and what becomes of a damaged file. Must never: answer for a storing before its
//! transaction has ended, or end because of one bad job.

use std::fmt;
use std::path::PathBuf;
use std::sync::atomic::{AtomicI64, Ordering};
use std::sync::mpsc::{Receiver, SyncSender};
use std::sync::{Arc, Mutex, PoisonError};
use std::time::Duration;

use rusqlite::Connection;

use super::table::Tables;
use super::waiting::{Taken, Waiting};
use super::{Batch, CacheError, file};
use crate::domain::Time;

/// About this many rows share a transaction: enough that the disk waits for few, few enough that a question waits for little.
const TOGETHER: usize = 1_000;
/// What waits may wait so long for more to share its transaction with, unless somebody asks something.
const LINGER: Duration = Duration::from_millis(20);
/// How much nicer than the rest the thread of the cache is.
#[cfg(target_os = "linux")]
const STEP_BACK: i32 = 5;

/// Tells whoever waits that something is stored, or why not.
pub struct Receipt(pub SyncSender<Result<(), CacheError>>);

type Question = Box<dyn FnOnce(Option<&Tables<'_>>) -> Result<(), rusqlite::Error> + Send>;

/// What the thread is asked to do.
pub enum Job {
    Store {
        batch: Batch,
        at: Time,
        receipt: Receipt,
    },
    /// Something was added to what waits.
    Waiting,
    Ask(Question),
}

impl fmt::Debug for Job {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str("Job")
    }
}

impl Job {
    /// A question whose answer somebody waits for.
    pub fn ask<T: Send + 'static>(
        question: impl Fn(&Tables<'_>) -> rusqlite::Result<T> + Send + 'static,
        tell: SyncSender<Result<T, CacheError>>,
    ) -> Self {
        Self::Ask(Box::new(move |tables| {
            let Some(tables) = tables else {
                // Where nobody waits any more there is nobody to tell.
                let _ = tell.send(Err(CacheError::Ended));
                return Ok(());
            };
            let answer = question(tables);
            let (told, error) = match answer {
                Ok(answer) => (Ok(answer), None),
                Err(error) => (Err(database(&error)), Some(error)),
            };
            let _ = tell.send(told);
            error.map_or(Ok(()), Err)
        }))
    }
}

/// The thread's own.
pub struct Worker {
    sql: Connection,
    path: Option<PathBuf>,
    name: String,
    world: i64,
    opened: Time,
    trouble: Arc<Mutex<Option<String>>>,
    latest: Arc<AtomicI64>,
    waiting: Arc<Waiting>,
    /// The latest run in which something that was received could not be stored. What was received in it again looks as if it had not
    /// come, so no read that began before the failure says what is gone.
    failed: i64,
}

impl Worker {
    pub fn new(
        (sql, world): file::Opened,
        path: Option<PathBuf>,
        name: &str,
        opened: Time,
        (trouble, latest, waiting): (Arc<Mutex<Option<String>>>, Arc<AtomicI64>, Arc<Waiting>),
    ) -> Self {
        Self {
            sql,
            path,
            name: name.to_owned(),
            world,
            opened,
            trouble,
            latest,
            waiting,
            failed: 0,
        }
    }

    /// Works until nobody can ask any more. What was told before a question, or before something else that is to be stored, comes
    /// before it.
    pub fn run(mut self, jobs: &Receiver<Job>) {
        step_back();
        let mut next = jobs.recv().ok();
        while let Some(job) = next.take() {
            if matches!(job, Job::Waiting) && !self.waiting.is_full() {
                next = jobs.recv_timeout(LINGER).ok();
            }
            self.catch_up();
            match job {
                Job::Ask(question) => {
                    let asked = question(Some(&Tables::of(&self.sql, self.world, self.failed)));
                    if let Err(error) = asked {
                        self.hurt(&error);
                    }
                }
                Job::Waiting => {}
                Job::Store { batch, at, receipt } => {
                    let (mut together, mut receipts) = (Taken::default(), vec![receipt]);
                    together.findings.push((batch, at));
                    while receipts.len() < TOGETHER {
                        match jobs.try_recv() {
                            Ok(Job::Store { batch, at, receipt }) => {
                                together.findings.push((batch, at));
                                receipts.push(receipt);
                            }
                            Ok(Job::Waiting) => {}
                            Ok(other) => {
                                next = Some(other);
                                break;
                            }
                            Err(_) => break,
                        }
                    }
                    let told = self.store(&together, true);
                    for Receipt(tell) in receipts {
                        let _ = tell.send(told.clone());
                    }
                }
            }
            if next.is_none() {
                next = jobs.recv().ok();
            }
        }
        self.catch_up();
    }

    /// Stores what waits now. What comes meanwhile waits for the next time, so that no question waits for all of a reading.
    fn catch_up(&mut self) {
        let mut due = self.waiting.batches();
        while let Some(taken) = self.waiting.take(TOGETHER, due) {
            due -= taken.findings.len();
            // `trouble` tells what went wrong.
            let _ = self.store(&taken, false);
        }
    }

    fn store(&mut self, together: &Taken, awaited: bool) -> Result<(), CacheError> {
        let mut ended = self.transaction(together, awaited);
        if let Err(error) = &ended
            && self.hurt(error)
        {
            ended = self.transaction(together, awaited);
        }
        if ended.is_err() && !together.findings.is_empty() {
            self.failed = self.failed.max(self.latest.load(Ordering::SeqCst));
        }
        ended.map_err(|error| database(&error))
    }

    fn transaction(&mut self, together: &Taken, awaited: bool) -> rusqlite::Result<()> {
        let Taken {
            findings,
            covered,
            names,
        } = together;
        // What somebody waits for must survive a power cut; for the rest it is enough that the file stays whole.
        let sync = if awaited { "full" } else { "normal" };
        self.sql.pragma_update(None, "synchronous", sync)?;
        let transaction = self
            .sql
            .transaction_with_behavior(rusqlite::TransactionBehavior::Immediate)?;
        let tables = Tables::of(&transaction, self.world, self.failed);
        let used = findings.iter().map(|(_, at)| *at);
        if let Some(at) = used.chain(covered.iter().map(|(_, at)| *at)).max() {
            tables.in_use(at)?;
        }
        for (batch, at) in findings {
            for row in &batch.rows {
                tables.store(row, *at)?;
            }
            for aside in &batch.aside {
                tables.put_aside(aside, *at)?;
            }
        }
        for (row, at) in covered {
            tables.cover(row, *at)?;
        }
        tables.name(names)?;
        transaction.commit()
    }

    /// Notes what went wrong. A damaged file is set aside and begun anew; then it is worth another try.
    fn hurt(&mut self, error: &rusqlite::Error) -> bool {
        let mended = file::is_damage(error).then(|| self.path.clone()).flatten().map(|path| {
            // The old connection is closed first: its end would take away the log that belongs to the name, not to the file.
            self.sql = Connection::open_in_memory().map_err(|e| database(&e))?;
            let kept = file::set_aside(&path)?;
            // Made by SQLite, the new file would be for others to read, and the next start would refuse it.
            if let Some(directory) = path.parent() {
                file::prepare(directory)?;
            }
            (self.sql, self.world) =
                file::connect(&path, &self.name, self.opened).map_err(|e| CacheError::Database(e.to_string()))?;
            // The new file counts on from the old one, or what is stored from now on would be taken for gone.
            let tables = Tables::of(&self.sql, self.world, self.failed);
            let run = tables.begin(self.latest.load(Ordering::SeqCst));
            self.latest.store(run.map_err(|e| database(&e))?.0, Ordering::SeqCst);
            let rescued = file::take_over(&path, &kept, &mut self.sql);
            Ok::<_, CacheError>((kept, rescued))
        });
        let (told, again) = match mended {
            None => (
                format!("The cache failed: {error}. JSON that is not kept can be read again from AWS."),
                false,
            ),
            Some(Ok((kept, rescued))) => (
                format!(
                    "The cache was damaged ({error}) and was set aside as {kept}; what is read from now on is kept in a new one; {rescued}"
                ),
                true,
            ),
            Some(Err(other)) => (
                format!("The cache is damaged ({error}), and no new one could be begun: {other}."),
                false,
            ),
        };
        *self.trouble.lock().unwrap_or_else(PoisonError::into_inner) = Some(told);
        again
    }
}

/// Lets what reads and draws go first where all cores are busy: what is kept for the next start can wait a moment. Linux counts
/// niceness by the thread (setpriority(2), "C library/kernel differences"); elsewhere it would slow the whole process.
fn step_back() {
    #[cfg(target_os = "linux")]
    // Refused or not, everything works.
    let _ = rustix::process::nice(STEP_BACK);
}

fn database(error: &rusqlite::Error) -> CacheError {
    CacheError::Database(error.to_string())
}
