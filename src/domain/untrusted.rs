//! Text that somebody outside wrote: a tag, a user agent, a bucket key, a finding's title, an API error.
//!
//! An attacker names resources too. This type is the only way such text reaches a screen or a report: it shows control,
//! bidi and zero-width characters as visible glyphs, and caps floods of combining marks and sheer length, saying so.

use std::fmt::{self, Write};
use std::sync::Arc;

use serde::{Deserialize, Deserializer, Serialize, Serializer};
use unicode_segmentation::UnicodeSegmentation;

/// At most this many characters are shown; the raw text stays in the evidence.
const MAX_CHARS: usize = 4096;
/// At most this many characters make one grapheme on the screen; Hangul jamo and emoji families stay below it.
const MAX_MARKS: usize = 12;

/// Text from outside. `Display` gives the safe form; the raw form needs asking for by name. Copies share the text.
#[derive(Clone, Debug, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub struct Untrusted(Arc<str>);

impl Untrusted {
    /// Takes any text.
    pub fn new(text: impl Into<String>) -> Self {
        Self(Arc::from(text.into()))
    }

    /// The text as it came, for evidence, comparison and API calls. Never for a screen or a report.
    #[must_use]
    pub fn raw(&self) -> &str {
        &self.0
    }

    /// Whether there is no text.
    #[must_use]
    pub fn is_empty(&self) -> bool {
        self.0.is_empty()
    }

    /// Whether somebody else has the same copy of the text.
    #[must_use]
    pub fn is_shared(&self) -> bool {
        Arc::strong_count(&self.0) > 1
    }

    /// The form that may be shown, on one line.
    #[must_use]
    pub fn shown(&self) -> String {
        show(&self.0)
    }
}

impl fmt::Display for Untrusted {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(&self.shown())
    }
}

impl From<&str> for Untrusted {
    fn from(text: &str) -> Self {
        Self::new(text)
    }
}

impl From<String> for Untrusted {
    fn from(text: String) -> Self {
        Self::new(text)
    }
}

impl Default for Untrusted {
    fn default() -> Self {
        Self(Arc::from(""))
    }
}

impl Serialize for Untrusted {
    fn serialize<S: Serializer>(&self, serializer: S) -> Result<S::Ok, S::Error> {
        serializer.serialize_str(&self.0)
    }
}

impl<'de> Deserialize<'de> for Untrusted {
    fn deserialize<D: Deserializer<'de>>(deserializer: D) -> Result<Self, D::Error> {
        String::deserialize(deserializer).map(Self::new)
    }
}

fn show(text: &str) -> String {
    let mut out = String::with_capacity(text.len().min(MAX_CHARS));
    let mut chars = 0;
    for grapheme in text.graphemes(true) {
        let mut marks = 0;
        for c in grapheme.chars() {
            if chars >= MAX_CHARS {
                out.push_str("…[cut]");
                return out;
            }
            marks += 1;
            if marks > MAX_MARKS {
                out.push('…');
                chars += 1;
                break;
            }
            chars += 1;
            push(&mut out, c);
        }
    }
    out
}

fn push(out: &mut String, c: char) {
    match c {
        '\u{0}'..='\u{1f}' => out.push(char::from_u32(0x2400 + u32::from(c)).unwrap_or('␀')),
        '\u{7f}' => out.push('␡'),
        _ if is_invisible(c) => {
            let _ = write!(out, "⟨U+{:04X}⟩", u32::from(c));
        }
        _ => out.push(c),
    }
}

/// Characters that change how their neighbours look, or that cannot be seen at all (Unicode: C1 controls, bidi controls,
/// zero width, line separators, interlinear annotation, tags, variation selector supplement, private use).
fn is_invisible(c: char) -> bool {
    matches!(u32::from(c),
        0x80..=0x9f
        | 0xad
        | 0x034f
        | 0x061c
        | 0x115f..=0x1160
        | 0x17b4..=0x17b5
        | 0x180b..=0x180f
        | 0x200b..=0x200c
        | 0x200e..=0x200f
        | 0x2028..=0x202e
        | 0x2060..=0x206f
        | 0x3164
        | 0xfeff
        | 0xffa0
        | 0xfff0..=0xfffb
        | 0xe000..=0xf8ff
        | 0xe0000..=0xe0fff
        | 0xf0000..)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn control_characters_are_shown_not_obeyed() {
        for (raw, shown) in [
            ("a\x1b]52;c;aGk=\x07b", "a␛]52;c;aGk=␇b"),
            ("x\u{9b}2J", "x⟨U+009B⟩2J"),
            ("i-\u{202e}fedcba", "i-⟨U+202E⟩fedcba"),
            ("zero\u{200b}width", "zero⟨U+200B⟩width"),
            ("line\nbreak\r", "line␊break␍"),
            ("한국어 서버", "한국어 서버"),
            ("👩‍💻 ok", "👩‍💻 ok"),
        ] {
            assert_eq!(Untrusted::new(raw).shown(), shown);
        }
    }

    #[test]
    fn floods_are_capped_and_say_so() {
        let marks = format!("a{}", "\u{301}".repeat(1000));
        assert!(Untrusted::new(marks).shown().chars().count() <= MAX_MARKS + 1);
        let long = Untrusted::new("x".repeat(1_000_000)).shown();
        assert!(long.ends_with("…[cut]") && long.len() < MAX_CHARS + 16);
    }
}
