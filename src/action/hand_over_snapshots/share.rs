//! The second plan: a grant on the key, the snapshots shared, and a lock where one is wished.

use super::super::answer::{KeyGrant, Snapshot};
use super::super::facts::Facts;
use super::super::mutation::Mutation;
use super::super::plan::{Draft, PlannedCall, Request, Undo};
use super::super::query::{EbsQuery, KmsQuery, Query};
use super::super::refusal::{Refusal, RefusalKind, Stop};
use super::lock;
use super::wish::{Key, Wish};
use crate::action::{EbsCall, EbsState, Expectation, KmsCall, KmsState};
use crate::domain::{AccountId, KeyId, SnapshotId, Untrusted};

/// What making a volume or a copy of an encrypted snapshot takes (EBS User Guide, "Share the KMS key used to encrypt a shared Amazon
/// EBS snapshot"), as a grant names it.
const OPERATIONS: [&str; 7] = [
    "CreateGrant",
    "Decrypt",
    "DescribeKey",
    "GenerateDataKey",
    "GenerateDataKeyWithoutPlaintext",
    "ReEncryptFrom",
    "ReEncryptTo",
];
/// So many names stand on a line; the rest are counted.
const NAMED: usize = 6;

/// The question with whom a snapshot is shared.
pub fn shares(id: &SnapshotId) -> Query {
    Query::Ebs(EbsQuery::SnapshotShares { id: id.clone() })
}

/// The question which grants an account has on a key.
pub fn grants(key: &KeyId, wish: &Wish) -> Query {
    Query::Kms(KmsQuery::GrantsTo {
        key: key.clone(),
        grantee: wish.grantee.clone(),
    })
}

/// The question which grants there are on a key.
pub fn all_grants(key: &KeyId) -> Query {
    Query::Kms(KmsQuery::KeyGrants { key: key.clone() })
}

/// What must be read about what is handed over.
pub fn questions(ids: Vec<SnapshotId>, wish: &Wish) -> Vec<Query> {
    let mut queries: Vec<Query> = ids.iter().map(shares).collect();
    if wish.lock.is_some() {
        queries.push(locks(ids));
    }
    queries
}

fn locks(ids: Vec<SnapshotId>) -> Query {
    Query::Ebs(EbsQuery::SnapshotLocks { ids })
}

/// The name of the grant for one instance of one incident. Names have letters, digits and `:/_-` (API reference, `CreateGrant`).
pub fn grant_name(request: &Request, account: AccountId) -> String {
    let name = format!("quell-{}-{}-{account}", request.incident, request.target.id.raw());
    let legal = |c: char| {
        if c.is_ascii_alphanumeric() || ":/_-".contains(c) {
            c
        } else {
            '-'
        }
    };
    name.chars().map(legal).take(256).collect()
}

/// Whether a grant is this plan's own, and allows all that is needed.
fn suffices(grant: &KeyGrant, name: &str) -> bool {
    let ours = grant.name.as_ref().is_some_and(|found| found.raw() == name);
    ours && OPERATIONS
        .iter()
        .all(|o| grant.operations.iter().any(|found| found == o))
}

/// Grants, shares, locks: what is not there yet.
pub fn draft(
    request: &Request,
    wish: &Wish,
    keys: &[Key],
    ready: &[(&Snapshot, Key)],
    (facts, draft): (&Facts, &mut Draft),
) -> Result<(), Stop> {
    for key in keys {
        grant(request, wish, key, facts, draft)?;
    }
    for (snapshot, _) in ready {
        share(&snapshot.id, wish.account, facts, draft)?;
    }
    if let Some(wanted) = wish.lock {
        let ids = ready.iter().map(|(snapshot, _)| snapshot.id.clone()).collect();
        let found = facts.snapshot_locks(&locks(ids))?;
        for (snapshot, _) in ready {
            let held = found.iter().find(|l| l.snapshot == snapshot.id && l.holds());
            lock::hold(&snapshot.id, wanted, held, request.at, draft);
        }
    }
    if draft.calls.is_empty() {
        return Err(Refusal::new(
            RefusalKind::AlreadyDone,
            format!(
                "Account {} can use all {} snapshots already.",
                wish.account,
                ready.len()
            ),
            "Verify it from the journal: the record of the plan that did it has its checks.",
        )
        .into());
    }
    tell(request, wish, draft);
    Ok(())
}

