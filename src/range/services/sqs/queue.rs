//! A standard queue: messages, who has them at the moment, and for how long.
//!
//! Owns: visibility and retention, by the world's clock. Must never: give a message to two receivers at once, or forget one
//! that nobody deleted before its retention ends.

use std::collections::BTreeMap;

use jiff::SignedDuration;

use crate::domain::Time;

/// What a queue may be told, with the defaults (API reference, `SetQueueAttributes`). Others are not known.
pub const SETTINGS: &[(&str, &str)] = &[
    ("DelaySeconds", "0"),
    ("MaximumMessageSize", "1048576"),
    ("MessageRetentionPeriod", "345600"),
    ("ReceiveMessageWaitTimeSeconds", "0"),
    ("VisibilityTimeout", "30"),
];

/// One queue.
#[derive(Clone, Debug)]
pub struct Queue {
    pub created: Time,
    /// What was set, by attribute.
    pub settings: BTreeMap<String, String>,
    /// In the order of their arrival.
    pub messages: BTreeMap<u64, Message>,
    arrived: u64,
}

/// One message that waits, or that a receiver has and has not deleted yet.
#[derive(Clone, Debug)]
pub struct Message {
    pub id: String,
    pub body: String,
    pub sent: Time,
    /// Hidden before this.
    pub visible: Time,
    pub receives: u32,
    pub first_received: Option<Time>,
}

impl Queue {
    /// An empty one.
    pub fn new(created: Time) -> Self {
        Self {
            created,
            settings: BTreeMap::new(),
            messages: BTreeMap::new(),
            arrived: 0,
        }
    }

    /// What an attribute is set to, or its default.
    pub fn setting(&self, name: &str) -> Option<&str> {
        let default = SETTINGS.iter().find(|(known, _)| *known == name).map(|(_, d)| *d);
        self.settings.get(name).map(String::as_str).or(default)
    }

    /// A setting that is a number of seconds.
    pub fn seconds(&self, name: &str) -> i64 {
        self.setting(name).and_then(|s| s.parse().ok()).unwrap_or_default()
    }

    /// Adds a message, hidden for so many seconds.
    pub fn push(&mut self, id: String, body: String, sent: Time, delay: i64) {
        self.arrived += 1;
        let message = Message {
            id,
            body,
            sent,
            visible: sent + SignedDuration::from_secs(delay),
            receives: 0,
            first_received: None,
        };
        self.messages.insert(self.arrived, message);
    }

    /// Whether a receiver would get something now.
    pub fn has_visible(&self, now: Time) -> bool {
        self.messages.values().any(|m| m.visible <= now)
    }

    /// Takes up to `most` messages for `hidden` seconds, the oldest first, each with its receipt.
    pub fn receive(&mut self, most: usize, hidden: i64, now: Time) -> Vec<(String, Message)> {
        let kept = SignedDuration::from_secs(self.seconds("MessageRetentionPeriod"));
        self.messages.retain(|_, m| now.duration_since(m.sent) < kept);
        let due = self.messages.iter_mut().filter(|(_, m)| m.visible <= now);
        due.take(most)
            .map(|(number, message)| {
                message.visible = now + SignedDuration::from_secs(hidden);
                message.receives += 1;
                message.first_received.get_or_insert(now);
                (receipt(*number, message), message.clone())
            })
            .collect()
    }

    /// Deletes what a receipt stands for. A receipt of an earlier receiving deletes nothing, and that is no error (API
    /// reference, `DeleteMessage`). False where it is no receipt of this queue.
    pub fn delete(&mut self, handle: &str) -> bool {
        let read = || {
            let (number, rest) = handle.strip_prefix("AQEB")?.split_once('-')?;
            rest.split_once('-')?;
            u64::from_str_radix(number, 16).ok()
        };
        let Some(number) = read().filter(|n| (1..=self.arrived).contains(n)) else {
            return false;
        };
        if self.messages.get(&number).is_some_and(|m| receipt(number, m) == handle) {
            self.messages.remove(&number);
        }
        true
    }
}

/// Another one for each receiving, as AWS gives.
fn receipt(number: u64, message: &Message) -> String {
    format!("AQEB{number:x}-{:x}-{}", message.receives, message.id)
}
