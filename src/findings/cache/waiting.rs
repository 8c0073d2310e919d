//! What is handed over to the cache and waits for its thread.
//!
//! Owns: the bound on it, in bytes. Must never: change the order of what was told, or keep anybody waiting for a thread that has
//! ended.

use std::collections::VecDeque;
use std::sync::{Condvar, Mutex, MutexGuard, PoisonError};
use std::time::Duration;

use super::Batch;
use crate::domain::Time;
use crate::findings::Coverage;

/// Bytes of findings that wait, about; whoever has more waits with them.
const MOST: usize = 4 << 20;
/// How often one who waits for room asks whether there is still somebody who makes it.
const LOOK: Duration = Duration::from_millis(200);

/// Findings, and what is known of accounts and regions.
#[derive(Debug, Default)]
pub struct Waiting {
    inner: Mutex<Inner>,
    room: Condvar,
}

#[derive(Debug, Default)]
struct Inner {
    findings: VecDeque<(Batch, Time)>,
    bytes: usize,
    covered: Vec<(Coverage, Time)>,
}

/// What goes into one transaction.
#[derive(Debug, Default)]
pub struct Taken {
    pub findings: Vec<(Batch, Time)>,
    pub covered: Vec<(Coverage, Time)>,
}

impl Waiting {
    /// Waits until there is room, or until `goes_on` says that nobody makes any.
    pub fn room(&self, goes_on: impl Fn() -> bool) {
        let mut inner = self.lock();
        while inner.bytes >= MOST && goes_on() {
            let waited = self.room.wait_timeout(inner, LOOK);
            inner = waited.unwrap_or_else(PoisonError::into_inner).0;
        }
    }

    /// Adds findings.
    pub fn add(&self, batch: Batch, at: Time) {
        let mut inner = self.lock();
        inner.bytes += batch.bytes();
        inner.findings.push_back((batch, at));
    }

    /// Adds what is known of an account and region.
    pub fn cover(&self, row: Coverage, at: Time) {
        self.lock().covered.push((row, at));
    }

    /// How many batches wait.
    pub fn batches(&self) -> usize {
        self.lock().findings.len()
    }

    /// Takes the findings that came first, so many that `rows` or `batches` is reached, and all of the rest. None where nothing waits.
    pub fn take(&self, rows: usize, batches: usize) -> Option<Taken> {
        let mut inner = self.lock();
        let mut taken = Taken {
            findings: Vec::new(),
            covered: std::mem::take(&mut inner.covered),
        };
        let mut count = 0;
        while count < rows
            && taken.findings.len() < batches
            && let Some((batch, at)) = inner.findings.pop_front()
        {
            count += batch.len();
            inner.bytes -= batch.bytes();
            taken.findings.push((batch, at));
        }
        drop(inner);
        self.room.notify_all();
        (!taken.findings.is_empty() || !taken.covered.is_empty()).then_some(taken)
    }

    /// Forgets everything: nobody will ever write it.
    pub fn clear(&self) {
        *self.lock() = Inner::default();
        self.room.notify_all();
    }

    fn lock(&self) -> MutexGuard<'_, Inner> {
        self.inner.lock().unwrap_or_else(PoisonError::into_inner)
    }
}