fn grant(request: &Request, wish: &Wish, key: &Key, facts: &Facts, draft: &mut Draft) -> Result<(), Stop> {
    let name = grant_name(request, wish.account);
    let there = facts.key_grants(&grants(&key.id, wish))?;
    if !there.iter().any(|grant| suffices(grant, &name)) {
        draft.expectations.push(Expectation::Kms(KmsState::Granted {
            call: draft.calls.len(),
            key: key.id.clone(),
            grantee: wish.grantee.clone(),
            name: name.clone(),
        }));
        draft.calls.push(PlannedCall {
            mutation: Mutation::Kms(KmsCall::CreateGrant {
                key: key.id.clone(),
                grantee: wish.grantee.clone(),
                name,
                operations: OPERATIONS.map(str::to_owned).into(),
            }),
            undo: Undo::Reversible,
            was: None,
        });
    }
    draft.warnings.push(format!(
        "The grant is for all that is under key {}, not for these snapshots alone: whoever of account {} also gets at other data under it can read that.",
        key.id, wish.account
    ));
    if let Some(all) = facts.advisory(facts.key_grants(&all_grants(&key.id)), &mut draft.warnings)? {
        let named: Vec<String> = all
            .iter()
            .take(NAMED)
            .map(|g| format!("{} ({})", g.grantee, Untrusted::new(g.operations.join(", "))))
            .collect();
        if !named.is_empty() {
            let rest = match all.len().saturating_sub(NAMED) {
                0 => String::new(),
                more => format!(" and {more} more"),
            };
            draft
                .neighbours
                .push(format!("Grants on key {} already: {}{rest}.", key.id, named.join(", ")));
        }
    }
    Ok(())
}

fn share(snapshot: &SnapshotId, account: AccountId, facts: &Facts, draft: &mut Draft) -> Result<(), Stop> {
    let found = facts.snapshot_shares(&shares(snapshot))?;
    if found.public {
        draft.warnings.push(format!(
            "{snapshot} is public: everybody can make volumes of it already."
        ));
    }
    let others: Vec<&str> = found
        .accounts
        .iter()
        .filter(|a| **a != account)
        .map(AccountId::as_str)
        .collect();
    if !others.is_empty() {
        draft
            .neighbours
            .push(format!("{snapshot} is shared already with {}.", others.join(", ")));
    }
    if !found.accounts.contains(&account) {
        let snapshot = snapshot.clone();
        draft.expectations.push(Expectation::Ebs(EbsState::SharedWith {
            snapshot: snapshot.clone(),
            account,
            shared: true,
        }));
        draft.calls.push(PlannedCall {
            mutation: Mutation::Ebs(EbsCall::ShareSnapshot { snapshot, account }),
            undo: Undo::Reversible,
            was: None,
        });
    }
    Ok(())
}

fn tell(request: &Request, wish: &Wish, draft: &mut Draft) {
    draft.warnings.push(format!(
        "Snapshots and keys are regional: account {} finds these in {}, under private snapshots, and nowhere else.",
        wish.account, request.region
    ));
    draft.warnings.push(format!(
        "People of account {} also need leave of their own account's policies to use the key, named by its ARN. What they want to keep they copy over there, under a key of theirs: what is only shared is gone when it is deleted here or its key is disabled.",
        wish.account
    ));
    if wish.lock.is_some_and(|lock| lock.compliance) {
        draft.warnings.push(
            "A lock in compliance mode holds from the first moment: nobody can take it off or make it shorter, and the snapshots are paid for until it ends."
                .to_owned(),
        );
    }
    draft
        .lost
        .push("What the account copies while it may stays the account's.".to_owned());
    if wish.lock.is_some() {
        draft.lost.push(
            "The lock: an undo leaves it on. One in governance mode is taken off by hand (ec2:UnlockSnapshot)."
                .to_owned(),
        );
    }
}
