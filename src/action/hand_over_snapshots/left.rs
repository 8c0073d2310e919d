//! What an undo leaves the account: grants that it does not take back, and snapshots that another hand-over shared. Must never: stop an
//! undo; it only tells.

use std::collections::BTreeSet;

use super::super::answer::KeyGrant;
use super::super::facts::Facts;
use super::super::mutation::Mutation;
use super::super::plan::Draft;
use super::super::query::{EbsQuery, KmsQuery, Query};
use super::super::refusal::Stop;
use super::super::{Done, target};
use super::share::all_grants;
use super::wish;
use crate::action::{EbsCall, KmsCall};
use crate::domain::{AccountId, InstanceId, KeyId, SnapshotId, Untrusted};

/// What is asked about.
pub struct Left {
    instance: InstanceId,
    account: Option<AccountId>,
    /// Every key of the plan, those too on which it found its grant there already.
    keys: BTreeSet<KeyId>,
}

impl Left {
    pub fn of(done: &Done) -> Result<Self, Stop> {
        let request = &done.plan.request;
        let of = |query: &Query| match query {
            Query::Kms(KmsQuery::GrantsTo { key, .. }) => Some(key.clone()),
            _ => None,
        };
        Ok(Self {
            instance: target::instance(request)?,
            account: request.choice(wish::ACCOUNT).and_then(|account| account.parse().ok()),
            keys: done.plan.before.iter().filter_map(|read| of(&read.query)).collect(),
        })
    }

    pub fn questions(&self) -> Vec<Query> {
        let shared = self.account.map(|account| self.shared(account));
        self.keys.iter().map(all_grants).chain(shared).collect()
    }

    fn shared(&self, account: AccountId) -> Query {
        Query::Ebs(EbsQuery::SharedEvidence {
            instance: self.instance.clone(),
            account,
        })
    }

    /// Warns of what the calls of the draft leave.
    pub fn tell(&self, facts: &Facts, draft: &mut Draft) -> Result<(), Stop> {
        let Some(account) = self.account else { return Ok(()) };
        let (mut unshared, mut revoked) = (BTreeSet::new(), BTreeSet::new());
        for call in &draft.calls {
            if let Mutation::Ebs(EbsCall::UnshareSnapshot { snapshot, .. }) = &call.mutation {
                unshared.insert(snapshot.clone());
            }
            if let Mutation::Kms(KmsCall::RevokeGrant { key, grant }) = &call.mutation {
                revoked.insert((key.clone(), grant.clone()));
            }
        }
        for key in &self.keys {
            let all = facts.advisory(facts.key_grants(&all_grants(key)), &mut draft.warnings)?;
            for grant in all.into_iter().flatten() {
                if is_of(grant, account) && !revoked.contains(&(key.clone(), grant.id.clone())) {
                    stays(grant, key, account, draft);
                }
            }
        }
        let keys: BTreeSet<KeyId> = revoked.into_iter().map(|(key, _)| key).collect();
        self.others(account, (&unshared, &keys), facts, draft)
    }

    /// Snapshots of the instance that stay shared.
    fn others(
        &self,
        account: AccountId,
        (unshared, revoked): (&BTreeSet<SnapshotId>, &BTreeSet<KeyId>),
        facts: &Facts,
        draft: &mut Draft,
    ) -> Result<(), Stop> {
        let shared = facts.advisory(facts.snapshots(&self.shared(account)), &mut draft.warnings)?;
        for snapshot in shared.into_iter().flatten().filter(|s| !unshared.contains(&s.id)) {
            let key = snapshot
                .kms_key
                .as_ref()
                .and_then(|key| key.resource().strip_prefix("key/"));
            let needed = revoked.iter().find(|revoked| Some(revoked.as_str()) == key);
            let needs = match needed {
                Some(key) => format!(
                    "; it needs the grant on key {key} that this takes back: unless the account has another, it cannot read it any more until hand-over-snapshots is planned again"
                ),
                None => String::new(),
            };
            draft.warnings.push(format!(
                "{} of {} stays shared with account {account}, by another hand-over or by hand{needs}.",
                snapshot.id, self.instance
            ));
        }
        Ok(())
    }
}

/// Whether a grant is for somebody of the account, or was passed on by it. Grants name principals and accounts by ARN.
fn is_of(grant: &KeyGrant, account: AccountId) -> bool {
    let names = |who: &str| who == account.as_str() || who.split(':').nth(4) == Some(account.as_str());
    names(grant.grantee.raw()) || grant.issuer.as_ref().is_some_and(|issuer| names(issuer.raw()))
}

fn stays(grant: &KeyGrant, key: &KeyId, account: AccountId, draft: &mut Draft) {
    let id = Untrusted::new(grant.id.as_str());
    let operations = Untrusted::new(grant.operations.join(", "));
    let name = grant
        .name
        .as_ref()
        .map_or_else(String::new, |name| format!(", named {name}"));
    draft.warnings.push(format!(
        "Account {account} keeps grant {id} on key {key} ({}: {operations}{name}), which is not of this plan: it can go on using what is under the key. What must go is revoked by hand (kms:RevokeGrant).",
        grant.grantee
    ));
    draft
        .lost
        .push(format!("Grant {id} on key {key}, which account {account} keeps."));
}
