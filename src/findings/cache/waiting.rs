//! What is handed over to the cache and waits for its thread.
//!
//! Owns: the bound on it, in bytes. Must never: change the order of what was told, or keep anybody waiting for a thread that has
//! ended.

use std::collections::VecDeque;
use std::sync::{Condvar, Mutex, MutexGuard, PoisonError};
use std::time::Duration;

use super::Batch;
use crate::domain::{AccountId, Time, Untrusted};
use crate::findings::Coverage;

/// Bytes of findings that wait, about; whoever has more waits with them.
const MOST: usize = 2 << 20;
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
    names: Vec<(AccountId, Untrusted)>,
    /// Whether the thread was told that something waits, and did not look since. Being told again would only wake it.
    told: bool,
}

/// What goes into one transaction.
#[derive(Debug, Default)]
pub struct Taken {
    pub findings: Vec<(Batch, Time)>,
    pub covered: Vec<(Coverage, Time)>,
    /// What accounts are called.
    pub names: Vec<(AccountId, Untrusted)>,
}

impl Waiting {
    /// Whether whoever has more findings has to wait.
    pub fn is_full(&self) -> bool {
        self.lock().bytes >= MOST
    }

    /// Waits until there is room, or until `goes_on` says that nobody makes any.
    pub fn room(&self, goes_on: impl Fn() -> bool) {
        let mut inner = self.lock();
        while inner.bytes >= MOST && goes_on() {
            let waited = self.room.wait_timeout(inner, LOOK);
            inner = waited.unwrap_or_else(PoisonError::into_inner).0;
        }
    }

    /// Adds findings. Whether the thread is to be told.
    #[must_use]
    pub fn add(&self, batch: Batch, at: Time) -> bool {
        let mut inner = self.lock();
        inner.bytes += batch.bytes();
        inner.findings.push_back((batch, at));
        !std::mem::replace(&mut inner.told, true)
    }

    /// Adds what is known of an account and region. Whether the thread is to be told.
    #[must_use]
    pub fn cover(&self, row: Coverage, at: Time) -> bool {
        let mut inner = self.lock();
        inner.covered.push((row, at));
        !std::mem::replace(&mut inner.told, true)
    }

    /// Adds what accounts are called. Whether the thread is to be told.
    #[must_use]
    pub fn name(&self, names: Vec<(AccountId, Untrusted)>) -> bool {
        let mut inner = self.lock();
        inner.names.extend(names);
        !std::mem::replace(&mut inner.told, true)
    }

    /// How many batches wait.
    pub fn batches(&self) -> usize {
        self.lock().findings.len()
    }

    /// Takes the findings that came first, so many that `rows` or `batches` is reached, and all of the rest. None where nothing waits.
    pub fn take(&self, rows: usize, batches: usize) -> Option<Taken> {
        let mut inner = self.lock();
        inner.told = false;
        let mut taken = Taken {
            findings: Vec::new(),
            covered: std::mem::take(&mut inner.covered),
            names: std::mem::take(&mut inner.names),
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
        let is_nothing = taken.findings.is_empty() && taken.covered.is_empty() && taken.names.is_empty();
        (!is_nothing).then_some(taken)
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

#[cfg(test)]
mod tests {
    use super::*;
    use crate::findings::cache::Aside;

    fn batch(id: usize, bytes: usize) -> Batch {
        let mut batch = Batch::default();
        batch.set_aside(Aside {
            id: id.to_string(),
            why: String::new(),
            body: vec![0; bytes].into(),
        });
        batch
    }

    fn now() -> Time {
        "2026-03-01T12:00:00Z".parse().unwrap()
    }

    fn ids(taken: &Taken) -> Vec<&str> {
        let batches = taken.findings.iter();
        batches.flat_map(|(b, _)| &b.aside).map(|a| a.id.as_str()).collect()
    }

    #[test]
    fn the_thread_is_told_once_until_it_looks_and_takes_what_came_first() {
        let waiting = Waiting::default();
        assert!(waiting.take(10, 10).is_none());
        let told: Vec<bool> = (0..5).map(|id| waiting.add(batch(id, 1), now())).collect();
        assert_eq!(told, [true, false, false, false, false]);
        assert_eq!(ids(&waiting.take(2, 5).unwrap()), ["0", "1"]);
        assert!(waiting.add(batch(5, 1), now()), "it has looked since");
        assert_eq!(ids(&waiting.take(10, 3).unwrap()), ["2", "3", "4"]);
        assert_eq!(ids(&waiting.take(10, 3).unwrap()), ["5"]);
        assert!(waiting.take(10, 3).is_none());
    }

    #[test]
    fn whoever_has_more_than_there_is_room_for_waits_for_the_thread_and_not_without_it() {
        let waiting = Waiting::default();
        let _ = waiting.add(batch(0, MOST), now());
        assert!(waiting.is_full());
        // Nobody makes room any more.
        waiting.room(|| false);
        std::thread::scope(|scope| {
            scope.spawn(|| waiting.take(1, 1).unwrap());
            waiting.room(|| true);
        });
        assert!(!waiting.is_full());
    }
}
