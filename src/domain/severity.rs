//! How bad a finding is.

use serde::{Deserialize, Serialize};
use std::fmt;

/// GuardDuty's scale: 0.0 to 10.0. Kept as tenths, so that it can be ordered and compared.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Hash, Default)]
pub struct Severity(u8);

/// The bands that people speak of.
///
/// GuardDuty: critical 9.0–10.0, high 7.0–8.9, medium 4.0–6.9, low 1.0–3.9 ("GuardDuty findings severity levels").
/// Security Hub's `Normalized` 0–100 has the same bands ("`AsffSeverity`").
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Hash, Serialize, Deserialize)]
#[serde(rename_all = "lowercase")]
pub enum SeverityLabel {
    Informational,
    Low,
    Medium,
    High,
    Critical,
}

impl Severity {
    /// From a number on GuardDuty's scale; what lies outside 0–10 is taken to the nearest end.
    #[must_use]
    #[expect(
        clippy::cast_possible_truncation,
        clippy::cast_sign_loss,
        reason = "the value is clamped to 0..=100 before the cast"
    )]
    pub fn from_score(score: f64) -> Self {
        if score.is_nan() {
            return Self(0);
        }
        Self((score * 10.0).round().clamp(0.0, 100.0) as u8)
    }

    /// On GuardDuty's scale, 0.0–10.0.
    #[must_use]
    pub fn score(self) -> f64 {
        f64::from(self.0) / 10.0
    }

    /// The score in tenths, 0–100.
    #[must_use]
    pub fn tenths(self) -> u8 {
        self.0
    }

    /// The band.
    #[must_use]
    pub fn label(self) -> SeverityLabel {
        match self.0 {
            90.. => SeverityLabel::Critical,
            70..=89 => SeverityLabel::High,
            40..=69 => SeverityLabel::Medium,
            10..=39 => SeverityLabel::Low,
            0..=9 => SeverityLabel::Informational,
        }
    }
}

impl SeverityLabel {
    /// Every band, the worst first.
    pub const ALL: [Self; 5] = [Self::Critical, Self::High, Self::Medium, Self::Low, Self::Informational];

    /// Four letters, for columns.
    #[must_use]
    pub fn short(self) -> &'static str {
        match self {
            Self::Critical => "CRIT",
            Self::High => "HIGH",
            Self::Medium => "MED",
            Self::Low => "LOW",
            Self::Informational => "INFO",
        }
    }

    /// A glyph, so that severity never rests on colour alone.
    #[must_use]
    pub fn glyph(self) -> char {
        match self {
            Self::Critical => '▲',
            Self::High => '◆',
            Self::Medium => '●',
            Self::Low => '○',
            Self::Informational => '·',
        }
    }

    /// The word, in lower case.
    #[must_use]
    pub fn word(self) -> &'static str {
        match self {
            Self::Critical => "critical",
            Self::High => "high",
            Self::Medium => "medium",
            Self::Low => "low",
            Self::Informational => "informational",
        }
    }

    /// Reads a word or its short form, in any case.
    #[must_use]
    pub fn from_word(word: &str) -> Option<Self> {
        match word.to_ascii_lowercase().as_str() {
            "critical" | "crit" => Some(Self::Critical),
            "high" => Some(Self::High),
            "medium" | "med" => Some(Self::Medium),
            "low" => Some(Self::Low),
            "informational" | "info" => Some(Self::Informational),
            _ => None,
        }
    }

    /// The lowest score of the band.
    #[must_use]
    pub fn floor(self) -> Severity {
        Severity(match self {
            Self::Critical => 90,
            Self::High => 70,
            Self::Medium => 40,
            Self::Low => 10,
            Self::Informational => 0,
        })
    }
}

impl fmt::Display for SeverityLabel {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.pad(self.word())
    }
}

impl Serialize for Severity {
    fn serialize<S: serde::Serializer>(&self, serializer: S) -> Result<S::Ok, S::Error> {
        serializer.serialize_f64(self.score())
    }
}

impl<'de> Deserialize<'de> for Severity {
    fn deserialize<D: serde::Deserializer<'de>>(deserializer: D) -> Result<Self, D::Error> {
        f64::deserialize(deserializer).map(Self::from_score)
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn bands_have_guardduty_borders() {
        for (score, label) in [
            (10.0, SeverityLabel::Critical),
            (9.0, SeverityLabel::Critical),
            (8.9, SeverityLabel::High),
            (7.0, SeverityLabel::High),
            (6.9, SeverityLabel::Medium),
            (4.0, SeverityLabel::Medium),
            (3.9, SeverityLabel::Low),
            (1.0, SeverityLabel::Low),
            (0.0, SeverityLabel::Informational),
            (f64::NAN, SeverityLabel::Informational),
            (-3.0, SeverityLabel::Informational),
            (99.0, SeverityLabel::Critical),
        ] {
            assert_eq!(Severity::from_score(score).label(), label, "{score}");
        }
    }
}
