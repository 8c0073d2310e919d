//! What is remembered of the routes and of the places that they cover, and the rows that say it.
//!
//! Owns: whose row a place has, and by which route it is read where two lead to it. Must never: give a place two rows that contradict
//! each other, or forget one in silence.

mod doubled;
#[cfg(test)]
mod tests;

use std::collections::{BTreeMap, HashMap, HashSet};

use super::FeedEvent;
use super::memory::Memory;
use super::source::Width;
use crate::cloud::route::Route;
use crate::domain::{AccountId, Region};
use crate::findings::{Coverage, CoverageState, Source};

/// Long lists of the first routes are read in more parts side by side. Where there are more routes than this, there are calls
/// enough to fill the time, and more of them would only take longer.
const WIDE_ROUTES: usize = 64;

/// A place of one source.
pub(super) type Spot = (AccountId, Region, Source);

/// What is remembered of a route.
pub(super) struct Remembered {
    /// Absent while the route is read.
    pub memory: Option<Memory>,
    pub width: Width,
    /// Whether it is read on in the same round: what is known of it was told a moment ago.
    pub goes_on: bool,
    /// Whether discovery told it as a route, and not only as one that covers others.
    pub listed: bool,
    /// The other places that are seen through it.
    covers: Vec<(AccountId, Region)>,
    /// Those of them that were found after everything was read along it: what they had before is not read until that is done again.
    late: HashSet<(AccountId, Region)>,
    state: CoverageState,
    error: Option<String>,
    /// In which of discovery's looks its last read began.
    began: u32,
    /// In which look the last read of everything began, once that was read to its end.
    whole: Option<u32>,
    /// In which of discovery's looks it was told last for sure, and not only until it is known whether another shows its place.
    sure: u32,
}

/// All routes, and all places.
#[derive(Default)]
pub(super) struct Routes {
    known: HashMap<Route, Remembered>,
    /// Those that are read, in the order in which they were found.
    pub order: Vec<Route>,
    /// Which places are seen through which route that is not their own.
    covered: HashMap<Spot, Route>,
    /// Places that no route leads to.
    without: BTreeMap<Spot, Coverage>,
    /// How often discovery looked.
    looks: u32,
    /// Which other route shows a place with a route of its own, as the last look says.
    spare: HashMap<Spot, Route>,
    /// Places that were seen through another before, of which the last look could not say whether they still are.
    doubted: HashSet<Spot>,
    /// Routes that are read no more.
    gave_way: Vec<Route>,
}

impl Routes {
    /// Whether there are places that no route leads to.
    pub fn lacks(&self) -> bool {
        !self.without.is_empty()
    }

    pub fn remember(&mut self, route: &Route) -> &mut Remembered {
        let width = if self.known.len() < WIDE_ROUTES {
            Width::Wide
        } else {
            Width::Narrow
        };
        self.known.entry(route.clone()).or_insert_with(|| Remembered {
            memory: Some(Memory::new(route)),
            width,
            goes_on: false,
            listed: false,
            covers: Vec::new(),
            late: HashSet::new(),
            state: CoverageState::Reading,
            error: None,
            began: 0,
            whole: None,
            sure: 0,
        })
    }

    /// Takes out what a route is remembered by, to read it. None where it is being read, or is read no more.
    pub fn begin(&mut self, route: &Route) -> Option<(Memory, Width)> {
        let looks = self.looks;
        let remembered = self.remember(route);
        if !remembered.listed {
            // It gave way to another.
            return None;
        }
        let mut memory = remembered.memory.take()?;
        remembered.began = looks;
        if !remembered.late.is_empty() {
            memory.leaves_out();
        }
        Some((memory, remembered.width))
    }

    /// Whether places were found along a route after everything was read there.
    pub fn is_late(&self, route: &Route) -> bool {
        self.known.get(route).is_some_and(|r| !r.late.is_empty())
    }

    /// Whether a route is being read.
    pub fn is_read(&self, route: &Route) -> bool {
        self.known.get(route).is_some_and(|r| r.memory.is_none())
    }

