//! Reaching AWS in the background, so that the first screen does not wait for it, and keeping the findings coming.

use std::sync::Arc;
use std::time::Duration;

use tokio::sync::mpsc::{self, Sender, UnboundedReceiver, UnboundedSender};

use crate::app::Event;
use crate::cloud::{self, Cloud, ConnectOptions, Discovery, FeedEvent};
use crate::domain::{AccountId, Region};

/// Says how to reach AWS. It may take a while and block: a drill builds its world here.
pub type Reach = Box<dyn FnOnce() -> Result<ConnectOptions, String> + Send>;

/// AWS and the accounts, or the sentence that says why not.
pub type Connected = Result<(Arc<Cloud>, Discovery), String>;

/// Pages that wait to be taken in. More would only hold memory.
const WAITING: usize = 32;

/// Connects, finds the accounts, and hands both over.
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
    let discovery = cloud::discover(&cloud).await;
    Ok((cloud, discovery))
}

/// Every account in every region that is looked at.
#[must_use]
pub fn targets(cloud: &Cloud, discovery: &Discovery) -> Vec<(AccountId, Region)> {
    discovery
        .accounts
        .iter()
        .flat_map(|account| {
            cloud
                .regions()
                .iter()
                .map(|region| (account.id.clone(), region.clone()))
        })
        .collect()
}

/// Reads findings again and again, and at once when somebody wants it.
pub async fn feed(
    cloud: Arc<Cloud>,
    targets: Vec<(AccountId, Region)>,
    refresh: Duration,
    mut wanted: UnboundedReceiver<()>,
    tell: UnboundedSender<Event>,
) {
    let (tx, mut rx) = mpsc::channel(WAITING);
    let mut reading = cloud::feed::spawn(Arc::clone(&cloud), targets.clone(), refresh, tx);
    loop {
        tokio::select! {
            event = rx.recv() => {
                let event = match event {
                    Some(FeedEvent::Findings(page)) => Event::Findings(page.into_iter().map(Arc::new).collect()),
                    Some(FeedEvent::Coverage(row)) => Event::Coverage(row),
                    Some(FeedEvent::Round { .. }) => continue,
                    None => return,
                };
                if tell.send(event).is_err() {
                    reading.abort();
                    return;
                }
            }
            again = wanted.recv() => {
                if again.is_none() {
                    reading.abort();
                    return;
                }
                reading.abort();
                let (tx, new) = mpsc::channel(WAITING);
                rx = new;
                reading = cloud::feed::spawn(Arc::clone(&cloud), targets.clone(), refresh, tx);
            }
        }
    }
}
