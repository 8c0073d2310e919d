//! What the console is told of something that it asked for: a record, a report, how an apply ends, or that AWS is not asked.
//!
//! Owns: the words. Must never: write without a hand.

use std::path::Path;
use std::sync::Arc;

use sha2::{Digest, Sha256};
use tokio::sync::mpsc::{UnboundedReceiver, UnboundedSender};

use super::hand::Hand;
use crate::action::{Query, ReadFailure, ReadFailureKind, Reading};
use crate::app::Event;
use crate::cloud::Cloud;
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

/// Tells which account acts for the organisation. Where AWS does not say, the configuration may, and a plan says what it lacks.
pub async fn organization(cloud: Arc<Cloud>, tell: UnboundedSender<Event>) {
    if let Ok(account) = cloud.organization_account().await {
        drop(tell.send(Event::Organization(account)));
    }
}

/// Passes on what is told of an apply. Where it falls silent before it told its end, a fault of quell ended it: that is told then,
/// so that the console does not wait for it for good.
pub async fn to_the_end(mut told: UnboundedReceiver<Event>, tell: UnboundedSender<Event>) {
    let (mut began, mut ended) = (None, false);
    while let Some(event) = told.recv().await {
        if let Event::ApplyBegan { seq } = &event {
            began = Some(*seq);
        }
        ended |= matches!(&event, Event::CallsEnded { .. } | Event::ApplyRefused { .. });
        drop(tell.send(event));
    }
    match began {
        _ if ended => {}
        None => drop(tell.send(Event::ApplyRefused {
            why: vec!["A part of quell failed before anything was sent; please report it.".to_owned()],
        })),
        Some(seq) => {
            let trouble = format!(
                "A part of quell failed while record {seq} was applied; please report it. The journal says how far it came: a call without an outcome may have taken effect. Look at the resource before anything else is done."
            );
            drop(tell.send(Event::CallsEnded { trouble: Some(trouble) }));
            let (checks, last) = (Vec::new(), true);
            drop(tell.send(Event::Checked { seq, checks, last }));
        }
    }
}
