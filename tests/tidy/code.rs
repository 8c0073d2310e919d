//! Source text as the checkers need it: without comments and strings, and without test code.

/// A source file.
pub struct Source {
    /// From the repository's root, with `/`.
    pub path: String,
    pub text: String,
    /// The text with comments and literals blanked, byte for byte of the same length.
    pub code: String,
    /// The code that is not test code: `code` up to the first `#[cfg(test)] mod … {`, or nothing in a test file.
    pub live: String,
}

impl Source {
    pub fn new(path: &str, text: &str) -> Self {
        let code = blank(text);
        let test_file = path.starts_with("tests/")
            || ["/tests/", "tests.rs", "/testing.rs"]
                .iter()
                .any(|name| path.contains(name));
        let live = if test_file {
            String::new()
        } else {
            code[..tests_begin(&code)].to_owned()
        };
        Self {
            path: path.to_owned(),
            text: text.to_owned(),
            code,
            live,
        }
    }

    /// The room that the file is in; none outside `src`.
    pub fn room(&self) -> Option<&str> {
        let inside = self.path.strip_prefix("src/")?;
        inside.split(['/', '.']).next()
    }

    /// A fault at this byte.
    pub fn fault(&self, at: usize, what: &str) -> String {
        let line = self.code[..at].matches('\n').count() + 1;
        format!("{}:{line}: {what}", self.path)
    }
}

/// Where the test module at the end of a file begins; the end when there is none. A test module in a file of its own
/// (`mod tests;`) ends nothing.
fn tests_begin(code: &str) -> usize {
    code.match_indices("#[cfg(test)]")
        .map(|(at, attribute)| (at, code[at + attribute.len()..].trim_start()))
        .find(|(_, rest)| {
            rest.strip_prefix("mod ").is_some_and(|module| {
                module
                    .trim_start_matches(|c: char| c.is_alphanumeric() || c == '_')
                    .starts_with(" {")
            })
        })
        .map_or(code.len(), |(at, _)| at)
}

/// Where a word stands that is not part of a longer one.
pub fn words(text: &str, word: &str) -> Vec<usize> {
    let joins = |c: char| c.is_alphanumeric() || c == '_';
    text.match_indices(word)
        .map(|(at, _)| at)
        .filter(|at| !text[..*at].ends_with(joins))
        .filter(|at| word.ends_with(':') || !text[at + word.len()..].starts_with(joins))
        .collect()
}

/// Every function: where it begins, its name, and its lines from there to its closing brace.
pub fn functions(code: &str) -> Vec<(usize, String, usize)> {
    let mut found = Vec::new();
    for at in words(code, "fn") {
        let rest = &code[at + 2..];
        let name: String = rest
            .trim_start()
            .chars()
            .take_while(|c| c.is_alphanumeric() || *c == '_')
            .collect();
        let Some(open) = opening_brace(rest) else { continue };
        if name.is_empty() {
            continue;
        }
        let end = closing_brace(rest, open);
        found.push((at, name, rest[..end].matches('\n').count() + 1));
    }
    found
}

/// Every `keyword … { … }`: where it begins, and the text directly in its braces, deeper brackets blanked.
pub fn blocks(code: &str, keyword: &str) -> Vec<(usize, String)> {
    let mut found = Vec::new();
    for at in words(code, keyword) {
        let rest = &code[at + keyword.len()..];
        let Some(open) = opening_brace(rest) else { continue };
        let inside = &rest[open + 1..closing_brace(rest, open)];
        found.push((at, patterns(inside)));
    }
    found
}

