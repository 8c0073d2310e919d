//! A plan that was applied, as an undo sees it.
//!
//! Owns: what an undo may know of the plan that it takes back. Must never: let it see a call that changed nothing. A call that AWS
//! refused, or that was never sent, is not this plan's doing: what looks like its effect is somebody else's, and stays.

use super::facts::Facts;
use super::mutation::{Made, Mutation};
use super::plan::{Plan, Request};
use super::refusal::{Refusal, RefusalKind};

/// A plan that changed something, or may have.
#[derive(Clone, Debug)]
pub struct Done {
    /// The journal sequence of the confirmed plan.
    pub seq: u64,
    pub plan: Recorded,
    /// What its calls made.
    pub made: Made,
    changes: Vec<Mutation>,
}

/// What the plan recorded, without its calls: of these an undo is told by [`Done::changes`] alone.
#[derive(Clone, Debug)]
pub struct Recorded {
    pub request: Request,
    /// The state before.
    pub before: Facts,
    /// What undo cannot restore, as the plan said it.
    pub lost: Vec<String>,
}

impl Done {
    /// What `plan`, confirmed by record `seq`, did. `took_effect` are the numbers of its calls that took effect (applied or already so)
    /// or may have: they were sent, and what became of them is not known. Refused where there is none.
    pub fn new(seq: u64, plan: Plan, took_effect: &[usize], made: Made) -> Result<Self, Refusal> {
        let calls = plan.draft.calls.into_iter().enumerate();
        let changes: Vec<Mutation> = calls
            .filter(|(number, _)| took_effect.contains(number))
            .map(|(_, call)| call.mutation)
            .collect();
        if changes.is_empty() {
            return Err(Refusal::new(
                RefusalKind::NothingToUndo,
                format!("Record {seq} changed nothing: no call of its plan took effect."),
                "What the target is like now is somebody else's doing; quell journal show lists the plans that changed something.",
            ));
        }
        Ok(Self {
            seq,
            plan: Recorded {
                request: plan.request,
                before: plan.before,
                lost: plan.draft.lost,
            },
            made,
            changes,
        })
    }

    /// The calls that took effect or may have, in the plan's order. There is at least one.
    pub fn changes(&self) -> impl Iterator<Item = &Mutation> {
        self.changes.iter()
    }
}
