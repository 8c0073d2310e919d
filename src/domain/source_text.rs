//! Faults in files that people write: which file, line and column, what stands there and what was expected.

use std::fmt;
use std::ops::Range;

use serde::de::DeserializeOwned;

use super::Untrusted;

/// The largest file of this kind that is read, in bytes. Configurations, playbooks, scenarios and plans stay far below.
pub const MAX_SOURCE: usize = 4 * 1024 * 1024;

/// What is wrong with a file, and where.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct SourceError {
    /// The file's name as it was given.
    pub file: String,
    /// The place, where the parser knows it.
    pub place: Option<Place>,
    /// What is wrong and what was expected.
    pub what: String,
}

/// A place in a text. Lines and columns count from 1; columns count characters.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Place {
    pub line: usize,
    pub column: usize,
    /// The characters from `column` that are meant; at least 1.
    pub width: usize,
    /// The whole line.
    pub text: String,
}

impl SourceError {
    /// A fault at these bytes of the text, or somewhere in the file when the place is not known.
    #[must_use]
    pub fn at(file: &str, text: &str, span: Option<Range<usize>>, what: impl Into<String>) -> Self {
        Self {
            file: file.to_owned(),
            place: span.map(|span| Place::of(text, &span)),
            what: what.into(),
        }
    }
}

impl Place {
    /// The place of a span of bytes. A span outside the text is taken to its end.
    fn of(text: &str, span: &Range<usize>) -> Self {
        let start = floor(text, span.start);
        let end = floor(text, span.end).max(start);
        let begin = text[..start].rfind('\n').map_or(0, |at| at + 1);
        let finish = text[start..].find('\n').map_or(text.len(), |at| start + at);
        Self {
            line: text[..begin].matches('\n').count() + 1,
            column: text[begin..start].chars().count() + 1,
            width: text[start..end.min(finish).max(start)].chars().count().max(1),
            text: text[begin..finish].trim_end_matches('\r').to_owned(),
        }
    }
}

fn floor(text: &str, at: usize) -> usize {
    (0..=at.min(text.len()))
        .rev()
        .find(|at| text.is_char_boundary(*at))
        .unwrap_or_default()
}

/// Reads TOML into a value, and says where it does not fit.
pub fn toml<T: DeserializeOwned>(file: &str, text: &str) -> Result<T, SourceError> {
    small(file, text)?;
    toml::from_str(text).map_err(|e| SourceError::at(file, text, e.span(), in_words(text, e.span(), e.message())))
}

/// What does not fit a TOML text, without the names of Rust's types: which key, what it is and what stands there.
#[must_use]
pub fn in_words(text: &str, span: Option<Range<usize>>, message: &str) -> String {
    if let Some(other) = message.strip_prefix("unknown variant ") {
        return other.replacen(", expected", " is not known here, expected", 1);
    }
    let unfit = ["invalid type: ", "invalid value: "]
        .iter()
        .find_map(|start| message.strip_prefix(start));
    // What was found may say anything, so the last of these words parts the two.
    let Some((found, expected)) = unfit.and_then(|unfit| unfit.rsplit_once(", expected ")) else {
        return message.to_owned();
    };
    let expected = match expected {
        "u8" | "u16" | "u32" | "u64" | "usize" | "i8" | "i16" | "i32" | "i64" => "a whole number",
        "f32" | "f64" => "a number",
        "a string" => "a text in quotes",
        "path string" => "a path in quotes",
        "a boolean" => "true or false",
        "a sequence" => "a list in brackets",
        "a map" => "a table",
        other if other.starts_with("struct ") => "a table",
        other => other,
    };
    let start = span.map(|span| floor(text, span.start));
    let found = match found.split_once(' ') {
        Some(("string", quoted)) => format!("the text {quoted}"),
        Some(("integer", number)) => format!("the number {}", number.trim_matches('`')),
        Some(("floating", number)) => format!("the number {}", number.trim_start_matches("point ").trim_matches('`')),
        Some(("boolean", switch)) => switch.trim_matches('`').to_owned(),
        None if found == "sequence" => "a list".to_owned(),
        None if found == "map" && start.is_some_and(|at| text[at..].starts_with(|c: char| c.is_ascii_digit())) => {
            "a date or time".to_owned()
        }
        None if found == "map" => "a table".to_owned(),
        _ => found.to_owned(),
    };
    match start.and_then(|at| key_before(text, at)) {
        Some((key, true)) => format!("each of {key} is {expected}, this is {found}"),
        Some((key, false)) => format!("{key} is {expected}, this is {found}"),
        None => format!("expected {expected}, this is {found}"),
    }
}

/// The key whose value is at these bytes, where it stands in the same line, and whether the value is in a list.
fn key_before(text: &str, at: usize) -> Option<(&str, bool)> {
    let begin = text[..at].rfind('\n').map_or(0, |at| at + 1);
    let (left, right) = text[begin..at].rsplit_once('=')?;
    let key = left.rsplit(['{', ',']).next()?.trim();
    let plain = |c: char| c.is_alphanumeric() || matches!(c, '-' | '_' | '.' | '"' | '\'');
    (!key.is_empty() && key.chars().all(plain)).then_some((key, right.contains('[')))
}

