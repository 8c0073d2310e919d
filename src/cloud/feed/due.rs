//! When each route is read again.
//!
//! Owns: a timer for each route, which runs from its own last read. Must never: let one route wait for another, or ask the clock by
//! itself.

use std::collections::BTreeSet;
use std::hash::{BuildHasher, BuildHasherDefault, DefaultHasher};
use std::time::Duration;

use tokio::time::Instant;

use crate::cloud::route::Route;

/// The pause of a route is up to this part of it shorter, each route by its own, so that they do not all come at once.
const SPREAD: u32 = 8;

/// The routes that wait.
#[derive(Debug, Default)]
pub(super) struct Due(BTreeSet<(Instant, Route)>);

impl Due {
    /// A route was read to its end at this time: it is read again after its pause.
    pub fn ended(&mut self, route: &Route, at: Instant, refresh: Duration) {
        self.0.insert((at + pause(refresh, route), route.clone()));
    }

    /// When the first one is to be read.
    pub fn first(&self) -> Option<Instant> {
        self.0.first().map(|(at, _)| *at)
    }

    /// Takes out a route that is to be read by now, if there is one.
    pub fn next(&mut self, now: Instant) -> Option<Route> {
        if self.first()? > now {
            return None;
        }
        self.0.pop_first().map(|(_, route)| route)
    }

    /// Takes out all of them: somebody does not want to wait.
    pub fn all(&mut self) -> impl Iterator<Item = Route> {
        std::mem::take(&mut self.0).into_iter().map(|(_, route)| route)
    }
}

/// How long a route waits after it was read.
fn pause(refresh: Duration, route: &Route) -> Duration {
    let part = BuildHasherDefault::<DefaultHasher>::default().hash_one(route) % 1000;
    refresh.saturating_sub(refresh / SPREAD * u32::try_from(part).unwrap_or_default() / 1000)
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::findings::Source;

    const REFRESH: Duration = Duration::from_secs(30);
    const SECOND: Duration = Duration::from_secs(1);
    /// Seven eighths of it.
    const SHORTEST: Duration = Duration::from_millis(26_250);

    fn route(source: Source, region: &str) -> Route {
        Route {
            source,
            via: "111122223333".parse().unwrap(),
            region: region.parse().unwrap(),
        }
    }

    /// Two routes through ten minutes, second by second: the one answers at once, the other takes 45 seconds for each read.
    #[test]
    fn a_slow_route_holds_up_no_other() {
        let start = Instant::now();
        let (quick, slow) = (
            route(Source::SecurityHub, "us-east-1"),
            route(Source::GuardDuty, "us-east-1"),
        );
        let (mut due, mut reading, mut begun) = (Due::default(), None, [Vec::new(), Vec::new()]);
        due.ended(&quick, start, REFRESH);
        due.ended(&slow, start, REFRESH);
        for second in 0..600 {
            let now = start + SECOND * second;
            if reading.is_some_and(|since| now - since >= 45 * SECOND) {
                reading = None;
                due.ended(&slow, now, REFRESH);
            }
            while let Some(route) = due.next(now) {
                if route == quick {
                    begun[0].push(now);
                    due.ended(&quick, now, REFRESH);
                } else {
                    begun[1].push(now);
                    assert!(reading.replace(now).is_none(), "it is not read twice at once");
                }
            }
        }

        let gaps = |begun: &[Instant]| begun.windows(2).map(|two| two[1] - two[0]).collect::<Vec<_>>();
        let [quick, slow] = begun;
        assert!(
            gaps(&quick)
                .iter()
                .all(|gap| (SHORTEST..=REFRESH + SECOND).contains(gap))
        );
        assert!(quick.len() >= 19, "{}", quick.len());
        assert!(
            gaps(&slow).iter().all(|gap| *gap >= SHORTEST + 45 * SECOND),
            "it runs from the end of its own read"
        );
        assert!((7..=8).contains(&slow.len()), "{}", slow.len());
    }

    #[test]
    fn pauses_are_spread_and_the_same_each_time() {
        let regions = ["us-east-1", "us-west-2", "eu-west-1", "ap-northeast-2", "sa-east-1"];
        let pauses = regions.map(|region| pause(REFRESH, &route(Source::GuardDuty, region)));
        assert_eq!(
            pauses,
            regions.map(|region| pause(REFRESH, &route(Source::GuardDuty, region)))
        );
        assert!(pauses.iter().all(|pause| (SHORTEST..=REFRESH).contains(pause)));
        assert_eq!(
            pauses.iter().collect::<BTreeSet<_>>().len(),
            regions.len(),
            "{pauses:?}"
        );
        assert_eq!(
            pause(Duration::ZERO, &route(Source::GuardDuty, "us-east-1")),
            Duration::ZERO
        );
    }

    #[test]
    fn whoever_does_not_want_to_wait_gets_every_route_once() {
        let start = Instant::now();
        let mut due = Due::default();
        for region in ["us-east-1", "us-west-2"] {
            due.ended(&route(Source::GuardDuty, region), start, REFRESH);
        }
        assert_eq!(due.next(start), None);
        assert!(due.first().is_some_and(|first| first > start));
        assert_eq!(due.all().count(), 2);
        assert_eq!((due.first(), due.next(start + 2 * REFRESH)), (None, None));
    }
}
