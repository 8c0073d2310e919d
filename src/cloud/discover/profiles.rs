//! A list of profiles: each leads to an account of its own.
//!
//! Owns: the loading of the profiles that the configuration lists. Must never: leave out a profile that fails without a word.

use std::fmt::Write as _;
use std::sync::Arc;

use tokio::task::JoinSet;

use super::scout::{Scout, counted};
use super::{Account, Remark, Topic, accounts, eyes, regions};
use crate::cloud::doctor::Health;
use crate::domain::{AccountId, Untrusted};
use crate::findings::Source;

/// Opens every profile side by side, and reads each one's account by its reader role.
pub(super) async fn all(scout: &Arc<Scout>) {
    let names = scout.cloud.options.discovery.profiles.clone();
    let mut opening = JoinSet::new();
    for name in names.clone() {
        let cloud = Arc::clone(&scout.cloud);
        opening.spawn(async move {
            let opened = Box::pin(cloud.adopt(&name)).await;
            (name, opened)
        });
    }
    let mut tasks = JoinSet::new();
    tasks.spawn(regions::find(Arc::clone(scout)));
    for source in Source::REGIONAL {
        tasks.spawn(eyes::each(Arc::clone(scout), source));
    }
    let mut failed = Vec::new();
    while let Some(opened) = opening.join_next().await {
        match opened {
            Ok((_, Ok(account))) => add(scout, account).await,
            Ok((name, Err(why))) => failed.push((name, why)),
            Err(_) => scout.broken(),
        }
    }
    let count = scout.accounts.borrow().items.len();
    scout.accounts.send_modify(|list| {
        let (accounts, profiles) = (counted(count, "account"), counted(names.len(), "profile"));
        list.how = format!("{accounts} of {profiles}.");
        list.may_miss |= !failed.is_empty();
        for (name, why) in &failed {
            let name = Untrusted::new(name.as_str());
            let _ = write!(list.how, " The profile {name} leads nowhere: {why}");
        }
        list.ended = true;
    });
    for (name, why) in failed {
        let sentence = format!("The profile {} leads nowhere: {why}", Untrusted::new(name));
        let advice = "Log in again, or correct the profile in ~/.aws/config or the list in the configuration.";
        let remark = Remark::new(Topic::Profile, Health::Problem, sentence, advice);
        scout.tell.remark(remark);
    }
    tasks.spawn(accounts::name(Arc::clone(scout)));
    scout.finish(tasks).await;
}

async fn add(scout: &Scout, id: AccountId) {
    if scout.accounts.borrow().items.contains(&id) {
        return;
    }
    let name = Untrusted::default();
    scout.tell.accounts(vec![Account { id, name }]).await;
    scout.accounts.send_modify(|list| list.items.push(id));
}
