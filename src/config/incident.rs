//! `[incident]`: which findings are one incident.
//!
//! Owns: the key, its default and its limits. Must never: take a window that joins nothing, or everything.

use serde::{Deserialize, Deserializer};

use super::number;
use crate::findings::incident::WINDOW;

const HOUR: u32 = 60 * 60;
/// Hours, up to a week.
const LIMITS: std::ops::RangeInclusive<u32> = 1..=168;

/// `[incident]`.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Deserialize)]
#[serde(deny_unknown_fields, default)]
pub struct Incident {
    /// Findings that share something are one incident where they lie within so many hours of each other.
    #[serde(deserialize_with = "hours")]
    window_hours: u32,
}

impl Default for Incident {
    fn default() -> Self {
        Self {
            window_hours: WINDOW / HOUR,
        }
    }
}

impl Incident {
    /// The window in seconds.
    #[must_use]
    pub fn window(self) -> u32 {
        self.window_hours * HOUR
    }
}

fn hours<'de, D: Deserializer<'de>>(deserializer: D) -> Result<u32, D::Error> {
    number::whole(deserializer, LIMITS)
}