/// The patterns of a match's arms, each with its `=>`, one a line; what the arms do is left out.
fn patterns(inside: &str) -> String {
    let mut out = String::new();
    let (mut depth, mut body) = (0_i32, false);
    let bytes = inside.as_bytes();
    for (at, c) in inside.char_indices() {
        let deeper = matches!(c, '(' | '[' | '{');
        let closes = matches!(c, ')' | ']' | '}');
        if depth == 0 && !body && inside[at..].starts_with("=>") {
            out.push_str("=>\n");
            body = true;
            continue;
        }
        if !body && depth == 0 && !deeper && c != '>' {
            out.push(c);
        }
        depth += i32::from(deeper) - i32::from(closes);
        // An arm ends with a comma, or with the brace of its block when nothing goes on after it.
        let block_ends = c == '}' && !matches!(next_visible(bytes, at + 1), Some(b'.' | b'?' | b',' | b'|' | b'i'));
        if body && depth == 0 && (c == ',' || block_ends) {
            body = false;
        }
    }
    out
}

fn next_visible(bytes: &[u8], from: usize) -> Option<u8> {
    bytes[from..].iter().copied().find(|b| !b.is_ascii_whitespace())
}

/// The first brace outside parentheses and brackets; none when a semicolon comes first.
fn opening_brace(text: &str) -> Option<usize> {
    let mut depth = 0_i32;
    for (at, c) in text.char_indices() {
        match c {
            '(' | '[' => depth += 1,
            ')' | ']' => depth -= 1,
            '{' if depth == 0 => return Some(at),
            ';' if depth == 0 => return None,
            _ => {}
        }
    }
    None
}

fn closing_brace(text: &str, open: usize) -> usize {
    let mut depth = 0_i32;
    for (at, c) in text[open..].char_indices() {
        depth += i32::from(c == '{') - i32::from(c == '}');
        if depth == 0 {
            return open + at;
        }
    }
    text.len()
}

/// Blanks comments, strings and character literals; line breaks stay.
fn blank(text: &str) -> String {
    let bytes = text.as_bytes();
    let mut out = bytes.to_vec();
    let mut at = 0;
    while at < bytes.len() {
        let end = literal_end(bytes, at);
        for byte in &mut out[at..end] {
            if *byte != b'\n' {
                *byte = b' ';
            }
        }
        at = end.max(at + 1);
    }
    String::from_utf8(out).expect("whole literals are blanked, so characters are never cut")
}

/// Where the comment or literal that begins here ends; `at` itself when none does.
fn literal_end(bytes: &[u8], at: usize) -> usize {
    let rest = &bytes[at..];
    let joined = at > 0 && (bytes[at - 1].is_ascii_alphanumeric() || bytes[at - 1] == b'_');
    if rest.starts_with(b"//") {
        return at + rest.iter().position(|b| *b == b'\n').unwrap_or(rest.len());
    }
    if rest.starts_with(b"/*") {
        return at
            + rest
                .windows(2)
                .position(|w| w == b"*/")
                .map_or(rest.len(), |end| end + 2);
    }
    if rest[0] == b'r' && (!joined || bytes[at - 1] == b'b') {
        let hashes = rest[1..].iter().take_while(|b| **b == b'#').count();
        if rest.get(1 + hashes) == Some(&b'"') {
            let close = [b"\"".as_slice(), "#".repeat(hashes).as_bytes()].concat();
            let from = 2 + hashes;
            let end = rest[from..].windows(close.len()).position(|w| w == close);
            return at + end.map_or(rest.len(), |end| from + end + close.len());
        }
    }
    match rest[0] {
        b'"' => at + quoted(rest, b'"'),
        // A lifetime has no closing quote right after its first character.
        b'\'' if rest.get(1) == Some(&b'\\') => at + quoted(rest, b'\''),
        b'\'' => {
            let width = rest.get(1).map_or(1, |b| utf8_width(*b));
            if rest.get(1 + width) == Some(&b'\'') {
                at + width + 2
            } else {
                at
            }
        }
        _ => at,
    }
}

fn quoted(rest: &[u8], quote: u8) -> usize {
    let mut at = 1;
    while at < rest.len() {
        match rest[at] {
            b'\\' => at += 2,
            b if b == quote => return at + 1,
            _ => at += 1,
        }
    }
    rest.len()
}

fn utf8_width(first: u8) -> usize {
    match first {
        0xf0.. => 4,
        0xe0.. => 3,
        0xc0.. => 2,
        _ => 1,
    }
}
