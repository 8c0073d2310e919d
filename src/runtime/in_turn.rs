//! What the console writes, one after the other, in the order in which it was decided.
//!
//! Owns: the turn. A journal that says who has an incident before it says what the incident is cannot be read. Must never: let a
//! record wait for AWS. What asks AWS begins in its turn, after all that was decided before it is written, and goes on beside.

use std::pin::Pin;
use std::time::Duration;

use tokio::sync::mpsc::{self, UnboundedReceiver, UnboundedSender};
use tokio::task::{JoinHandle, JoinSet};

type Work = Pin<Box<dyn Future<Output = ()> + Send>>;

/// What is done in turn.
enum Turn {
    /// Writes; what comes after it waits for its end.
    Write(Work),
    /// Begins in its turn and goes on beside; leaving waits for its end.
    Begin(Work),
    /// The same, and leaving does not wait for it.
    Leave(Work),
}

/// The queue of what is to be written.
#[derive(Debug)]
pub struct InTurn {
    turns: UnboundedSender<Turn>,
    worker: JoinHandle<()>,
}

impl InTurn {
    /// An empty queue, with a task that works it off.
    pub fn new() -> Self {
        let (turns, wanted) = mpsc::unbounded_channel();
        let worker = tokio::spawn(work(wanted));
        Self { turns, worker }
    }

    /// Writes when everything before is written.
    pub fn write(&self, work: impl Future<Output = ()> + Send + 'static) {
        self.queue(Turn::Write(Box::pin(work)));
    }

    /// Begins when everything before is written. The queue goes on meanwhile, and `finish` waits for its end.
    pub fn begin(&self, work: impl Future<Output = ()> + Send + 'static) {
        self.queue(Turn::Begin(Box::pin(work)));
    }

    /// Begins when everything before is written, and is not waited for.
    pub fn leave(&self, work: impl Future<Output = ()> + Send + 'static) {
        self.queue(Turn::Leave(Box::pin(work)));
    }

    fn queue(&self, turn: Turn) {
        // The worker ends only when this sender is gone.
        drop(self.turns.send(turn));
    }

    /// Waits until everything is written, but no longer than this.
    pub async fn finish(self, longest: Duration) {
        let Self { turns, worker } = self;
        drop(turns);
        let _ = tokio::time::timeout(longest, worker).await;
    }
}

async fn work(mut wanted: UnboundedReceiver<Turn>) {
    let mut beside = JoinSet::new();
    while let Some(turn) = wanted.recv().await {
        // What has ended is let go of.
        while beside.try_join_next().is_some() {}
        match turn {
            // A task of its own each, so that a fault in one does not keep the others from being written.
            Turn::Write(work) => drop(tokio::spawn(work).await),
            Turn::Begin(work) => drop(beside.spawn(work)),
            Turn::Leave(work) => drop(tokio::spawn(work)),
        }
    }
    while beside.join_next().await.is_some() {}
}
