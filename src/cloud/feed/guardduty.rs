//! GuardDuty: the detector, the ids by severity, and the findings by their ids.
//!
//! Owns: which lists are read side by side. Must never: let an id that was listed get lost on the way to its finding, or a
//! finding that no list of a part shows get lost between the parts, or a detector that was switched off pass for a quiet one.

mod bands;
mod calls;
mod refresh;
mod whole;

use std::collections::HashSet;
use std::sync::Arc;

use aws_sdk_guardduty::types::DetectorStatus;
use tokio::task::JoinSet;

use super::memory::{Memory, Scope};
use super::source::{End, Reader, Switch, Width};
use crate::cloud::errors::{CallError, ErrorKind};
use crate::cloud::limits::Rank;
use crate::domain::Untrusted;
use crate::findings::Seen;

use calls::{GET, get};

/// Reads every finding, or those updated since, the most severe first. The detectors are remembered from round to round.
pub(super) async fn read(reader: &Arc<Reader>, memory: &mut Memory) -> End {
    if memory.detectors().is_none() {
        let same = match calls::detectors(reader).await {
            Ok(detectors) => memory.listed(detectors),
            Err(error) => return reader.stopped(1, &error),
        };
        if !same && reader.scope != Scope::All {
            let why = "its detector is another one than before, so that everything is to be read again.";
            return End::Partial(format!("{}: {why}", reader.here()));
        }
    }
    let Some(detectors) = memory.detectors() else {
        return End::Disabled("GuardDuty has no detector here.".to_owned());
    };
    for detector in detectors {
        let detector: Arc<str> = Arc::from(detector.as_str());
        let ended = match reader.scope {
            // Of very many lists none waits for what is asked beside them: it is asked after them. Of a few, each is long, and nothing
            // waits.
            Scope::All if reader.width == Width::Narrow => Box::pin(whole::read(reader, Arc::clone(&detector))).await,
            Scope::All => {
                let (ended, status) = tokio::join!(
                    Box::pin(whole::read(reader, Arc::clone(&detector))),
                    Box::pin(calls::status(reader, &detector, Rank::LESS))
                );
                switched(reader, &status);
                ended
            }
            Scope::Switch => {
                let status = Box::pin(calls::status(reader, &detector, Rank::LAST)).await;
                switched(reader, &status);
                match status {
                    // Perhaps there is no such detector any more. Another error says nothing against what was read.
                    Err(error) if matches!(error.kind, ErrorKind::Rejected | ErrorKind::NotFound) => Err(error),
                    _ => Ok(()),
                }
            }
            Scope::From(time) => refresh::from(reader, &detector, time, Some(time)).await,
            Scope::Again(time) => refresh::from(reader, &detector, time, None).await,
            Scope::After(time) => refresh::after(reader, &detector, time).await,
        };
        if let Err(error) = ended {
            return reader.stopped(1, &error);
        }
    }
    End::Complete
}

/// Notes what a detector says of itself.
fn switched(reader: &Reader, status: &Result<DetectorStatus, CallError>) {
    let unknown = |why: &dyn std::fmt::Display| {
        let what = "its findings were read, but not whether it is switched on and finds new ones";
        Switch::Unknown(format!("{}: {what}: {why}", reader.here()))
    };
    reader.switched(match status {
        Ok(DetectorStatus::Enabled) => Switch::On,
        Ok(DetectorStatus::Disabled) => Switch::Off(format!(
            "{} GuardDuty is suspended: its detector keeps what it found and finds nothing new.",
            reader.here()
        )),
        Ok(other) => unknown(&Untrusted::new(other.as_str())),
        Err(error) => unknown(error),
    });
}

/// Gets that run while the next page is listed. Those that are left when this is dropped are ended.
struct Gets {
    reader: Arc<Reader>,
    detector: Arc<str>,
    tasks: JoinSet<()>,
}

impl Gets {
    fn new(reader: &Arc<Reader>, detector: &Arc<str>) -> Self {
        Self {
            reader: Arc::clone(reader),
            detector: Arc::clone(detector),
            tasks: JoinSet::new(),
        }
    }

    /// Begins to get the findings of a page of ids; `page` says which page, for a gap.
    fn begin(&mut self, page: String, ids: Vec<String>, rank: Rank, look: impl Fn(&[Seen]) + Send + 'static) {
        if ids.is_empty() {
            return;
        }
        let (reader, detector) = (Arc::clone(&self.reader), Arc::clone(&self.detector));
        self.tasks
            .spawn(async move { Box::pin(get_all(&reader, &detector, &page, (ids, rank), look)).await });
    }

    /// Waits for all of them.
    async fn end(mut self) {
        while let Some(ended) = self.tasks.join_next().await {
            self.reader.cut_short(ended);
        }
    }
}

/// The findings of a page of ids. Those that are missing are asked for once more, then named as a gap.
async fn get_all(
    reader: &Reader,
    detector: &str,
    page: &str,
    (mut wanted, rank): (Vec<String>, Rank),
    look: impl Fn(&[Seen]),
) {
    for _ in 0..2 {
        let (found, turn) = match get(reader, detector, &wanted, rank).await {
            Ok(found) => found,
            Err(error) => return lost(reader, page, &wanted, &error.to_string()),
        };
        let got: HashSet<&str> = found.iter().map(|f| f.finding.id.raw()).collect();
        wanted.retain(|id| !got.contains(id.as_str()));
        drop(got);
        look(&found);
        reader.found(found, turn).await;
        if wanted.is_empty() {
            return;
        }
    }
    lost(reader, page, &wanted, "listed, but not given when asked for by id");
}

fn lost(reader: &Reader, page: &str, ids: &[String], why: &str) {
    let ids = Untrusted::new(ids.join(", "));
    reader.gap(GET, page, format!("{why} (not read: {ids})"));
}

/// The error of tokens that go in a circle.
fn circle(circle: &crate::cloud::pages::Circle) -> CallError {
    CallError::malformed(calls::LIST, circle.to_string())
}
