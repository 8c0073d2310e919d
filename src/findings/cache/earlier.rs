//! Questions about the events that an operational incident had before its latest one.
//!
//! Owns: nothing; the table has them. Must never: give an event of another incident.

use std::cmp::Reverse;

use bytes::Bytes;

use super::{Cache, CacheError};
use crate::findings::event::Brief;
use crate::findings::{FindingKey, Place};

impl Cache {
    /// How many events of an operational incident are kept beside its latest one: at most `MOST_EARLIER`.
    pub fn count_earlier(&self, key: &FindingKey) -> Result<usize, CacheError> {
        let key = key.clone();
        self.ask(move |tables| tables.count_earlier(&key))
    }

    /// They in short, what was sent last first. One event at a time is in memory as a whole, and it is read here: the cache's thread has
    /// what comes meanwhile to store.
    pub fn earlier(&self, key: &FindingKey) -> Result<Vec<Brief>, CacheError> {
        let place = Place {
            account: key.account,
            region: key.region.clone(),
        };
        let asked = key.clone();
        let mut events = Vec::new();
        for number in self.ask(move |tables| tables.earlier_numbers(&asked))? {
            // One that later events drove out meanwhile is not kept any more.
            if let Some(raw) = self.ask(move |tables| tables.earlier_of(number))? {
                events.push(Brief::read(&raw, &place));
            }
        }
        // Of one second the one that came last is first.
        events.sort_by_key(|event: &Brief| Reverse(event.time));
        Ok(events)
    }

    /// One of them as it was sent, by its digest.
    pub fn earlier_raw(&self, key: &FindingKey, digest: u64) -> Result<Bytes, CacheError> {
        let key = key.clone();
        self.ask(move |tables| tables.earlier_raw(&key, digest))?
            .ok_or(CacheError::Unknown)
    }
}
