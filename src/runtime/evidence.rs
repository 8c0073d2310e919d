//! What AWS sent, kept for whoever asks to see it, and for the next start.
//!
//! Owns: which cache the console uses. Must never: keep the console from starting because of it, or change a byte of the evidence.

use std::path::PathBuf;
use std::sync::{Arc, Mutex, PoisonError};

use bytes::Bytes;

use crate::cloud::{Cloud, Identity, Remembered};
use crate::domain::Time;
use crate::findings::FindingKey;
use crate::findings::cache::{self, Cache, CacheError, World};

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
        let cache = self.0.lock().unwrap_or_else(PoisonError::into_inner).clone();
        let cache = cache.ok_or("Nothing was read yet.")?;
        cache
            .raw(key)
            .map_err(|error| format!("The finding's JSON cannot be shown: {error}."))
    }
}
