//! The plan screen: reading facts, the plan, the typed confirmation, and the calls as they go.

use crate::action::{self, Check, Digest, Done, Facts, Outcome, Plan, Prediction, Query, Refusal, Request, Stop};
use crate::domain::Time;

use super::input::LineEdit;
use super::prepared::FRESH;
use super::scroll::Scroll;

/// Keys pressed before a prompt could be read are not an answer to it.
const TYPED_AHEAD: jiff::SignedDuration = jiff::SignedDuration::from_millis(400);

/// The screen of one plan.
#[derive(Debug)]
pub struct PlanScreen {
    pub request: Request,
    /// What an undo undoes.
    pub done: Option<Done>,
    /// What the plan rests on: nothing that it did not ask for.
    pub facts: Facts,
    /// What was read before, ahead or for other choices, and serves where it is asked for again.
    pub known: Facts,
    pub stage: Stage,
    pub scroll: Scroll,
}

/// How far the plan is.
#[derive(Debug)]
pub enum Stage {
    /// Facts are being read. `round` counts from 1: each is as many reads side by side as the last one made possible.
    Reading { number: u64, round: u32 },
    /// There is no plan, and why.
    Refused(Refusal),
    /// The plan is on the screen and can be confirmed.
    Ready {
        plan: Box<Plan>,
        digest: Digest,
        since: Time,
        typed: LineEdit,
        error: Option<String>,
        /// What AWS says beforehand about its permissions, once it has.
        prediction: Option<Prediction>,
    },
    /// It was confirmed and is being applied, or has been.
    Applying(Applying),
}

/// A confirmed plan on its way.
#[derive(Debug)]
pub struct Applying {
    pub plan: Box<Plan>,
    pub digest: Digest,
    /// The journal's record of the confirmation, once it is written.
    pub seq: Option<u64>,
    pub calls: Vec<CallView>,
    pub checks: Vec<Check>,
    /// Whether every call that will be sent has been answered, or is unknown.
    pub calls_ended: bool,
    /// Whether reading back has ended too, so that nothing more can come.
    pub ended: bool,
    /// Why it was refused or stopped, one sentence each.
    pub trouble: Vec<String>,
}

/// How a call stands.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum CallView {
    Waiting,
    Sent,
    Answered(Outcome),
}

/// What the screen wants next.
#[derive(Debug)]
pub enum Next {
    /// Read these.
    Read(Vec<Query>),
    /// Nothing: there is a plan or a refusal.
    Settled,
}

impl PlanScreen {
    /// A screen for a request; `advance` says what to read first.
    #[must_use]
    pub fn new(request: Request, done: Option<Done>) -> Self {
        let stage = Stage::Reading { number: 0, round: 0 };
        Self {
            request,
            done,
            facts: Facts::default(),
            known: Facts::default(),
            stage,
            scroll: Scroll::default(),
        }
    }

    /// Makes the plan from the facts there are, or says what else must be read.
    pub fn advance(&mut self, now: Time) -> Next {
        loop {
            match self.step(now) {
                Next::Read(queries) => {
                    let missing = self.recall(queries);
                    if !missing.is_empty() {
                        return Next::Read(missing);
                    }
                }
                Next::Settled => return Next::Settled,
            }
        }
    }

    /// Takes what is known already, and gives back what must be read. A query is known once, so that this ends.
    fn recall(&mut self, queries: Vec<Query>) -> Vec<Query> {
        let (known, missing): (Vec<Query>, Vec<Query>) = queries.into_iter().partition(|q| self.known.get(q).is_some());
        for query in known {
            if let Some(reading) = self.known.take(&query) {
                self.facts.insert(reading);
            }
        }
        missing
    }

    /// Makes the plan anew from its beginning. What was read and is still fresh is kept where `keep` says so; what failed is read
    /// again.
    pub fn restart(&mut self, now: Time, keep: bool) {
        let (facts, known) = (std::mem::take(&mut self.facts), std::mem::take(&mut self.known));
        if keep {
            for reading in known.iter().chain(facts.iter()) {
                if reading.result.is_ok() && now.duration_since(reading.at) < FRESH {
                    self.known.insert(reading.clone());
                }
            }
        }
        self.request.at = now;
        self.stage = Stage::Reading { number: 0, round: 0 };
        self.scroll = Scroll::default();
    }

    fn step(&mut self, now: Time) -> Next {
        match action::plan(&self.request, self.done.as_ref(), &self.facts) {
            Ok(plan) => {
                let (plan, digest) = (Box::new(plan.clone()), plan.digest());
                self.stage = Stage::Ready {
                    plan,
                    digest,
                    since: now,
                    typed: LineEdit::default(),
                    error: None,
                    prediction: None,
                };
                Next::Settled
            }
            Err(Stop::Refuse(refusal)) => {
                self.stage = Stage::Refused(refusal);
                Next::Settled
            }
            Err(Stop::Ask(queries)) => Next::Read(queries),
        }
    }

    /// Whether a key pressed at this time was meant for the confirmation.
    #[must_use]
    pub fn heard(&self, pressed: Time) -> bool {
        match &self.stage {
            Stage::Ready { since, .. } => pressed.duration_since(*since) >= TYPED_AHEAD,
            Stage::Reading { .. } | Stage::Refused(_) | Stage::Applying(_) => true,
        }
    }
}

impl Applying {
    /// A plan that was just confirmed.
    #[must_use]
    pub fn new(plan: Box<Plan>, digest: Digest) -> Self {
        let calls = vec![CallView::Waiting; plan.draft.calls.len()];
        Self {
            plan,
            digest,
            seq: None,
            calls,
            checks: Vec::new(),
            calls_ended: false,
            ended: false,
            trouble: Vec::new(),
        }
    }

    /// Whether every call went through and everything was read back as expected.
    #[must_use]
    pub fn is_verified(&self) -> bool {
        self.calls
            .iter()
            .all(|c| matches!(c, CallView::Answered(outcome) if outcome.goes_on()))
            && self.checks.len() == self.plan.draft.expectations.len()
            && self
                .checks
                .iter()
                .all(|c| matches!(c.verdict, action::Verdict::Verified))
    }
}
