//! By when somebody must respond to an incident, and whether somebody has: as the journal says.
//!
//! Owns: the response-time clocks. A clock runs from when the finding that makes the incident as bad as it is was first seen, or
//! became as bad as it is where it was less bad before, for as long as the classification table gives its severity; a severity that a person decided counts before a finding's own. A control's result has none, however bad it is: so the clock may be of
//! another severity than the incident, and says of which. It stops
//! with the first response in the journal since then: a claim, a classification or a plan that a person confirmed. What was done
//! before, for something less bad, does not stop it. Must never: stop a clock that the journal does not stop.

use std::collections::HashMap;

use super::claim::{Answer, Claims, Work};
use crate::domain::{IncidentId, SeverityLabel, Time};
use crate::findings::incident::Incident;
use crate::findings::{Finding, Source};
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
    /// The severity whose response time it is.
    pub severity: SeverityLabel,
    /// Since when it runs.
    pub began: Time,
    /// By when somebody must have responded.
    pub due: Time,
    /// When somebody did, since it runs.
    pub responded: Option<Time>,
    /// The last response before it began to run, which does not stop it.
    pub before: Option<Time>,
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
    let lead = &incident.lead;
    let (severity, began, due) = runs(lead, answers.severity(incident.ids()), table)?;
    let Answer { at, before } = answer(lead, incident.ids(), claims);
    Some(Deadline {
        severity,
        began,
        due,
        responded: at,
        before,
    })
}

/// When the clock of an incident with this worst finding runs out, if it still runs.
pub fn due<'a>(
    lead: &Finding,
    ids: impl Iterator<Item = &'a str> + Clone,
    claims: &Claims,
    answers: &Answers,
    table: &Classification,
) -> Option<Time> {
    if answer(lead, ids.clone(), claims).at.is_some() {
        return None;
    }
    runs(lead, answers.severity(ids), table).map(|(_, _, due)| due)
}

/// The responses to an incident with this worst finding. Without a time of when that was first seen, any is one to it.
pub fn answer<'a>(lead: &Finding, ids: impl Iterator<Item = &'a str>, claims: &Claims) -> Answer {
    claims.answer(ids, since(lead).unwrap_or(Time::MIN))
}

/// Who works on an incident. One of an application's own events begins anew after it was over, and with it the work.
#[must_use]
pub fn work(incident: &Incident, claims: &Claims) -> Work {
    claims.since(incident.ids(), begun(&incident.lead, incident.first_seen))
}

/// Before which moment nothing that was done counts for an incident with this worst finding, first seen then.
pub fn begun(lead: &Finding, first_seen: Option<Time>) -> Time {
    let anew = first_seen.filter(|_| lead.source == Source::EventBridge);
    anew.unwrap_or(Time::MIN)
}

/// Since when a finding is as bad as it is.
fn since(finding: &Finding) -> Option<Time> {
    finding.first_seen.max(finding.worse_since())
}

/// Of which severity it is, since when and until when it runs.
fn runs(lead: &Finding, decided: Option<SeverityLabel>, table: &Classification) -> Option<(SeverityLabel, Time, Time)> {
    let label = lead.severity.label();
    if decided.is_none() && (lead.archived || lead.is_weakness() || label == SeverityLabel::Informational) {
        return None;
    }
    let began = since(lead).or(lead.updated_at)?;
    let severity = decided.unwrap_or_else(|| table.suggest(label));
    Some((severity, began, table.deadline(began, severity)))
}

#[cfg(test)]
mod tests {
    use std::sync::Arc;

    use super::*;
    use crate::app::testing::{ME, finding, now};
    use crate::journal::RECORD_VERSION;

    /// One finding that its source says is worse now: the claim of before is no answer to that, and nobody is late from the start.
    #[test]
    fn a_finding_that_became_worse_is_to_be_answered_again() {
        use crate::app::testing::{after, found, recorded, state};
        let mut state = state(crate::app::Mode::Watch, Vec::new());
        let version = |score: f64, minutes_ago: i64, first: i64| Finding {
            first_seen: finding("p1", 1.0, first).first_seen,
            ..finding("p1", score, minutes_ago)
        };
        let clock = |state: &crate::app::State| {
            let incident = state.incident_of(&version(1.0, 0, 0).key()).unwrap();
            state.deadline(&incident).unwrap()
        };
        found(&mut state, [version(2.0, 120, 120)]);
        after(&mut state, 1);
        let id = state.incident_of(&version(1.0, 0, 0).key()).unwrap().id.clone();
        recorded(&mut state, 1, ME, &id, What::Claimed { from: None });
        assert_eq!(clock(&state).responded, Some(state.now));
        found(&mut state, [version(9.5, -10, 120)]);
        after(&mut state, 600);
        let (now, before) = (state.now, clock(&state).before);
        assert_eq!((clock(&state).responded, before.is_some()), (None, true));
        assert!(!clock(&state).is_overdue(now));
        assert_eq!(clock(&state).due.duration_since(clock(&state).began).as_mins(), 15);
        // It goes on as bad as that: the clock does not begin again.
        found(&mut state, [version(9.4, -20, 120)]);
        after(&mut state, 900);
        assert!(clock(&state).is_overdue(state.now));
    }

    #[test]
    fn what_was_done_before_it_escalated_answers_nothing() {
        let (old, new) = (Arc::new(finding("old", 5.0, 600)), Arc::new(finding("new", 8.0, 5)));
        let incident = Incident {
            first_seen: old.first_seen,
            members: vec![Arc::clone(&new), Arc::clone(&old)],
            ..Incident::alone(new)
        };
        let mut claims = Claims::default();
        let mut claimed = |seq, minutes_ago| {
            let time = now().checked_sub(jiff::SignedDuration::from_mins(minutes_ago)).unwrap();
            claims.learn(&Record {
                v: RECORD_VERSION,
                seq,
                time,
                prev: String::new(),
                who: ME.to_owned(),
                incident: Some(incident.id.clone()),
                what: if seq == 2 {
                    What::Released {}
                } else {
                    What::Claimed { from: None }
                },
            });
            let table = Classification::built_in();
            let deadline = deadline(&incident, &claims, &Answers::default(), &table).unwrap();
            let due = due(
                &incident.lead,
                std::iter::once(incident.id.as_str()),
                &claims,
                &Answers::default(),
                &table,
            );
            assert_eq!(due.is_none(), deadline.responded.is_some(), "the list says the same");
            (deadline, time)
        };
        let (deadline, before) = claimed(1, 500);
        assert_eq!((deadline.responded, deadline.before), (None, Some(before)));
        assert_eq!(deadline.began, incident.lead.first_seen.unwrap());
        claimed(2, 4);
        let (deadline, after) = claimed(3, 3);
        assert_eq!((deadline.responded, deadline.before), (Some(after), Some(before)));
    }
}
