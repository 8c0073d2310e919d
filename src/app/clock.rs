//! By when somebody must respond to an incident, and whether somebody has: as the journal says.
//!
//! Owns: the response-time clocks. A clock runs from when the finding that makes the incident as bad as it is was first seen, for as
//! long as the classification table gives its severity; a severity that a person decided counts before a finding's own. It stops
//! with the first response in the journal: a claim, a classification or a plan that a person confirmed. Must never: stop a clock that the journal does
//! not stop.

use std::collections::HashMap;

use super::claim::Claims;
use crate::domain::{IncidentId, SeverityLabel, Time};
use crate::findings::Finding;
use crate::findings::incident::Incident;
use crate::journal::{Record, What};
use crate::playbook::Classification;

/// The severity that the journal gives each incident.
#[derive(Clone, Debug, Default)]
pub struct Answers {
    /// The severity that was decided last, with the record that says so.
    decided: HashMap<IncidentId, (u64, SeverityLabel)>,
}

impl Answers {
    /// Takes in a record; they may come in any order. Returns whether it changes a clock, by a severity or by a response.
    pub fn learn(&mut self, record: &Record) -> bool {
        match (&record.incident, &record.what) {
            (Some(id), What::Classified { severity, .. }) => {
                let decided = self.decided.entry(id.clone()).or_insert((record.seq, *severity));
                *decided = (*decided).max((record.seq, *severity));
                true
            }
            (Some(_), What::Confirmed { .. } | What::Claimed { .. } | What::Released {}) => true,
            _ => false,
        }
    }

    /// The severity that was decided last for the incident of these names.
    pub fn severity<'a>(&self, ids: impl Iterator<Item = &'a str>) -> Option<SeverityLabel> {
        let decided = ids.filter_map(|id| self.decided.get(id)).max();
        decided.map(|(_, label)| *label)
    }
}

/// A response-time clock.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Deadline {
    /// By when somebody must have responded.
    pub due: Time,
    /// When somebody did.
    pub responded: Option<Time>,
}

impl Deadline {
    /// Whether nobody responded in time so far.
    #[must_use]
    pub fn is_overdue(&self, now: Time) -> bool {
        self.responded.is_none() && self.due <= now
    }
}

/// The clock of an incident. None where nobody has to respond within a time: all archived, informational, a control's result (a
/// weakness, and no event), or without a time.
#[must_use]
pub fn deadline(incident: &Incident, claims: &Claims, answers: &Answers, table: &Classification) -> Option<Deadline> {
    let due = due_at(&incident.lead, answers.severity(incident.ids()), table)?;
    let responded = claims.of(incident.ids()).responded.map(|(at, _)| at);
    Some(Deadline { due, responded })
}

/// When the clock of an incident with this worst finding runs out, if it still runs.
pub fn due<'a>(
    lead: &Finding,
    ids: impl Iterator<Item = &'a str> + Clone,
    claims: &Claims,
    answers: &Answers,
    table: &Classification,
) -> Option<Time> {
    if claims.of(ids.clone()).responded.is_some() {
        return None;
    }
    due_at(lead, answers.severity(ids), table)
}

fn due_at(lead: &Finding, decided: Option<SeverityLabel>, table: &Classification) -> Option<Time> {
    let label = lead.severity.label();
    let weakness = lead.control.is_some() || lead.compliance.is_some();
    if decided.is_none() && (lead.archived || weakness || label == SeverityLabel::Informational) {
        return None;
    }
    let began = lead.first_seen.or(lead.updated_at)?;
    Some(table.deadline(began, decided.unwrap_or_else(|| table.suggest(label))))
}
