//! What AWS sent, kept for whoever asks to see it, and for the next start.
//!
//! Owns: which cache the console uses. Must never: keep the console from starting because of it, or change a byte of the evidence.

use std::path::PathBuf;
use std::sync::{Arc, OnceLock};

use bytes::Bytes;

use crate::cloud::Cloud;
use crate::domain::Time;
use crate::findings::FindingKey;
use crate::findings::cache::{Cache, CacheError, World};

/// Where the evidence is kept.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum Shelf {
    /// In a workspace, from one start to the next.
    Workspace(PathBuf),
    /// In a workspace, beginning with nothing: a drill's world begins anew.
    Afresh(PathBuf),
}

impl Shelf {
    /// Opens the cache for whoever the caller is. Where that cannot be, a private one serves until the end, and the sentence says
    /// why.
    pub fn open(&self, cloud: &Cloud) -> Result<(Arc<Cache>, Option<String>), CacheError> {
        let identity = cloud.identity();
        let world = World {
            endpoint: cloud.endpoint().map(str::to_owned),
            partition: identity.arn.partition().to_owned(),
            account: identity.account,
        };
        let now = cloud.now();
        let opened = match self {
            Self::Workspace(directory) => Cache::open(directory, &world, now),
            Self::Afresh(directory) => Cache::afresh(directory, &world, now).map(|cache| (cache, None)),
        };
        match opened {
            Ok((cache, told)) => Ok((Arc::new(cache), told)),
            Err(error) => {
                let private = Cache::instead(now, error.to_string()).map(Arc::new)?;
                let told = format!("{error}. Findings are kept until quell ends, and read again at the next start.");
                Ok((private, Some(told)))
            }
        }
    }
}

/// A cache that ends with the process.
pub fn private(now: Time) -> Result<Arc<Cache>, CacheError> {
    Cache::private(now).map(Arc::new)
}

/// The evidence, from when there is a cache.
#[derive(Debug, Default)]
pub struct Evidence(OnceLock<Arc<Cache>>);

impl Evidence {
    /// Takes the cache. There is one for each run.
    pub fn rest_on(&self, cache: Arc<Cache>) {
        // A second one never comes; the first would stay.
        let _ = self.0.set(cache);
    }

    /// The finding as AWS sent it. Waits for the disk.
    pub fn of(&self, key: &FindingKey) -> Result<Bytes, String> {
        let cache = self.0.get().ok_or("Nothing was read yet.")?;
        cache
            .raw(key)
            .map_err(|error| format!("The finding's JSON cannot be shown: {error}."))
    }
}
