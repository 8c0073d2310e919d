//! What people call what a plan takes away: the permission set, the account, the group.
//!
//! Owns: the questions for names, and the words. Must never: stop a plan because a name cannot be read; the id stands there instead.

use std::collections::BTreeSet;

use crate::action::answer::{Assignment, IdentityCenter, Membership};
use crate::action::facts::Facts;
use crate::action::query::{OrganizationsQuery, Query, SsoQuery};
use crate::domain::{AccountId, Arn, IdentityStoreId, StoreEntryId, Untrusted};

/// So many names of each kind are asked for; the others are shown by their ids.
const ASKED: usize = 30;

/// The names that were read, and the user's own.
pub(super) struct Names<'f> {
    facts: &'f Facts,
    user: String,
}

impl<'f> Names<'f> {
    /// From facts in which [`queries`] may have been answered.
    pub fn of(user: &Untrusted, facts: &'f Facts) -> Self {
        Self {
            facts,
            user: user.shown(),
        }
    }

    /// `ViewOnly in acme-prod from ann`, where `how` is `from`. None where no name is known.
    pub fn assignment(&self, instance: &Arn, one: &Assignment, how: &str) -> Option<String> {
        let set = self.read(&set_name(instance, &one.permission_set));
        let account = self.account(one.account);
        if set.is_none() && account.is_none() {
            return None;
        }
        let set = set.unwrap_or_else(|| one.permission_set.name().to_owned());
        let account = account.unwrap_or_else(|| one.account.to_string());
        Some(format!("{set} in {account} {how} {}", self.user))
    }

    /// `ann out of on-call`, where `how` is `out of`. None where the group's name is not known.
    pub fn membership(&self, store: &IdentityStoreId, group: &StoreEntryId, how: &str) -> Option<String> {
        let name = self.read(&group_name(store, group))?;
        Some(format!("{} {how} {name}", self.user))
    }

    fn account(&self, account: AccountId) -> Option<String> {
        let member = self.facts.member(&account_name(account)).ok()?;
        (!member.name.is_empty()).then(|| member.name.shown())
    }

    fn read(&self, query: &Query) -> Option<String> {
        let name = self.facts.names(query).ok()?.first()?;
        (!name.is_empty()).then(|| name.shown())
    }
}

/// What must be asked to name these.
pub(super) fn queries(center: &IdentityCenter, memberships: &[Membership], assignments: &[Assignment]) -> Vec<Query> {
    let own = || assignments.iter().filter(|a| a.through.is_none());
    let sets: BTreeSet<&Arn> = own().map(|a| &a.permission_set).collect();
    let accounts: BTreeSet<AccountId> = own().map(|a| a.account).collect();
    let sets = sets.into_iter().take(ASKED).map(|set| set_name(&center.arn, set));
    let accounts = accounts.into_iter().take(ASKED).map(account_name);
    let groups = memberships
        .iter()
        .take(ASKED)
        .map(|membership| group_name(&center.store, &membership.group));
    sets.chain(accounts).chain(groups).collect()
}

fn set_name(instance: &Arn, permission_set: &Arn) -> Query {
    Query::Sso(SsoQuery::PermissionSetName {
        instance: instance.clone(),
        permission_set: permission_set.clone(),
    })
}

fn account_name(account: AccountId) -> Query {
    Query::Organizations(OrganizationsQuery::Member { account })
}

fn group_name(store: &IdentityStoreId, group: &StoreEntryId) -> Query {
    Query::Sso(SsoQuery::GroupName {
        store: store.clone(),
        group: group.clone(),
    })
}
