//! Administrators and members: the relation that GuardDuty and Security Hub both have, each region by itself.
//!
//! Owns: who is whose member, and the pages of it. Must never: say what an administrator sees of a member; each service says.

use std::collections::BTreeMap;

use super::paging::{self, Key};
use crate::domain::{AccountId, Region, Time};
use crate::range::world::{Regional, World};

/// The members of an account in one region; empty where it is nobody's administrator.
#[derive(Clone, Debug, Default)]
pub struct Members(pub BTreeMap<AccountId, Member>);

/// How one account stands to its administrator.
#[derive(Clone, Debug)]
pub struct Member {
    pub relationship: Relationship,
    pub since: Time,
}

/// Members in order of their ids, and the token of the next page.
pub type Page<'m> = (Vec<(AccountId, &'m Member)>, Option<String>);

/// The states that the range has, of those in the API references of `ListMembers`.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Relationship {
    /// The administrator sees it.
    Enabled,
    /// Known, but never enabled.
    Created,
    /// Was a member once.
    Removed,
}

impl Relationship {
    /// AWS's word for it.
    pub fn as_str(self) -> &'static str {
        match self {
            Self::Enabled => "Enabled",
            Self::Created => "Created",
            Self::Removed => "Removed",
        }
    }
}

impl Members {
    /// Makes an account a member, or changes how it stands.
    pub fn put(&mut self, account: AccountId, relationship: Relationship, since: Time) {
        self.0.insert(account, Member { relationship, since });
    }

    /// The members that the administrator sees.
    pub fn enabled(&self) -> impl Iterator<Item = AccountId> + '_ {
        self.0
            .iter()
            .filter(|(_, member)| member.relationship == Relationship::Enabled)
            .map(|(id, _)| *id)
    }

    /// A page of members in order of their ids, and the token of the next. `None` if the token is not one of ours.
    pub fn page(&self, only_associated: bool, token: Option<&str>, size: usize) -> Option<Page<'_>> {
        let mut all: Vec<(Vec<Key>, (AccountId, &Member))> = self
            .0
            .iter()
            .filter(|(_, member)| !only_associated || member.relationship == Relationship::Enabled)
            .map(|(id, member)| (vec![Key::up_text(id.as_str())], (*id, member)))
            .collect();
        paging::page(&mut all, token, size)
    }
}

/// The account that has this one for an enabled member, with the membership. `of` chooses the service.
pub fn administrator<'w>(
    world: &'w World,
    account: AccountId,
    region: &Region,
    of: impl Fn(&'w Regional) -> &'w Members,
) -> Option<(AccountId, &'w Member)> {
    world.accounts.values().find_map(|other| {
        let member = of(other.regions.get(region)?).0.get(&account)?;
        (member.relationship == Relationship::Enabled).then_some((other.id, member))
    })
}
