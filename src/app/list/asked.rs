//! Which findings the filter has refused already.
//!
//! Owns: that a finding is asked once and no more, for as long as neither it nor the filter changes: an incident passes if one of its
//! findings does, and one of very many, none of which does, would be asked for each of them each time that anything in it changes.
//! Must never: answer from what was asked of another version of a finding, or where the answer depends on anything beside the finding.

use crate::findings::filter::Filter;
use crate::findings::index::Slot;

/// The findings that were refused, by slot.
#[derive(Debug, Default)]
pub struct Refused {
    /// A finding's place is beyond the end where nobody asked yet.
    no: Vec<bool>,
    /// How often the filter was asked.
    #[cfg(test)]
    pub asked: usize,
}

impl Refused {
    /// Whether the filter lets a finding through, who asks it or not.
    pub fn passes(&mut self, slot: Slot, filter: &Filter, ask: impl FnOnce() -> bool) -> bool {
        let place = slot as usize;
        if self.no.get(place).copied().unwrap_or_default() {
            return false;
        }
        #[cfg(test)]
        {
            self.asked += 1;
        }
        let passes = ask();
        // Ages pass, and what is asked of an incident changes with the journal.
        if !passes && !filter.asks_age() && !filter.asks_incidents() {
            if self.no.len() <= place {
                self.no.resize(place + 1, false);
            }
            self.no[place] = true;
        }
        passes
    }

    /// These findings have other versions.
    pub fn forget<'a>(&mut self, changed: impl IntoIterator<Item = &'a Slot>) {
        for slot in changed {
            if let Some(no) = self.no.get_mut(*slot as usize) {
                *no = false;
            }
        }
    }

    /// Another filter is asked, or it may answer otherwise.
    pub fn clear(&mut self) {
        self.no.clear();
    }
}
