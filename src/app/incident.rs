//! An opened incident: the finding, its surroundings, the playbook, and what the journal says of it.

use std::sync::Arc;

use sha2::{Digest, Sha256};

use crate::action::{Facts, Step};
use crate::domain::IncidentId;
use crate::findings::Finding;
use crate::journal::FindingSummary;

use super::scroll::Scroll;

/// The panes, in the order of Tab.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Pane {
    Finding,
    Context,
    Playbook,
    Raw,
    Journal,
}

impl Pane {
    /// Every pane.
    pub const ALL: [Self; 5] = [Self::Finding, Self::Context, Self::Playbook, Self::Raw, Self::Journal];

    /// The word on its tab.
    #[must_use]
    pub fn word(self) -> &'static str {
        match self {
            Self::Finding => "Finding",
            Self::Context => "Context",
            Self::Playbook => "Playbook",
            Self::Raw => "Raw JSON",
            Self::Journal => "Journal",
        }
    }

    /// The pane that is `steps` to the right, around the end.
    #[must_use]
    pub fn next(self, steps: isize) -> Self {
        let len = Self::ALL.len();
        let here = Self::ALL.iter().position(|p| *p == self).unwrap_or_default();
        let there = here.cast_signed() + steps;
        Self::ALL[there.rem_euclid(len.cast_signed()).cast_unsigned()]
    }
}

/// The screen of one incident.
#[derive(Debug)]
pub struct IncidentScreen {
    pub id: IncidentId,
    pub finding: Arc<Finding>,
    pub pane: Pane,
    /// What was read of the surroundings so far.
    pub facts: Facts,
    /// The number of the read that is under way.
    pub reading: Option<u64>,
    /// The scroll of each pane, in the order of `Pane::ALL`.
    pub scrolls: [Scroll; Pane::ALL.len()],
    /// The step under the cursor in the playbook.
    pub step: usize,
    /// The finding's JSON, indented, one entry a line, safe to show. Empty until it was fetched.
    pub raw_lines: Vec<String>,
    /// What was searched for last.
    pub search: String,
}

impl IncidentScreen {
    /// The screen of a finding.
    #[must_use]
    pub fn new(finding: Arc<Finding>) -> Self {
        Self {
            id: incident_id(&finding),
            raw_lines: Vec::new(),
            finding,
            pane: Pane::Finding,
            facts: Facts::default(),
            reading: None,
            scrolls: Default::default(),
            step: 0,
            search: String::new(),
        }
    }

    /// The step under the cursor.
    #[must_use]
    pub fn selected_step(&self) -> Step {
        Step::ALL[self.step.min(Step::ALL.len() - 1)]
    }

    /// The scroll of the pane that is seen.
    pub fn scroll(&mut self) -> &mut Scroll {
        &mut self.scrolls[self.pane as usize]
    }
}

/// The incident of a finding: the same finding always gives the same name.
#[must_use]
pub fn incident_id(finding: &Finding) -> IncidentId {
    let mut hash = Sha256::new();
    for part in [
        finding.source.word(),
        finding.account.as_str(),
        finding.region.as_str(),
        finding.id.raw(),
    ] {
        hash.update(part.as_bytes());
        hash.update([0]);
    }
    let digest = hash.finalize();
    format!("q-{:02x}{:02x}{:02x}{:02x}", digest[0], digest[1], digest[2], digest[3])
}

/// What the journal keeps of a finding.
#[must_use]
pub fn summary(finding: &Finding) -> FindingSummary {
    FindingSummary {
        id: finding.id.clone(),
        source: finding.source.word().to_owned(),
        account: finding.account,
        region: finding.region.clone(),
        kind: finding.kind.clone(),
        severity: finding.severity,
        title: finding.title.clone(),
        resource: finding.resource.clone(),
        first_seen: finding.first_seen,
        updated_at: finding.updated_at,
    }
}

/// Indents the JSON for reading. What is not JSON is shown as it is; both go through `Untrusted`, line by line.
pub(super) fn raw_lines(raw: &[u8]) -> Vec<String> {
    let text = serde_json::from_slice::<serde_json::Value>(raw)
        .ok()
        .and_then(|value| serde_json::to_string_pretty(&value).ok())
        .unwrap_or_else(|| String::from_utf8_lossy(raw).into_owned());
    text.lines()
        .map(|line| crate::domain::Untrusted::new(line).shown())
        .collect()
}