/// Why a file cannot be read, without the system's numbers where it has a plain reason.
#[must_use]
pub fn why_unread(error: &std::io::Error) -> String {
    use std::io::ErrorKind;

    match error.kind() {
        ErrorKind::NotFound => "there is no such file".to_owned(),
        ErrorKind::PermissionDenied => "you may not read it".to_owned(),
        ErrorKind::IsADirectory => "it is a directory".to_owned(),
        ErrorKind::InvalidData => "it is not text in UTF-8".to_owned(),
        _ => error.to_string(),
    }
}

/// Reads JSON into a value, and says where it does not fit.
pub fn json<T: DeserializeOwned>(file: &str, text: &str) -> Result<T, SourceError> {
    small(file, text)?;
    serde_json::from_str(text).map_err(|e| {
        let line_start: usize = text
            .split_inclusive('\n')
            .take(e.line().saturating_sub(1))
            .map(str::len)
            .sum();
        // serde_json's columns count bytes from 1; a 0 stands for the end of the line before.
        let at = line_start + e.column().saturating_sub(1);
        let what = e.to_string();
        let place = format!(" at line {} column {}", e.line(), e.column());
        SourceError::at(file, text, Some(at..at + 1), what.trim_end_matches(place.as_str()))
    })
}

fn small(file: &str, text: &str) -> Result<(), SourceError> {
    if text.len() <= MAX_SOURCE {
        return Ok(());
    }
    let what = format!("it is {} bytes long; at most {MAX_SOURCE} are read", text.len());
    Err(SourceError::at(file, text, None, what))
}

impl fmt::Display for SourceError {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let file = Untrusted::new(self.file.as_str());
        // serde's messages have several lines for lists; each is shown on its own, none is obeyed.
        let what: Vec<String> = self
            .what
            .trim_end()
            .lines()
            .map(|l| Untrusted::new(l).shown())
            .collect();
        let what = what.join(", ");
        let Some(place) = &self.place else {
            return write!(f, "{file}: {what}");
        };
        let number = place.line.to_string();
        let gutter = " ".repeat(number.len());
        // Tabs would move the caret away from what it points at.
        let line = place.text.replace('\t', " ");
        let before: String = line.chars().take(place.column - 1).collect();
        let meant: String = line.chars().skip(place.column - 1).take(place.width).collect();
        let (before, meant) = (Untrusted::new(before).shown(), Untrusted::new(meant).shown());
        write!(
            f,
            "{file}:{number}:{column}: {what}\n{gutter} |\n{number} | {line}\n{gutter} | {indent}{caret}",
            column = place.column,
            line = Untrusted::new(line.as_str()),
            indent = " ".repeat(unicode_width::UnicodeWidthStr::width(before.as_str())),
            caret = "^".repeat(unicode_width::UnicodeWidthStr::width(meant.as_str()).max(1)),
        )
    }
}

impl std::error::Error for SourceError {}

#[cfg(test)]
mod tests {
    use super::*;
    use serde::Deserialize;

    #[derive(Debug, Deserialize)]
    #[serde(deny_unknown_fields)]
    struct Sample {
        #[expect(dead_code, reason = "only its type matters here")]
        count: u32,
    }

    #[test]
    fn a_fault_shows_its_line_with_a_caret() {
        let error = toml::<Sample>("a.toml", "# one\ncuont = 3\n").unwrap_err();
        assert_eq!(
            error.to_string(),
            "a.toml:2:1: unknown field `cuont`, expected `count`\n  |\n2 | cuont = 3\n  | ^^^^^"
        );
    }

    #[test]
    fn a_wrong_type_names_what_was_expected() {
        let shown = toml::<Sample>("a.toml", "count = \"three\"").unwrap_err().to_string();
        assert!(shown.starts_with("a.toml:1:9: "), "{shown}");
        assert!(
            shown.contains("count is a whole number, this is the text \"three\""),
            "{shown}"
        );
    }

    #[test]
    fn broken_toml_and_json_have_places_too() {
        let broken = toml::<Sample>("a.toml", "count = \n").unwrap_err();
        assert_eq!(broken.place.map(|p| p.line), Some(1));
        let json = json::<Sample>("p.json", "{\n  \"count\": true\n}").unwrap_err();
        let place = json.place.clone().unwrap();
        assert_eq!(place.line, 2);
        assert!(json.to_string().contains("expected u32"), "{json}");
        assert!(!json.what.contains("line 2"), "{json}");
    }

    #[test]
    fn what_stands_in_the_line_is_shown_not_obeyed() {
        let error = toml::<Sample>("a.toml", "# \u{202e}\u{1b}\nx\u{301} = \"\u{9b}\"").unwrap_err();
        let shown = error.to_string();
        assert!(!shown.contains('\u{9b}') && !shown.contains('\u{1b}'), "{shown:?}");
    }

    #[test]
    fn a_span_outside_the_text_does_no_harm() {
        for span in [0..0, 2..2, 90..99, 1..2] {
            let error = SourceError::at("a", "é\nb", Some(span), "x");
            assert!(!error.to_string().is_empty());
        }
    }
}
