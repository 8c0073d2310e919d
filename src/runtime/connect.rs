//! Reaching AWS in the background, so that the first screen does not wait for it, and keeping the findings coming.

use std::path::PathBuf;
use std::sync::Arc;
use std::time::Duration;

use tokio::sync::mpsc::{self, Sender, UnboundedReceiver, UnboundedSender};

use super::ended::{Ended, Part, Rows, watch};
use super::evidence::{Evidence, Opened, Shelf};
use super::recall::{Recall, blocking};
use crate::app::Event;
use crate::app::state::Identity;
use crate::cloud::{self, Cloud, ConnectOptions, FeedEvent};
use crate::domain::{Time, Untrusted};
use crate::findings::cache::{Cache, Scope, World};

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
    /// What the cache knew, which is shown already.
    pub recall: Recall,
    /// Hears when somebody wants everything read at once.
    pub wanted: UnboundedReceiver<()>,
}

/// AWS, or the sentence that says why not.
pub type Connected = Result<Reached, String>;

/// Where what is known goes.
#[derive(Clone, Debug)]
pub struct Desk {
    pub tell: UnboundedSender<Event>,
    pub evidence: Arc<Evidence>,
}

/// What the cache knows is shown at once, as of who the caller was last time; then it connects, and hands over what was reached.
/// Where that fails it is said why, and tried again whenever somebody wants it: by itself it would ask for a second factor, or start
/// a program that gives credentials, while nobody looks.
pub async fn connect(reach: Reach, shelf: Shelf, desk: Desk, to: Sender<Connected>, mut wanted: UnboundedReceiver<()>) {
    let options = tokio::task::spawn_blocking(reach)
        .await
        .unwrap_or_else(|fault| Err(format!("A part of quell failed, please report it: {fault}")));
    // Nobody listens when the console was left meanwhile.
    let options = match options {
        Ok(options) => options,
        Err(why) => return drop(to.send(Err(why)).await),
    };
    let scope = Scope {
        accounts: options.accounts.clone(),
        regions: options.regions.clone(),
    };
    let ahead = Ahead::show(&options, &shelf, &scope, &desk).await;
    let cloud = loop {
        match Cloud::connect(options.clone()).await {
            Ok(cloud) => break cloud,
            Err(error) => {
                let why = Untrusted::new(error.to_string()).shown();
                if to.send(Err(why)).await.is_err() || wanted.recv().await.is_none() {
                    return;
                }
                // Keys that were pressed in a row are one wish.
                while wanted.try_recv().is_ok() {}
            }
        }
    };
    let connected = reached(cloud, ahead, shelf, scope, &desk)
        .await
        .map(|(cloud, cache, recall)| Reached {
            cloud,
            cache,
            recall,
            wanted,
        });
    drop(to.send(connected).await);
}

/// Goes on with what is shown already, or takes it back and shows what there is of the caller.
async fn reached(
    cloud: Arc<Cloud>,
    ahead: Option<Ahead>,
    shelf: Shelf,
    scope: Scope,
    desk: &Desk,
) -> Result<(Arc<Cloud>, Arc<Cache>, Recall), String> {
    let world = Shelf::world(&cloud);
    let (cache, recall) = match ahead {
        Some(ahead) if ahead.world == world => (ahead.cache, ahead.recall),
        other => {
            if let Some(ahead) = other {
                ahead.take_back(&world, desk).await;
            }
            let asked = Arc::clone(&cloud);
            let opened = blocking(move || shelf.open(&asked)).await;
            let opened = opened
                .ok_or("A part of quell failed while the cache was opened, please report it.")?
                .map_err(|error| error.to_string())?;
            // The workspace is there now, if it was not before.
            cloud.remember();
            let cache = Arc::clone(&opened.cache);
            (cache, begin(opened, scope, cloud.now(), desk).await)
        }
    };
    Ok((cloud, cache, recall))
}

/// Shows what a cache knows.
async fn begin(opened: Opened, scope: Scope, now: Time, desk: &Desk) -> Recall {
    let Opened { cache, told, .. } = opened;
    desk.evidence.rest_on(Arc::clone(&cache));
    if let Some(told) = told {
        let _ = desk.tell.send(Event::Failed(told));
    }
    Recall::begin(cache, scope, now, &desk.tell).await
}

