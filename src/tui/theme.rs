//! How things look. A theme is a TOML file; the ones in `themes/` are compiled in.
//!
//! Owns: the roles that a theme gives a look to. Must never: be the only thing that tells two things apart. Every role is
//! also a glyph or a word, so the theme `plain` loses nothing.

use ratatui::style::{Color, Modifier, Style};
use serde::de::Error as _;
use serde::{Deserialize, Deserializer};

use crate::domain::{SeverityLabel, SourceError, source_text};

/// The themes that are compiled in: name and file.
const BUILT_IN: [(&str, &str); 5] = [
    ("dark", include_str!("../../themes/dark.toml")),
    ("light", include_str!("../../themes/light.toml")),
    ("high-contrast", include_str!("../../themes/high-contrast.toml")),
    ("colour-blind", include_str!("../../themes/colour-blind.toml")),
    ("plain", include_str!("../../themes/plain.toml")),
];

/// The largest theme file that is read, in bytes.
const MAX_FILE: u64 = 64 * 1024;

/// A look for every role. A role that a file does not name looks like the terminal's own text.
#[derive(Clone, Debug, Default, PartialEq, Eq, Deserialize)]
#[serde(default, deny_unknown_fields)]
pub struct Theme {
    /// Ordinary text; its background fills the screen.
    #[serde(deserialize_with = "look")]
    pub text: Style,
    /// What is less important.
    #[serde(deserialize_with = "look")]
    pub dim: Style,
    /// Headings, and words that stand out.
    #[serde(deserialize_with = "look")]
    pub strong: Style,
    /// The one accent: danger, failure, what must not be missed.
    #[serde(deserialize_with = "look")]
    pub danger: Style,
    /// Something to be careful about, or not settled yet.
    #[serde(deserialize_with = "look")]
    pub caution: Style,
    /// Done, verified, complete.
    #[serde(deserialize_with = "look")]
    pub good: Style,
    /// Keys in hints and in the help.
    #[serde(deserialize_with = "look")]
    pub key: Style,
    /// Lines between regions.
    #[serde(deserialize_with = "look")]
    pub rule: Style,
    /// The line under the cursor, laid over what stands there.
    #[serde(deserialize_with = "look")]
    pub selected: Style,
    /// What a search found.
    #[serde(deserialize_with = "look")]
    pub found: Style,
    /// What is being typed.
    #[serde(deserialize_with = "look")]
    pub input: Style,
    #[serde(deserialize_with = "look")]
    pub critical: Style,
    #[serde(deserialize_with = "look")]
    pub high: Style,
    #[serde(deserialize_with = "look")]
    pub medium: Style,
    #[serde(deserialize_with = "look")]
    pub low: Style,
    #[serde(deserialize_with = "look")]
    pub informational: Style,
    #[serde(deserialize_with = "look")]
    pub banner_watch: Style,
    #[serde(deserialize_with = "look")]
    pub banner_respond: Style,
    #[serde(deserialize_with = "look")]
    pub banner_drill: Style,
}

/// A theme that cannot be used.
#[derive(Debug, thiserror::Error)]
pub enum BadTheme {
    #[error("{0}")]
    File(#[from] SourceError),
    #[error("there is no theme {name:?} ({why}); the themes are {choices}, or give the path of a TOML file", why = source_text::why_unread(.why))]
    Unreadable {
        name: String,
        choices: String,
        why: std::io::Error,
    },
    #[error("the theme {0:?} is larger than 64 KiB, so it is not a theme")]
    TooLarge(String),
}

impl Theme {
    /// A theme by its name, or by the path of a file.
    pub fn load(name_or_path: &str) -> Result<Self, BadTheme> {
        if let Some((name, text)) = BUILT_IN.iter().find(|(name, _)| *name == name_or_path) {
            return Self::parse(&format!("themes/{name}.toml"), text);
        }
        let unreadable = |why| BadTheme::Unreadable {
            name: name_or_path.to_owned(),
            choices: BUILT_IN.map(|(name, _)| name).join(", "),
            why,
        };
        if std::fs::metadata(name_or_path).map_err(unreadable)?.len() > MAX_FILE {
            return Err(BadTheme::TooLarge(name_or_path.to_owned()));
        }
        let text = std::fs::read_to_string(name_or_path).map_err(unreadable)?;
        Self::parse(name_or_path, &text)
    }

