//! The response-time clock of an incident: how long is left, how long it is overdue, or how soon somebody responded.
//!
//! Owns: how the clock runs and how it is written. It runs from when the first finding was first seen, for that is when the harm
//! may have begun, to the first response that the journal has. Must never: stop because a finding was updated.

use crate::domain::{SeverityLabel, Time};
use crate::playbook::Classification;

/// Where the clock of an incident stands.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Clock {
    /// Nobody responded yet, and these seconds are left.
    Left(i64),
    /// Nobody responded in time; it is these seconds too late.
    Overdue(i64),
    /// Somebody responded after these seconds, in time or not.
    Responded { after: i64, late: bool },
    /// The findings say no time, so none can be counted.
    Unknown,
}

impl Clock {
    /// The clock of an incident of this band, first seen and responded to at these times.
    #[must_use]
    pub fn read(
        classification: &Classification,
        label: SeverityLabel,
        first_seen: Option<Time>,
        responded: Option<Time>,
        now: Time,
    ) -> Self {
        let Some(first_seen) = first_seen else {
            return Self::Unknown;
        };
        let level = classification.level(classification.suggest(label));
        let allowed = i64::from(level.response_minutes) * 60;
        if let Some(at) = responded {
            let after = (at.as_second() - first_seen.as_second()).max(0);
            return Self::Responded {
                after,
                late: after > allowed,
            };
        }
        let left = first_seen.as_second() + allowed - now.as_second();
        if left < 0 {
            Self::Overdue(-left)
        } else {
            // A clock that runs ahead must not give more time than there is.
            Self::Left(left.min(allowed))
        }
    }

    /// In at most eight columns: `12:40`, `-02:11`, `3h 48m`, `✓ 03:20`.
    #[must_use]
    pub fn short(self) -> String {
        match self {
            Self::Left(seconds) => span(seconds),
            Self::Overdue(seconds) => format!("-{}", span(seconds)),
            Self::Responded { after, late: false } => format!("✓ {}", span(after)),
            Self::Responded { after, late: true } => format!("✓-{}", span(after)),
            Self::Unknown => "?".to_owned(),
        }
    }

    /// In words.
    #[must_use]
    pub fn said(self) -> String {
        match self {
            Self::Left(seconds) => format!("{} left to respond", span(seconds)),
            Self::Overdue(seconds) => format!("overdue by {}", span(seconds)),
            Self::Responded { after, late } => {
                let how = if late { "too late" } else { "in time" };
                format!("responded after {}, {how}", span(after))
            }
            Self::Unknown => "its findings say no time, so none is counted".to_owned(),
        }
    }
}

/// Minutes and seconds below an hour, then hours and minutes, then days and hours, then days.
fn span(seconds: i64) -> String {
    let (minutes, hours, days) = (seconds / 60, seconds / 3600, seconds / 86_400);
    match days {
        0 if hours == 0 => format!("{minutes:02}:{:02}", seconds % 60),
        0 => format!("{hours}h{:02}m", minutes % 60),
        1..100 => format!("{days}d{:02}h", hours % 24),
        100..10_000 => format!("{days}d"),
        _ => "ages".to_owned(),
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn at(second: i64) -> Time {
        Time::from_second(second).unwrap()
    }

    fn clock(label: SeverityLabel, responded: Option<i64>, now: i64) -> String {
        let table = Classification::built_in();
        Clock::read(&table, label, Some(at(1000)), responded.map(at), at(now)).short()
    }

    #[test]
    fn the_clock_runs_down_and_then_up() {
        let critical = |now| clock(SeverityLabel::Critical, None, now);
        assert_eq!(critical(1000), "15:00");
        assert_eq!(critical(1140), "12:40");
        assert_eq!(critical(1900), "00:00");
        assert_eq!(critical(1900 + 131), "-02:11");
        assert_eq!(critical(1900 + 3600 * 25), "-1d01h");
        assert_eq!(critical(0), "15:00", "a finding from the future gives no more time");
        assert_eq!(clock(SeverityLabel::High, None, 1000), "1h00m");
    }

    #[test]
    fn a_response_stops_it() {
        let responded = |at| clock(SeverityLabel::Critical, Some(at), 1_000_000);
        assert_eq!(responded(1200), "✓ 03:20");
        assert_eq!(responded(900), "✓ 00:00");
        assert_eq!(responded(1901), "✓-15:01");
        let table = Classification::built_in();
        let unknown = Clock::read(&table, SeverityLabel::Low, None, None, at(5));
        assert_eq!(unknown, Clock::Unknown);
    }

    #[test]
    fn no_clock_is_wider_than_its_column() {
        let mut seconds = 1;
        while seconds < i64::MAX / 4 {
            for clock in [
                Clock::Left(seconds),
                Clock::Overdue(seconds),
                Clock::Responded {
                    after: seconds,
                    late: true,
                },
            ] {
                assert!(clock.short().chars().count() <= 8, "{}", clock.short());
            }
            seconds *= 3;
        }
    }
}
