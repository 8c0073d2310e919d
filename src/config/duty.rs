//! `[alert]` and `[[rule]]`: what the configuration wants to happen without a key.
//!
//! Owns: their keys, defaults and limits. Must never: know a rule that changes an account.

use std::path::Path;

use serde::{Deserialize, Deserializer};

use super::{Config, number};
use crate::app::duty::{AlertSettings, Deed, Desktop, Duty, Rule as Settings};
use crate::domain::{Severity, SeverityLabel};

/// What the first read finds older than this is not told of, and the limits of that: a day, up to 30.
const OLD_HOURS: u32 = 24;
const OLD_LIMITS: std::ops::RangeInclusive<u32> = 1..=720;
/// Single notifications in a minute, and the limits of that.
const A_MINUTE: u32 = 3;
const A_MINUTE_LIMITS: std::ops::RangeInclusive<u32> = 1..=60;
/// From this score on containment is prepared where no rule says otherwise.
const PREPARE_AT: f64 = 8.0;

/// `[alert]`.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Deserialize)]
#[serde(deny_unknown_fields, default)]
pub struct Alert {
    bell: bool,
    #[serde(deserialize_with = "desktop")]
    desktop: Desktop,
    at: SeverityLabel,
}

/// `[[rule]]`.
#[derive(Clone, Debug, PartialEq, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct Rule {
    #[serde(deserialize_with = "number::score")]
    at: f64,
    #[serde(rename = "do")]
    deed: Do,
    #[serde(default = "old_hours", deserialize_with = "hours")]
    not_older_hours: u32,
    #[serde(default = "a_minute", deserialize_with = "per_minute")]
    most_a_minute: u32,
    #[serde(skip)]
    number: usize,
    #[serde(skip)]
    file: String,
}

#[derive(Clone, Copy, Debug, PartialEq, Eq, Deserialize)]
#[serde(rename_all = "lowercase")]
enum Do {
    Notify,
    Prepare,
}

impl Default for Alert {
    fn default() -> Self {
        let AlertSettings { bell, desktop, at } = AlertSettings::default();
        Self { bell, desktop, at }
    }
}

impl Rule {
    /// Gives the rule the name that the journal knows it by.
    pub(super) fn named(&mut self, number: usize, file: &Path) {
        self.number = number;
        self.file = file.display().to_string();
    }
}

impl Config {
    /// Alerts and rules, as the console takes them.
    #[must_use]
    pub fn duty(&self) -> Duty {
        let Alert { bell, desktop, at } = self.alert;
        let written = self.rule.iter().map(|rule| Settings {
            at: Severity::from_score(rule.at),
            deed: match rule.deed {
                Do::Notify => Deed::Notify,
                Do::Prepare => Deed::Prepare,
            },
            number: rule.number,
            file: rule.file.clone(),
            not_older_hours: rule.not_older_hours,
            most_a_minute: rule.most_a_minute,
        });
        let mut rules: Vec<Settings> = written.collect();
        if !self.prepare {
            rules.retain(|rule| rule.deed != Deed::Prepare);
        } else if rules.iter().all(|rule| rule.deed != Deed::Prepare) {
            rules.push(prepare_unasked());
        }
        Duty {
            alert: AlertSettings { bell, desktop, at },
            rules,
        }
    }
}

/// What holds where the configuration has no rule to prepare: it only reads, so nobody has to ask for it. It stands in no file and
/// has no number there.
fn prepare_unasked() -> Settings {
    Settings {
        at: Severity::from_score(PREPARE_AT),
        deed: Deed::Prepare,
        number: 0,
        file: String::new(),
        not_older_hours: OLD_HOURS,
        most_a_minute: A_MINUTE,
    }
}

/// `true` is OSC 9, which most terminals that know any know.
fn desktop<'de, D: Deserializer<'de>>(deserializer: D) -> Result<Desktop, D::Error> {
    #[derive(Deserialize)]
    #[serde(untagged)]
    enum Written {
        Switch(bool),
        Name(String),
    }
    let wrong = || serde::de::Error::custom("expected true, false, \"osc9\" or \"osc777\"");
    match Written::deserialize(deserializer).map_err(|_| wrong())? {
        Written::Switch(false) => Ok(Desktop::Off),
        Written::Switch(true) => Ok(Desktop::Osc9),
        Written::Name(name) => match name.as_str() {
            "osc9" => Ok(Desktop::Osc9),
            "osc777" => Ok(Desktop::Osc777),
            _ => Err(wrong()),
        },
    }
}

