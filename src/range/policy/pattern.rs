//! Wildcards: `*` for any run of characters, `?` for any one.

/// Whether the text matches the pattern, letter for letter. In it `${*}`, `${?}` and `${$}` stand for these characters themselves (IAM
/// User Guide, "Specifying special characters"); the range knows no other variable, and one that is not known matches nothing.
pub fn like(pattern: &str, text: &str) -> bool {
    tokens(pattern).is_some_and(|pattern| matches(&pattern, text.as_bytes(), u8::eq))
}

/// Whether the text matches the pattern in any case (ASCII), as action names do.
pub fn like_ignoring_case(pattern: &str, text: &str) -> bool {
    tokens(pattern).is_some_and(|pattern| matches(&pattern, text.as_bytes(), u8::eq_ignore_ascii_case))
}

/// One part of a pattern.
#[derive(Clone, Copy)]
enum Token {
    Star,
    One,
    Byte(u8),
}

fn tokens(pattern: &str) -> Option<Vec<Token>> {
    let mut tokens = Vec::with_capacity(pattern.len());
    let mut rest = pattern.as_bytes();
    while let Some((first, after)) = rest.split_first() {
        rest = after;
        tokens.push(match (first, after) {
            (b'$', [b'{', special @ (b'*' | b'?' | b'$'), b'}', behind @ ..]) => {
                rest = behind;
                Token::Byte(*special)
            }
            (b'$', [b'{', ..]) => return None,
            (b'*', _) => Token::Star,
            (b'?', _) => Token::One,
            (byte, _) => Token::Byte(*byte),
        });
    }
    Some(tokens)
}

/// Goes back only to the last star, so the cost is at most the product of the lengths.
fn matches(pattern: &[Token], text: &[u8], same: fn(&u8, &u8) -> bool) -> bool {
    let (mut p, mut t) = (0, 0);
    let mut star: Option<(usize, usize)> = None;
    while t < text.len() {
        match pattern.get(p) {
            Some(Token::Star) => {
                star = Some((p + 1, t));
                p += 1;
            }
            Some(Token::One) => {
                p += 1;
                t += char_length(text[t]);
            }
            Some(Token::Byte(c)) if same(c, &text[t]) => {
                p += 1;
                t += 1;
            }
            _ => match star {
                Some((after, from)) => {
                    star = Some((after, from + 1));
                    p = after;
                    t = from + 1;
                }
                None => return false,
            },
        }
    }
    pattern[p..].iter().all(|token| matches!(token, Token::Star))
}

/// How many bytes the UTF-8 character has that begins with this byte.
fn char_length(first: u8) -> usize {
    match first {
        0xc0..=0xdf => 2,
        0xe0..=0xef => 3,
        0xf0..=0xff => 4,
        _ => 1,
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn stars_and_question_marks() {
        for (pattern, text, expected) in [
            ("*", "", true),
            ("ec2:*", "ec2:CreateTags", true),
            ("ec2:Describe*s", "ec2:DescribeInstances", true),
            ("ec2:Describe*x", "ec2:DescribeInstances", false),
            ("a?c", "abc", true),
            ("a?c", "ac", false),
            ("a?c", "a한c", true),
            ("*a*b*", "xxaxxbxx", true),
            ("", "x", false),
            ("EC2:x", "ec2:x", false),
            ("web${*}", "web*", true),
            ("web${*}", "website", false),
            ("a${?}c${$}{x}", "a?c${x}", true),
            ("web${x}", "web${x}", false),
            ("5$", "5$", true),
        ] {
            assert_eq!(like(pattern, text), expected, "{pattern} {text}");
        }
        assert!(like_ignoring_case("EC2:createtags", "ec2:CreateTags"));
    }
}
