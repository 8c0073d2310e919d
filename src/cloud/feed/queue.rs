//! The queue: what EventBridge sends, as soon as it happens.
//!
//! Owns: the long poll, and the order of things: received, stored, and only then deleted. Must never: delete a message whose
//! content is not on the disk, or take a message that is no event for nothing. What is received twice is stored once.

use std::sync::Arc;
use std::time::Duration;

use aws_sdk_sqs::types::{Message, MessageSystemAttributeName};
use bytes::Bytes;
use sha2::{Digest, Sha256};
use tokio::sync::mpsc::Sender;
use tokio::task::JoinHandle;

use super::FeedEvent;
use crate::cloud::connect::Cloud;
use crate::cloud::errors::{CallError, ErrorKind};
use crate::cloud::session::QueueSession;
use crate::cloud::write;
use crate::domain::{Arn, Time, Untrusted};
use crate::findings::cache::{Aside, Asides, Batch, Cache, Stored};
use crate::findings::{Coverage, CoverageState, Place, Seen, Source, event};

/// As long and as many as SQS allows (API reference, `ReceiveMessage`).
const POLL_SECONDS: i32 = 20;
const MESSAGES: i32 = 10;
/// So many of the messages that are no events are named, the last first.
const ASIDES_TOLD: usize = 10;
/// An empty answer that comes sooner was not waited for.
const SHORT: Duration = Duration::from_secs(1);
/// The pauses after failures: doubled each time, up to this.
const FIRST_PAUSE: Duration = Duration::from_secs(1);
const LONGEST_PAUSE: Duration = Duration::from_mins(1);

/// Reads the configured queue, if there is one, until the receiver is gone or the task is aborted.
pub fn spawn(cloud: &Arc<Cloud>, cache: &Arc<Cache>, tx: &Sender<FeedEvent>) -> Option<JoinHandle<()>> {
    let queue = cloud.options.queue.clone()?;
    let (Ok(account), Ok(region)) = (queue.account().parse(), queue.region().parse()) else {
        // The configuration takes no such ARN; whoever makes options in the program gets no feed from it.
        return None;
    };
    let reading = Reading {
        cloud: Arc::clone(cloud),
        cache: Arc::clone(cache),
        tx: tx.clone(),
        queue,
        place: Place { account, region },
        asides: Asides::default(),
        earlier: 0,
        undeleted: 0,
    };
    Some(tokio::spawn(reading.run()))
}

/// Why a turn failed.
struct Trouble {
    state: CoverageState,
    why: String,
}

impl From<CallError> for Trouble {
    fn from(error: CallError) -> Self {
        let state = match error.kind {
            ErrorKind::Denied | ErrorKind::Credentials => CoverageState::Refused,
            _ => CoverageState::Partial,
        };
        Self {
            state,
            why: error.to_string(),
        }
    }
}

struct Reading {
    cloud: Arc<Cloud>,
    cache: Arc<Cache>,
    tx: Sender<FeedEvent>,
    queue: Arn,
    place: Place,
    /// Messages that are no events, of earlier starts too.
    asides: Asides,
    /// How many of them this start found. They are named as long as they are kept, and are no gap of what is received now.
    earlier: u64,
    /// Messages that are stored and could not be deleted; SQS sends them again.
    undeleted: usize,
}

impl Reading {
    async fn run(mut self) {
        if let Err(why) = self.cache.durable() {
            // Received and not stored, messages would be lost to everybody else for a while, and for nothing.
            let why = format!("{why}, so messages stay in the queue, and none is read.");
            return self.tell(CoverageState::Refused, Some(why)).await;
        }
        self.asides = self.kept_aside().await;
        self.earlier = self.asides.count;
        // What earlier starts kept is told at once: the first poll may last as long as a poll can.
        self.tell(CoverageState::Reading, None).await;
        let (mut session, mut pause) = (None, FIRST_PAUSE);
        loop {
            match self.turn(&mut session).await {
                Ok(()) => pause = FIRST_PAUSE,
                Err(trouble) => {
                    self.tell(trouble.state, Some(trouble.why)).await;
                    session = None;
                    tokio::time::sleep(pause).await;
                    pause = (pause * 2).min(LONGEST_PAUSE);
                }
            }
            if self.tx.is_closed() {
                return;
            }
        }
    }

    /// One poll: received, stored, told, deleted.
    async fn turn(&mut self, session: &mut Option<QueueSession>) -> Result<(), Trouble> {
        if session.is_none() {
            let opened = self.cloud.queue_session(&self.queue).await.map_err(|error| Trouble {
                state: match error.kind() {
                    ErrorKind::Denied => CoverageState::Refused,
                    _ => CoverageState::Partial,
                },
                why: error.to_string(),
            })?;
            *session = Some(opened);
        }
        let Some(session) = session else { return Ok(()) };
        let asked = tokio::time::Instant::now();
        let messages = receive(session).await?;
        if messages.is_empty() && asked.elapsed() < SHORT {
            // Whoever answers a long poll at once would be asked without end.
            tokio::time::sleep(SHORT).await;
        }
        if !messages.is_empty() {
            let (seen, batch, handles) = self.sort(messages);
            let stored = self.store(batch, handles).await?;
            self.asides = self.kept_aside().await;
            if !seen.is_empty() {
                // Where nobody listens the loop ends after this turn.
                let _ = self.tx.send(FeedEvent::Findings(seen.into())).await;
            }
            self.undeleted = write::delete_messages(session, stored).await?;
        }
        let told = self.undeleted();
        let state = if self.asides.count > self.earlier || self.undeleted > 0 {
            CoverageState::Partial
        } else {
            CoverageState::Complete
        };
        self.tell(state, told).await;
        Ok(())
    }

