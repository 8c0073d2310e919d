//! Snapshots whose ids AWS did not say, because its answer was lost: they are found by what quell wrote on them.
//!
//! Owns: how a set and a copy are known again. Must never: take another moment's set, or another snapshot's copy, for the one meant.

use serde::{Deserialize, Serialize};

use crate::action::answer::Snapshot;
use crate::action::hand_over_snapshots::{COPY_OF, copy_description};
use crate::action::query::{EbsQuery, Query};
use crate::action::snapshot_instance::{TAKEN_AT, description};
use crate::domain::{IncidentId, InstanceId, SnapshotId, Time};

/// Whose snapshots they are, and why they were taken.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct EvidenceOf {
    pub instance: InstanceId,
    pub incident: IncidentId,
}

/// One set that snapshot-instance took.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct TakenSet {
    pub of: EvidenceOf,
    /// The time that stands in its tag.
    pub at: Time,
}

impl EvidenceOf {
    /// The question for all of them, copies too.
    #[must_use]
    pub fn query(&self) -> Query {
        Query::Ebs(EbsQuery::EvidenceSnapshots {
            instance: self.instance.clone(),
            incident: self.incident.clone(),
        })
    }

    /// The newest copy of `source`: one before it may have come to nothing.
    pub(super) fn copy_of<'f>(&self, source: &SnapshotId, found: &'f [Snapshot]) -> Option<&'f Snapshot> {
        let named = |s: &&Snapshot| s.tags.get(COPY_OF).is_some_and(|of| of.raw() == source.as_str());
        let wanted = copy_description(&self.incident, source);
        let described = |s: &&Snapshot| s.description.as_ref().is_some_and(|d| d.raw() == wanted);
        found.iter().filter(named).filter(described).max_by_key(|s| s.started)
    }

    /// When the snapshot was taken by snapshot-instance for this, if it was.
    pub fn taken_at(&self, snapshot: &Snapshot) -> Option<Time> {
        let wanted = description(&self.incident, &self.instance);
        let described = snapshot.description.as_ref().is_some_and(|d| d.raw() == wanted);
        if !described || snapshot.tags.contains_key(COPY_OF) {
            return None;
        }
        snapshot.tags.get(TAKEN_AT)?.raw().parse().ok()
    }
}

impl TakenSet {
    /// One snapshot for each volume, or the volumes that have none in the set.
    pub(super) fn among<'f>(&self, found: &'f [Snapshot], volumes: &[String]) -> Result<Vec<&'f Snapshot>, String> {
        let (mut set, mut missing) = (Vec::new(), Vec::new());
        for volume in volumes {
            let of_it = |s: &&Snapshot| {
                s.volume.as_ref().is_some_and(|id| id.as_str() == volume) && self.of.taken_at(s) == Some(self.at)
            };
            match found.iter().find(of_it) {
                Some(snapshot) => set.push(snapshot),
                None => missing.push(volume.as_str()),
            }
        }
        if missing.is_empty() {
            Ok(set)
        } else {
            Err(missing.join(", "))
        }
    }
}