fn hours<'de, D: Deserializer<'de>>(deserializer: D) -> Result<u32, D::Error> {
    number::whole(deserializer, OLD_LIMITS)
}

fn per_minute<'de, D: Deserializer<'de>>(deserializer: D) -> Result<u32, D::Error> {
    number::whole(deserializer, A_MINUTE_LIMITS)
}

fn old_hours() -> u32 {
    OLD_HOURS
}

fn a_minute() -> u32 {
    A_MINUTE
}

#[cfg(test)]
mod tests {
    use super::*;

    fn parse(text: &str) -> Result<Duty, String> {
        let config = Config::parse(Path::new("/etc/q/config.toml"), text).map_err(|e| e.to_string())?;
        Ok(config.duty())
    }

    #[test]
    fn nothing_written_is_a_bell_on_critical_and_containment_prepared_from_eight_on() {
        let duty = parse("").unwrap();
        assert_eq!(duty.alert, Duty::default().alert);
        assert!(duty.alert.bell);
        assert_eq!(duty.rules.len(), 1);
        assert!(duty.rule(Deed::Prepare, Severity::from_score(8.0)).is_some());
        assert!(duty.rule(Deed::Prepare, Severity::from_score(7.9)).is_none());
        assert!(duty.rule(Deed::Notify, Severity::from_score(10.0)).is_none());
    }

    #[test]
    fn a_rule_of_ones_own_or_a_no_takes_the_place_of_what_is_prepared_unasked() {
        let own = parse("[[rule]]\nat = 9.0\ndo = \"prepare\"").unwrap();
        assert!(own.rule(Deed::Prepare, Severity::from_score(8.9)).is_none());
        assert_eq!(own.rule(Deed::Prepare, Severity::from_score(9.0)).unwrap().number, 1);
        let beside = parse("[[rule]]\nat = 7.0\ndo = \"notify\"").unwrap();
        assert!(beside.rule(Deed::Prepare, Severity::from_score(8.0)).is_some());
        for text in [
            "prepare = false",
            "prepare = false\n[[rule]]\nat = 8.0\ndo = \"prepare\"",
        ] {
            assert!(parse(text).unwrap().rules.is_empty(), "{text}");
        }
    }

    #[test]
    fn rules_are_numbered_by_their_place_in_the_file() {
        let duty = parse(
            "[alert]\nbell = false\ndesktop = \"osc777\"\nat = \"high\"\n\
             [[rule]]\nat = 7.0\ndo = \"notify\"\nmost_a_minute = 1\n\
             [[rule]]\nat = 8.0\ndo = \"prepare\"\nnot_older_hours = 48\n",
        )
        .unwrap();
        assert_eq!((duty.alert.bell, duty.alert.desktop), (false, Desktop::Osc777));
        assert_eq!(duty.alert.at, SeverityLabel::High);
        let rule = duty.rule(Deed::Prepare, Severity::from_score(8.0)).unwrap();
        assert_eq!((rule.number, rule.not_older_hours, rule.most_a_minute), (2, 48, 3));
        assert_eq!(rule.file, "/etc/q/config.toml");
        assert!(duty.rule(Deed::Prepare, Severity::from_score(7.9)).is_none());
        assert_eq!(duty.rule(Deed::Notify, Severity::from_score(9.0)).unwrap().number, 1);
    }

    #[test]
    fn a_rule_that_would_do_anything_else_is_no_rule() {
        for (text, place, expected) in [
            ("[[rule]]\nat = 8.0\ndo = \"isolate\"", ":3:6:", "`notify` or `prepare`"),
            ("[[rule]]\nat = 11\ndo = \"notify\"", ":2:6:", "from 0 to 10"),
            ("[[rule]]\ndo = \"notify\"", ":1:1:", "missing field `at`"),
            (
                "[[rule]]\nat = 7\ndo = \"notify\"\nmost_a_minute = 0",
                ":4:17:",
                "a whole number from 1 to 60",
            ),
            ("[alert]\ndesktop = \"loud\"", ":2:11:", "osc777"),
            ("[alert]\nbel = true", ":2:1:", "expected one of"),
        ] {
            let shown = parse(text).unwrap_err();
            assert!(shown.contains(place) && shown.contains(expected), "{text}: {shown}");
        }
    }
}
