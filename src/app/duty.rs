//! What the configuration wants to happen without a key: alerts, notifications, prepared plans.
//!
//! Owns: the settings. Must never: have a setting that changes an account. A rule may send a notification and may read.

use std::collections::BTreeMap;

use crate::action::ByRule;
use crate::domain::{IncidentId, Severity, SeverityLabel, Time};

/// Alerts and rules.
#[derive(Clone, Debug, Default, PartialEq)]
pub struct Duty {
    pub alert: AlertSettings,
    /// In the order of the file: the first rule that fits counts.
    pub rules: Vec<Rule>,
}

/// How a new incident is announced.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct AlertSettings {
    /// Rings the terminal's bell.
    pub bell: bool,
    /// Asks the terminal for a notification of the desktop.
    pub desktop: Desktop,
    /// From this severity on.
    pub at: SeverityLabel,
}

/// The escape sequence by which a terminal is asked for a notification; terminals know one, the other, or neither.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Desktop {
    Off,
    /// iTerm2, `WezTerm`, Ghostty, Windows Terminal.
    Osc9,
    /// rxvt, foot, terminals on VTE.
    Osc777,
}

/// A `[[rule]]` of the configuration.
#[derive(Clone, Debug, PartialEq)]
pub struct Rule {
    /// From this score on, 0 to 10.
    pub at: Severity,
    pub deed: Deed,
    /// Which rule of the file, from 1.
    pub number: usize,
    /// The file's path.
    pub file: String,
    /// What the first read finds older than this many hours is not told of.
    pub not_older_hours: u32,
    /// Single notifications in a minute; what is more is told of in one.
    pub most_a_minute: u32,
}

/// What a rule does.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Deed {
    /// Sends a notification to the SNS topic.
    Notify,
    /// Reads what the containment plan needs, so that it is one confirmation away.
    Prepare,
}

impl Default for AlertSettings {
    fn default() -> Self {
        Self {
            bell: true,
            desktop: Desktop::Off,
            at: SeverityLabel::Critical,
        }
    }
}

impl Duty {
    /// The first rule of a kind that this severity reaches.
    #[must_use]
    pub fn rule(&self, deed: Deed, severity: Severity) -> Option<&Rule> {
        self.rules.iter().find(|rule| rule.deed == deed && severity >= rule.at)
    }
}

impl Rule {
    /// The rule as the one who confirms, for these incidents, of which those are not critical, and those began anew.
    #[must_use]
    pub fn confirms(
        &self,
        incidents: Vec<IncidentId>,
        below_critical: Vec<IncidentId>,
        anew: BTreeMap<IncidentId, Time>,
    ) -> ByRule {
        ByRule {
            below_critical,
            anew,
            number: self.number,
            file: self.file.clone(),
            incidents,
        }
    }
}
