//! What the parts of discovery share: the accounts and regions as they become known, and what was told.
//!
//! Owns: the two lists that grow. Must never: let a list that ended early look like a whole one.

use std::collections::BTreeMap;
use std::sync::atomic::AtomicBool;
use std::sync::{Arc, Mutex, PoisonError};

use tokio::sync::mpsc::Sender;
use tokio::sync::watch;
use tokio::task::JoinSet;

use super::eyes::Sight;
use super::tell::Tell;
use super::{Account, Remark, Topic, regions};
use crate::cloud::config::Way;
use crate::cloud::connect::Cloud;
use crate::cloud::doctor::Health;
use crate::cloud::errors::CallError;
use crate::cloud::route::Found;
use crate::domain::{AccountId, Region, Untrusted};
use crate::findings::Source;

/// A list that others read while it grows.
#[derive(Debug)]
pub(super) struct Growing<T> {
    pub items: Vec<T>,
    pub ended: bool,
    /// One sentence on how the list was found, safe to show.
    pub how: String,
    /// Whether it may be shorter than the truth.
    pub may_miss: bool,
}

impl<T> Default for Growing<T> {
    fn default() -> Self {
        Self {
            items: Vec::new(),
            ended: false,
            how: String::new(),
            may_miss: false,
        }
    }
}

/// Discovery under way.
#[derive(Debug)]
pub(super) struct Scout {
    pub cloud: Arc<Cloud>,
    pub tell: Tell,
    pub accounts: watch::Sender<Growing<AccountId>>,
    pub regions: watch::Sender<Growing<Region>>,
    sights: Mutex<BTreeMap<Source, Sight>>,
    /// Regions that the caller's account has not enabled.
    elsewhere: Mutex<Vec<Region>>,
    /// Whether AWS said that the caller's account is in no organisation, so that none lists its accounts.
    pub alone: AtomicBool,
    /// For which sources it is not known who administers the caller's own account, in a sentence each.
    unsaid: Mutex<BTreeMap<Source, String>>,
}

impl Scout {
    pub fn new(cloud: Arc<Cloud>, tx: Sender<Found>) -> Self {
        let scout = Self {
            tell: Tell::new(tx),
            accounts: watch::Sender::default(),
            regions: watch::Sender::default(),
            sights: Mutex::default(),
            elsewhere: Mutex::default(),
            alone: AtomicBool::new(false),
            unsaid: Mutex::default(),
            cloud,
        };
        let known = regions::known(&scout.cloud);
        scout.regions.send_modify(|list| list.items = known);
        scout
    }

    /// The way that is pinned. Accounts that are named are read each by its own role, whatever the organisation has.
    pub fn way(&self) -> Way {
        let options = &self.cloud.options;
        match options.discovery.way {
            Way::Auto if !options.accounts.is_empty() => Way::Accounts,
            Way::Auto if !options.discovery.profiles.is_empty() => Way::Profiles,
            way => way,
        }
    }

    /// The regions that are known before anybody is asked. The configured one is the first.
    pub fn known_regions(&self) -> Vec<Region> {
        self.regions.borrow().items.clone()
    }

    /// Takes the accounts of the options, or the caller's own, for the whole list.
    pub async fn choose(&self) {
        let mut ids = self.cloud.options.accounts.clone();
        ids.sort();
        ids.dedup();
        let (ids, how) = if ids.is_empty() {
            let own = self.cloud.identity().account;
            (vec![own], format!("Only the caller's own account {own}, as asked for."))
        } else {
            let how = format!("The {} that were asked for.", counted(ids.len(), "account"));
            (ids, how)
        };
        let nameless = |id: &AccountId| Account {
            id: *id,
            name: Untrusted::default(),
        };
        self.tell.accounts(ids.iter().map(nameless).collect()).await;
        self.accounts.send_modify(|list| {
            (list.items, list.how) = (ids, how);
            list.ended = true;
        });
    }