/// What is shown before AWS has said who the caller is.
struct Ahead {
    world: World,
    cache: Arc<Cache>,
    recall: Recall,
}

impl Ahead {
    /// Shows what the cache has of who the caller was last time, and says that nobody has confirmed it.
    async fn show(options: &ConnectOptions, shelf: &Shelf, scope: &Scope, desk: &Desk) -> Option<Self> {
        let last = cloud::remembered(options)?;
        let now = options.clock.now();
        let opened = {
            let (shelf, last) = (shelf.clone(), last.clone());
            blocking(move || shelf.ahead(&last, now)).await.flatten()?
        };
        let _ = desk.tell.send(Event::Presumed(Identity {
            arn: last.identity.arn.to_string(),
            account: last.identity.account,
            endpoint: opened.world.endpoint.clone(),
            how: String::new(),
        }));
        let (world, cache) = (opened.world.clone(), Arc::clone(&opened.cache));
        let recall = begin(opened, scope.clone(), now, desk).await;
        Some(Self { world, cache, recall })
    }

    /// The caller is somebody else: what was shown is taken away, and said.
    async fn take_back(self, now: &World, desk: &Desk) {
        self.recall.take_back().await;
        let told = format!(
            "What was shown from the cache was taken away: it is of {}, and the caller is of {}.",
            place(&self.world),
            place(now)
        );
        let _ = desk.tell.send(Event::Withdrawn(told));
    }
}

/// A world in words that are safe to show.
fn place(world: &World) -> String {
    match &world.endpoint {
        None => format!("account {}", world.account),
        Some(endpoint) => format!("account {} at {}", world.account, Untrusted::new(endpoint.as_str())),
    }
}

/// Reads findings again and again, and at once when somebody wants it.
pub async fn feed(reached: Reached, refresh: Duration, tell: UnboundedSender<Event>) {
    let Reached {
        cloud,
        cache,
        mut recall,
        wanted,
    } = reached;
    let (tx, mut rx) = mpsc::channel(cloud::feed::WAITING);
    let (faults, mut faulty) = mpsc::unbounded_channel();
    let queue = cloud::feed::queue::spawn(&cloud, &cache, &tx).map(|task| watch(task, Part::Queue, faults.clone()));
    let reading = cloud::feed::spawn(Arc::clone(&cloud), refresh, wanted, tx);
    let reading = watch(reading, Part::Sources, faults);
    // Whether every account and region that there is was named.
    let mut all_named = false;
    let mut rows = Rows::default();
    loop {
        let event = tokio::select! {
            biased;
            Some(event) = rx.recv() => event,
            Some(ended) = faulty.recv() => {
                all_named &= ended.part != Part::Sources;
                tell_ended(ended, &mut rows, &mut recall, cloud.now(), &tell).await;
                continue;
            }
            else => break,
        };
        let event = match event {
            FeedEvent::Findings(page) => {
                recall.found(page.into_seen(), cloud.now()).await;
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
                rows.note(&row);
                Event::Coverage(recall.covered(row, cloud.now()).await)
            }
            FeedEvent::Accounts(accounts) => {
                let named: Vec<_> = accounts.into_iter().map(|a| (a.id, a.name)).collect();
                recall.named(&named);
                Event::Accounts(named)
            }
            FeedEvent::Way { how, may_miss } => {
                all_named = !may_miss;
                Event::Way { how, may_miss }
            }
            FeedEvent::Round { .. } => {
                recall.settled();
                recall.others().await;
                for event in recall.unspoken(all_named).await {
                    let _ = tell.send(event);
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

/// A part of the reading has ended by a fault: what it read is not followed any more, and every row of it says so.
async fn tell_ended(ended: Ended, rows: &mut Rows, recall: &mut Recall, now: Time, tell: &UnboundedSender<Event>) {
    for row in rows.stop(ended) {
        let _ = tell.send(Event::Coverage(recall.covered(row, now).await));
    }
    if ended.part == Part::Sources {
        // What it had not named yet is missed without a row.
        let _ = tell.send(Event::Way {
            how: ended.told(),
            may_miss: true,
        });
    }
    let _ = tell.send(Event::Failed(ended.told()));
}

#[cfg(test)]
#[path = "connect_tests.rs"]
mod tests;
