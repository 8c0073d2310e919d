//! The range's own time: anchored to the real clock at some speed, or moved by hand.
//!
//! Owns: the only place in the range that reads the real clock. Must never: go backwards.

use std::time::{Duration, Instant};

use jiff::SignedDuration;

use crate::domain::Time;

/// Where the range's time comes from.
#[derive(Clone, Debug)]
pub struct Clock(Kind);

#[derive(Clone, Debug)]
enum Kind {
    Real { start: Time, anchor: Instant, speed: f64 },
    Stepped(Time),
}

impl Clock {
    /// Begins at the real present and runs at the real speed.
    pub fn real() -> Self {
        Self::anchored(Time::now(), 1.0)
    }

    /// Begins at `start` when called, and runs `speed` times as fast as the real clock. A speed that is not a positive
    /// finite number counts as 1.
    pub fn anchored(start: Time, speed: f64) -> Self {
        let speed = if speed.is_finite() && speed > 0.0 { speed } else { 1.0 };
        Self(Kind::Real {
            start,
            anchor: Instant::now(),
            speed,
        })
    }

    /// Stands still at `start` until [`Clock::advance`] moves it.
    pub fn stepped(start: Time) -> Self {
        Self(Kind::Stepped(start))
    }

    /// The virtual present.
    pub fn now(&self) -> Time {
        match &self.0 {
            Kind::Real { start, anchor, speed } => later(*start, scaled(anchor.elapsed(), *speed)),
            Kind::Stepped(now) => *now,
        }
    }

    /// Moves the virtual present forward, whatever kind of clock this is.
    pub fn advance(&mut self, by: Duration) {
        match &mut self.0 {
            Kind::Real { start, .. } => *start = later(*start, by),
            Kind::Stepped(now) => *now = later(*now, by),
        }
    }

    /// The real present, by which clients date their signatures; nothing for a stepped clock, under which no request is
    /// too old.
    pub fn wall(&self) -> Option<Time> {
        match &self.0 {
            Kind::Real { .. } => Some(Time::now()),
            Kind::Stepped(_) => None,
        }
    }
}

fn scaled(elapsed: Duration, speed: f64) -> Duration {
    Duration::try_from_secs_f64(elapsed.as_secs_f64() * speed).unwrap_or(Duration::MAX)
}

/// The end of time stands in for what lies beyond it.
fn later(time: Time, by: Duration) -> Time {
    SignedDuration::try_from(by)
        .ok()
        .and_then(|by| time.checked_add(by).ok())
        .unwrap_or(Time::MAX)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_stepped_clock_moves_only_by_hand() {
        let start: Time = "2026-03-01T00:00:00Z".parse().unwrap();
        let mut clock = Clock::stepped(start);
        assert_eq!(clock.now(), start);
        clock.advance(Duration::from_secs(90));
        assert_eq!(clock.now().to_string(), "2026-03-01T00:01:30Z");
        clock.advance(Duration::MAX);
        assert_eq!(clock.now(), Time::MAX);
    }

    #[test]
    fn a_real_clock_never_stands_before_its_start() {
        let start: Time = "2026-03-01T00:00:00Z".parse().unwrap();
        let mut clock = Clock::anchored(start, f64::NAN);
        clock.advance(Duration::from_mins(1));
        assert!(clock.now() >= start + SignedDuration::from_mins(1));
    }
}
