//! Why there is no plan.

use std::fmt;

use serde::{Deserialize, Serialize};

use super::facts::{ReadFailure, ReadFailureKind};
use super::query::Query;
use crate::domain::Untrusted;

/// An action stops short of a plan: it needs more facts, or it refuses.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum Stop {
    /// Read these, then ask again.
    Ask(Vec<Query>),
    /// There is no plan to make.
    Refuse(Refusal),
}

/// A refusal: what is in the way, and what the responder can do about it.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize, thiserror::Error)]
pub struct Refusal {
    pub kind: RefusalKind,
    pub why: String,
    pub instead: String,
}

#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "kebab-case")]
pub enum RefusalKind {
    /// The action does not fit this kind of target.
    WrongTarget,
    /// AWS says that the target does not exist.
    Gone,
    /// The state that the action would bring about is there already.
    AlreadyDone,
    /// A fact that the plan rests on could not be read.
    Unreadable,
    /// The world is no longer as the plan, or the record to undo, says.
    Drifted,
    /// What was chosen is not something that the action knows.
    BadChoice,
    /// What is asked for would harm more than it helps: it would lock the responder out, or destroy evidence.
    Unsafe,
    /// There is nothing that can be undone.
    NothingToUndo,
}

impl Refusal {
    /// A refusal in two sentences: why, and what to do instead.
    pub fn new(kind: RefusalKind, why: impl Into<String>, instead: impl Into<String>) -> Self {
        Self {
            kind,
            why: why.into(),
            instead: instead.into(),
        }
    }

    pub(super) fn confused(query: &Query) -> Self {
        Self::new(
            RefusalKind::Unreadable,
            format!("The answer to {query:?} is of another kind than the question."),
            "This is a fault in quell; please report it.",
        )
    }

    pub(super) fn unreadable(query: &Query, failure: &ReadFailure) -> Self {
        let call = query.permissions().join(" and ");
        let said = ended(failure.message.raw());
        match failure.kind {
            ReadFailureKind::NotFound => Self::new(
                RefusalKind::Gone,
                format!("AWS does not find it: {said}"),
                "Check the account and region, or whether it was deleted since the finding.",
            ),
            ReadFailureKind::Denied => Self::new(
                RefusalKind::Unreadable,
                format!("The session may not read it: {said}"),
                format!("Allow {call} for the role, or choose another account."),
            ),
            ReadFailureKind::Malformed => Self::new(
                RefusalKind::Unreadable,
                format!("The answer could not be understood: {said}"),
                format!("Try again; if it stays, look at {call} by hand."),
            ),
            ReadFailureKind::Unreachable => Self::new(
                RefusalKind::Unreadable,
                format!("No answer: {said}"),
                "Try again; nothing was changed.",
            ),
        }
    }
}

/// A message of AWS as the end of a sentence: what comes next begins another one.
fn ended(message: &str) -> Untrusted {
    let message = message.trim_end();
    let stop = if message.ends_with(['.', '!', '?']) { "" } else { "." };
    Untrusted::new(format!("{message}{stop}"))
}

impl fmt::Display for Refusal {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "{} {}", self.why, self.instead)
    }
}

impl From<Refusal> for Stop {
    fn from(refusal: Refusal) -> Self {
        Self::Refuse(refusal)
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn what_aws_says_ends_before_the_advice_begins() {
        assert_eq!(
            ended("sns:Publish: no such topic ").shown(),
            "sns:Publish: no such topic."
        );
        for whole in ["It is gone.", "Is it there?"] {
            assert_eq!(ended(whole).shown(), whole);
        }
    }
}
