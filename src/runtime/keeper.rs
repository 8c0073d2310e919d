//! What one reading of everything finds, kept for the next start of the console.
//!
//! Owns: the thread that waits for the disk meanwhile. Must never: hold up or end the reading because of the cache, or take
//! something for gone that another route may still show.

use std::sync::Arc;
use std::sync::mpsc::{Receiver, Sender, channel};
use std::time::Duration;

use tokio::sync::oneshot;
use tokio::task::JoinHandle;

use super::evidence::{Opened, Shelf};
use crate::cloud::{Cloud, FeedEvent, Route};
use crate::domain::{AccountId, Region, Untrusted};
use crate::findings::cache::{Batch, Before, Cache, CacheError, Run, Scope};
use crate::findings::{Coverage, Place};

/// How long what came waits for more.
const LINGER: Duration = Duration::from_millis(10);
/// What is marked as gone together.
const PAGE: usize = 300;

/// Takes what the feed tells.
#[derive(Debug)]
pub struct Keeper(Sender<Kept>);

/// What there is to keep.
#[derive(Debug)]
enum Kept {
    Findings(Batch),
    Coverage(Coverage),
    Names(Vec<(AccountId, Untrusted)>),
    Whole(Route, Vec<(AccountId, Region)>),
    /// Every route was read once.
    Round,
}

impl Keeper {
    /// Begins to keep, and gives what the cache said of each place before, unless there is none. The task ends once the keeper is dropped and everything is on the disk, and says what went wrong, if anything
    /// did. Without a shelf nothing is kept.
    #[must_use]
    pub fn begin(
        shelf: Option<Shelf>,
        cloud: &Arc<Cloud>,
    ) -> (Self, oneshot::Receiver<Before>, JoinHandle<Option<String>>) {
        let (tell, told) = channel();
        let (recall, before) = oneshot::channel();
        let cloud = Arc::clone(cloud);
        let keeping = tokio::task::spawn_blocking(move || match shelf {
            Some(shelf) => keep(&shelf, &cloud, &told, recall).err(),
            None => None,
        });
        (Self(tell), before, keeping)
    }

    /// Takes in what the feed tells. It costs no waiting.
    pub fn take(&self, event: &FeedEvent) {
        let kept = match event {
            // The evidence is shared, not copied.
            FeedEvent::Findings(page) => Kept::Findings(Batch::of(page)),
            FeedEvent::Coverage(row) => Kept::Coverage(row.clone()),
            FeedEvent::Whole { route, places } => Kept::Whole(route.clone(), places.clone()),
            FeedEvent::Accounts(accounts) => Kept::Names(accounts.iter().map(|a| (a.id, a.name.clone())).collect()),
            FeedEvent::Round { .. } => Kept::Round,
            FeedEvent::Way { .. } | FeedEvent::Begins(_) => return,
        };
        // Whoever keeps has ended where the cache cannot be used, and says why in the end.
        let _ = self.0.send(kept);
    }
}

fn keep(
    shelf: &Shelf,
    cloud: &Arc<Cloud>,
    told: &Receiver<Kept>,
    recall: oneshot::Sender<Before>,
) -> Result<(), String> {
    let Opened { cache, told: said, .. } = shelf.open(cloud).map_err(|error| error.to_string())?;
    // A cache that ends with this process helps nobody; what keeps the file from being used is in the sentence.
    if let Err(error) = cache.durable() {
        return Err(said.unwrap_or_else(|| error.to_string()));
    }
    cloud.remember();
    let rows = cache.coverage(&Scope::default()).map_err(|error| error.to_string())?;
    let mut before = Before::new(&rows);
    // Nobody waits for it where the reading was cut short.
    let _ = recall.send(before.clone());
    let (mut trouble, mut whole) = (said, Vec::new());
    let began = cache.begin().map_err(|error| error.to_string())?;
    while let Ok(first) = told.recv() {
        // Thousands of pages come in a few seconds; they are taken as many at a time as came, so that not each of them wakes a thread.
        std::thread::sleep(LINGER);
        for kept in std::iter::once(first).chain(told.try_iter()) {
            match kept {
                // Not page by page: waiting for the disk each time takes longer than the reading, and all of it can be read again.
                Kept::Findings(batch) => cache.keep(batch, cloud.now()),
                Kept::Coverage(row) => drop(before.cover(&cache, row, cloud.now())),
                Kept::Names(names) => cache.name(names),
                Kept::Whole(route, places) => whole.push((route, places)),
                // A reading that was cut short does not come to this: what was complete for a moment is not noted.
                Kept::Round => before.settle(&cache),
            }
        }
    }
    // Only now: another route may have shown what this one did not.
    let older = cache.older(began).map_err(|error| error.to_string())?;
    for (route, mut places) in whole {
        // What comes back without a question is what the cache knew nothing of before, thousands of places on a first start.
        places.retain(|(account, region)| older.contains(&(*account, region.clone(), route.source)));
        for (account, region) in places {
            let place = Place { account, region };
            gone(&cache, &place, &route, began).map_err(|error| error.to_string())?;
        }
    }
    if let Err(error) = cache.store(Batch::default(), cloud.now(), ()) {
        trouble.get_or_insert(error.to_string());
    }
    trouble.or_else(|| cache.trouble()).map_or(Ok(()), Err)
}

/// Marks what the cache alone knows of a place.
fn gone(cache: &Cache, place: &Place, route: &Route, began: Run) -> Result<(), CacheError> {
    while !cache.gone(place, route.source, began, PAGE)?.is_empty() {}
    Ok(())
}

#[cfg(test)]
#[path = "keeper_tests.rs"]
mod tests;
