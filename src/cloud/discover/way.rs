//! Which way was taken, in words.
//!
//! Owns: the last word of discovery. Must never: say that nothing is missing where somebody refused to tell.

use std::collections::BTreeSet;

use super::Account;
use super::administrators::By;
use super::eyes::Sight;
use super::scout::{Scout, counted};
use super::{own, regions, unused};
use crate::domain::{AccountId, Untrusted};
use crate::findings::Source;

/// Names the accounts that only an administrator named, and tells the way.
pub(super) async fn told(scout: &Scout) {
    let nameless: Vec<Account> = {
        let told = scout.tell.told();
        let covered: BTreeSet<AccountId> = told.covered.keys().map(|(_, account, _)| *account).collect();
        let new = covered.into_iter().filter(|id| !told.names.contains_key(id));
        new.map(|id| Account {
            id,
            name: Untrusted::default(),
        })
        .collect()
    };
    scout.tell.accounts(nameless).await;
    let mut parts: Vec<String> = Source::REGIONAL.iter().filter_map(|s| through(scout, *s)).collect();
    parts.extend(by_themselves(scout));
    let (mut how, mut may_miss) = {
        let (accounts, regions) = (scout.accounts.borrow(), scout.regions.borrow());
        // Where nothing leads anywhere there is no way to name.
        let way = match parts.as_slice() {
            [] => String::new(),
            parts => format!("{}. ", capital(&parts.join("; "))),
        };
        let how = format!("{way}{} {}", accounts.how, regions.how);
        (how, accounts.may_miss || regions.may_miss)
    };
    may_miss |= unused::told(scout, &mut how);
    may_miss |= own::told(scout, &mut how);
    if let Some(said) = regions::elsewhere(scout, has_others(scout)) {
        may_miss = true;
        how = format!("{how} {said}");
    }
    how.push_str(&own_credentials(scout).await);
    scout.tell.way(how, may_miss).await;
}

/// Whether any account but the caller's own is looked at.
fn has_others(scout: &Scout) -> bool {
    let own = scout.cloud.identity().account;
    let told = scout.tell.told();
    let covered = told.covered.keys().map(|(_, account, _)| account);
    told.routes.iter().map(|r| &r.via).chain(covered).any(|id| *id != own)
}

/// How a source is seen through its administrator.
fn through(scout: &Scout, source: Source) -> Option<String> {
    let Sight { administrator, home } = scout.sight(source)?;
    let who = scout.named(administrator.id);
    let who = match administrator.by {
        By::Pinned => format!("{who}, as pinned"),
        By::Delegated => format!("its delegated administrator {who}"),
        By::Members => format!("your account {who}, which has members"),
        By::Named => format!("its administrator {who}"),
    };
    let home = home.map_or_else(String::new, |home| format!(" and its home region {}", home.region));
    let told = scout.tell.told();
    let covered = told
        .covered
        .keys()
        .filter(|(s, account, _)| *s == source && *account != administrator.id);
    let (members, regions): (BTreeSet<_>, BTreeSet<_>) = covered.map(|(_, account, region)| (*account, region)).unzip();
    let (members, regions) = (counted(members.len(), "member"), counted(regions.len(), "region"));
    Some(format!("{} through {who}{home}: {members} in {regions}", source.name()))
}

/// Which accounts are read by their own roles.
fn by_themselves(scout: &Scout) -> Option<String> {
    let told = scout.tell.told();
    let own = |source: Source| -> BTreeSet<AccountId> {
        let administrator = scout.sight(source).map(|sight| sight.administrator.id);
        let routes = told.routes.iter().filter(|r| r.source == source);
        routes
            .map(|r| r.via)
            .filter(|via| Some(*via) != administrator)
            .collect()
    };
    let [guardduty, securityhub] = Source::REGIONAL.map(own);
    let say = |set: &BTreeSet<AccountId>, of: &str| {
        let role = if set.len() == 1 {
            "its own role"
        } else {
            "their own roles"
        };
        (!set.is_empty()).then(|| format!("{} read by {role}{of}", counted(set.len(), "account")))
    };
    if guardduty == securityhub {
        return say(&guardduty, "");
    }
    let both = [
        say(&guardduty, " for GuardDuty"),
        say(&securityhub, " for Security Hub"),
    ];
    let both: Vec<String> = both.into_iter().flatten().collect();
    (!both.is_empty()).then(|| both.join(", "))
}

/// Where the caller's own account has no reader role, only the program keeps it from writing there.
async fn own_credentials(scout: &Scout) -> String {
    let own = scout.cloud.identity().account;
    if !scout.tell.told().routes.iter().any(|route| route.via == own) {
        return String::new();
    }
    match scout.cloud.session(&own).await {
        Ok(session) if session.is_own_credentials() => format!(
            " {own} is read with your own credentials, for there is no role to assume: only the program, not the credentials, keeps it from writing there."
        ),
        _ => String::new(),
    }
}

fn capital(text: &str) -> String {
    let mut letters = text.chars();
    letters
        .next()
        .map_or_else(String::new, |first| first.to_uppercase().chain(letters).collect())
}
