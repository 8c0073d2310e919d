//! Places to which two routes lead: their own, and that of an administrator who shows them.
//!
//! Owns: which of the two is read. Must never: leave a place that an administrator shows as a gap of its own route, nor take a place
//! from its route before the administrator's list was read whole.

use super::{Routes, Spot, own_route};
use crate::cloud::feed::FeedEvent;
use crate::cloud::route::Route;
use crate::findings::CoverageState;

impl Routes {
    /// Discovery looks anew: what it said before of who shows a place that has its own route counts no more.
    pub fn look(&mut self) {
        self.looks += 1;
        self.spare.clear();
        self.doubted.clear();
    }

    /// Whether places are seen as before, for the last look could not say by whom.
    pub fn are_doubted(&self) -> bool {
        !self.doubted.is_empty()
    }

    /// Takes out the routes that gave way to others since this was asked last.
    pub fn gave_way(&mut self) -> Vec<Route> {
        std::mem::take(&mut self.gave_way)
    }

    /// Whether another route shows a place, and was read to its end.
    pub(super) fn is_shown(&self, spot: &Spot) -> bool {
        self.covered.get(spot).is_some_and(|route| self.shows(route))
    }

    fn shows(&self, route: &Route) -> bool {
        let state = self.known.get(route).map(super::Remembered::of_covered);
        state == Some(CoverageState::Complete)
    }

    /// A place's own route gives way to the one that shows the place too: where it fails itself, or where it was read only until it
    /// was known who shows the place, or for want of an answer. Reading both for good would cost a call more at each refresh.
    pub(super) fn give_way(&mut self, spot: &Spot) -> Vec<FeedEvent> {
        let own = own_route(spot);
        let Some(route) = self.spare.get(spot).filter(|route| self.shows(route)).cloned() else {
            return Vec::new();
        };
        let gives = self.known.get_mut(&own).filter(|r| {
            let is_read = r.state != CoverageState::Reading;
            r.listed && is_read && r.covers.is_empty() && (r.state.is_gap() || r.sure != self.looks)
        });
        let Some(gives) = gives else {
            return Vec::new();
        };
        gives.listed = false;
        let known = gives.state == CoverageState::Complete;
        self.order.retain(|read| *read != own);
        self.spare.remove(spot);
        self.gave_way.push(own);
        let mut events = vec![self.cover(spot, &route, known)];
        events.extend(self.known_whole(&route, vec![(spot.0, spot.1.clone())]));
        events
    }

    /// A route was read to its end: others may give way to it.
    pub(super) fn make_way_for(&mut self, route: &Route) -> Vec<FeedEvent> {
        let spots = self.spare.iter().filter(|(_, shows)| *shows == route);
        let mut spots: Vec<Spot> = spots.map(|(spot, _)| spot.clone()).collect();
        spots.sort();
        spots.iter().flat_map(|spot| self.give_way(spot)).collect()
    }
}
