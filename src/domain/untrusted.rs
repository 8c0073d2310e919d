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

/// JSON in which what a terminal would obey or not show is written `\uXXXX`. JSON itself asks this for C0 controls alone; DEL, C1,
/// bidi and zero-width characters are written so, too, and the text may be looked at and still reads back as the same.
#[must_use]
pub fn visible_json(json: &str) -> String {
    let mut visible = String::with_capacity(json.len());
    let (mut units, mut bytes) = ([0; 2], [0; 4]);
    for c in json.chars() {
        let text: &str = c.encode_utf8(&mut bytes);
        if c != '\u{7f}' && (c.is_ascii() || *Untrusted::new(text).shown() == *text) {
            visible.push(c);
            continue;
        }
        for unit in c.encode_utf16(&mut units) {
            // Writing to a string cannot fail.
            let _ = write!(visible, "\\u{unit:04x}");
        }
    }
    visible
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

    #[test]
    fn json_may_be_looked_at_and_reads_back_as_the_same_text() {
        let text = "i-\u{202e}x 결제-웹-01\u{7f}\u{9b}2J\u{e0041}\u{7}";
        let json = serde_json::to_string_pretty(&[text]).unwrap();
        let visible = visible_json(&json);
        assert!(
            visible.contains("결제-웹-01") && visible.contains("\\u202e"),
            "{visible}"
        );
        let hidden = |c: char| (c.is_control() && c != '\n') || matches!(c, '\u{202e}' | '\u{e0041}');
        assert!(!visible.contains(hidden), "{visible}");
        assert_eq!(serde_json::from_str::<[String; 1]>(&visible).unwrap(), [text]);
    }
}
