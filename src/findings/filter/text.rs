//! Looking for text in text.

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
        let lower = text.to_lowercase();
        let plain = text
            .chars()
            .all(|c| c.is_ascii() || (!c.is_lowercase() && !c.is_uppercase()));
        Self {
            whole: text.to_owned(),
            lower,
            plain,
        }
    }

    /// Whether the text is exactly this.
    pub fn is(&self, text: &str) -> bool {
        text == self.whole
    }

    /// Whether the text holds this, in any case.
    pub fn is_in(&self, text: &str) -> bool {
        if self.plain || text.is_ascii() {
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
    use super::Needle;

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
        ] {
            assert_eq!(Needle::new(needle).is_in(text), found, "{needle} in {text}");
        }
    }
}
