//! The first of the two plans: what the forensic account could not use is copied under a key that it can be given.

use std::collections::BTreeMap;

use super::super::answer::Snapshot;
use super::super::mutation::Mutation;
use super::super::plan::{Draft, PlannedCall, Request, Undo};
use super::super::refusal::Stop;
use super::super::target;
use super::sets::COPY_OF;
use super::wish::{Key, Wish};
use crate::action::{EbsCall, EbsState, EvidenceOf, Expectation};
use crate::domain::SnapshotId;

/// One copy of each of these.
pub fn draft(request: &Request, wish: &Wish, key: &Key, to_copy: &[&Snapshot], draft: &mut Draft) -> Result<(), Stop> {
    let of = EvidenceOf {
        instance: target::instance(request)?,
        incident: request.incident.clone(),
    };
    for snapshot in to_copy {
        draft.expectations.push(Expectation::Ebs(EbsState::Copied {
            call: draft.calls.len(),
            source: snapshot.id.clone(),
            key: key.arn.clone(),
            of: Some(of.clone()),
        }));
        draft.calls.push(PlannedCall {
            mutation: Mutation::Ebs(EbsCall::CopySnapshot {
                source: snapshot.id.clone(),
                region: request.region.clone(),
                source_key: snapshot.kms_key.clone(),
                key: key.arn.clone(),
                description: description(&request.incident, &snapshot.id),
                tags: tags(snapshot),
            }),
            undo: Undo::Kept,
            was: None,
        });
    }
    draft.warnings.push(format!(
        "This is the first of two plans: it copies, and shares nothing. When the copies are complete, which takes minutes to hours, plan hand-over-snapshots again with the same choices; that plan lets account {} use them.",
        wish.account
    ));
    draft.then = Some(format!(
        "when the copies are complete, plan it again with the same choices: that plan lets account {} use them",
        wish.account
    ));
    draft.warnings.push(
        "EBS checks the key only after it took the call: a copy that may not use it ends in the state error, and is copied anew when this is planned again."
            .to_owned(),
    );
    draft
        .lost
        .push("Copies are evidence: quell never deletes them, and they are paid for until somebody does.".to_owned());
    Ok(())
}

/// What stands on a copy. Tags can be put on anything later; this cannot.
pub fn description(incident: &str, source: &SnapshotId) -> String {
    format!("quell {incident} copy of {source}")
}

/// What quell wrote on it, and which snapshot and volume it was: AWS gives copies a volume id that means nothing.
fn tags(of: &Snapshot) -> BTreeMap<String, String> {
    let own = of.tags.iter().filter(|(key, _)| key.starts_with("quell:"));
    let mut tags: BTreeMap<String, String> = own.map(|(k, v)| (k.clone(), v.raw().to_owned())).collect();
    tags.insert(COPY_OF.to_owned(), of.id.to_string());
    if let Some(volume) = &of.volume {
        tags.insert("quell:volume".to_owned(), volume.to_string());
    }
    tags
}
