//! A finding as its source sent it, for the evidence: with all the events that an operational incident had.
//!
//! Owns: how much of it is taken. Must never: leave one out without a word.

use bytes::Bytes;

use crate::findings::cache::{Cache, MOST_EARLIER};
use crate::findings::{FindingKey, Source};

/// The most that is taken of earlier events into one folder, in bytes: they are all in memory until they are written.
const MOST: usize = 64 << 20;

/// What may still be taken into one folder, in bytes.
#[derive(Debug)]
pub struct Room(usize);

impl Default for Room {
    fn default() -> Self {
        Self(MOST)
    }
}

/// What was sent of a finding.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Sent {
    pub key: FindingKey,
    /// Its JSON, or why that is not at hand.
    pub raw: Result<Bytes, String>,
    /// The events that came before it, what was sent last first.
    pub earlier: Vec<Bytes>,
    /// Why some of them are not there.
    pub missing: Vec<String>,
}

impl Sent {
    /// Reads it from the cache. Waits for the disk.
    #[must_use]
    pub fn of(cache: &Cache, key: FindingKey, room: &mut Room) -> Self {
        let raw = cache.raw(&key).map_err(|error| error.to_string());
        let mut sent = Self {
            key,
            raw,
            earlier: Vec::new(),
            missing: Vec::new(),
        };
        if sent.key.source == Source::EventBridge && sent.raw.is_ok() {
            sent.take_earlier(cache, room);
        }
        sent
    }

    /// One that cannot be asked for.
    #[must_use]
    pub fn absent(key: FindingKey, why: String) -> Self {
        Self {
            key,
            raw: Err(why),
            earlier: Vec::new(),
            missing: Vec::new(),
        }
    }

    fn take_earlier(&mut self, cache: &Cache, room: &mut Room) {
        let events = match cache.earlier(&self.key) {
            Ok(events) => events,
            Err(error) => {
                return self
                    .missing
                    .push(format!("its earlier events cannot be listed: {error}"));
            }
        };
        if i64::try_from(events.len()).is_ok_and(|count| count >= MOST_EARLIER) {
            let sentence = format!("of its earlier events only the last {MOST_EARLIER} are kept");
            self.missing.push(sentence);
        }
        let mut left = 0_usize;
        for event in events {
            if left > 0 {
                left += 1;
                continue;
            }
            match cache.earlier_raw(&self.key, event.digest) {
                Ok(raw) if raw.len() <= room.0 => {
                    room.0 -= raw.len();
                    self.earlier.push(raw);
                }
                Ok(_) => left = 1,
                Err(error) => {
                    let sentence = format!("its event of {} cannot be read: {error}", said(event.time));
                    self.missing.push(sentence);
                }
            }
        }
        if left > 0 {
            let mebibytes = MOST >> 20;
            self.missing.push(format!(
                "{left} of its earlier events, the oldest, are left out, for a folder holds at most {mebibytes} MiB of such; the console shows each of them"
            ));
        }
    }
}

fn said(time: Option<crate::domain::Time>) -> String {
    time.map_or_else(|| "an unknown time".to_owned(), |time| time.to_string())
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::domain::Time;
    use crate::findings::cache::Batch;
    use crate::findings::{Seen, event, samples};

    fn told(minute: u32) -> Seen {
        let raw = format!(
            r#"{{"detail-type":"Outage","source":"acme","id":"e-{minute}","account":"111122223333","region":"eu-west-1",
            "time":"2026-03-01T10:{minute:02}:00Z","detail":{{"id":"p1"}}}}"#
        );
        Seen::read(Bytes::from(raw), |raw| event::parse(raw, &samples::place()))
    }

    #[test]
    fn every_event_of_an_incident_is_taken_and_what_is_not_is_said() {
        let now = Time::from_second(5).unwrap();
        let cache = Cache::private(now).unwrap();
        cache.keep(Batch::of(&[told(1), told(3), told(2)]), now);
        let key = told(1).finding.key();
        let mut room = Room::default();
        let whole = Sent::of(&cache, key.clone(), &mut room);
        assert_eq!(room.0, MOST - told(2).raw.len() - told(1).raw.len());
        assert_eq!(whole.raw, Ok(told(3).raw));
        assert_eq!(whole.earlier, [told(2).raw, told(1).raw]);
        assert!(whole.missing.is_empty());
        let mut part = Sent {
            earlier: Vec::new(),
            ..whole
        };
        // The folder is full but for one of them.
        part.take_earlier(&cache, &mut Room(told(2).raw.len()));
        assert_eq!(part.earlier, [told(2).raw]);
        assert!(
            part.missing[0].starts_with("1 of its earlier events, the oldest,"),
            "{:?}",
            part.missing
        );
        // One that was never read has no earlier events, and says why itself is not there.
        let unknown = FindingKey {
            id: "other".into(),
            ..key
        };
        let absent = Sent::of(&cache, unknown, &mut room);
        assert!(absent.raw.is_err() && absent.earlier.is_empty() && absent.missing.is_empty());
    }
}
