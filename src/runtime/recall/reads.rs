//! Since when everything was read, along each route and of each place.
//!
//! Owns: from when on what was not received again is taken for gone. Must never: go by a read that did not end, or by one that may not
//! show what another route of the place does.

use std::collections::BTreeMap;

use super::{Spot, spot};
use crate::cloud::Route;
use crate::domain::{AccountId, Region};
use crate::findings::cache::Run;
use crate::findings::{Coverage, Place};

/// The reads of this session.
#[derive(Debug, Default)]
pub(super) struct Reads {
    /// Since when each route is read whole.
    begun: BTreeMap<Route, Run>,
    /// Since when each route was read that was read to its end, the last time that it was.
    ended: BTreeMap<Route, Run>,
    /// Since when each spot was last read whole, along each of the routes that lead there.
    whole: BTreeMap<Spot, BTreeMap<Route, Run>>,
}

impl Reads {
    /// Forgets that a route is being read, and says whether it was read before.
    pub fn again(&mut self, route: &Route) -> bool {
        self.begun.remove(route).is_some()
    }

    pub fn begin(&mut self, route: Route, run: Run) {
        self.begun.insert(route, run);
    }

    /// Takes in that places were read to their end along a route, and gives since when: what came before and not again is gone. Where
    /// several routes lead to a place, what was seen along any of them is there.
    pub fn end(&mut self, route: &Route, places: Vec<(AccountId, Region)>) -> Vec<(Place, Run)> {
        // A read that has ended names the route's own place. Places that it is only told to show go by its last read that ended: the
        // one that has begun since may be under way, or have failed.
        let is_own = |(account, region): &(AccountId, Region)| (*account, region) == (route.via, &route.region);
        if places.iter().any(is_own)
            && let Some(&run) = self.begun.get(route)
        {
            self.ended.insert(route.clone(), run);
        }
        let Some(&run) = self.ended.get(route) else {
            return Vec::new();
        };
        let mut since = Vec::new();
        for (account, region) in places {
            let routes = self.whole.entry((account, region.clone(), route.source)).or_default();
            routes.insert(route.clone(), run);
            since.extend(routes.values().min().map(|first| (Place { account, region }, *first)));
        }
        since
    }

    /// Takes in by which route a place is read now. What another read of it long ago would keep its findings for ever.
    pub fn led(&mut self, row: &Coverage) {
        if let Some(routes) = self.whole.get_mut(&spot(row)) {
            let is_own = |route: &Route| (route.via, &route.region) == (row.account, &row.region);
            routes.retain(|route, _| is_own(route) == row.via.is_none());
        }
    }
}
