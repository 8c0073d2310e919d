//! The earlier events of an operational incident that is open: a list in the pane of the JSON, from which each is opened to its own.
//!
//! Owns: which of them is seen. Must never: show an event under another one's line, or a list that is shorter than what is kept
//! without saying so.

use bytes::Bytes;

use super::effect::Effect;
use super::incident::{IncidentScreen, Pane, raw_lines};
use super::scroll::Scroll;
use super::state::{Screen, State};
use crate::findings::FindingKey;
use crate::findings::event::Brief;

/// What the pane of the JSON shows.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub enum Shown {
    /// The finding as it was sent last.
    #[default]
    Latest,
    /// The events that were sent before that.
    List,
    /// The one of this digest.
    One(u64),
}

/// What is known of the earlier events.
#[derive(Clone, Debug, Default)]
pub struct Earlier {
    /// How many are kept, as was last counted.
    pub count: usize,
    /// What was sent last first; or why they cannot be listed. None until that was answered.
    pub events: Option<Result<Vec<Brief>, String>>,
    pub shown: Shown,
    /// The list's cursor, and that of the event that is open.
    pub list: Scroll,
    pub text: Scroll,
    /// The JSON of the one that is open, safe to show. Empty until it was fetched.
    pub lines: Vec<String>,
}

impl Earlier {
    /// Those that are listed.
    #[must_use]
    pub fn listed(&self) -> &[Brief] {
        self.events
            .as_ref()
            .and_then(|events| events.as_ref().ok())
            .map_or(&[], Vec::as_slice)
    }

    /// The one that is open, as the list says it.
    #[must_use]
    pub fn opened(&self) -> Option<&Brief> {
        let Shown::One(digest) = self.shown else { return None };
        self.listed().iter().find(|event| event.digest == digest)
    }
}

impl IncidentScreen {
    /// The JSON that is seen in its pane. Empty while it is fetched, and where a list is seen.
    #[must_use]
    pub fn json(&self) -> &[String] {
        match self.earlier.shown {
            Shown::Latest => &self.raw_lines,
            Shown::List => &[],
            Shown::One(_) => &self.earlier.lines,
        }
    }

    /// How many lines the pane of the JSON has.
    pub(super) fn json_len(&self) -> usize {
        match self.earlier.shown {
            Shown::List => self.earlier.listed().len(),
            Shown::Latest | Shown::One(_) => self.json().len(),
        }
    }

    /// The cursor in what that pane shows.
    #[must_use]
    pub fn json_scroll(&self) -> Scroll {
        match self.earlier.shown {
            Shown::Latest => self.scrolls[Pane::Raw as usize],
            Shown::List => self.earlier.list,
            Shown::One(_) => self.earlier.text,
        }
    }

    /// The same, to be moved.
    pub(super) fn json_scroll_mut(&mut self) -> &mut Scroll {
        match self.earlier.shown {
            Shown::Latest => &mut self.scrolls[Pane::Raw as usize],
            Shown::List => &mut self.earlier.list,
            Shown::One(_) => &mut self.earlier.text,
        }
    }

    /// A text is searched, and a list is none.
    pub(super) fn leave_list(&mut self) {
        if self.earlier.shown == Shown::List {
            self.earlier.shown = Shown::Latest;
        }
    }
}

/// Opens the list, or the event under its cursor. None where there is nothing of the kind here.
pub(super) fn open(state: &mut State) -> Option<Vec<Effect>> {
    let Some(Screen::Incident(open)) = state.screens.last_mut() else {
        return None;
    };
    if open.pane != Pane::Raw {
        return None;
    }
    let key = open.finding.key();
    let earlier = &mut open.earlier;
    match earlier.shown {
        Shown::Latest if earlier.count == 0 => None,
        Shown::Latest => {
            earlier.shown = Shown::List;
            earlier.list = Scroll::default();
            Some(vec![Effect::Earlier { key }])
        }
        Shown::List => {
            let Some(event) = earlier.listed().get(earlier.list.cursor) else {
                return Some(Vec::new());
            };
            let digest = event.digest;
            earlier.shown = Shown::One(digest);
            earlier.text = Scroll::default();
            earlier.lines.clear();
            Some(vec![Effect::EarlierEvent { key, digest }])
        }
        // There is nothing further to open; the next pane would be a surprise here.
        Shown::One(_) => Some(Vec::new()),
    }
}

/// Goes back from an event to the list, and from the list to what was sent last. False where neither is seen.
pub(super) fn back(state: &mut State) -> bool {
    let Some(Screen::Incident(open)) = state.screens.last_mut() else {
        return false;
    };
    if open.pane != Pane::Raw {
        return false;
    }
    open.earlier.shown = match open.earlier.shown {
        Shown::Latest => return false,
        Shown::List => Shown::Latest,
        Shown::One(_) => Shown::List,
    };
    true
}

/// The list has come. The cursor stays with its event.
pub(super) fn listed(state: &mut State, key: &FindingKey, events: &Result<Vec<Brief>, String>) -> Vec<Effect> {
    for open in about(state, key) {
        let earlier = &mut open.earlier;
        let here = earlier.listed().get(earlier.list.cursor).map(|event| event.digest);
        // On the first line nothing is held: who has not moved sees what was sent last.
        let held = here.filter(|_| earlier.list.cursor > 0);
        earlier.events = Some(events.clone());
        if let Ok(events) = events {
            earlier.count = events.len();
        }
        let place = held.and_then(|digest| earlier.listed().iter().position(|event| event.digest == digest));
        if let Some(place) = place {
            earlier.list.cursor = place;
        }
        let len = earlier.listed().len();
        earlier.list.by(0, len);
    }
    Vec::new()
}

/// The JSON of one of them has come.
pub(super) fn fetched(state: &mut State, key: &FindingKey, digest: u64, raw: &Result<Bytes, String>) -> Vec<Effect> {
    for open in about(state, key) {
        if open.earlier.shown == Shown::One(digest) {
            open.earlier.lines = match raw {
                Ok(raw) => raw_lines(raw),
                Err(why) => vec![why.clone()],
            };
        }
    }
    Vec::new()
}

/// The open screens of a finding.
fn about<'a>(state: &'a mut State, key: &'a FindingKey) -> impl Iterator<Item = &'a mut IncidentScreen> {
    state.screens.iter_mut().filter_map(move |screen| match screen {
        Screen::Incident(open) if open.finding.key() == *key => Some(open.as_mut()),
        Screen::List
        | Screen::Incident(_)
        | Screen::Plan(_)
        | Screen::Journal(_)
        | Screen::Coverage(_)
        | Screen::Help(_) => None,
    })
}

#[cfg(test)]
#[path = "earlier_tests.rs"]
mod tests;
