//! Which incidents a rule has told of, and which of them have begun anew since.
//!
//! Must never: take for new what only went on, or what has not happened yet.

use std::collections::BTreeMap;

use crate::domain::Time;
use crate::findings::Source;
use crate::findings::incident::Incident;
use crate::findings::index::{Index, Slot};
use crate::journal;

/// What was told of, as the journal says, and what opened again.
#[derive(Debug, Default)]
pub struct Told {
    pub journal: journal::Told,
    /// Since when findings are open again that had been archived.
    reopened: BTreeMap<Slot, Time>,
}

impl Told {
    /// A finding that was archived is open again. Every console takes the same moment for that, which the source gives.
    pub fn reopened(&mut self, slot: Slot, index: &Index, now: Time) {
        self.reopened.insert(slot, index.at(slot).version().unwrap_or(now));
    }

    /// Since when an incident that was told of goes on, where all of it that is open began after that.
    pub fn anew(&self, incident: &Incident, findings: &[Slot], index: &Index, now: Time) -> Option<Time> {
        let last = self.all(incident).map(|once| once.at).max()?;
        let mut first = None::<Time>;
        for slot in findings {
            let finding = index.at(*slot);
            if finding.archived {
                continue;
            }
            let seen = finding.first_seen.filter(|_| finding.source == Source::EventBridge);
            let began = seen.max(self.reopened.get(slot).copied())?;
            // An application's clock may be ahead.
            if began <= last || began > now {
                return None;
            }
            first = Some(first.map_or(began, |first| first.min(began)));
        }
        first
    }

    /// Whether an incident was told of, under any of its names, and has not become critical or begun anew since.
    pub fn knows(
        &self,
        incident: &Incident,
        findings: &[Slot],
        is_critical: bool,
        (index, now): (&Index, Time),
    ) -> bool {
        let mut told = self.all(incident).peekable();
        if told.peek().is_none() || self.anew(incident, findings, index, now).is_some() {
            return false;
        }
        let has_risen = is_critical && told.all(|once| once.may_rise);
        !has_risen
    }

    fn all(&self, incident: &Incident) -> impl Iterator<Item = journal::Once> {
        incident.ids().flat_map(|id| self.journal.of(id))
    }
}
