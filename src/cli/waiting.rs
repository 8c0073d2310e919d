//! How far a long reading is, said now and then on standard error.
//!
//! Owns: the count of places and its sentence. Must never: say anything where nobody watches, or count a place twice.

use std::collections::BTreeMap;
use std::io::IsTerminal as _;
use std::sync::{Mutex, PoisonError};
use std::time::Duration;

use super::out;
use crate::domain::{AccountId, Region};
use crate::findings::{Coverage, CoverageState, Source};

/// A reading that takes no longer than this says nothing; a longer one says something this often.
const EVERY: Duration = Duration::from_secs(5);

/// Which places are known, and which of them are still read.
#[derive(Debug, Default)]
pub struct Places(Mutex<BTreeMap<(AccountId, Region, Source), bool>>);

impl Places {
    /// Notes a row.
    pub fn note(&self, row: &Coverage) {
        let mut places = self.0.lock().unwrap_or_else(PoisonError::into_inner);
        let open = row.state == CoverageState::Reading;
        places.insert((row.account, row.region.clone(), row.source), open);
    }

    /// How many are read, and where most of the others are.
    fn sentence(&self) -> String {
        let places = self.0.lock().unwrap_or_else(PoisonError::into_inner);
        let mut open: BTreeMap<(Source, &Region), usize> = BTreeMap::new();
        for ((_, region, source), _) in places.iter().filter(|(_, open)| **open) {
            *open.entry((*source, region)).or_default() += 1;
        }
        let left: usize = open.values().sum();
        let told = format!("reading: {} of {} places", places.len() - left, places.len());
        let most = open.into_iter().max_by_key(|(_, count)| *count);
        match most {
            None => format!("{told}, looking for more"),
            Some(((source, region), count)) => {
                format!("{told}, waiting for {} in {region} ({count} of {left})", source.name())
            }
        }
    }
}

/// Waits for a reading, and says how far it is where standard error is a terminal.
pub async fn watched<T>(reading: impl Future<Output = T>, places: &Places) -> T {
    let watched = std::io::stderr().is_terminal();
    let say = |line: &str| {
        if watched {
            out::note(line);
        }
    };
    said(reading, places, || tokio::time::sleep(EVERY), say).await
}

/// Says how far it is at every tick.
async fn said<T, W: Future<Output = ()>>(
    reading: impl Future<Output = T>,
    places: &Places,
    tick: impl Fn() -> W,
    mut say: impl FnMut(&str),
) -> T {
    let mut reading = Box::pin(reading);
    loop {
        tokio::select! {
            biased;
            read = &mut reading => return read,
            () = tick() => say(&places.sentence()),
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn row(account: u64, region: &str, source: Source, state: CoverageState) -> Coverage {
        Coverage {
            account: format!("{account:012}").parse().unwrap(),
            region: region.parse().unwrap(),
            source,
            state,
            via: None,
            error: None,
        }
    }

    #[tokio::test]
    async fn a_long_reading_says_how_far_it_is_and_a_short_one_nothing() {
        let places = Places::default();
        for account in 1..=3 {
            places.note(&row(account, "us-east-1", Source::SecurityHub, CoverageState::Reading));
            places.note(&row(account, "eu-west-1", Source::GuardDuty, CoverageState::Reading));
        }
        for account in 1..=2 {
            places.note(&row(account, "eu-west-1", Source::GuardDuty, CoverageState::Complete));
        }
        let mut lines = Vec::new();
        let tick = || std::future::ready(());
        said(std::future::ready(()), &places, tick, |line| {
            lines.push(line.to_owned());
        })
        .await;
        assert!(lines.is_empty(), "{lines:?}");
        // Each time that it is not ready yet a tick comes.
        let slow = async {
            tokio::task::yield_now().await;
            tokio::task::yield_now().await;
        };
        said(slow, &places, tick, |line| lines.push(line.to_owned())).await;
        let line = "reading: 2 of 6 places, waiting for Security Hub in us-east-1 (3 of 4)";
        assert_eq!(lines, [line, line]);
    }
}
