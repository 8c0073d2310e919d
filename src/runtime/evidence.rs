//! What AWS sent, kept for whoever asks to see it, and for the next start.
//!
//! Owns: which cache the console uses. Must never: keep the console from starting because of it, or change a byte of the evidence.

use std::path::PathBuf;
use std::sync::{Arc, Mutex, PoisonError};

use bytes::Bytes;

use super::sent::{Room, Sent};
use crate::app::Event;
use crate::cloud::{Cloud, Identity, Remembered};
use crate::domain::Time;
use crate::findings::cache::{self, Cache, CacheError, MOST_EARLIER, World};
use crate::findings::event::Brief;
use crate::findings::{FindingKey, Source};

/// Where the evidence is kept.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum Shelf {
    /// In a workspace, from one start to the next.
    Workspace(PathBuf),
    /// In a workspace, beginning with nothing: a drill's world begins anew.
    Afresh(PathBuf),
}

/// The world of a caller at an endpoint.
fn world(identity: &Identity, endpoint: Option<&str>) -> World {
    World {
        endpoint: endpoint.map(str::to_owned),
        partition: identity.arn.partition().to_owned(),
        account: identity.account,
    }
}

/// A cache, whose it is, and what is to be said of it.
#[derive(Debug)]
pub struct Opened {
    pub cache: Arc<Cache>,
    pub world: World,
    pub told: Option<String>,
}

impl Shelf {
    /// Opens the cache for who the caller was last time, where there is one that a later start may go on with: no file is made for
    /// somebody who may be another by now. What keeps it from being opened is told when it is opened for good.
    pub fn ahead(&self, last: &Remembered, now: Time) -> Option<Opened> {
        let Self::Workspace(directory) = self else { return None };
        if !directory.join(cache::FILE_NAME).exists() {
            return None;
        }
        let world = world(&last.identity, last.endpoint.as_ref()?.as_deref());
        let (cache, told) = Cache::open(directory, &world, now).ok()?;
        Some(Opened {
            cache: Arc::new(cache),
            world,
            told,
        })
    }

    /// The world that this caller sees.
    #[must_use]
    pub fn world(cloud: &Cloud) -> World {
        world(cloud.identity(), cloud.endpoint())
    }

    /// Opens the cache for whoever the caller is. Where that cannot be, a private one serves until the end, and the sentence says
    /// why.
    pub fn open(&self, cloud: &Cloud) -> Result<Opened, CacheError> {
        let world = Self::world(cloud);
        let now = cloud.now();
        let opened = match self {
            Self::Workspace(directory) => Cache::open(directory, &world, now),
            Self::Afresh(directory) => Cache::afresh(directory, &world, now).map(|cache| (cache, None)),
        };
        let (cache, told) = match opened {
            Ok(opened) => opened,
            Err(error) => {
                let private = Cache::instead(now, error.to_string())?;
                let told = format!("{error}. Findings are kept until quell ends, and read again at the next start.");
                (private, Some(told))
            }
        };
        Ok(Opened {
            cache: Arc::new(cache),
            world,
            told,
        })
    }
}

/// A cache that ends with the process.
pub fn private(now: Time) -> Result<Arc<Cache>, CacheError> {
    Cache::private(now).map(Arc::new)
}

/// What the console wants to see of what was sent.
#[derive(Debug)]
pub enum Asked {
    /// A finding's JSON.
    Raw(FindingKey),
    /// The earlier events of an operational incident.
    Earlier(FindingKey),
    /// The one of them that has this digest.
    One(FindingKey, u64),
}

/// The evidence, from when there is a cache.
#[derive(Debug, Default)]
pub struct Evidence(Mutex<Option<Arc<Cache>>>);

impl Evidence {
    /// Takes the cache; what another held is not shown any more.
    pub fn rest_on(&self, cache: Arc<Cache>) {
        *self.0.lock().unwrap_or_else(PoisonError::into_inner) = Some(cache);
    }

