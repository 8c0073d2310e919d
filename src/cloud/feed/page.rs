//! A page of findings on its way from whoever read it to whoever takes it in.
//!
//! Owns: the leave to have it in memory, which ends when it is taken in. Must never: let pages pile up that nobody has leave for.

use std::ops::Deref;

use crate::cloud::limits::Turn;
use crate::findings::Seen;

/// Findings of one page.
#[derive(Debug)]
pub struct Page {
    seen: Vec<Seen>,
    /// Absent where the findings came on another way than by the feed's calls.
    _leave: Option<Turn>,
}

impl Page {
    pub(super) fn read(seen: Vec<Seen>, leave: Turn) -> Self {
        Self {
            seen,
            _leave: Some(leave),
        }
    }

    /// Takes them in: the next call may begin in its place.
    #[must_use]
    pub fn into_seen(self) -> Vec<Seen> {
        self.seen
    }
}

impl From<Vec<Seen>> for Page {
    fn from(seen: Vec<Seen>) -> Self {
        Self { seen, _leave: None }
    }
}

impl Deref for Page {
    type Target = [Seen];

    fn deref(&self) -> &[Seen] {
        &self.seen
    }
}
