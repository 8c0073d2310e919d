//! The list of findings: what is visible under the filter, and where the cursor is.

use std::sync::Arc;

use crate::findings::filter::{Context, Filter};
use crate::findings::{Finding, FindingKey};

use super::scroll::Scroll;
use super::state::State;

/// The list.
#[derive(Debug)]
pub struct List {
    /// The filter as it was typed.
    pub filter_text: String,
    pub filter: Filter,
    /// What the filter lets through, most urgent first.
    pub visible: Vec<Arc<Finding>>,
    pub scroll: Scroll,
    /// The finding under the cursor: the cursor stays with it when others arrive above.
    pub selected: Option<FindingKey>,
    /// Whether something arrived that `visible` does not show yet.
    pub dirty: bool,
}

/// What the list shows before anything is typed.
const DEFAULT_FILTER: &str = "!archived";

impl Default for List {
    fn default() -> Self {
        Self {
            filter_text: DEFAULT_FILTER.to_owned(),
            filter: Filter::parse(DEFAULT_FILTER).unwrap_or_default(),
            visible: Vec::new(),
            scroll: Scroll::default(),
            selected: None,
            dirty: false,
        }
    }
}

impl List {
    /// The finding under the cursor.
    #[must_use]
    pub fn current(&self) -> Option<&Arc<Finding>> {
        self.visible.get(self.scroll.cursor)
    }

    /// Moves the cursor.
    pub fn by(&mut self, lines: isize) {
        self.scroll.by(lines, self.visible.len());
        self.remember();
    }

    /// To the first or the last line.
    pub fn jump(&mut self, to_end: bool) {
        if to_end {
            self.scroll.end(self.visible.len());
        } else {
            self.scroll.cursor = 0;
        }
        self.remember();
    }

    fn remember(&mut self) {
        // On the first line nothing is remembered: who has not moved sees the worst finding, even when it arrives later.
        self.selected = if self.scroll.cursor == 0 {
            None
        } else {
            self.current().map(|f| f.key())
        };
    }
}

/// Works out again what is visible.
pub fn refresh(state: &mut State) {
    let names = &state.account_names;
    let name = |id: &crate::domain::AccountId| names.get(id).map(crate::domain::Untrusted::raw);
    let context = Context {
        now: state.now,
        account_name: &name,
    };
    let visible = state.index.visible(&state.list.filter, &context);
    let list = &mut state.list;
    list.visible = visible;
    list.dirty = false;
    if let Some(key) = &list.selected
        && let Some(place) = list.visible.iter().position(|f| f.key() == *key)
    {
        list.scroll.cursor = place;
    }
    list.scroll.by(0, list.visible.len());
}

/// Sets the filter from what was typed, or says what is wrong with it.
pub fn set_filter(state: &mut State, text: &str) -> Result<(), String> {
    let filter = Filter::parse(text).map_err(|e| e.to_string())?;
    state.list.filter = filter;
    text.trim().clone_into(&mut state.list.filter_text);
    refresh(state);
    Ok(())
}