    /// The finding as AWS sent it. Waits for the disk.
    pub fn of(&self, key: &FindingKey) -> Result<Bytes, String> {
        self.cache()?
            .raw(key)
            .map_err(|error| format!("The finding's JSON cannot be shown: {error}."))
    }

    /// All that was sent of a finding. Waits for the disk.
    pub fn sent(&self, key: FindingKey, room: &mut Room) -> Sent {
        match self.cache() {
            Ok(cache) => Sent::of(&cache, key, room),
            Err(why) => Sent::absent(key, why),
        }
    }

    /// Answers the console. Waits for the disk.
    pub fn answer(&self, asked: Asked) -> Event {
        match asked {
            Asked::Raw(key) => {
                let (raw, earlier) = match self.counted(&key) {
                    Ok((raw, earlier)) => (Ok(raw), earlier),
                    Err(why) => (Err(why), 0),
                };
                Event::Evidence { key, raw, earlier }
            }
            Asked::Earlier(key) => {
                let events = self.earlier(&key);
                Event::Earlier { key, events }
            }
            Asked::One(key, digest) => {
                let raw = self.earlier_event(&key, digest);
                Event::EarlierEvent { key, digest, raw }
            }
        }
    }

    /// The finding as AWS sent it, and how many earlier events are kept of an operational incident.
    fn counted(&self, key: &FindingKey) -> Result<(Bytes, usize), String> {
        let raw = self.of(key)?;
        let counted = match key.source {
            Source::EventBridge => self.cache()?.count_earlier(key),
            Source::GuardDuty | Source::SecurityHub => Ok(0),
        };
        let count = counted.map_err(|error| format!("Its earlier events cannot be counted: {error}."))?;
        Ok((raw, count))
    }

    /// The earlier events of an operational incident, what was sent last first.
    fn earlier(&self, key: &FindingKey) -> Result<Vec<Brief>, String> {
        self.cache()?
            .earlier(key)
            .map_err(|error| format!("The earlier events cannot be listed: {error}."))
    }

    /// One of them as it was sent, by its digest.
    fn earlier_event(&self, key: &FindingKey, digest: u64) -> Result<Bytes, String> {
        self.cache()?.earlier_raw(key, digest).map_err(|error| match error {
            CacheError::Unknown => {
                format!("This event is not kept any more: of one incident the last {MOST_EARLIER} are.")
            }
            error => format!("The event's JSON cannot be shown: {error}."),
        })
    }

    fn cache(&self) -> Result<Arc<Cache>, String> {
        let cache = self.0.lock().unwrap_or_else(PoisonError::into_inner).clone();
        cache.ok_or_else(|| "Nothing was read yet.".to_owned())
    }
}

#[cfg(test)]
mod tests {
    use super::*;
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
    fn earlier_events_are_counted_listed_and_shown_as_they_were_sent() {
        let now = Time::from_second(5).unwrap();
        let evidence = Evidence::default();
        let key = told(1).finding.key();
        let Event::Evidence { raw, earlier, .. } = evidence.answer(Asked::Raw(key.clone())) else {
            panic!("another answer")
        };
        assert_eq!((raw, earlier), (Err("Nothing was read yet.".to_owned()), 0));
        let cache = private(now).unwrap();
        cache.keep(Batch::of(&[told(1), told(3), told(2)]), now);
        evidence.rest_on(cache);
        assert_eq!(evidence.counted(&key).unwrap(), (told(3).raw, 2));
        let listed = evidence.earlier(&key).unwrap();
        let ids: Vec<String> = listed.iter().map(|e| e.id.as_ref().unwrap().shown()).collect();
        assert_eq!(ids, ["e-2", "e-1"]);
        assert_eq!(evidence.earlier_event(&key, listed[1].digest).unwrap(), told(1).raw);
        let why = evidence.earlier_event(&key, 7).unwrap_err();
        assert_eq!(
            why,
            "This event is not kept any more: of one incident the last 1000 are."
        );
    }
}
