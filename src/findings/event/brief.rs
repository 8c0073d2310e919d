//! An event of an operational incident in short, for a list of several.
//!
//! Owns: what of an event such a list says. Must never: keep the event itself, which the cache has.

use super::parse;
use crate::domain::{Severity, Time, Untrusted};
use crate::findings::Place;
use crate::findings::reader::{Doubts, Object};

/// One event of an incident that was told more than once.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Brief {
    /// Names it among the events of its incident: the first eight bytes of the SHA-256 of what was sent.
    pub digest: u64,
    /// When it was sent, as it says itself.
    pub time: Option<Time>,
    /// The event's own id, where it says one: each event on a bus has another.
    pub id: Option<Untrusted>,
    pub severity: Severity,
    pub title: Untrusted,
    /// Whether it said that the incident is over.
    pub over: bool,
}

impl Brief {
    /// Reads an event as it was sent. `at` stands in where it does not say its account and region.
    #[must_use]
    pub fn read(raw: &[u8], at: &Place) -> Self {
        let finding = parse(raw, at);
        let doubts = Doubts::default();
        let text = String::from_utf8_lossy(raw);
        Self {
            digest: finding.digest,
            time: finding.version(),
            id: Object::root(&text, &doubts).ok().and_then(|root| root.untrusted("id")),
            severity: finding.severity,
            title: finding.title,
            over: finding.archived,
        }
    }
}
