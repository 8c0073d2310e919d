//! From records to a report.

use std::collections::BTreeSet;

use super::{
    Began, BeganBy, CallStory, CheckStory, Decision, Entry, Extent, Found, Moment, PlanStory, REPORT_VERSION, Report,
    Response, ResponseState,
};
use crate::action::{Outcome, Plan};
use crate::domain::{Time, Untrusted};
use crate::journal::{FindingSummary, Record, Verification, What, unsettled};
use crate::playbook::classify::deadline;

/// The incidents that a journal knows, in the order in which they first appear.
#[must_use]
pub fn incidents(records: &[Record]) -> Vec<String> {
    let mut known: Vec<String> = Vec::new();
    for incident in records.iter().filter_map(|r| r.incident.as_ref()) {
        if !known.contains(incident) {
            known.push(incident.clone());
        }
    }
    known
}

/// What a verified journal says about an incident; none when it does not know it.
#[must_use]
pub fn report(journal: &Verification, incident: &str) -> Option<Report> {
    let names = names(&journal.records, incident);
    let is_ours = |r: &Record| r.incident.as_deref().is_some_and(|name| names.contains(name));
    let ours: Vec<&Record> = journal.records.iter().filter(|r| is_ours(r)).collect();
    let first = ours.first()?;
    let last = journal.records.last()?;
    let (opened, finding) = opening(&ours);
    let began = began(&ours);
    let classifications = decisions(&ours, began);
    let plans: Vec<PlanStory> = ours.iter().filter_map(|record| story(&ours, record)).collect();
    let response = classifications
        .last()
        .and_then(|decision| decision.deadline)
        .zip(began)
        .map(|(deadline, began)| response(deadline, first_accepted(&ours, began.at), moment(last)));
    Some(Report {
        version: REPORT_VERSION,
        incident: shown(incident),
        mode: mode(&journal.records, first.seq),
        finding,
        opened,
        began,
        classifications,
        response,
        plans,
        timeline: ours.iter().map(|record| entry(record)).collect(),
        unsettled: unsettled(&journal.records)
            .iter()
            .filter(|r| is_ours(r))
            .map(|r| r.seq)
            .collect(),
        journal: Extent {
            first: journal.records.first().map_or(0, |r| r.seq),
            last: journal.head.seq,
            head: journal.head.hash.clone(),
            torn: journal.torn,
        },
    })
}

/// The names that the incident's records stand under: those that a person merged, until one of them was split off again.
fn names<'r>(records: &'r [Record], incident: &'r str) -> BTreeSet<&'r str> {
    let mut groups: Vec<BTreeSet<&str>> = Vec::new();
    for record in records {
        match &record.what {
            What::Merged { incidents, .. } => {
                let merged = incidents.iter().chain(&record.incident).map(String::as_str);
                let mut one: BTreeSet<&str> = merged.collect();
                groups.retain(|group| {
                    let apart = one.is_disjoint(group);
                    if !apart {
                        one.extend(group);
                    }
                    apart
                });
                groups.push(one);
            }
            What::Split { into, .. } => {
                for group in &mut groups {
                    group.remove(into.as_str());
                }
            }
            _ => {}
        }
    }
    let own = groups.into_iter().find(|group| group.contains(incident));
    own.unwrap_or_else(|| BTreeSet::from([incident]))
}

fn shown(text: &str) -> String {
    Untrusted::new(text).shown()
}

fn moment(record: &Record) -> Moment {
    Moment {
        seq: record.seq,
        time: record.time,
    }
}

fn entry(record: &Record) -> Entry {
    Entry {
        seq: record.seq,
        time: record.time,
        who: shown(&record.who),
        kind: record.what.word().to_owned(),
        text: shown(&record.what.phrase()),
    }
}

fn mode(records: &[Record], before: u64) -> Option<String> {
    records
        .iter()
        .take_while(|r| r.seq <= before)
        .filter(|r| matches!(r.what, What::Opened { .. }))
        .last()
        .map(|r| shown(&r.what.phrase()))
}

fn opening(ours: &[&Record]) -> (Option<Time>, Option<Found>) {
    ours.iter()
        .find_map(|record| match &record.what {
            What::Incident { finding } => Some((Some(record.time), Some(found(finding)))),
            _ => None,
        })
        .unwrap_or_default()
}

/// When the worst of the findings that the incident was opened on began; of equals the one that was seen first. There are several where
/// incidents were merged.
fn began(ours: &[&Record]) -> Option<Began> {
    let opened = ours.iter().filter_map(|record| match &record.what {
        What::Incident { finding } => Some((finding.severity, moment_of(finding, record.time))),
        _ => None,
    });
    let worst = opened.min_by_key(|(severity, began)| (std::cmp::Reverse(*severity), began.at));
    worst.map(|(_, began)| began)
}

fn moment_of(finding: &FindingSummary, opened: Time) -> Began {
    let seen = finding.first_seen.map(|at| (at, BeganBy::FirstSeen));
    let known = seen.or(finding.updated_at.map(|at| (at, BeganBy::Updated)));
    let (at, by) = known.unwrap_or((opened, BeganBy::Opened));
    Began { at, by }
}

