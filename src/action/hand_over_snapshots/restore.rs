//! Undoing a hand-over: the shares and the grants that it made are taken back. Copies and locks stay.

use super::super::expectation::Expectation;
use super::super::facts::Facts;
use super::super::mutation::Mutation;
use super::super::plan::{Draft, PlannedCall, Undo};
use super::super::query::{KmsQuery, Query};
use super::super::refusal::{Refusal, RefusalKind, Stop};
use super::super::{Done, KeyGrant};
use super::left::Left;
use super::share::shares;
use crate::action::{EbsCall, EbsState, KmsCall, KmsState};
use crate::domain::{AccountId, Arn, KeyId, SnapshotId};

/// The calls that take back what `done` gave.
pub fn draft(done: &Done, facts: &Facts) -> Result<Draft, Stop> {
    let (mut shared, mut granted) = (Vec::new(), Vec::new());
    for change in done.changes() {
        if let Mutation::Ebs(EbsCall::ShareSnapshot { snapshot, account }) = change {
            shared.push((snapshot, *account));
        }
        if let Mutation::Kms(KmsCall::CreateGrant { key, grantee, name, .. }) = change {
            granted.push(Granted { key, grantee, name });
        }
    }
    let questions = shared.iter().map(|(id, _)| shares(id));
    let left = Left::of(done)?;
    facts.want(
        questions
            .chain(granted.iter().map(Granted::query))
            .chain(left.questions()),
    )?;

    let mut draft = Draft::default();
    for (snapshot, account) in shared {
        unshare(snapshot, account, facts, &mut draft)?;
    }
    for grant in granted {
        revoke(&grant, done, facts, &mut draft)?;
    }
    if draft.calls.is_empty() {
        return Err(Refusal::new(
            RefusalKind::NothingToUndo,
            format!(
                "Of record {} there is nothing to take back: copies of snapshots are evidence and stay, and so do locks.",
                done.seq
            ),
            "What must go is deleted by hand when the case is closed.",
        )
        .into());
    }
    left.tell(facts, &mut draft)?;
    let locks = |call: &Mutation| matches!(call, Mutation::Ebs(EbsCall::LockSnapshot { .. }));
    if done.changes().any(locks) {
        draft
            .lost
            .push("The locks stay on: one in compliance mode until its end, one in governance mode until somebody takes it off (ec2:UnlockSnapshot).".to_owned());
    }
    draft
        .lost
        .push("What the account copied meanwhile: that is its own.".to_owned());
    Ok(draft)
}

/// A grant that the plan asked for.
struct Granted<'a> {
    key: &'a KeyId,
    grantee: &'a Arn,
    name: &'a str,
}

impl Granted<'_> {
    fn query(&self) -> Query {
        Query::Kms(KmsQuery::GrantsTo {
            key: self.key.clone(),
            grantee: self.grantee.clone(),
        })
    }
}

fn unshare(snapshot: &SnapshotId, account: AccountId, facts: &Facts, draft: &mut Draft) -> Result<(), Stop> {
    let found = match facts.snapshot_shares(&shares(snapshot)) {
        Err(Stop::Refuse(refusal)) if refusal.kind == RefusalKind::Gone => {
            draft
                .lost
                .push(format!("{snapshot} was deleted since: there is nothing to take back."));
            return Ok(());
        }
        found => found?,
    };
    if found.accounts.contains(&account) {
        let snapshot = snapshot.clone();
        draft.expectations.push(Expectation::Ebs(EbsState::SharedWith {
            snapshot: snapshot.clone(),
            account,
            shared: false,
        }));
        draft.calls.push(PlannedCall {
            mutation: Mutation::Ebs(EbsCall::UnshareSnapshot { snapshot, account }),
            undo: Undo::Kept,
            was: None,
        });
    }
    Ok(())
}

/// Takes back the grants of the plan's name that were not there before it. The name is asked for, not the id that KMS answered with:
/// where the answer was lost there is no id.
fn revoke(granted: &Granted<'_>, done: &Done, facts: &Facts, draft: &mut Draft) -> Result<(), Stop> {
    let query = granted.query();
    let before = done.plan.before.key_grants(&query).map_or(&[][..], Vec::as_slice);
    let ours = |grant: &&KeyGrant| {
        let named = grant.name.as_ref().is_some_and(|name| name.raw() == granted.name);
        named && !before.iter().any(|b| b.id == grant.id)
    };
    for grant in facts.key_grants(&query)?.iter().filter(ours) {
        draft.expectations.push(Expectation::Kms(KmsState::Revoked {
            call: draft.calls.len(),
            key: granted.key.clone(),
            grantee: granted.grantee.clone(),
            grant: grant.id.clone(),
        }));
        draft.calls.push(PlannedCall {
            mutation: Mutation::Kms(KmsCall::RevokeGrant {
                key: granted.key.clone(),
                grant: grant.id.clone(),
            }),
            undo: Undo::Kept,
            was: None,
        });
    }
    Ok(())
}
