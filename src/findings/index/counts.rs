//! How many findings there are of each severity.

use crate::domain::SeverityLabel;

/// How many findings there are in each band, without the archived ones.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub struct Counts([usize; SeverityLabel::ALL.len()]);

impl Counts {
    /// Those of one band.
    #[must_use]
    pub fn of(&self, label: SeverityLabel) -> usize {
        self.0[slot(label)]
    }

    /// One more of a band, or one fewer.
    pub(super) fn count(&mut self, label: SeverityLabel, in_it: bool) {
        let band = &mut self.0[slot(label)];
        *band = if in_it { *band + 1 } else { *band - 1 };
    }

    /// All of them.
    #[must_use]
    pub fn total(&self) -> usize {
        self.0.iter().sum()
    }
}

fn slot(label: SeverityLabel) -> usize {
    match label {
        SeverityLabel::Critical => 0,
        SeverityLabel::High => 1,
        SeverityLabel::Medium => 2,
        SeverityLabel::Low => 3,
        SeverityLabel::Informational => 4,
    }
}
