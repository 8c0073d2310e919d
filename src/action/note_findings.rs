//! `note-findings`: says in Security Hub that somebody works on findings, by a note and the workflow status NOTIFIED.
//!
//! Only what is NEW or NOTIFIED is touched: NOTIFIED in the place of RESOLVED or SUPPRESSED would open again what somebody closed.
//! A finding has one note, and the API has no way to remove it (Security Hub API reference, `BatchUpdateFindings`): undo writes the
//! earlier note again, or where there was none, one that says that the claim was taken back.

use crate::action::{SecurityHubCall, SecurityHubQuery, SecurityHubState};
use std::collections::{BTreeMap, BTreeSet};

use super::expectation::Expectation;
use super::facts::Facts;
use super::hub::{HubFinding, HubId, HubNote, MAX_BATCH, MAX_NOTE, Workflow};
use super::mutation::Mutation;
use super::plan::{Draft, PlannedCall, Request, Undo};
use super::query::Query;
use super::refusal::{Refusal, RefusalKind, Stop};
use super::{Action, ActionName, Done, Step};
use crate::domain::{Arn, ResourceKind, Untrusted};

/// Findings in one plan: ten calls.
const MAX_FINDINGS: usize = 1000;
/// Earlier notes that the plan's screen quotes.
const QUOTED: usize = 5;

#[derive(Debug)]
pub struct NoteFindings;

impl Action for NoteFindings {
    fn name(&self) -> ActionName {
        ActionName::NoteFindings
    }

    fn step(&self) -> Step {
        Step::Document
    }

    fn targets(&self) -> &'static [ResourceKind] {
        &[ResourceKind::Finding]
    }

    fn summary(&self) -> &'static str {
        "Note on Security Hub findings who works on them, and set their workflow status to NOTIFIED."
    }

    fn draft(&self, request: &Request, facts: &Facts) -> Result<Draft, Stop> {
        let ids = ids(request)?;
        let found = facts.hub_findings(&Query::SecurityHub(SecurityHubQuery::HubFindings { ids: ids.clone() }))?;
        let mut draft = Draft::default();
        let target = one_of(found, request.target.id.raw())?;
        if !is_open(target) {
            return Err(closed(target));
        }
        let note = note(request);
        let mut wanted = Vec::new();
        for id in &ids {
            match one_of(found, id) {
                Ok(finding) if !is_open(finding) => {
                    let stays = format!("{} is {} and stays so.", shown(id), finding.workflow.as_str());
                    draft.warnings.push(stays);
                }
                Ok(finding) if has(finding, &note, Workflow::Notified) => {}
                Ok(finding) => wanted.push(finding),
                Err(Stop::Refuse(refusal)) => draft.warnings.push(format!("Left out: {}", refusal.why)),
                Err(ask @ Stop::Ask(_)) => return Err(ask),
            }
        }
        if wanted.is_empty() {
            return Err(Refusal::new(
                RefusalKind::AlreadyDone,
                "Every finding has this note and is NOTIFIED.",
                "There is nothing to do in Security Hub.",
            )
            .into());
        }
        let ids: Vec<HubId> = wanted.iter().map(|f| f.id.clone()).collect();
        set(&mut draft, &ids, &note, Workflow::Notified, &was(&wanted));
        replaced(&mut draft, &wanted);
        draft
            .warnings
            .push("Security Hub may take several minutes, and keeps the finding's UpdatedAt as it is.".to_owned());
        draft.neighbours.push(
            "Everyone who reads these findings, and every rule that listens to their changes in EventBridge."
                .to_owned(),
        );
        if wanted.iter().any(|f| f.note.is_none()) {
            draft.lost.push(
                "A note cannot be removed: findings without one keep one that says that the claim was taken back."
                    .to_owned(),
            );
        }
        if wanted.iter().any(|f| f.note.is_some()) {
            draft
                .lost
                .push("An earlier note comes back with its author and with a new time.".to_owned());
        }
        Ok(draft)
    }

    fn undo(&self, request: &Request, done: &Done, facts: &Facts) -> Result<Draft, Stop> {
        let ids = ids(&done.plan.request)?;
        let query = Query::SecurityHub(SecurityHubQuery::HubFindings { ids });
        let now = facts.hub_findings(&query)?;
        let before = done.plan.before.hub_findings(&query)?;
        let mut draft = Draft::default();
        let mut back: BTreeMap<(HubNote, Workflow), Vec<&HubFinding>> = BTreeMap::new();
        for change in done.changes() {
            let Mutation::SecurityHub(SecurityHubCall::BatchUpdateFindings { findings, note, status }) = change else {
                continue;
            };
            for id in findings {
                let name = shown(&id.id);
                let (Some(is), Some(was)) = (by_id(now, id), by_id(before, id)) else {
                    draft.warnings.push(format!("{name} is no longer in Security Hub."));
                    continue;
                };
                // What is not as this plan left it is somebody else's by now, or was never done.
                if is.note.as_ref() != Some(note) {
                    if *is != *was {
                        draft
                            .warnings
                            .push(format!("{name} has another note by now and is left alone."));
                    }
                    continue;
                }
                let status = if is.workflow == *status {
                    was.workflow
                } else {
                    is.workflow
                };
                let note = was.note.clone().unwrap_or_else(|| taken_back(request));
                back.entry((note, status)).or_default().push(is);
            }
        }
        if back.is_empty() {
            return Err(Refusal::new(
                RefusalKind::NothingToUndo,
                format!("No finding of record {} has the note that it wrote.", done.seq),
                "The call did not take effect, it was undone, or somebody wrote another note since.",
            )
            .into());
        }
        for ((note, status), findings) in back {
            let ids: Vec<HubId> = findings.iter().map(|f| f.id.clone()).collect();
            set(&mut draft, &ids, &note, status, &was(&findings));
        }
        draft
            .lost
            .push("A note cannot be removed, only replaced, and its time is new.".to_owned());
        Ok(draft)
    }
}

