//! What is handed over to the cache.
//!
//! Owns: which findings and which messages go in together. Must never: copy the evidence, which is shared.

use bytes::Bytes;

use super::table::Row;
use crate::findings::Seen;

/// What is to be stored together.
#[derive(Debug, Default)]
pub struct Batch {
    pub(super) rows: Vec<Row>,
    pub(super) aside: Vec<Aside>,
}

impl Batch {
    /// These findings. The evidence is shared, not copied.
    #[must_use]
    pub fn of(findings: &[Seen]) -> Self {
        Self {
            rows: findings.iter().map(Row::of).collect(),
            aside: Vec::new(),
        }
    }

    /// Adds something that is no finding and must not get lost.
    pub fn set_aside(&mut self, aside: Aside) {
        self.aside.push(aside);
    }

    pub(super) fn len(&self) -> usize {
        self.rows.len() + self.aside.len()
    }

    /// What it holds in memory, about.
    pub(super) fn bytes(&self) -> usize {
        let rows = self.rows.iter().map(Row::bytes);
        rows.chain(self.aside.iter().map(|a| a.body.len())).sum()
    }
}

/// A queue's message that is no event.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Aside {
    /// The message's id.
    pub id: String,
    /// Why it is none, in plain words.
    pub why: String,
    /// The message as it came.
    pub body: Bytes,
}

/// The messages that were set aside.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct Asides {
    pub count: u64,
    /// The ids of the last ones and why they are no events, the last first.
    pub last: Vec<(String, String)>,
}
