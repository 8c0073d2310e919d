//! The response-time clock of an incident: how long is left, how long it is overdue, or how soon somebody responded.
//!
//! Owns: how a clock is written, and why there is none. When it runs out and what stops it is a matter of `clock`.

use super::clock::{self, Deadline};
use super::state::State;
use crate::domain::{SeverityLabel, Time};
use crate::findings::incident::Incident;

/// Where the clock of an incident stands.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Clock {
    /// Nobody responded yet, and these seconds are left.
    Left(i64),
    /// Nobody responded in time; it is these seconds too late.
    Overdue(i64),
    /// Somebody responded after these seconds, and so many of them too late.
    Responded { after: i64, late: i64 },
    /// Nobody has to respond within a time.
    None,
}

impl Clock {
    /// The clock of an incident, now.
    #[must_use]
    pub fn of(state: &State, incident: &Incident) -> Self {
        let deadline = clock::deadline(incident, &state.claims, &state.answers, &state.classification);
        Self::read(deadline, state.now)
    }

    /// Of which severity the clock of an incident is, where that is not `shown`, the severity beside it: a critical control has none, so
    /// the clock may be that of something less bad; and a person may have decided another.
    #[must_use]
    pub fn of_other(state: &State, incident: &Incident, shown: SeverityLabel) -> Option<SeverityLabel> {
        let of = state.deadline(incident)?.severity;
        (of != shown).then_some(of)
    }

    /// Why no clock runs for an incident, in words.
    #[must_use]
    pub fn why_none(incident: &Incident) -> &'static str {
        let lead = &incident.lead;
        if lead.archived {
            "no response time: it is archived"
        } else if lead.is_weakness() {
            "no response time: it is a control's result, and nothing that happened"
        } else if lead.severity.label() == SeverityLabel::Informational {
            "no response time: it only informs"
        } else {
            "no response time: when it was seen is not known"
        }
    }

    /// The clock that runs out at a deadline.
    fn read(deadline: Option<Deadline>, now: Time) -> Self {
        let Some(Deadline {
            began, due, responded, ..
        }) = deadline
        else {
            return Self::None;
        };
        match responded {
            Some(at) => Self::Responded {
                after: (at.as_second() - began.as_second()).max(0),
                late: (at.as_second() - due.as_second()).max(0),
            },
            None if due < now => Self::Overdue(now.as_second() - due.as_second()),
            None => Self::Left(due.as_second() - now.as_second()),
        }
    }

    /// In at most eight columns: `12:40`, `-02:11`, `3h48m`, `✓ 03:20`. A minus always says by how much it is or was too late.
    #[must_use]
    pub fn short(self) -> String {
        match self {
            Self::Left(seconds) => span(seconds),
            Self::Overdue(seconds) => format!("-{}", span(seconds)),
            Self::Responded { after, late: 0 } => format!("✓ {}", span(after)),
            Self::Responded { late, .. } => format!("✓-{}", span(late)),
            Self::None => "–".to_owned(),
        }
    }

    /// The same, with the sign of the severity whose clock it is where that is not the severity beside it: `◆2h10m`. Also in at most
    /// eight columns; one that was answered runs for nobody any more, and has no sign.
    #[must_use]
    pub fn marked(self, of_other: Option<SeverityLabel>) -> String {
        match (self, of_other) {
            (Self::Left(_) | Self::Overdue(_), Some(of)) => format!("{}{}", of.glyph(), self.short()),
            (Self::Left(_) | Self::Overdue(_) | Self::Responded { .. } | Self::None, _) => self.short(),
        }
    }

    /// In words.
    #[must_use]
    pub fn said(self) -> String {
        match self {
            Self::Left(seconds) => format!("{} left to respond", span(seconds)),
            Self::Overdue(seconds) => format!("overdue by {}", span(seconds)),
            Self::Responded { after, late } => {
                let how = match late {
                    0 => "in time".to_owned(),
                    late => format!("{} too late", span(late)),
                };
                format!("responded after {}, {how}", span(after))
            }
            Self::None => "no response time runs here".to_owned(),
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

    fn clock(responded: Option<i64>, now: i64) -> String {
        let (due, responded) = (at(1900), responded.map(at));
        let deadline = Deadline {
            severity: SeverityLabel::Critical,
            began: at(1000),
            due,
            responded,
            before: None,
        };
        Clock::read(Some(deadline), at(now)).short()
    }

    #[test]
    fn the_clock_runs_down_and_then_up() {
        assert_eq!(clock(None, 1000), "15:00");
        assert_eq!(clock(None, 1140), "12:40");
        assert_eq!(clock(None, 1900), "00:00");
        assert_eq!(clock(None, 1900 + 131), "-02:11");
        assert_eq!(clock(None, 1900 + 3600 * 25), "-1d01h");
        assert_eq!(clock(None, 1900 - 3600), "1h00m");
        assert_eq!(Clock::read(None, at(5)).short(), "–");
    }

    /// The row is critical because of a control, which has no clock: whoever reads it must not take the clock for a critical one.
    #[test]
    fn a_clock_of_another_severity_than_the_row_says_of_which() {
        use crate::app::testing::{after, finding, found, on_instance, state};
        use crate::domain::Untrusted;
        use crate::findings::Finding;
        let mut state = state(crate::app::Mode::Watch, Vec::new());
        let event = on_instance(finding("event", 8.0, 5), "i-0ab");
        let control = Finding {
            control: Some(Untrusted::new("EC2.19")),
            ..on_instance(finding("control", 9.5, 5), "i-0ab")
        };
        found(&mut state, [event.clone(), control.clone()]);
        after(&mut state, 1);
        let both = state.incident_of(&event.key()).unwrap();
        assert_eq!(
            (both.members.len(), both.severity.label()),
            (2, SeverityLabel::Critical)
        );
        let other = Clock::of_other(&state, &both, both.severity.label());
        assert_eq!(other, Some(SeverityLabel::High));
        assert_eq!(Clock::of(&state, &both).marked(other), "◆54:59");
        assert_eq!(Clock::of_other(&state, &both, SeverityLabel::High), None);
        let alone = Incident::alone(std::sync::Arc::new(control));
        assert_eq!(Clock::of(&state, &alone), Clock::None);
        assert!(Clock::why_none(&alone).contains("control"));
    }

    #[test]
    fn a_response_stops_it() {
        assert_eq!(clock(Some(1200), 1_000_000), "✓ 03:20");
        assert_eq!(clock(Some(900), 1_000_000), "✓ 00:00");
        assert_eq!(clock(Some(1901), 1_000_000), "✓-00:01");
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
                    late: seconds,
                },
            ] {
                let marked = clock.marked(Some(SeverityLabel::High));
                assert!(marked.chars().count() <= 8, "{marked}");
            }
            seconds *= 3;
        }
    }
}