/// The ids of the target and of the others, each once.
fn ids(request: &Request) -> Result<Vec<String>, Stop> {
    let wrong = |why: String| {
        Refusal::new(
            RefusalKind::WrongTarget,
            why,
            "note-findings needs the ids of Security Hub findings, which are mostly ARNs.",
        )
    };
    let mut ids = BTreeSet::new();
    for resource in std::iter::once(&request.target).chain(&request.others) {
        if resource.id.is_empty() {
            return Err(wrong("No finding is named.".to_owned()).into());
        }
        if resource.kind != ResourceKind::Finding {
            let given = resource.kind.word();
            return Err(wrong(format!("{resource} is a {given}, not a finding.")).into());
        }
        ids.insert(resource.id.raw().to_owned());
    }
    if ids.len() > MAX_FINDINGS {
        return Err(wrong(format!(
            "{} findings are more than the {MAX_FINDINGS} of one plan.",
            ids.len()
        ))
        .into());
    }
    Ok(ids.into_iter().collect())
}

/// The note of whoever asks. It has no time, so that the same claim is known to be noted already.
fn note(request: &Request) -> HubNote {
    let text = format!("quell {}: {} works on this.", request.incident, person(request));
    said(request, &text)
}

fn taken_back(request: &Request) -> HubNote {
    let text = format!(
        "quell {}: the claim was taken back by {}.",
        request.incident,
        person(request)
    );
    said(request, &text)
}

fn said(request: &Request, text: &str) -> HubNote {
    let by = if request.by.is_empty() { "quell" } else { &request.by };
    HubNote {
        text: text.chars().take(MAX_NOTE).collect(),
        by: by.to_owned(),
    }
}

fn person(request: &Request) -> String {
    let by = request.by.parse::<Arn>();
    by.map_or_else(|_| request.by.clone(), |arn| arn.name().to_owned())
}

fn is_open(finding: &HubFinding) -> bool {
    matches!(finding.workflow, Workflow::New | Workflow::Notified)
}

fn has(finding: &HubFinding, note: &HubNote, status: Workflow) -> bool {
    finding.workflow == status && finding.note.as_ref() == Some(note)
}

fn by_id<'a>(found: &'a [HubFinding], id: &HubId) -> Option<&'a HubFinding> {
    found.iter().find(|f| f.id == *id)
}

/// The one finding of this id. Two products may use the same id, and then it is not known which is meant.
fn one_of<'a>(found: &'a [HubFinding], id: &str) -> Result<&'a HubFinding, Stop> {
    let mut these = found.iter().filter(|f| f.id.id == id);
    match (these.next(), these.next()) {
        (Some(one), None) => Ok(one),
        (None, _) => Err(Refusal::new(
            RefusalKind::Gone,
            format!("Security Hub has no finding {} here.", shown(id)),
            "Check the account and region; findings are deleted 90 days after their last update.",
        )
        .into()),
        (Some(_), Some(_)) => Err(Refusal::new(
            RefusalKind::WrongTarget,
            format!("More than one product has a finding {}.", shown(id)),
            "Note it in the Security Hub console, where the product can be chosen.",
        )
        .into()),
    }
}

fn closed(finding: &HubFinding) -> Stop {
    Refusal::new(
        RefusalKind::AlreadyDone,
        format!(
            "{} is {} in Security Hub: somebody closed it.",
            shown(&finding.id.id),
            finding.workflow.as_str()
        ),
        "Ask who did; set it to NEW there if it must be worked on again.",
    )
    .into()
}

/// Adds the calls that give these findings a note and a status, a hundred findings each, and what is read back.
fn set(draft: &mut Draft, ids: &[HubId], note: &HubNote, status: Workflow, was: &str) {
    for batch in ids.chunks(MAX_BATCH) {
        let call = draft.calls.len();
        draft.calls.push(PlannedCall {
            mutation: Mutation::SecurityHub(SecurityHubCall::BatchUpdateFindings {
                findings: batch.to_vec(),
                note: note.clone(),
                status,
            }),
            undo: Undo::Reversible,
            was: Some(was.to_owned()),
        });
        draft
            .expectations
            .push(Expectation::SecurityHub(SecurityHubState::FindingsNoted {
                call,
                findings: batch.to_vec(),
                note: note.clone(),
                status,
            }));
    }
}

/// The statuses of the findings before, each once.
fn was(findings: &[&HubFinding]) -> String {
    let statuses: BTreeSet<&str> = findings.iter().map(|f| f.workflow.as_str()).collect();
    statuses.into_iter().collect::<Vec<_>>().join(", ")
}

/// Quotes the notes that go, as many as a person reads.
fn replaced(draft: &mut Draft, findings: &[&HubFinding]) {
    let notes: BTreeSet<String> = findings.iter().filter_map(|f| Some(f.note.as_ref()?.shown())).collect();
    for note in notes.iter().take(QUOTED) {
        draft.warnings.push(format!("This note is replaced: {note}."));
    }
    if notes.len() > QUOTED {
        let more = notes.len() - QUOTED;
        draft.warnings.push(format!("{more} other notes are replaced, too."));
    }
}

fn shown(id: &str) -> String {
    Untrusted::new(id).shown()
}