    /// Takes in a route. Gives its row where it is a new one, which is then to be read. One that is not sure leaves a place as it is
    /// that is seen through another.
    pub fn add(&mut self, route: &Route, long: bool, sure: bool) -> Option<Coverage> {
        let (spot, looks) = (spot_of(route), self.looks);
        if !sure && self.is_shown(&spot) {
            self.doubted.insert(spot);
            return None;
        }
        self.doubted.remove(&spot);
        if sure {
            self.spare.remove(&spot);
        }
        let remembered = self.remember(route);
        if sure {
            remembered.sure = looks;
        }
        if std::mem::replace(&mut remembered.listed, true) {
            return None;
        }
        if long {
            remembered.width = Width::Long;
        }
        let row = remembered.row(route);
        self.order.push(route.clone());
        self.without.remove(&spot);
        // It speaks for itself now.
        self.uncover(&spot);
        Some(row)
    }

    /// Takes in a place that no route leads to. What is read by a route of its own has that route's row, which says how it went.
    pub fn lack(&mut self, row: Coverage) -> Option<Coverage> {
        let spot = (row.account, row.region.clone(), row.source);
        if self.reads(&spot) {
            return None;
        }
        // It was seen through another, and is no more.
        self.uncover(&spot);
        self.without.insert(spot, row.clone());
        Some(row)
    }

    /// Takes in which other places a route covers, and tells what is known of those that are new.
    pub fn covers(&mut self, route: &Route, accounts: &[AccountId], regions: &[Region]) -> Vec<FeedEvent> {
        let (mut events, mut places) = (Vec::new(), Vec::new());
        for &account in accounts {
            for region in regions {
                let spot = (account, region.clone(), route.source);
                if (account, region) == (route.via, &route.region) {
                    continue;
                }
                self.doubted.remove(&spot);
                if self.reads(&spot) {
                    self.spare.insert(spot.clone(), route.clone());
                    events.extend(self.give_way(&spot));
                } else if self.covered.get(&spot) != Some(route) {
                    events.push(self.cover(&spot, route, false));
                    places.push((account, region.clone()));
                }
            }
        }
        events.extend(self.known_whole(route, places));
        events
    }

    /// Says of places that a route was read whole, where it was since it shows them.
    fn known_whole(&self, route: &Route, mut places: Vec<(AccountId, Region)>) -> Option<FeedEvent> {
        let remembered = self.known.get(route).filter(|r| r.whole.is_some())?;
        places.retain(|place| !remembered.late.contains(place));
        let route = route.clone();
        (!places.is_empty()).then_some(FeedEvent::Whole { route, places })
    }

    /// Has a place seen through a route that is not its own, and gives its row. What it had until now is `known` where it was read by
    /// itself.
    fn cover(&mut self, spot: &Spot, route: &Route, known: bool) -> FeedEvent {
        self.uncover(spot);
        self.without.remove(spot);
        self.covered.insert(spot.clone(), route.clone());
        let looks = self.looks;
        let remembered = self.remember(route);
        let place = (spot.0, spot.1.clone());
        if !known && remembered.whole.is_some_and(|look| look < looks) {
            remembered.late.insert(place.clone());
        }
        let row = remembered.covered(route, &place);
        remembered.covers.push(place);
        FeedEvent::Coverage(row)
    }

    /// Notes that everything was read along a route, and gives the places that this is true of, after the rows of those that waited
    /// for it.
    pub fn read_whole(&mut self, route: &Route) -> Vec<FeedEvent> {
        let looks = self.looks;
        let remembered = self.remember(route);
        remembered.whole = Some(remembered.began);
        let mut places = vec![(route.via, route.region.clone())];
        let mut events = Vec::new();
        // A read that began before a look may have missed what that look found; then everything is read once more.
        if remembered.began == looks {
            let mut late: Vec<_> = remembered.late.drain().collect();
            late.sort();
            let rows = late.iter().map(|place| remembered.covered(route, place));
            events.extend(rows.map(FeedEvent::Coverage));
        }
        let seen = remembered
            .covers
            .iter()
            .filter(|place| !remembered.late.contains(*place));
        places.extend(seen.cloned());
        events.push(FeedEvent::Whole {
            route: route.clone(),
            places,
        });
        events
    }