    /// A theme from the text of a file; the name is for the error.
    pub fn parse(file: &str, text: &str) -> Result<Self, BadTheme> {
        Ok(source_text::toml(file, text)?)
    }

    /// The look of a severity.
    #[must_use]
    pub fn severity(&self, label: SeverityLabel) -> Style {
        match label {
            SeverityLabel::Critical => self.critical,
            SeverityLabel::High => self.high,
            SeverityLabel::Medium => self.medium,
            SeverityLabel::Low => self.low,
            SeverityLabel::Informational => self.informational,
        }
    }
}

/// A look as a file writes it.
#[derive(Deserialize)]
#[serde(deny_unknown_fields)]
#[expect(
    clippy::struct_excessive_bools,
    reason = "four switches of a file's table, turned into one style at once"
)]
struct Look {
    fg: Option<Hue>,
    bg: Option<Hue>,
    #[serde(default)]
    bold: bool,
    #[serde(default)]
    dim: bool,
    #[serde(default)]
    underline: bool,
    #[serde(default)]
    reverse: bool,
}

struct Hue(Color);

impl<'de> Deserialize<'de> for Hue {
    fn deserialize<D: Deserializer<'de>>(deserializer: D) -> Result<Self, D::Error> {
        let text = String::deserialize(deserializer)?;
        text.parse().map(Hue).map_err(|_| {
            D::Error::custom(format!(
                "{text:?} is no colour; expected a name such as \"red\", a number from \"0\" to \"255\", or \"#rrggbb\""
            ))
        })
    }
}

fn look<'de, D: Deserializer<'de>>(deserializer: D) -> Result<Style, D::Error> {
    let look = Look::deserialize(deserializer)?;
    let mut style = Style::new();
    style.fg = look.fg.map(|hue| hue.0);
    style.bg = look.bg.map(|hue| hue.0);
    for (on, modifier) in [
        (look.bold, Modifier::BOLD),
        (look.dim, Modifier::DIM),
        (look.underline, Modifier::UNDERLINED),
        (look.reverse, Modifier::REVERSED),
    ] {
        if on {
            style = style.add_modifier(modifier);
        }
    }
    Ok(style)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn every_theme_that_is_compiled_in_is_sound() {
        for (name, _) in BUILT_IN {
            let theme = Theme::load(name).unwrap();
            let drill = theme.banner_drill;
            assert!(drill != theme.banner_watch || name == "plain", "{name}");
            assert_ne!(theme.selected, Style::new(), "{name}");
        }
    }

    #[test]
    fn plain_has_no_colour_at_all() {
        let (_, text) = BUILT_IN[4];
        assert!(!text.contains("fg") && !text.contains("bg"));
    }

    #[test]
    fn a_fault_is_named_with_its_line_and_column() {
        let fault = |text: &str| Theme::parse("mine.toml", text).unwrap_err().to_string();
        let unknown = fault("[text]\nfg = \"red\"\nglow = true\n");
        assert!(
            unknown.contains("mine.toml") && unknown.contains('3') && unknown.contains("glow"),
            "{unknown}"
        );
        let colour = fault("[danger]\nfg = \"reddish\"\n");
        assert!(colour.contains("#rrggbb") && colour.contains("2:6"), "{colour}");
        let missing = Theme::load("no-such-theme").unwrap_err().to_string();
        assert!(missing.contains("high-contrast"), "{missing}");
    }
}
