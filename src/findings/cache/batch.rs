//! What is handed over to the cache.
//!
//! Owns: which findings and which messages go in together. Must never: copy the evidence, which is shared.

use bytes::Bytes;

use super::table::Row;
use crate::domain::Time;
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
    /// When the first of them was stored, and when the last one.
    pub since: Option<Time>,
    pub latest: Option<Time>,
    /// The ids of the last ones and why they are no events, the last first.
    pub last: Vec<(String, String)>,
}

impl Asides {
    /// `6 kept aside since 2026-03-01, the last one at 2026-03-20 14:00 UTC`: the count first, for what shows it may be narrow.
    #[must_use]
    pub fn counted(&self) -> Option<String> {
        let minute = |at: Time| at.strftime("%Y-%m-%d %H:%M UTC");
        let when = match (self.since, self.latest) {
            (Some(since), Some(_)) if self.count == 1 => format!(" since {}", minute(since)),
            (Some(since), Some(latest)) => {
                format!(
                    " since {}, the last one at {}",
                    since.strftime("%Y-%m-%d"),
                    minute(latest)
                )
            }
            _ => String::new(),
        };
        (self.count > 0).then(|| format!("{} kept aside{when}", self.count))
    }
}
