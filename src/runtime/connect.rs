//! Reaching AWS in the background, so that the first screen does not wait for it, and keeping the findings coming.

use std::sync::Arc;
use std::time::Duration;

use tokio::sync::mpsc::{self, Sender, UnboundedReceiver, UnboundedSender};

use super::evidence::Evidence;
use crate::app::Event;
use crate::cloud::{self, Cloud, ConnectOptions, FeedEvent};

/// Says how to reach AWS. It may take a while and block: a drill builds its world here.
pub type Reach = Box<dyn FnOnce() -> Result<ConnectOptions, String> + Send>;

/// AWS, or the sentence that says why not.
pub type Connected = Result<Arc<Cloud>, String>;

/// Pages that wait to be taken in. More would only hold memory.
const WAITING: usize = 32;

/// Connects, and hands over what was reached.
pub async fn connect(reach: Reach, to: Sender<Connected>) {
    let options = tokio::task::spawn_blocking(reach)
        .await
        .unwrap_or_else(|fault| Err(format!("A part of quell failed, please report it: {fault}")));
    let connected = match options {
        Ok(options) => reached(options).await,
        Err(why) => Err(why),
    };
    // Nobody listens when the console was left meanwhile.
    drop(to.send(connected).await);
}

async fn reached(options: ConnectOptions) -> Connected {
    let cloud = Cloud::connect(options)
        .await
        .map_err(|error| crate::domain::Untrusted::new(error.to_string()).shown())?;
    Ok(cloud)
}

/// Reads findings again and again, and at once when somebody wants it. The evidence is put on the shelf.
pub async fn feed(
    cloud: Arc<Cloud>,
    refresh: Duration,
    wanted: UnboundedReceiver<()>,
    evidence: Arc<Evidence>,
    tell: UnboundedSender<Event>,
) {
    let (tx, mut rx) = mpsc::channel(WAITING);
    let reading = cloud::feed::spawn(cloud, refresh, wanted, tx);
    while let Some(event) = rx.recv().await {
        let event = match event {
            FeedEvent::Findings(page) => {
                evidence.keep(&page);
                Event::Findings(page.into_iter().map(|seen| Arc::new(seen.finding)).collect())
            }
            FeedEvent::Coverage(row) => Event::Coverage(row),
            FeedEvent::Accounts(accounts) => Event::Accounts(accounts.into_iter().map(|a| (a.id, a.name)).collect()),
            FeedEvent::Way { how, .. } => Event::Way(how),
            FeedEvent::Round { .. } => Event::Round,
        };
        if tell.send(event).is_err() {
            reading.abort();
            return;
        }
    }
}
