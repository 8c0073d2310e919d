//! How many events the list takes in.
//!
//! An event without an id of its own is a new incident for ever, and a rule that is too wide sends a few a second. Owns: how many of them
//! are in memory. Must never: keep one back without saying so, or one that is not on the disk. What AWS itself keeps, findings, is
//! bounded by it and always let in.

use std::collections::HashSet;
use std::hash::{DefaultHasher, Hash, Hasher};

use crate::domain::SeverityLabel;
use crate::findings::{Coverage, CoverageState, Finding, Source};

/// So many events are listed. The cache hands them over the worst first and of equals the newest, so a start lists the ones that
/// matter most.
const MOST: usize = 50_000;
/// Beyond that there is room for so many more that are high or critical and not over.
const ROOM_FOR_THE_WORST: usize = 10_000;
/// So many of those kept back are counted one by one.
const MOST_COUNTED: usize = 500_000;

/// Which events were let in.
#[derive(Debug)]
pub struct Gate {
    most: usize,
    room: usize,
    /// Eight bytes for each key.
    shown: HashSet<u64>,
    kept_back: HashSet<u64>,
}

impl Default for Gate {
    fn default() -> Self {
        Self::new(MOST, ROOM_FOR_THE_WORST)
    }
}

impl Gate {
    /// With other bounds.
    fn new(most: usize, room: usize) -> Self {
        Self {
            most,
            room,
            shown: HashSet::new(),
            kept_back: HashSet::new(),
        }
    }

    /// Whether a finding may come into the list. One that is there may always be updated.
    pub fn lets_in(&mut self, finding: &Finding) -> bool {
        if finding.source != Source::EventBridge {
            return true;
        }
        let key = name(finding);
        if self.shown.contains(&key) {
            return true;
        }
        let is_bad = match finding.severity.label() {
            SeverityLabel::Critical | SeverityLabel::High => !finding.archived,
            SeverityLabel::Medium | SeverityLabel::Low | SeverityLabel::Informational => false,
        };
        let most = if is_bad { self.most + self.room } else { self.most };
        if self.shown.len() < most {
            self.kept_back.remove(&key);
            return self.shown.insert(key);
        }
        if self.kept_back.len() < MOST_COUNTED {
            self.kept_back.insert(key);
        }
        false
    }

    /// What was kept back, in a sentence.
    pub fn told(&self) -> Option<String> {
        let (back, shown) = (self.kept_back.len(), self.shown.len());
        let most = if back < MOST_COUNTED { "" } else { " or more" };
        (back > 0).then(|| {
            format!(
                "{shown} events are listed, which is as many as there is room for; {back}{most} other events are in the cache alone, with \
                 their JSON. Narrow the EventBridge rules that send them."
            )
        })
    }

    /// The queue's row with what was kept back.
    pub fn amend(&self, mut row: Coverage) -> Coverage {
        let Some(told) = self.told().filter(|_| row.source == Source::EventBridge) else {
            return row;
        };
        if row.state == CoverageState::Complete {
            row.state = CoverageState::Partial;
        }
        row.error = Some(match row.error {
            Some(error) => format!("{error} {told}"),
            None => told,
        });
        row
    }
}

fn name(finding: &Finding) -> u64 {
    let mut hasher = DefaultHasher::new();
    finding.key().hash(&mut hasher);
    hasher.finish()
}

#[cfg(test)]
mod tests {
    use bytes::Bytes;

    use super::*;
    use crate::findings::{Place, event};

    fn event(id: &str, severity: &str, status: &str) -> Finding {
        let at = Place {
            account: "222222222222".parse().unwrap(),
            region: "us-east-1".parse().unwrap(),
        };
        let raw = format!(
            r#"{{"detail-type":"T","source":"acme.pay","id":"e","account":"222222222222","region":"us-east-1",
            "time":"2026-03-01T02:05:00Z","detail":{{"id":"{id}","severity":"{severity}","status":"{status}"}}}}"#
        );
        event::read(&Bytes::from(raw), &at).unwrap().remove(0).finding
    }

    fn queue() -> Coverage {
        Coverage {
            account: "222222222222".parse().unwrap(),
            region: "us-east-1".parse().unwrap(),
            source: Source::EventBridge,
            state: CoverageState::Complete,
            via: None,
            error: None,
        }
    }

    #[test]
    fn what_does_not_fit_is_told_and_the_worst_has_room_of_its_own() {
        let mut gate = Gate::new(2, 1);
        assert!(gate.lets_in(&event("a", "low", "open")) && gate.lets_in(&event("b", "medium", "open")));
        assert_eq!((gate.told(), gate.amend(queue())), (None, queue()));
        assert!(!gate.lets_in(&event("c", "medium", "open")) && !gate.lets_in(&event("c", "medium", "open")));
        assert!(
            !gate.lets_in(&event("d", "critical", "resolved")),
            "what is over does not press"
        );
        let told = gate.told().unwrap();
        assert!(
            told.starts_with("2 events are listed") && told.contains("; 2 other events"),
            "{told}"
        );
        let row = gate.amend(queue());
        assert_eq!((row.state, row.error.as_ref()), (CoverageState::Partial, Some(&told)));
        // An update of what is listed, a finding, and what has become worse.
        assert!(gate.lets_in(&event("a", "low", "resolved")));
        assert!(gate.lets_in(&crate::findings::samples::finding()));
        assert!(gate.lets_in(&event("c", "critical", "open")));
        assert!(gate.told().unwrap().contains("; 1 other events"));
        assert!(
            !gate.lets_in(&event("e", "critical", "open")),
            "nothing grows without end"
        );
    }

    #[test]
    fn other_rows_are_not_its_own() {
        let mut gate = Gate::new(0, 0);
        assert!(!gate.lets_in(&event("a", "low", "open")));
        let hub = Coverage {
            source: Source::SecurityHub,
            ..queue()
        };
        assert_eq!(gate.amend(hub.clone()), hub);
        let trouble = Coverage {
            state: CoverageState::Refused,
            error: Some("Denied.".to_owned()),
            ..queue()
        };
        let row = gate.amend(trouble);
        assert_eq!(row.state, CoverageState::Refused);
        assert!(row.error.unwrap().starts_with("Denied. 0 events are listed"));
    }
}
