//! Looking for text in text. A Hangul syllable is the same in one character and in its letters, as some systems write it.

use std::borrow::Cow;

/// Text with conjoining Hangul letters put together into syllables, as the Unicode standard has it in its chapter 3.12.
pub fn composed(text: &str) -> Cow<'_, str> {
    if !text.contains(|c| matches!(c, '\u{1100}'..='\u{11ff}')) {
        return Cow::Borrowed(text);
    }
    let mut out = String::with_capacity(text.len());
    let mut last: Option<char> = None;
    for c in text.chars() {
        match last.and_then(|last| joined(last, c)) {
            Some(syllable) => last = Some(syllable),
            None => out.extend(last.replace(c)),
        }
    }
    out.extend(last);
    Cow::Owned(out)
}

/// The text as it is compared where case does not matter: syllables put together, in lower case.
#[must_use]
pub fn folded(text: &str) -> String {
    composed(text).to_lowercase()
}

/// The syllable of a first letter and a vowel, or of a syllable that ends in its vowel and a last letter.
fn joined(before: char, c: char) -> Option<char> {
    const SYLLABLES: u32 = 0xac00;
    const VOWELS: u32 = 21;
    const LASTS: u32 = 28;
    let (before, c) = (u32::from(before), u32::from(c));
    match (before, c) {
        (0x1100..=0x1112, 0x1161..=0x1175) => {
            char::from_u32(SYLLABLES + ((before - 0x1100) * VOWELS + (c - 0x1161)) * LASTS)
        }
        (SYLLABLES..=0xd7a3, 0x11a8..=0x11c2) if (before - SYLLABLES).is_multiple_of(LASTS) => {
            char::from_u32(before + (c - 0x11a7))
        }
        _ => None,
    }
}

/// What is looked for, prepared once for many findings.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Needle {
    /// As typed.
    whole: String,
    /// In lower case.
    lower: String,
    /// Whether only ASCII letters have a case in it, so that bytes can be compared without copying.
    plain: bool,
}

impl Needle {
    pub fn new(text: &str) -> Self {
        let text = composed(text);
        let lower = text.to_lowercase();
        let plain = text
            .chars()
            .all(|c| c.is_ascii() || (!c.is_lowercase() && !c.is_uppercase()));
        Self {
            whole: text.into_owned(),
            lower,
            plain,
        }
    }

    /// Whether the text is exactly this.
    pub fn is(&self, text: &str) -> bool {
        composed(text) == self.whole
    }

    /// Whether the text holds this, in any case.
    pub fn is_in(&self, text: &str) -> bool {
        let ascii = text.is_ascii();
        let text = if ascii { Cow::Borrowed(text) } else { composed(text) };
        if self.plain || ascii {
            let needle = self.lower.as_bytes();
            if needle.is_empty() {
                return true;
            }
            text.as_bytes()
                .windows(needle.len())
                .any(|window| window.eq_ignore_ascii_case(needle))
        } else {
            text.to_lowercase().contains(&self.lower)
        }
    }
}

#[cfg(test)]
mod tests {
    use super::{Needle, composed};

    #[test]
    fn case_does_not_matter_and_hangul_is_found() {
        for (needle, text, found) in [
            ("crypto", "CryptoCurrency:EC2", true),
            ("CRYPTO", "cryptocurrency", true),
            ("서버", "운영 서버가 위험", true),
            ("운영팀", "운영 서버", false),
            ("ÉCOLE", "l'école", true),
            ("", "x", true),
            ("long", "lon", false),
            ("서버", "운영 \u{1109}\u{1165}\u{1107}\u{1165}가", true),
            ("\u{110b}\u{116e}\u{11ab}\u{110b}\u{1167}\u{11bc}", "운영 서버", true),
            ("\u{110b}\u{116e}\u{11ab}", "우영", false),
        ] {
            assert_eq!(Needle::new(needle).is_in(text), found, "{needle} in {text}");
        }
        assert!(Needle::new("한글").is("\u{1112}\u{1161}\u{11ab}\u{1100}\u{1173}\u{11af}"));
    }

    #[test]
    fn letters_are_put_together_only_where_they_make_a_syllable() {
        for (letters, text) in [
            ("\u{1112}\u{1161}\u{11ab}\u{11ab}", "한\u{11ab}"),
            ("가\u{11a8}\u{1161}", "각\u{1161}"),
            ("\u{1100}\u{1100}\u{1175}\u{11c2}x", "\u{1100}깋x"),
            ("\u{1161}a", "\u{1161}a"),
            ("ㅎㅏㄴ", "ㅎㅏㄴ"),
        ] {
            assert_eq!(composed(letters), text, "{letters:?}");
        }
    }
}
