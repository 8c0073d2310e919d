//! Patterns for finding types: `*` stands for any text, everything else for itself.

/// Whether the whole text matches. Takes time proportional to pattern × text at worst.
pub fn matches(pattern: &str, text: &str) -> bool {
    let mut parts = pattern.split('*');
    let first = parts.next().unwrap_or_default();
    let Some(mut rest) = text.strip_prefix(first) else {
        return false;
    };
    let Some(last) = parts.next_back() else {
        return rest.is_empty();
    };
    for part in parts {
        match rest.find(part) {
            Some(at) => rest = &rest[at + part.len()..],
            None => return false,
        }
    }
    rest.ends_with(last)
}

/// How much a pattern asks for: the characters that stand for themselves.
pub fn weight(pattern: &str) -> usize {
    pattern.chars().filter(|c| *c != '*').count()
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn stars_stand_for_any_text() {
        for (pattern, text, yes) in [
            ("*", "", true),
            ("", "", true),
            ("", "a", false),
            ("a*", "abc", true),
            ("*c", "abc", true),
            ("a*b*c", "a1b2c", true),
            ("a*b*c", "a1c2b", false),
            ("ab*ba", "aba", false),
            ("CryptoCurrency:*", "CryptoCurrency:EC2/BitcoinTool.B!DNS", true),
            ("*IAMUser/*", "UnauthorizedAccess:IAMUser/ConsoleLogin", true),
            ("*IAMUser/*", "UnauthorizedAccess:EC2/SSHBruteForce", false),
            ("é*é", "éé", true),
        ] {
            assert_eq!(matches(pattern, text), yes, "{pattern} {text}");
        }
        assert!(weight("CryptoCurrency:*") > weight("*IAMUser/*"));
    }
}
