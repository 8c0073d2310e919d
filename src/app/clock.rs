//! By when somebody must respond to an incident, and whether somebody has: as the journal says.
//!
//! Owns: the response-time clocks. A clock runs from when the finding that makes the incident as bad as it is was first seen, for as
//! long as the classification table gives its severity; a severity that a person decided counts before a finding's own. It stops
//! with the first response in the journal: a classification or a confirmed plan. Must never: stop a clock that the journal does
//! not stop.

use std::collections::HashMap;

use crate::domain::{IncidentId, SeverityLabel, Time};
use crate::findings::Finding;
use crate::findings::incident::Incident;
use crate::journal::{Record, What};
use crate::playbook::Classification;

/// What the journal says of each incident's response.
#[derive(Clone, Debug, Default)]
pub struct Answers {
    by_incident: HashMap<IncidentId, Answer>,
}

#[derive(Clone, Copy, Debug, Default)]
struct Answer {
    /// The first response.
    at: Option<Time>,
    /// The severity that was decided last, with the record that says so.
    severity: Option<(u64, SeverityLabel)>,
}

impl Answers {
    /// Takes in a record; they may come in any order. Returns whether it changed a clock.
    pub fn learn(&mut self, record: &Record) -> bool {
        let severity = match &record.what {
            What::Classified { severity, .. } => Some((record.seq, *severity)),
            What::Confirmed { rule: None, .. } | What::Claimed { .. } => None,
            _ => return false,
        };
        let Some(id) = &record.incident else { return false };
        let answer = self.by_incident.entry(id.clone()).or_default();
        answer.at = Some(answer.at.map_or(record.time, |at| at.min(record.time)));
        answer.severity = answer.severity.max(severity);
        true
    }

    /// When somebody first responded to the incident of these names.
    pub fn responded<'a>(&self, ids: impl Iterator<Item = &'a str>) -> Option<Time> {
        ids.filter_map(|id| self.by_incident.get(id)?.at).min()
    }

    /// The severity that was decided last for the incident of these names.
    pub fn severity<'a>(&self, ids: impl Iterator<Item = &'a str>) -> Option<SeverityLabel> {
        let decided = ids.filter_map(|id| self.by_incident.get(id)?.severity).max();
        decided.map(|(_, label)| label)
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
pub fn deadline(incident: &Incident, answers: &Answers, table: &Classification) -> Option<Deadline> {
    let due = due_at(&incident.lead, answers.severity(incident.ids()), table)?;
    let responded = answers.responded(incident.ids());
    Some(Deadline { due, responded })
}

/// When the clock of an incident with this worst finding runs out, if it still runs.
pub fn due<'a>(
    lead: &Finding,
    ids: impl Iterator<Item = &'a str> + Clone,
    answers: &Answers,
    table: &Classification,
) -> Option<Time> {
    if answers.responded(ids.clone()).is_some() {
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
