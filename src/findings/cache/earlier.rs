//! Questions about the events that an operational incident had before its latest one.
//!
//! Owns: nothing; the table has them. Must never: give an event of another incident.

use bytes::Bytes;

use super::{Cache, CacheError};
use crate::findings::FindingKey;
use crate::findings::event::Brief;

impl Cache {
    /// How many events of an operational incident are kept beside its latest one: at most `MOST_EARLIER`.
    pub fn count_earlier(&self, key: &FindingKey) -> Result<usize, CacheError> {
        let key = key.clone();
        self.ask(move |tables| tables.count_earlier(&key))
    }

    /// They in short, what was sent last first.
    pub fn earlier(&self, key: &FindingKey) -> Result<Vec<Brief>, CacheError> {
        let key = key.clone();
        self.ask(move |tables| tables.earlier(&key))
    }

    /// One of them as it was sent, by its digest.
    pub fn earlier_raw(&self, key: &FindingKey, digest: u64) -> Result<Bytes, CacheError> {
        let key = key.clone();
        self.ask(move |tables| tables.earlier_raw(&key, digest))?
            .ok_or(CacheError::Unknown)
    }
}
