//! What the console is told of something that it asked for: a record, a report, or that AWS is not asked.
//!
//! Owns: the words. Must never: write without a hand.

use std::path::Path;

use sha2::{Digest, Sha256};
use tokio::sync::mpsc::UnboundedSender;

use super::hand::Hand;
use crate::action::{Query, ReadFailure, ReadFailureKind, Reading};
use crate::app::Event;
use crate::domain::{IncidentId, Time, Untrusted};
use crate::journal::{self, What};

/// Why nothing more is known where the findings come from files.
pub const OFFLINE: &str = "Nothing is read from AWS: the findings come from files.";

/// A question that nobody was asked.
pub fn unread(query: Query, at: Time, why: &str) -> Reading {
    Reading {
        query,
        at,
        request_id: None,
        result: Err(ReadFailure {
            kind: ReadFailureKind::Unreachable,
            code: None,
            message: Untrusted::new(why),
        }),
    }
}

/// Writes a record.
pub async fn note<H: Hand>(hand: &H, incident: Option<IncidentId>, what: What) -> Event {
    match hand.note(incident, what).await {
        Ok(record) => Event::Recorded(Box::new(record)),
        Err(error) => Event::Failed(error.to_string()),
    }
}

/// Writes the report beside the journal, and a record of it with its hash.
pub async fn report<H: Hand>(
    hand: &H,
    incident: IncidentId,
    journal: &Path,
    write: fn(&Path, &str) -> Result<String, String>,
    tell: &UnboundedSender<Event>,
) {
    let written = write(journal, &incident).and_then(|text| {
        let path = hand.directory().join(format!("{incident}.md"));
        let hash = Sha256::digest(text.as_bytes())
            .iter()
            .fold(String::new(), |hex, byte| format!("{hex}{byte:02x}"));
        journal::write_private(&path, text.as_bytes()).map_err(|e| e.to_string())?;
        Ok((path.display().to_string(), hash))
    });
    match written {
        Ok((path, sha256)) => {
            drop(
                tell.send(
                    note(
                        hand,
                        Some(incident),
                        What::Reported {
                            path: path.clone(),
                            sha256,
                        },
                    )
                    .await,
                ),
            );
            drop(tell.send(Event::Reported { path }));
        }
        Err(why) => drop(tell.send(Event::Failed(format!("The report was not written: {why}")))),
    }
}
