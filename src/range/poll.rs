//! Long polls: a call that waits for a message does not hold the world while it waits.
//!
//! Owns: the waiting before `ReceiveMessage` is answered. Must never: keep a call longer than it asked for, or answer it (the
//! door does, once).

use std::time::Duration;

use bytes::Bytes;
use http::{Request, Response};
use serde_json::Value;

use super::Range;
use super::services::sqs;
use super::signature::{self, Claim};
use super::world::World;
use crate::domain::{AccountId, Region};

/// How often it looks. The world's clock may run faster than the caller's, so that nothing can say when to look.
const LOOK: Duration = Duration::from_millis(50);

/// What a call waits for.
struct Poll {
    account: AccountId,
    region: Region,
    queue: String,
    /// Seconds, where the call says; the queue says otherwise.
    wait: Option<i64>,
}

impl Range {
    /// Answers a request when its time has come: after the latency that is set, and for a long poll when there is a message or its
    /// time is over. Must be awaited on tokio, by whose clock it waits.
    pub async fn exchange_in_time(&self, request: &Request<Bytes>) -> Option<Response<Bytes>> {
        if let Some(poll) = Poll::of(request) {
            self.wait_for(&poll, || tokio::time::sleep(LOOK)).await;
        }
        self.exchange_after_latency(request).await
    }

    /// Looks, and pauses, until there is a message or there have been as many pauses as fit into the wait.
    async fn wait_for<P: Future<Output = ()>>(&self, poll: &Poll, pause: impl Fn() -> P) {
        let wait = self.glance(|world| poll.longest(world));
        for _ in 0..wait.as_millis() / LOOK.as_millis() {
            if self.glance(|world| poll.is_over(world)) {
                break;
            }
            pause().await;
        }
    }
}

impl Poll {
    fn of(request: &Request<Bytes>) -> Option<Self> {
        if signature::header(request, "x-amz-target") != Some("AmazonSQS.ReceiveMessage") {
            return None;
        }
        let claim = signature::header(request, "authorization").and_then(Claim::parse)?;
        let body: Value = serde_json::from_slice(request.body()).ok()?;
        let (account, queue) = sqs::address(body["QueueUrl"].as_str()?)?;
        Some(Self {
            account,
            region: claim.region.parse().ok()?,
            queue: queue.to_owned(),
            wait: body["WaitTimeSeconds"].as_i64(),
        })
    }

    fn queue<'w>(&self, world: &'w World) -> Option<&'w sqs::queue::Queue> {
        let account = world.accounts.get(&self.account)?;
        account.regions.get(&self.region)?.sqs.queues.get(&self.queue)
    }

    /// How long it may wait; a wrong wait is not waited, and its answer is an error.
    fn longest(&self, world: &World) -> Duration {
        let queue = self.queue(world);
        let seconds = queue.map(|q| self.wait.unwrap_or_else(|| q.seconds("ReceiveMessageWaitTimeSeconds")));
        let seconds = seconds.filter(|s| (0..=sqs::MAX_WAIT).contains(s));
        Duration::from_secs(seconds.and_then(|s| u64::try_from(s).ok()).unwrap_or_default())
    }

    /// Whether there is a message, or no such queue any more.
    fn is_over(&self, world: &World) -> bool {
        let now = world.now();
        self.queue(world).is_none_or(|queue| queue.has_visible(now))
    }
}

#[cfg(test)]
mod tests {
    use std::cell::Cell;

    use super::*;
    use crate::range::testing::{self, SECURITY, id};

    const ARN: &str = "arn:aws:sqs:us-east-1:222222222222:events";

    /// How often a call that may wait so long pauses, where a message comes during the pause of this number.
    async fn pauses(wait: Option<i64>, comes: usize) -> usize {
        let mut world = testing::world();
        let (region, now) = ("us-east-1".parse().unwrap(), world.now());
        let mut queue = sqs::queue::Queue::new(now);
        queue
            .settings
            .insert("ReceiveMessageWaitTimeSeconds".to_owned(), "2".to_owned());
        let place = world.regional(&id(SECURITY), &region).unwrap();
        place.sqs.queues.insert("events".to_owned(), queue);
        let range = Range::new(world);
        let poll = Poll {
            account: id(SECURITY),
            region,
            queue: "events".to_owned(),
            wait,
        };
        let paused = Cell::new(0);
        let (range, paused) = (&range, &paused);
        let pause = || async move {
            paused.set(paused.get() + 1);
            if paused.get() == comes {
                // The world is free while somebody waits.
                let sent = |w: &mut World| {
                    let now = w.now();
                    sqs::deliver(w, ARN, now, "late".to_owned())
                };
                assert!(range.with_world(sent));
            }
        };
        range.wait_for(&poll, pause).await;
        paused.get()
    }

    #[tokio::test]
    async fn it_waits_until_there_is_a_message_or_the_time_is_over() {
        assert_eq!(pauses(Some(20), 7).await, 7);
        assert_eq!(pauses(Some(20), 1000).await, 400, "twenty seconds");
        assert_eq!(pauses(None, 1000).await, 40, "what the queue says");
        for none in [Some(0), Some(21), Some(-1)] {
            assert_eq!(pauses(none, 1000).await, 0, "{none:?}");
        }
    }
}
