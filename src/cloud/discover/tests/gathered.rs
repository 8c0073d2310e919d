//! Everything that discovery tells, gathered, and held to what must always be so.

use std::collections::{BTreeMap, BTreeSet};
use std::sync::Arc;

use tokio::sync::mpsc;

use super::super::{Remark, explore};
use crate::cloud::Cloud;
use crate::cloud::route::{Found, Route};
use crate::domain::{AccountId, Region, Untrusted};
use crate::findings::{Coverage, Source};

/// A source in an account and region.
pub type Spot = (Source, AccountId, Region);

#[derive(Debug, Default)]
pub struct Told {
    pub names: BTreeMap<AccountId, Untrusted>,
    /// In the order in which they were told.
    pub routes: Vec<Route>,
    /// Those that were told as an administrator's at first: what is being read is not read otherwise for it.
    pub long: BTreeSet<Route>,
    /// Those of which it was not known whether another shows the place, up to the last word on them.
    pub unsure: BTreeSet<Route>,
    /// Those that were told only until it was known which other shows the place.
    pub meanwhile: BTreeSet<Route>,
    pub covered: BTreeMap<Spot, Route>,
    pub without: Vec<Coverage>,
    pub how: String,
    pub may_miss: bool,
    pub remarks: Vec<Remark>,
}

impl Told {
    /// Every place that a route leads to, or that is named without one.
    pub fn spots(&self) -> BTreeSet<Spot> {
        let own = self.routes.iter().map(|r| (r.source, r.via, r.region.clone()));
        let without = self.without.iter().map(|c| (c.source, c.account, c.region.clone()));
        own.chain(without).chain(self.covered.keys().cloned()).collect()
    }

    /// The accounts whose sessions read a source in a region for good.
    pub fn via(&self, source: Source, region: &str) -> Vec<&str> {
        let fits = |r: &&Route| r.source == source && r.region.as_str() == region && !self.meanwhile.contains(r);
        let mut via: Vec<&str> = self.routes.iter().filter(fits).map(|r| r.via.as_str()).collect();
        via.sort_unstable();
        via
    }
}

/// Discovers, and checks that nothing is told twice and that the way comes last.
pub async fn told(cloud: &Arc<Cloud>) -> Told {
    let (tx, mut rx) = mpsc::channel(4);
    let exploring = tokio::spawn(explore(Arc::clone(cloud), tx));
    let mut told = Told::default();
    while let Some(found) = rx.recv().await {
        assert!(told.how.is_empty(), "{found:?} came after the last word");
        match found {
            Found::Accounts(accounts) => told.names.extend(accounts.into_iter().map(|a| (a.id, a.name))),
            Found::Route { route, long, sure } => {
                let surer = told.unsure.remove(&route) && sure;
                assert!(surer || !told.routes.contains(&route), "{route:?} was told twice");
                if !sure {
                    told.unsure.insert(route.clone());
                }
                if !surer {
                    if long {
                        told.long.insert(route.clone());
                    }
                    told.routes.push(route);
                }
            }
            Found::Covers {
                route,
                accounts,
                regions,
            } => {
                assert!(told.routes.contains(&route), "{route:?} was not told");
                for account in accounts {
                    for region in &regions {
                        let spot = (route.source, account, region.clone());
                        let own = Route {
                            source: route.source,
                            via: account,
                            region: region.clone(),
                        };
                        let unsure = told.unsure.remove(&own);
                        assert!(unsure || !told.routes.contains(&own), "{own:?} is covered by {route:?}");
                        if unsure {
                            told.meanwhile.insert(own);
                        }
                        let twice = told.covered.insert(spot, route.clone());
                        assert_eq!(twice, None, "{account} {region} was covered twice");
                    }
                }
            }
            Found::NoRoute(row) => told.without.push(row),
            Found::Way { how, may_miss } => (told.how, told.may_miss) = (how, may_miss),
        }
    }
    assert!(!told.how.is_empty(), "discovery has a last word");
    told.remarks = exploring.await.unwrap();
    told
}
