//! Text from outside, made harmless in Markdown.

use crate::domain::Untrusted;

/// The text as Markdown that shows it and does nothing else: no link, image, table cell, heading, mention or HTML.
///
/// It goes through `Untrusted` first, so it is one line without control characters. `CommonMark` lets every ASCII punctuation
/// character be escaped with a backslash; angle brackets and ampersands become entities, which also holds where a renderer
/// passes HTML through.
pub fn text(outside: &str) -> String {
    let shown = Untrusted::new(outside).shown();
    let mut out = String::with_capacity(shown.len() + 8);
    let mut leading = true;
    let mut before = ' ';
    let mut chars = shown.chars().peekable();
    while let Some(c) = chars.next() {
        match c {
            '<' => out.push_str("&lt;"),
            '>' => out.push_str("&gt;"),
            '&' => out.push_str("&amp;"),
            // GitHub makes links of bare addresses and mentions of @names.
            '@' => out.push_str("&#64;"),
            ':' if chars.peek() == Some(&'/') => out.push_str("&#58;"),
            '.' if before.eq_ignore_ascii_case(&'w') => out.push_str("\\."),
            '\\' | '`' | '*' | '_' | '{' | '}' | '[' | ']' | '(' | ')' | '#' | '!' | '|' | '~' | '$' => {
                out.push('\\');
                out.push(c);
            }
            // At the beginning these make lists, rules and headings; so does a number with a point.
            '-' | '+' | '=' | '.' if leading => {
                out.push('\\');
                out.push(c);
            }
            _ => out.push(c),
        }
        leading = leading && (c.is_ascii_digit() || c == ' ');
        before = c;
    }
    out
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn what_markdown_would_obey_is_shown() {
        for (outside, markdown) in [
            ("plain words, 100%", "plain words, 100%"),
            ("[x](javascript:alert(1))", "\\[x\\]\\(javascript:alert\\(1\\)\\)"),
            ("![x](http://e.x/a.png)", "\\!\\[x\\]\\(http&#58;//e.x/a.png\\)"),
            ("<img src=x onerror=y>", "&lt;img src=x onerror=y&gt;"),
            ("a|b`c`", "a\\|b\\`c\\`"),
            ("# head", "\\# head"),
            ("- item", "\\- item"),
            ("+ item", "\\+ item"),
            ("1. item", "1\\. item"),
            ("---", "\\---"),
            ("line\nbreak", "line␊break"),
            ("www.evil.example", "www\\.evil.example"),
            ("bob@evil.example @team", "bob&#64;evil.example &#64;team"),
            ("&lt;b&gt;", "&amp;lt;b&amp;gt;"),
            ("a\\|b", "a\\\\\\|b"),
            ("i-\u{202e}x", "i-⟨U+202E⟩x"),
        ] {
            assert_eq!(text(outside), markdown, "{outside:?}");
        }
    }
}