    /// Notes which regions the caller's account has not enabled.
    pub fn not_enabled(&self, regions: Vec<Region>) {
        *self.elsewhere.lock().unwrap_or_else(PoisonError::into_inner) = regions;
    }

    /// Which regions the caller's account has not enabled, where that was asked.
    pub fn elsewhere(&self) -> Vec<Region> {
        self.elsewhere.lock().unwrap_or_else(PoisonError::into_inner).clone()
    }

    /// Notes that it is not known who administers the caller's own account. `sentence` is without its full stop.
    pub fn not_said(&self, source: Source, sentence: String) {
        let mut unsaid = self.unsaid.lock().unwrap_or_else(PoisonError::into_inner);
        unsaid.insert(source, sentence);
    }

    /// What was noted so.
    pub fn unsaid(&self) -> Vec<String> {
        let unsaid = self.unsaid.lock().unwrap_or_else(PoisonError::into_inner);
        unsaid.values().cloned().collect()
    }

    /// Notes through whom a source is seen.
    pub fn saw(&self, source: Source, sight: Sight) {
        let mut sights = self.sights.lock().unwrap_or_else(PoisonError::into_inner);
        sights.insert(source, sight);
    }

    /// Through whom a source is seen, where it is not by each account itself.
    pub fn sight(&self, source: Source) -> Option<Sight> {
        let sights = self.sights.lock().unwrap_or_else(PoisonError::into_inner);
        sights.get(&source).cloned()
    }

    /// Waits for the parts. One that failed in itself makes no list that looks complete.
    pub async fn finish(&self, mut tasks: JoinSet<()>) {
        while let Some(ended) = tasks.join_next().await {
            if ended.is_err() {
                self.broken();
            }
        }
    }

    /// A part of discovery failed in itself.
    pub fn broken(&self) {
        let sentence = "A part of quell's discovery failed, please report it.";
        self.accounts.send_modify(|list| {
            (list.may_miss, list.ended) = (true, true);
            sentence.clone_into(&mut list.how);
        });
        self.regions.send_modify(|list| list.ended = true);
        self.tell
            .remark(Remark::new(Topic::Accounts, Health::Problem, sentence, "Try again."));
    }

    /// Notes a call that failed, at a place.
    pub fn failed(&self, topic: Topic, what: &str, error: &CallError, advice: &'static str, at: (AccountId, &Region)) {
        let remark = Remark::new(topic, Health::Warning, format!("{what}: {error}"), advice);
        self.tell.remark(remark.at(at.0, Some(at.1)));
    }

    /// An account's id with its name, where it has one.
    pub fn named(&self, id: AccountId) -> String {
        let told = self.tell.told();
        match told.names.get(&id).filter(|name| !name.is_empty()) {
            Some(name) => format!("{} ({id})", name.shown()),
            None => id.to_string(),
        }
    }
}

/// Runs `each` for every item, those that come later too, side by side; ends when the list has ended and all are done.
pub(super) async fn for_each<T, F, R>(scout: &Scout, list: &watch::Sender<Growing<T>>, mut each: F)
where
    T: Clone,
    F: FnMut(T) -> R,
    R: Future<Output = ()> + Send + 'static,
{
    let mut watched = watch::Sender::subscribe(list);
    let (mut next, mut tasks) = (0, JoinSet::new());
    loop {
        let (new, ended) = {
            let list = watched.borrow_and_update();
            (list.items[next..].to_vec(), list.ended)
        };
        next += new.len();
        for item in new {
            tasks.spawn(each(item));
        }
        if ended {
            break;
        }
        // The sender lives in the scout, so this waits for news and never fails while anybody can give some.
        if watched.changed().await.is_err() {
            break;
        }
    }
    scout.finish(tasks).await;
}

/// A number and its word: `1 account`, `2 accounts`.
pub(super) fn counted(count: usize, word: &str) -> String {
    let s = if count == 1 { "" } else { "s" };
    format!("{count} {word}{s}")
}
