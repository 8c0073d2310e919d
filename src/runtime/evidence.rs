//! What AWS sent, kept for whoever asks to see it.
//!
//! Owns: the evidence of the findings that are shown. Must never: change a byte of it.

use std::collections::HashMap;
use std::sync::{Mutex, PoisonError};

use bytes::Bytes;

use crate::findings::{FindingKey, Seen};

/// The evidence by finding.
#[derive(Debug, Default)]
pub struct Evidence(Mutex<HashMap<FindingKey, Bytes>>);

impl Evidence {
    /// Keeps what came with a page; a later version takes the place of an earlier one.
    pub fn keep(&self, page: &[Seen]) {
        let mut kept = self.0.lock().unwrap_or_else(PoisonError::into_inner);
        // A copy, so that one finding does not keep its whole page in memory.
        kept.extend(
            page.iter()
                .map(|seen| (seen.finding.key(), Bytes::copy_from_slice(&seen.raw))),
        );
    }

    /// The finding as AWS sent it.
    pub fn of(&self, key: &FindingKey) -> Result<Bytes, String> {
        let kept = self.0.lock().unwrap_or_else(PoisonError::into_inner);
        kept.get(key)
            .cloned()
            .ok_or_else(|| "The finding's JSON is not kept.".to_owned())
    }
}
