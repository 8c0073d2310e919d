//! A bound on what is under way, with an order among those who wait.
//!
//! Owns: the units. Those of the last rank enter only while little else is under way, so that what is no finding holds up none.
//!
//! Must never: let one in whose units are not free, or lose the units of one who went away.

use std::collections::BTreeMap;
use std::sync::{Arc, Mutex, PoisonError};

use tokio::sync::oneshot;

use super::Rank;

/// The last rank waits while more than this part of the whole is in use by others.
const LITTLE: usize = 4;

#[derive(Clone, Debug)]
pub(super) struct Gate {
    whole: usize,
    inner: Arc<Mutex<Inner>>,
}

#[derive(Debug)]
struct Inner {
    free: usize,
    /// Units in use by others than the last rank.
    busy: usize,
    waiting: BTreeMap<(Rank, u64), Waiting>,
    came: u64,
}

#[derive(Debug)]
struct Waiting {
    units: usize,
    enter: oneshot::Sender<Permit>,
}

/// Units that are in use until this is dropped.
#[derive(Debug)]
pub(super) struct Permit {
    gate: Gate,
    units: usize,
    rank: Rank,
}

impl Inner {
    /// Whether one of this rank may take so many units now.
    fn fits(&self, rank: Rank, units: usize, whole: usize) -> bool {
        self.free >= units && (rank != Rank::LAST || self.busy <= whole / LITTLE)
    }

    fn take(&mut self, rank: Rank, units: usize) {
        self.free -= units;
        if rank != Rank::LAST {
            self.busy += units;
        }
    }
}

impl Gate {
    pub fn new(units: usize) -> Self {
        Self {
            whole: units,
            inner: Arc::new(Mutex::new(Inner {
                free: units,
                busy: 0,
                waiting: BTreeMap::new(),
                came: 0,
            })),
        }
    }

    /// Waits until so many units are free and nobody with a better rank waits. More than there are counts as all of them.
    pub async fn enter(&self, rank: Rank, units: usize) -> Permit {
        let units = units.min(self.whole);
        let turn = {
            let mut inner = self.inner.lock().unwrap_or_else(PoisonError::into_inner);
            if inner.waiting.is_empty() && inner.fits(rank, units, self.whole) {
                inner.take(rank, units);
                return self.permit(rank, units);
            }
            let (enter, turn) = oneshot::channel();
            inner.came += 1;
            let place = (rank, inner.came);
            inner.waiting.insert(place, Waiting { units, enter });
            turn
        };
        // One who is better than the first may fit where the first does not.
        self.admit();
        // The sender lives in the queue until it has sent, and the queue lives as long as this gate.
        match turn.await {
            Ok(permit) => permit,
            Err(_) => self.permit(rank, 0),
        }
    }

    fn permit(&self, rank: Rank, units: usize) -> Permit {
        Permit {
            gate: self.clone(),
            units,
            rank,
        }
    }

    /// Lets in whoever is first, as long as there is room.
    fn admit(&self) {
        loop {
            let (enter, permit) = {
                let mut inner = self.inner.lock().unwrap_or_else(PoisonError::into_inner);
                // Those who went away are passed over here, so that a thousand of them do not free one another in a chain.
                while inner
                    .waiting
                    .first_key_value()
                    .is_some_and(|(_, w)| w.enter.is_closed())
                {
                    inner.waiting.pop_first();
                }
                let fits = |((rank, _), w): (&(Rank, u64), &Waiting)| inner.fits(*rank, w.units, self.whole);
                if !inner.waiting.first_key_value().is_some_and(fits) {
                    return;
                }
                let Some(((rank, _), waiting)) = inner.waiting.pop_first() else {
                    return;
                };
                inner.take(rank, waiting.units);
                (waiting.enter, self.permit(rank, waiting.units))
            };
            // One who went away this instant drops the permit here, outside of the lock, which frees its units again.
            drop(enter.send(permit));
        }
    }
}

impl Drop for Permit {
    fn drop(&mut self) {
        {
            let mut inner = self.gate.inner.lock().unwrap_or_else(PoisonError::into_inner);
            inner.free += self.units;
            if self.rank != Rank::LAST {
                inner.busy -= self.units;
            }
        }
        self.gate.admit();
    }
}
