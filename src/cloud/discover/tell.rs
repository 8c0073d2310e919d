//! What was told, so that nothing is told twice and what is left over is known.
//!
//! Owns: the channel to the feed. Must never: give a place both a route that is sure and a cover.

use std::collections::{BTreeMap, BTreeSet};
use std::sync::{Mutex, MutexGuard, PoisonError};

use tokio::sync::mpsc::Sender;

use super::{Account, Remark};
use crate::cloud::route::{Found, Route};
use crate::domain::{AccountId, Region, Untrusted};
use crate::findings::{Coverage, CoverageState, Source};

/// The teller.
#[derive(Debug)]
pub(super) struct Tell {
    tx: Sender<Found>,
    told: Mutex<Told>,
}

/// What was told so far.
#[derive(Debug, Default)]
pub(super) struct Told {
    pub routes: BTreeSet<Route>,
    /// Those of them that were told before it was known whether another shows the place.
    unsure: BTreeSet<Route>,
    /// Which places are seen through which route.
    pub covered: BTreeMap<(Source, AccountId, Region), Route>,
    /// Places that no route leads to.
    pub without: BTreeSet<(Source, AccountId, Region)>,
    pub names: BTreeMap<AccountId, Untrusted>,
    remarks: Vec<Remark>,
}

impl Tell {
    pub fn new(tx: Sender<Found>) -> Self {
        Self {
            tx,
            told: Mutex::default(),
        }
    }

    /// What was told so far, to look at.
    pub fn told(&self) -> MutexGuard<'_, Told> {
        self.told.lock().unwrap_or_else(PoisonError::into_inner)
    }

    /// Whether a place is seen through a route that is not its own.
    pub fn is_covered(&self, source: Source, account: AccountId, region: &Region) -> bool {
        self.told().covered.contains_key(&(source, account, region.clone()))
    }

    pub fn remark(&self, remark: Remark) {
        self.told().remarks.push(remark);
    }

    pub fn remarks(&self) -> Vec<Remark> {
        self.told().remarks.clone()
    }

    pub async fn accounts(&self, accounts: Vec<Account>) {
        if accounts.is_empty() {
            return;
        }
        let named = accounts.iter().map(|a| (a.id, a.name.clone()));
        self.told().names.extend(named);
        self.send(Found::Accounts(accounts)).await;
    }

    /// A route, unless it was told, or its own place is seen through another.
    pub async fn route(&self, source: Source, via: AccountId, region: &Region) {
        self.one(source, via, region, (false, true)).await;
    }

    /// The same where it is not known whether another shows the place.
    pub async fn unsure_route(&self, source: Source, via: AccountId, region: &Region) {
        self.one(source, via, region, (false, false)).await;
    }

    /// The same for a route of an administrator.
    pub async fn long_route(&self, source: Source, via: AccountId, region: &Region) {
        self.one(source, via, region, (true, true)).await;
    }

    async fn one(&self, source: Source, via: AccountId, region: &Region, (long, sure): (bool, bool)) {
        let route = Route {
            source,
            via,
            region: region.clone(),
        };
        let new = {
            let mut told = self.told();
            let place = (source, via, region.clone());
            let new = !told.covered.contains_key(&place) && told.routes.insert(route.clone());
            let surer = if sure {
                told.unsure.remove(&route)
            } else {
                new && told.unsure.insert(route.clone())
            };
            new || surer
        };
        if new {
            self.send(Found::Route { route, long, sure }).await;
        }
    }

    /// What else a route sees in a region. The route is told first, if it was not. Places with a route of their own keep it, but for
    /// those of which it was not known whether another shows them.
    pub async fn covers(&self, route: Route, accounts: impl IntoIterator<Item = AccountId>, region: &Region) {
        self.long_route(route.source, route.via, &route.region).await;
        let accounts: Vec<AccountId> = {
            let mut told = self.told();
            let mut new = Vec::new();
            for account in accounts {
                let own = Route {
                    source: route.source,
                    via: account,
                    region: region.clone(),
                };
                let place = (route.source, account, region.clone());
                if told.unsure.remove(&own) {
                    // It was told only until this was known.
                    told.routes.remove(&own);
                    told.covered.insert(place, route.clone());
                    new.push(account);
                } else if !told.routes.contains(&own) && !told.covered.contains_key(&place) {
                    told.covered.insert(place, route.clone());
                    new.push(account);
                }
            }
            new
        };
        if accounts.is_empty() {
            return;
        }
        let regions = vec![region.clone()];
        self.send(Found::Covers {
            route,
            accounts,
            regions,
        })
        .await;
    }

    /// A place that is left out, and why.
    pub async fn no_route(&self, source: Source, account: AccountId, region: &Region, why: String) {
        let new = {
            let mut told = self.told();
            let place = (source, account, region.clone());
            let route = Route {
                source,
                via: account,
                region: region.clone(),
            };
            !told.covered.contains_key(&place) && !told.routes.contains(&route) && told.without.insert(place)
        };
        if new {
            self.send(Found::NoRoute(Coverage {
                account,
                region: region.clone(),
                source,
                state: CoverageState::Partial,
                via: None,
                error: Some(why),
            }))
            .await;
        }
    }

    pub async fn way(&self, how: String, may_miss: bool) {
        self.send(Found::Way { how, may_miss }).await;
    }

    async fn send(&self, found: Found) {
        // Where nobody listens, the whole of discovery is dropped.
        let _ = self.tx.send(found).await;
    }
}
