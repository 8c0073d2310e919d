//! The price of a change.
//!
//! A permit exists only because its intent is on the disk, and it is spent on one call. There is no other way to make one:
//!
//! ```compile_fail,E0451
//! # use quell::{action::Mutation, journal::{Permit, Receipt}};
//! fn forge(mutation: Mutation, receipt: Receipt) -> Permit {
//!     Permit { mutation, receipt }
//! }
//! ```
//!
//! ```compile_fail,E0599
//! # use quell::journal::Permit;
//! fn double(permit: Permit) -> (Permit, Permit) {
//!     (permit.clone(), permit)
//! }
//! ```
//!
//! ```compile_fail,E0382
//! # use quell::journal::Permit;
//! fn spend_twice(permit: Permit) {
//!     let _ = permit.spend();
//!     let _ = permit.spend();
//! }
//! ```
//!
//! The same code without the fault compiles, so that these tests fail for the reason they name:
//!
//! ```
//! # use quell::{action::Mutation, journal::{Permit, Receipt}};
//! fn spend_once(permit: Permit) -> (Mutation, Receipt) {
//!     permit.spend()
//! }
//! ```

use crate::action::{Confirmed, Made, Mutation, Outcome, Plan};
use crate::domain::{AccountId, Region};

/// The right to send one call, once.
#[derive(Debug)]
pub struct Permit {
    mutation: Mutation,
    receipt: Receipt,
}

/// What is left of a spent permit: the duty to write down the outcome.
#[derive(Debug)]
#[must_use = "the outcome of a call must be journaled"]
pub struct Receipt {
    pub(super) intent: u64,
    pub(super) call: usize,
}

/// A confirmed plan that is being applied. It hands out one intent after another and none after a failure.
#[derive(Debug)]
pub struct Underway {
    pub(super) confirmed: Confirmed,
    pub(super) seq: u64,
    pub(super) state: State,
    pub(super) made: Made,
}

#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) enum State {
    /// The call of this number may be intended.
    Ready(usize),
    /// The intent of this call is written, its outcome is not. `intent` tells it from the same call of another plan.
    Awaiting { call: usize, intent: u64 },
    /// A call failed, is unknown, or could not be worked out: nothing more may be sent.
    Stopped,
}

impl Permit {
    pub(super) fn new(mutation: Mutation, intent: u64, call: usize) -> Self {
        Self {
            mutation,
            receipt: Receipt { intent, call },
        }
    }

    /// The call, for a look. Sending it needs `spend`.
    #[must_use]
    pub fn mutation(&self) -> &Mutation {
        &self.mutation
    }

    /// Gives up the permit for the call, every reference resolved to an id.
    pub fn spend(self) -> (Mutation, Receipt) {
        (self.mutation, self.receipt)
    }
}

impl Underway {
    pub(super) fn new(confirmed: Confirmed, seq: u64) -> Self {
        Self {
            confirmed,
            seq,
            state: State::Ready(0),
            made: Made::new(),
        }
    }

    /// The plan.
    #[must_use]
    pub fn plan(&self) -> &Plan {
        self.confirmed.plan()
    }

    /// The journal sequence of the confirmed plan, which is what `quell undo` takes.
    #[must_use]
    pub fn seq(&self) -> u64 {
        self.seq
    }

    /// What the calls have made so far.
    #[must_use]
    pub fn made(&self) -> &Made {
        &self.made
    }

    /// The number of the call that comes next, if one does.
    #[must_use]
    pub fn next(&self) -> Option<usize> {
        match self.state {
            State::Ready(call) if call < self.plan().draft.calls.len() => Some(call),
            State::Ready(_) | State::Awaiting { .. } | State::Stopped => None,
        }
    }

    /// Where the calls go.
    #[must_use]
    pub fn place(&self) -> (&AccountId, &Region) {
        (&self.plan().request.account, &self.plan().request.region)
    }

    pub(super) fn settle(&mut self, call: usize, outcome: &Outcome) {
        if let Outcome::Applied { made, .. } = outcome {
            self.made.insert(call, made.clone());
        }
        self.state = if outcome.goes_on() {
            State::Ready(call + 1)
        } else {
            State::Stopped
        };
    }
}
