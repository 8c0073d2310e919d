//! Reaching AWS in the background, so that the first screen does not wait for it, and keeping the findings coming.

use std::path::PathBuf;
use std::sync::Arc;
use std::time::Duration;

use tokio::sync::mpsc::{self, Sender, UnboundedReceiver, UnboundedSender};

use super::evidence::Shelf;
use super::recall::{Recall, blocking};
use crate::app::Event;
use crate::cloud::{self, Cloud, ConnectOptions, FeedEvent};
use crate::domain::Time;
use crate::findings::cache::{Cache, Scope};

/// Says how to reach AWS. It may take a while and block: a drill builds its world here.
pub type Reach = Box<dyn FnOnce() -> Result<ConnectOptions, String> + Send>;

/// Where the findings come from.
pub enum Origin {
    /// From AWS, with a shelf for what it sends.
    Aws { reach: Reach, shelf: Shelf },
    /// From files; AWS is not reached.
    Files(Vec<PathBuf>),
}

impl std::fmt::Debug for Origin {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        match self {
            Self::Aws { shelf, .. } => f.debug_tuple("Aws").field(shelf).finish(),
            Self::Files(paths) => f.debug_tuple("Files").field(paths).finish(),
        }
    }
}

/// AWS, and what was known of it.
#[derive(Debug)]
pub struct Reached {
    pub cloud: Arc<Cloud>,
    pub cache: Arc<Cache>,
    /// Which part of the cache was asked for.
    pub scope: Scope,
    /// When it was reached.
    pub at: Time,
    /// What is to be said of the cache.
    pub told: Option<String>,
}

/// AWS, or the sentence that says why not.
pub type Connected = Result<Reached, String>;

/// Pages that wait to be taken in. More would only hold memory.
const WAITING: usize = 32;

/// Connects, and hands over what was reached.
pub async fn connect(reach: Reach, shelf: Shelf, to: Sender<Connected>) {
    let options = tokio::task::spawn_blocking(reach)
        .await
        .unwrap_or_else(|fault| Err(format!("A part of quell failed, please report it: {fault}")));
    let connected = match options {
        Ok(options) => reached(options, shelf).await,
        Err(why) => Err(why),
    };
    // Nobody listens when the console was left meanwhile.
    drop(to.send(connected).await);
}

async fn reached(options: ConnectOptions, shelf: Shelf) -> Connected {
    let scope = Scope {
        accounts: options.accounts.clone(),
        regions: options.regions.clone(),
    };
    let cloud = Cloud::connect(options)
        .await
        .map_err(|error| crate::domain::Untrusted::new(error.to_string()).shown())?;
    let (at, asked) = (cloud.now(), Arc::clone(&cloud));
    let opened = blocking(move || shelf.open(&asked)).await;
    let (cache, told) = opened
        .ok_or("A part of quell failed while the cache was opened, please report it.")?
        .map_err(|error| error.to_string())?;
    Ok(Reached {
        cloud,
        cache,
        scope,
        at,
        told,
    })
}

/// Shows what the cache knows, then reads findings again and again, and at once when somebody wants it.
pub async fn feed(reached: Reached, refresh: Duration, wanted: UnboundedReceiver<()>, tell: UnboundedSender<Event>) {
    let Reached {
        cloud,
        cache,
        scope,
        at,
        told,
    } = reached;
    if let Some(told) = told {
        let _ = tell.send(Event::Failed(told));
    }
    let mut recall = Recall::begin(Arc::clone(&cache), scope, at, &tell).await;
    let (tx, mut rx) = mpsc::channel(WAITING);
    let queue = cloud::feed::queue::spawn(&cloud, &cache, &tx);
    let reading = cloud::feed::spawn(Arc::clone(&cloud), refresh, wanted, tx);
    while let Some(event) = rx.recv().await {
        let event = match event {
            FeedEvent::Findings(page) => {
                recall.found(page, cloud.now()).await;
                continue;
            }
            FeedEvent::Begins(route) => {
                recall.begins(route).await;
                continue;
            }
            FeedEvent::Whole { route, places } => {
                recall.whole(&route, places, cloud.now()).await;
                continue;
            }
            FeedEvent::Coverage(row) => {
                recall.covered(&row, cloud.now()).await;
                Event::Coverage(row)
            }
            FeedEvent::Accounts(accounts) => Event::Accounts(accounts.into_iter().map(|a| (a.id, a.name)).collect()),
            FeedEvent::Way { how, may_miss } => Event::Way { how, may_miss },
            FeedEvent::Round { .. } => {
                recall.others().await;
                for row in recall.unspoken() {
                    let _ = tell.send(Event::Coverage(row));
                }
                Event::Round
            }
        };
        if tell.send(event).is_err() {
            break;
        }
    }
    reading.abort();
    if let Some(queue) = queue {
        queue.abort();
    }
}
