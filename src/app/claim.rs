//! Who works on an incident, and when somebody first did something about it: both as the journal says.
//!
//! Owns: what claims and releases add up to, whoever wrote them and in whichever process. Must never: keep a claim that the
//! journal does not have. A claim is only true once its record is written.

use std::collections::BTreeMap;

use crate::domain::{Arn, IncidentId, Time, Untrusted};
use crate::journal::{Record, What};

/// What the journal says of one incident's work.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct Work {
    /// The caller ARN of whoever has it, and since when.
    pub owner: Option<(String, Time)>,
    /// The first response: when, and by whom.
    pub responded: Option<(Time, String)>,
}

/// What the responses to an incident are to a clock that began to run at some moment.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub struct Answer {
    /// The first response since then.
    pub at: Option<Time>,
    /// The last one before, which was to something else.
    pub before: Option<Time>,
}

/// The work on every incident that the journal names. Kept up to date record by record, so that a list of thousands of
/// incidents never reads the journal through.
#[derive(Clone, Debug, Default)]
pub struct Claims {
    by_incident: BTreeMap<IncidentId, Vec<Deed>>,
}

/// What counts of a record, by its place in the journal.
#[derive(Clone, Debug)]
struct Deed {
    seq: u64,
    time: Time,
    who: String,
    kind: Kind,
}

#[derive(Clone, Debug)]
enum Kind {
    Claimed { from: Option<String> },
    Released,
    Responded,
}

impl Claims {
    /// Takes in a record. They may come in any order; a record that is known already changes nothing.
    pub fn learn(&mut self, record: &Record) {
        let (Some(incident), Some(kind)) = (&record.incident, kind(&record.what)) else {
            return;
        };
        let deeds = self.by_incident.entry(incident.clone()).or_default();
        if let Err(place) = deeds.binary_search_by_key(&record.seq, |d| d.seq) {
            let deed = Deed {
                seq: record.seq,
                time: record.time,
                who: record.who.clone(),
                kind,
            };
            deeds.insert(place, deed);
        }
    }

    /// The work on an incident that goes by these names: one, or several where incidents were merged. A later claim under one
    /// name does not end an earlier one under another; the first that stands is the owner.
    pub fn of<'a>(&self, ids: impl IntoIterator<Item = &'a str>) -> Work {
        self.since(ids, Time::MIN)
    }

    /// The same of an incident that began anew at this moment: what was done before was done about another one.
    pub fn since<'a>(&self, ids: impl IntoIterator<Item = &'a str>, from: Time) -> Work {
        let mut work = Work::default();
        for deed in self.deeds(ids).into_iter().filter(|deed| deed.time >= from) {
            take(&mut work, deed);
        }
        work
    }

    /// The first response from a moment on, and the last one before it.
    pub fn answer<'a>(&self, ids: impl IntoIterator<Item = &'a str>, from: Time) -> Answer {
        let (mut work, mut answer) = (Work::default(), Answer::default());
        for deed in self.deeds(ids) {
            work.responded = None;
            take(&mut work, deed);
            match &work.responded {
                Some((at, _)) if *at >= from => answer.at = answer.at.or(Some(*at)),
                Some((at, _)) => answer.before = answer.before.max(Some(*at)),
                None => {}
            }
        }
        answer
    }

    /// What counts for an incident of these names, in the journal's order.
    fn deeds<'a>(&self, ids: impl IntoIterator<Item = &'a str>) -> Vec<&Deed> {
        let mut deeds: Vec<&Deed> = ids
            .into_iter()
            .filter_map(|id| self.by_incident.get(id))
            .flatten()
            .collect();
        deeds.sort_by_key(|d| d.seq);
        deeds
    }
}

/// What counts of a record. A rule's confirmation is no response: nobody looked.
fn kind(what: &What) -> Option<Kind> {
    match what {
        What::Claimed { from } => Some(Kind::Claimed { from: from.clone() }),
        What::Released {} => Some(Kind::Released),
        What::Classified { .. } | What::Confirmed { rule: None, .. } => Some(Kind::Responded),
        What::Confirmed { rule: Some(_), .. }
        | What::Opened { .. }
        | What::Incident { .. }
        | What::Intent { .. }
        | What::Outcome { .. }
        | What::Checked { .. }
        | What::PlaybookChosen { .. }
        | What::Ticked { .. }
        | What::Evidence(_)
        | What::Noted { .. }
        | What::Reported { .. }
        | What::Split { .. }
        | What::Merged { .. }
        | What::Recovered { .. } => None,
    }
}

fn take(work: &mut Work, deed: &Deed) {
    let has = work.owner.as_ref().map(|(who, _)| who.as_str());
    match &deed.kind {
        Kind::Claimed { from } => {
            let is_owner = has == Some(deed.who.as_str());
            let stands = has.is_none() || is_owner || (from.is_some() && has == from.as_deref());
            if !stands {
                return;
            }
            // Who has it already says again that they work on it, which answers a clock that has begun anew.
            if !is_owner {
                work.owner = Some((deed.who.clone(), deed.time));
            }
        }
        Kind::Released => {
            if has == Some(deed.who.as_str()) {
                work.owner = None;
            }
            return;
        }
        Kind::Responded => {}
    }
    work.responded.get_or_insert_with(|| (deed.time, deed.who.clone()));
}

/// When somebody first responded to the incident with these names, and who: by a claim, a classification or a confirmed plan.
/// Reads the whole journal; a screen with many incidents asks `Claims` instead.
#[must_use]
pub fn responded(journal: &[Record], ids: &[&str]) -> Option<(Time, String)> {
    work(journal, ids).responded
}

/// The caller ARN of whoever has the incident with these names. Reads the whole journal, as `responded` does.
#[must_use]
pub fn owner(journal: &[Record], ids: &[&str]) -> Option<String> {
    work(journal, ids).owner.map(|(who, _)| who)
}

fn work(journal: &[Record], ids: &[&str]) -> Work {
    let mut claims = Claims::default();
    for record in journal {
        claims.learn(record);
    }
    claims.of(ids.iter().copied())
}

/// A person's short name, safe to show: the last part of the caller's ARN, which is the user or the role's session.
#[must_use]
pub fn short_name(who: &str) -> String {
    let name = who
        .parse::<Arn>()
        .map_or_else(|_| who.to_owned(), |arn| arn.name().to_owned());
    Untrusted::new(name).shown()
}

#[cfg(test)]
#[path = "claim_tests.rs"]
mod tests;