    /// Takes messages apart into findings and what is none.
    fn sort(&self, messages: Vec<Message>) -> (Vec<Seen>, Batch, Vec<Handle>) {
        let (mut seen, mut asides, mut handles) = (Vec::new(), Vec::new(), Vec::new());
        for message in messages {
            let received = received(&message);
            let body = Bytes::from(message.body.unwrap_or_default());
            match event::read(&body, &self.place) {
                Ok(found) => seen.extend(found.into_iter().map(|seen| match received {
                    Some(at) => seen.not_after(at),
                    None => seen,
                })),
                Err(event::NotAnEvent(why)) => asides.push(Aside {
                    // SQS gives every message an id; where it does not, equal content is one aside.
                    id: message.message_id.unwrap_or_else(|| content_id(&body)),
                    why,
                    body,
                }),
            }
            handles.extend(message.receipt_handle.map(Handle));
        }
        let mut batch = Batch::of(&seen);
        for aside in asides {
            batch.set_aside(aside);
        }
        (seen, batch, handles)
    }

    /// Puts messages' content on the disk. Their handles come back only when it is there.
    async fn store(&self, batch: Batch, handles: Vec<Handle>) -> Result<Stored<Vec<Handle>>, Trouble> {
        let (cache, at) = (Arc::clone(&self.cache), self.cloud.now());
        let stored = tokio::task::spawn_blocking(move || cache.store(batch, at, handles)).await;
        let why = match stored {
            Ok(Ok(stored)) => return Ok(stored),
            Ok(Err(error)) => error.to_string(),
            Err(fault) => format!("a part of quell failed, please report it: {fault}"),
        };
        Err(Trouble {
            state: CoverageState::Partial,
            why: format!("Messages were received and could not be stored, so they stay in the queue: {why}."),
        })
    }

    /// What the cache keeps aside. Where it fails, what was known before stands.
    async fn kept_aside(&self) -> Asides {
        let cache = Arc::clone(&self.cache);
        let asked = tokio::task::spawn_blocking(move || cache.asides(ASIDES_TOLD)).await;
        let told = asked.ok().and_then(Result::ok);
        told.unwrap_or_else(|| self.asides.clone())
    }

    /// What is kept aside, of earlier starts too.
    fn aside(&self) -> Option<String> {
        let Asides { count, last, .. } = &self.asides;
        let counted = self.asides.counted()?;
        let named: Vec<String> = last
            .iter()
            .map(|(id, why)| format!("{}: {}", Untrusted::new(id.as_str()), Untrusted::new(why.as_str())))
            .collect();
        let named = named.join("; ");
        let queue = Untrusted::new(self.queue.resource());
        let what = match count {
            1 => format!("This message of queue {queue} was no event"),
            _ => format!("These messages of queue {queue} were no events"),
        };
        let more = match count.saturating_sub(last.len() as u64) {
            0 => String::new(),
            more => format!("; and {more} earlier ones, which only the cache names"),
        };
        Some(format!("{counted}. {what}: {named}{more}."))
    }

    fn undeleted(&self) -> Option<String> {
        (self.undeleted > 0).then(|| {
            format!(
                "{} messages were stored and could not be deleted from the queue; SQS will send them again.",
                self.undeleted
            )
        })
    }

    /// Tells how it stands: what is wrong now, and after it what is kept aside, whatever the state.
    async fn tell(&self, state: CoverageState, error: Option<String>) {
        let error = error.map(|why| format!("Queue {}: {why}", Untrusted::new(self.queue.resource())));
        let told: Vec<String> = error.into_iter().chain(self.aside()).collect();
        let row = Coverage {
            account: self.place.account,
            region: self.place.region.clone(),
            source: Source::EventBridge,
            state,
            via: None,
            error: (!told.is_empty()).then(|| told.join(" ")),
        };
        // Where nobody listens the loop ends.
        let _ = self.tx.send(FeedEvent::Coverage(row)).await;
    }
}

/// When the queue received a message, by its own clock.
fn received(message: &Message) -> Option<Time> {
    let attributes = message.attributes.as_ref()?;
    let milliseconds = attributes.get(&MessageSystemAttributeName::SentTimestamp)?;
    Time::from_millisecond(milliseconds.parse().ok()?).ok()
}

fn content_id(body: &Bytes) -> String {
    let digest = Sha256::digest(body);
    format!(
        "{:016x}",
        digest.first_chunk().map_or(0, |first| u64::from_be_bytes(*first))
    )
}

/// What names a received message to SQS. It goes into the cache with the message's content, and comes out with the receipt.
#[derive(Debug)]
pub struct Handle(pub(in crate::cloud) String);

async fn receive(session: &QueueSession) -> Result<Vec<Message>, CallError> {
    let answer = session
        .client()
        .receive_message()
        .queue_url(session.url())
        .max_number_of_messages(MESSAGES)
        .message_system_attribute_names(MessageSystemAttributeName::SentTimestamp)
        .wait_time_seconds(POLL_SECONDS)
        .send()
        .await
        .map_err(|e| CallError::from_sdk("sqs:ReceiveMessage", &e))?;
    Ok(answer.messages.unwrap_or_default())
}

#[cfg(test)]
#[path = "queue_tests.rs"]
mod tests;
