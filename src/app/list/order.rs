//! What rows are sorted by.
//!
//! Every order is total and rests on the findings alone, so that two consoles that know the same show the same.

use std::cmp::Ordering;

use crate::domain::{SeverityLabel, Time};
use crate::findings::index::{Slot, by_urgency};

use super::Kind;
use super::view::View;

/// What the rows are sorted by.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub enum Sort {
    /// The most urgent first: critical ones; then what is overdue; then by severity; then what is due first; then what moved last.
    /// Nothing that is overdue stands above a critical incident, however many are overdue.
    #[default]
    Urgency,
    /// The worst first, then what moved last.
    Severity,
    /// What was seen first, first.
    FirstSeen,
    /// What moved last, first: the age that the column shows and that filters ask for.
    Age,
    /// What is due first, first; what nobody has to respond to, at the end.
    Deadline,
    /// The most findings first.
    Findings,
    Account,
    Region,
    Type,
    Resource,
}

impl Sort {
    /// Every way to sort.
    pub const ALL: [Self; 10] = [
        Self::Urgency,
        Self::Severity,
        Self::FirstSeen,
        Self::Age,
        Self::Deadline,
        Self::Findings,
        Self::Account,
        Self::Region,
        Self::Type,
        Self::Resource,
    ];

    /// The word in heads and at the prompt.
    #[must_use]
    pub fn word(self) -> &'static str {
        match self {
            Self::Urgency => "urgency",
            Self::Severity => "severity",
            Self::FirstSeen => "first-seen",
            Self::Age => "age",
            Self::Deadline => "deadline",
            Self::Findings => "findings",
            Self::Account => "account",
            Self::Region => "region",
            Self::Type => "type",
            Self::Resource => "resource",
        }
    }
}

/// In the lowest bits of an urgency: due never, or answered already.
const NEVER: u32 = u32::MAX;
/// In its highest bits: not critical, not overdue.
const NOT_CRITICAL: u64 = 1 << 63;
const NOT_OVERDUE: u64 = 1 << 62;

/// What a row is sorted by first: the smaller number comes first. Also when it becomes overdue, where the order depends on that
/// and it is not overdue yet.
pub fn rank(row: Slot, sort: Sort, kind: Kind, view: &View<'_>) -> (u64, Option<u32>) {
    let brief = view.brief(row, kind);
    let first = brief.first_seen.map_or(u32::MAX, seconds);
    let last = u32::MAX - brief.updated_at.map_or(0, seconds);
    let severity = u64::from(100 - brief.severity.tenths());
    let rank = match sort {
        Sort::Urgency => {
            let due = brief.due.map_or(NEVER, seconds);
            let is_late = brief.due.is_some_and(|due| due <= view.now);
            let critical = brief.severity.label() == SeverityLabel::Critical && !brief.archived;
            let above = u64::from(!critical) * NOT_CRITICAL + u64::from(!is_late) * NOT_OVERDUE;
            return (
                above | (severity << 32) | u64::from(due),
                (due != NEVER && !is_late).then_some(due),
            );
        }
        Sort::Severity => (severity << 32) | u64::from(last),
        Sort::FirstSeen => u64::from(first),
        Sort::Age => u64::from(last),
        Sort::Deadline => {
            // A finding's clock is its incident's.
            let due = match kind {
                Kind::Incidents => brief.due,
                Kind::Findings => view.brief(view.groups.of(row), Kind::Incidents).due,
            };
            u64::from(due.map_or(NEVER, seconds))
        }
        Sort::Findings => u64::MAX - u64::try_from(brief.findings).unwrap_or(u64::MAX),
        Sort::Account | Sort::Region | Sort::Type | Sort::Resource => beginning(text(sort, row, kind, view)),
    };
    (rank, None)
}

/// When the row of this rank becomes overdue, if it was noted down for that.
pub fn due_of(rank: u64, sort: Sort) -> Option<u32> {
    let due = u32::try_from(rank & u64::from(u32::MAX)).unwrap_or(NEVER);
    (sort == Sort::Urgency && due != NEVER && rank & NOT_OVERDUE != 0).then_some(due)
}

fn seconds(time: Time) -> u32 {
    u32::try_from(time.as_second().max(0)).unwrap_or(u32::MAX)
}

/// The first letters of a text as a number that sorts like them.
fn beginning(text: &str) -> u64 {
    let mut first = [0; 8];
    for (to, byte) in first.iter_mut().zip(text.bytes()) {
        *to = byte;
    }
    u64::from_be_bytes(first)
}

fn text<'a>(sort: Sort, row: Slot, kind: Kind, view: &'a View<'_>) -> &'a str {
    let lead = view.lead(row, kind);
    match sort {
        Sort::Account => view.account(&lead.account),
        Sort::Region => lead.region.as_str(),
        Sort::Type => lead.kind.raw(),
        Sort::Resource => lead.resource.id.raw(),
        Sort::Urgency | Sort::Severity | Sort::FirstSeen | Sort::Age | Sort::Deadline | Sort::Findings => "",
    }
}

/// The order of two rows.
pub fn compare(a: Slot, b: Slot, ranks: &[u64], how: (Sort, bool), kind: Kind, view: &View<'_>) -> Ordering {
    let (sort, reversed) = how;
    ranks[a as usize]
        .cmp(&ranks[b as usize])
        .then_with(|| {
            let by_text = text(sort, a, kind, view).cmp(text(sort, b, kind, view));
            if reversed { by_text.reverse() } else { by_text }
        })
        .then_with(|| by_urgency(view.lead(a, kind), view.lead(b, kind)))
}
