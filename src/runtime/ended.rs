//! A task that reads findings and has ended by a fault of quell: nothing new comes from it, so nothing of it may look up to date.
//!
//! Owns: hearing of it, and which rows of the coverage are no longer followed. Must never: take a task that was stopped on purpose, or
//! that has told itself why it ends, for one that broke.

use std::collections::BTreeMap;

use tokio::sync::mpsc::UnboundedSender;
use tokio::task::{AbortHandle, JoinHandle};

use crate::domain::{AccountId, Region};
use crate::findings::{Coverage, CoverageState, Source};

/// What a task reads.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Part {
    /// `GuardDuty` and Security Hub, and the accounts and regions that there are.
    Sources,
    /// The queue of events.
    Queue,
}

/// A task that broke.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Ended {
    pub part: Part,
}

impl Ended {
    /// In a sentence.
    pub fn told(self) -> String {
        let what = match self.part {
            Part::Sources => "Findings are",
            Part::Queue => "The queue is",
        };
        format!("{what} no longer read: a part of quell failed. Start quell again, and please report it.")
    }
}

/// Tells when a task breaks, and gives what stops it.
pub fn watch(task: JoinHandle<()>, part: Part, faults: UnboundedSender<Ended>) -> AbortHandle {
    let stop = task.abort_handle();
    tokio::spawn(async move {
        if task.await.is_err_and(|fault| fault.is_panic()) {
            // Where nobody listens the console is left already.
            let _ = faults.send(Ended { part });
        }
    });
    stop
}

/// The last row of each account, region and source, as the tasks told it.
#[derive(Debug, Default)]
pub struct Rows(BTreeMap<(AccountId, Region, Source), Coverage>);

impl Rows {
    /// Takes in a row.
    pub fn note(&mut self, row: &Coverage) {
        let spot = (row.account, row.region.clone(), row.source);
        self.0.insert(spot, row.clone());
    }

    /// The rows of a task that broke, as they are to be shown from now on. What was whole is stale, and what was being read is read in
    /// part; a row that names a gap of its own keeps it.
    pub fn stop(&mut self, ended: Ended) -> Vec<Coverage> {
        let of_queue = ended.part == Part::Queue;
        let rows = self.0.values_mut();
        let stopped = rows.filter(|row| (row.source == Source::EventBridge) == of_queue);
        stopped
            .map(|row| {
                row.state = match row.state {
                    CoverageState::Complete | CoverageState::Stale => CoverageState::Stale,
                    CoverageState::Reading | CoverageState::Partial => CoverageState::Partial,
                    CoverageState::Refused => CoverageState::Refused,
                    // Nobody would hear that it was switched on.
                    CoverageState::Disabled => CoverageState::Disabled,
                };
                let before = row.error.take().map(|why| format!(" Before that: {why}"));
                row.error = Some(format!("{}{}", ended.told(), before.unwrap_or_default()));
                row.clone()
            })
            .collect()
    }
}

#[cfg(test)]
mod tests {
    use tokio::sync::mpsc::unbounded_channel;

    use super::*;

    fn row(source: Source, state: CoverageState, error: Option<&str>) -> Coverage {
        Coverage {
            account: "111122223333".parse().unwrap(),
            region: "eu-west-1".parse().unwrap(),
            source,
            state,
            via: None,
            error: error.map(str::to_owned),
        }
    }

    #[tokio::test]
    async fn a_task_that_breaks_is_told_and_one_that_ends_or_is_stopped_is_not() {
        let (faults, mut heard) = unbounded_channel();
        watch(tokio::spawn(async {}), Part::Sources, faults.clone());
        watch(tokio::spawn(std::future::pending()), Part::Sources, faults.clone()).abort();
        watch(tokio::spawn(async { panic!("on purpose") }), Part::Queue, faults);
        assert_eq!(heard.recv().await, Some(Ended { part: Part::Queue }));
        assert_eq!(heard.recv().await, None, "the others said nothing");
    }

    #[test]
    fn no_row_of_a_broken_task_stays_complete_and_the_others_stay_as_they_are() {
        let mut rows = Rows::default();
        rows.note(&row(Source::GuardDuty, CoverageState::Complete, None));
        rows.note(&row(Source::SecurityHub, CoverageState::Refused, Some("no role")));
        rows.note(&row(Source::EventBridge, CoverageState::Complete, None));
        let stopped = rows.stop(Ended { part: Part::Sources });
        let told: Vec<(Source, CoverageState)> = stopped.iter().map(|row| (row.source, row.state)).collect();
        assert_eq!(
            told,
            [
                (Source::GuardDuty, CoverageState::Stale),
                (Source::SecurityHub, CoverageState::Refused)
            ]
        );
        let why: Vec<&str> = stopped.iter().filter_map(|row| row.error.as_deref()).collect();
        assert!(
            why[0].contains("no longer read") && why[1].ends_with("Before that: no role"),
            "{why:?}"
        );
        let queue = rows.stop(Ended { part: Part::Queue });
        assert_eq!((queue.len(), queue[0].state), (1, CoverageState::Stale));
    }
}