fn found(finding: &FindingSummary) -> Found {
    Found {
        source: shown(&finding.source),
        id: finding.id.shown(),
        kind: finding.kind.shown(),
        severity: finding.severity,
        severity_label: finding.severity.label(),
        title: finding.title.shown(),
        account: finding.account,
        region: finding.region.clone(),
        resource: format!("{} {}", finding.resource.kind.word(), finding.resource),
        first_seen: finding.first_seen,
        updated_at: finding.updated_at,
    }
}

fn decisions(ours: &[&Record], began: Option<Began>) -> Vec<Decision> {
    ours.iter()
        .filter_map(|record| match &record.what {
            What::Classified {
                severity,
                response_minutes,
                incident_type,
                subtype,
                systems,
            } => Some(Decision {
                seq: record.seq,
                time: record.time,
                who: shown(&record.who),
                severity: *severity,
                response_minutes: *response_minutes,
                incident_type: incident_type.clone(),
                subtype: subtype.clone(),
                systems: *systems,
                deadline: began.map(|began| deadline(began.at, *response_minutes)),
            }),
            _ => None,
        })
        .collect()
}

/// What was done before, for something less bad, is no response to it.
fn first_accepted(ours: &[&Record], began: Time) -> Option<Moment> {
    ours.iter()
        .filter(|record| record.time >= began)
        .find(|record| matches!(&record.what, What::Outcome { outcome, .. } if outcome.goes_on()))
        .map(|record| moment(record))
}

fn response(deadline: Time, first: Option<Moment>, as_of: Moment) -> Response {
    let state = match first {
        Some(first) if first.time <= deadline => ResponseState::Met,
        Some(_) => ResponseState::Missed,
        None if as_of.time > deadline => ResponseState::Missed,
        None => ResponseState::Open,
    };
    Response {
        deadline,
        state,
        first,
        as_of,
    }
}

/// The story of the plan that this record confirmed, if it did.
fn story(ours: &[&Record], confirmed: &Record) -> Option<PlanStory> {
    let What::Confirmed { plan, digest, .. } = &confirmed.what else {
        return None;
    };
    let seq = confirmed.seq;
    let read_back = ours.iter().rev().find_map(|record| match &record.what {
        What::Checked { plan, checks } if *plan == seq => Some((moment(record), checks)),
        _ => None,
    });
    let checks = read_back.iter().flat_map(|(_, checks)| checks.iter());
    let undone_by = ours.iter().filter_map(|record| match &record.what {
        What::Confirmed { plan, .. } if plan.request.undoes == Some(seq) => Some(record.seq),
        _ => None,
    });
    let request = &plan.request;
    Some(PlanStory {
        seq,
        time: confirmed.time,
        who: shown(&confirmed.who),
        action: request.action,
        target: request.target.to_string(),
        account: request.account,
        region: request.region.clone(),
        digest: digest.to_string(),
        undoes: request.undoes,
        undone_by: undone_by.collect(),
        calls: (0..plan.draft.calls.len())
            .map(|call| call_story(ours, seq, plan, call))
            .collect(),
        checks: checks
            .map(|check| CheckStory {
                expectation: shown(&check.expectation.to_string()),
                verdict: check.verdict.word().to_owned(),
                detail: shown(check.detail()),
            })
            .collect(),
        checked: read_back.map(|(moment, _)| moment),
        lost: plan.draft.lost.iter().map(|line| shown(line)).collect(),
    })
}

fn call_story(ours: &[&Record], seq: u64, plan: &Plan, call: usize) -> CallStory {
    let intent = ours.iter().find_map(|record| match &record.what {
        What::Intent {
            plan,
            call: number,
            mutation,
            ..
        } if *plan == seq && *number == call => Some((moment(record), mutation)),
        _ => None,
    });
    let outcome = intent.and_then(|(sent, _)| {
        ours.iter().find_map(|record| match &record.what {
            What::Outcome { intent, outcome } if *intent == sent.seq => Some((moment(record), outcome)),
            _ => None,
        })
    });
    let (word, detail) = match (&intent, &outcome) {
        (None, _) => ("not sent", String::new()),
        (Some(_), None) => ("no outcome", "It was sent and may or may not have happened.".to_owned()),
        (Some(_), Some((_, outcome))) => (outcome.word(), detail(outcome)),
    };
    // The intent's call has the ids that earlier calls made; the plan's has only references to them.
    let mutation = intent.map_or(&plan.draft.calls[call].mutation, |(_, mutation)| mutation);
    CallStory {
        number: call + 1,
        call: shown(&mutation.phrase()),
        outcome: word.to_owned(),
        detail,
        request_id: outcome.and_then(|(_, outcome)| outcome.request_id()).map(shown),
        at: outcome.map(|(at, _)| at).or(intent.map(|(at, _)| at)),
    }
}

fn detail(outcome: &Outcome) -> String {
    match outcome {
        Outcome::Applied { made, .. } => {
            let made: Vec<String> = made.iter().map(|(name, id)| format!("{name}: {id}")).collect();
            shown(&made.join(", "))
        }
        Outcome::AlreadySo { code, .. } => shown(code),
        Outcome::Failed { code, message, .. } => {
            shown(&format!("{} {}", code.as_deref().unwrap_or_default(), message.raw()))
                .trim()
                .to_owned()
        }
        Outcome::Partly { code, message, .. } => shown(&format!("{code} {}", message.raw())),
        Outcome::Unknown { why } => why.shown(),
    }
}