    /// Notes what is known of a route, and gives the rows that say so.
    pub fn tell(&mut self, route: &Route, state: CoverageState, error: Option<String>) -> Vec<FeedEvent> {
        let mut events = self.remember(route).tell(route, state, error);
        let own = spot_of(route);
        let mut others = self.give_way(&own);
        if self.covered.contains_key(&own) {
            // It is read no more, and another speaks for its place.
            let is_own = |row: &Coverage| row.via.is_none() && row.account == route.via && row.region == route.region;
            events.retain(|event| !matches!(event, FeedEvent::Coverage(row) if is_own(row)));
        }
        if state == CoverageState::Complete {
            others.extend(self.make_way_for(route));
        }
        events.extend(others);
        events
    }

    /// Whether every route was read to its end or is not enabled, and one leads to every place.
    pub fn are_whole(&self) -> bool {
        let whole = |route: &Route| {
            let known = self.known.get(route);
            known.is_some_and(|r| {
                !r.state.is_gap() && r.late.is_empty() && (r.covers.is_empty() || !r.of_covered().is_gap())
            })
        };
        !self.lacks() && self.order.iter().all(whole)
    }

    /// Whether a route of its own leads to a place.
    fn reads(&self, spot: &Spot) -> bool {
        self.known.get(&own_route(spot)).is_some_and(|r| r.listed)
    }

    fn uncover(&mut self, spot: &Spot) {
        if let Some(remembered) = self.covered.remove(spot).and_then(|r| self.known.get_mut(&r)) {
            remembered.covers.retain(|(a, r)| (a, r) != (&spot.0, &spot.1));
            remembered.late.remove(&(spot.0, spot.1.clone()));
        }
    }
}

fn spot_of(route: &Route) -> Spot {
    (route.via, route.region.clone(), route.source)
}

fn own_route((account, region, source): &Spot) -> Route {
    Route {
        source: *source,
        via: *account,
        region: region.clone(),
    }
}

impl Remembered {
    /// The row of the route's own place, unless it was told a moment ago, and those of the places that it covers where they changed.
    fn tell(&mut self, route: &Route, state: CoverageState, error: Option<String>) -> Vec<FeedEvent> {
        let changed = (self.state, &self.error) != (state, &error);
        (self.state, self.error) = (state, error);
        let mut rows = Vec::new();
        if changed || !self.goes_on {
            rows.push(self.row(route));
        }
        if changed {
            rows.extend(self.covers.iter().map(|place| self.covered(route, place)));
        }
        rows.into_iter().map(FeedEvent::Coverage).collect()
    }

    fn row(&self, route: &Route) -> Coverage {
        Coverage {
            account: route.via,
            region: route.region.clone(),
            source: route.source,
            state: self.state,
            via: None,
            error: self.error.clone(),
        }
    }

    /// The state of the places that it covers. Where the service is off in their administrator, nothing says that it is off there.
    fn of_covered(&self) -> CoverageState {
        match self.state {
            CoverageState::Disabled => CoverageState::Partial,
            state => state,
        }
    }

    /// The row of a place that it covers.
    fn covered(&self, route: &Route, place: &(AccountId, Region)) -> Coverage {
        let (account, region) = place;
        let state = match self.of_covered() {
            CoverageState::Complete if self.late.contains(place) => CoverageState::Reading,
            state => state,
        };
        let through = |why: &String| {
            format!(
                "{account} {region} is read through {} {}: {why}",
                route.via, route.region
            )
        };
        Coverage {
            account: *account,
            region: region.clone(),
            via: Some(route.via),
            state,
            error: self.error.as_ref().map(through),
            ..self.row(route)
        }
    }
}
