//! From what was typed to terms, with errors that say where and what was expected.

use crate::domain::{Severity, SeverityLabel};

use super::net::Net;
use super::term::{Compare, Is, Term, Test, TextField};
use super::text::{Needle, folded};
use super::{FIELDS, FilterError};

/// Longer text is no filter that somebody typed.
const MAX_CHARS: usize = 2_000;

/// The word that makes alternatives of the terms beside it.
const OR: &str = "or";
/// Words between terms. A space alone means "and" too.
const JOINTS: [&str; 2] = [OR, "and"];

/// Reads the whole text: groups that must all hold, of terms of which one must.
pub fn groups(text: &str) -> Result<Vec<Vec<Term>>, FilterError> {
    let mut reader = Reader::new(text)?;
    let mut groups: Vec<Vec<Term>> = Vec::new();
    let mut joined = None;
    loop {
        reader.skip_spaces();
        let column = reader.column();
        if reader.at_end() {
            return match joined {
                Some((word, column)) => Err(error(column, format!("after \"{word}\" a term is expected"))),
                None => Ok(groups),
            };
        }
        if let Some(word) = JOINTS.into_iter().find(|word| reader.take_word(word)) {
            if groups.is_empty() || joined.is_some() {
                return Err(error(column, format!("before \"{word}\" a term is expected")));
            }
            joined = Some((word, column));
            continue;
        }
        let term = reader.term()?;
        match (joined.take(), groups.last_mut()) {
            (Some((OR, _)), Some(group)) => group.push(term),
            _ => groups.push(vec![term]),
        }
    }
}

fn error(column: usize, message: impl Into<String>) -> FilterError {
    FilterError {
        column,
        message: message.into(),
    }
}

#[derive(Clone, Copy, PartialEq, Eq)]
enum Operator {
    Colon,
    Tilde,
    Number(Compare),
}

struct Reader {
    chars: Vec<char>,
    at: usize,
}

impl Reader {
    fn new(text: &str) -> Result<Self, FilterError> {
        let chars: Vec<char> = text.chars().take(MAX_CHARS + 1).collect();
        if chars.len() > MAX_CHARS {
            return Err(error(
                MAX_CHARS + 1,
                format!("a filter has at most {MAX_CHARS} characters"),
            ));
        }
        Ok(Self { chars, at: 0 })
    }

    fn column(&self) -> usize {
        self.at + 1
    }

    fn at_end(&self) -> bool {
        self.at >= self.chars.len()
    }

    fn peek(&self) -> Option<char> {
        self.chars.get(self.at).copied()
    }

    fn skip_spaces(&mut self) {
        while self.peek().is_some_and(char::is_whitespace) {
            self.at += 1;
        }
    }

    /// This word, in any case, by itself.
    fn take_word(&mut self, word: &str) -> bool {
        let next = self.chars[self.at..].iter().take_while(|c| !c.is_whitespace());
        let found = next.collect::<String>().eq_ignore_ascii_case(word);
        if found {
            self.at += word.len();
        }
        found
    }

    fn term(&mut self) -> Result<Term, FilterError> {
        let column = self.column();
        let mut negated = false;
        while matches!(self.peek(), Some('!' | '-')) {
            negated = !negated;
            self.at += 1;
        }
        if self.peek().is_none_or(char::is_whitespace) {
            return Err(error(
                column,
                "a term to turn round is expected right after \"!\" or \"-\"",
            ));
        }
        let test = match self.field() {
            Some((name, at)) => self.field_test(&name, at)?,
            None => self.bare()?,
        };
        Ok(Term { negated, test })
    }

    /// A name that is followed by an operator at once, and its column.
    fn field(&mut self) -> Option<(String, usize)> {
        let column = self.column();
        let rest = &self.chars[self.at..];
        let length = rest.iter().take_while(|c| c.is_alphanumeric() || **c == '_').count();
        let named = rest.first().is_some_and(|c| c.is_alphabetic());
        let operator = rest
            .get(length)
            .is_some_and(|c| matches!(c, ':' | '~' | '=' | '<' | '>'));
        if !named || !operator {
            return None;
        }
        self.at += length;
        Some((rest_text(&self.chars, column - 1, self.at).to_lowercase(), column))
    }

    fn operator(&mut self) -> Operator {
        let equals = self.chars.get(self.at + 1) == Some(&'=');
        let (operator, length) = match self.peek() {
            Some('~') => (Operator::Tilde, 1),
            Some('=') => (Operator::Number(Compare::Equal), 1),
            Some('<') if equals => (Operator::Number(Compare::AtMost), 2),
            Some('<') => (Operator::Number(Compare::Less), 1),
            Some('>') if equals => (Operator::Number(Compare::AtLeast), 2),
            Some('>') => (Operator::Number(Compare::More), 1),
            _ => (Operator::Colon, 1),
        };
        self.at += length;
        operator
    }

    fn bare(&mut self) -> Result<Test, FilterError> {
        let (quoted, column) = (self.peek() == Some('"'), self.column());
        let text = self.value()?;
        if !quoted {
            plain_word(&text, column)?;
        }
        if !quoted && text.eq_ignore_ascii_case("archived") {
            return Ok(Test::Archived(true));
        }
        Ok(Test::Free(Needle::new(&text)))
    }

    /// A word, or text in quotes, in which `\` makes the next character plain.
    fn value(&mut self) -> Result<String, FilterError> {
        let start = self.at;
        if self.peek() != Some('"') {
            while self.peek().is_some_and(|c| !c.is_whitespace()) {
                self.at += 1;
            }
            return Ok(rest_text(&self.chars, start, self.at));
        }
        let mut text = String::new();
        self.at += 1;
        while let Some(c) = self.peek() {
            self.at += 1;
            match c {
                '"' => return Ok(text),
                '\\' => {
                    if let Some(next) = self.peek() {
                        text.push(next);
                        self.at += 1;
                    }
                }
                _ => text.push(c),
            }
        }
        Err(error(start + 1, "a closing \" is expected for the one opened here"))
    }

    fn field_test(&mut self, name: &str, name_at: usize) -> Result<Test, FilterError> {
        let operator_at = self.column();
        let operator = self.operator();
        let value_at = self.column();
        let value = self.value()?;
        if value.is_empty() {
            return Err(error(value_at, format!("a value is expected after {name}")));
        }
        let text = |field| text_test(field, name, operator, operator_at, &value);
        match name {
            "sev" | "severity" => severity(operator, operator_at, value_at, &value),
            "account" => text(TextField::Account),
            "region" => text(TextField::Region),
            "source" => text(TextField::Source),
            "type" => text(TextField::Type),
            "resource" => text(TextField::Resource),
            "title" => text(TextField::Title),
            "user" | "principal" => text(TextField::User),
            "key" => text(TextField::Key),
            "ip" if value.contains('/') => net(operator, operator_at, value_at, &value),
            "ip" => text(TextField::Ip),
            "is" => state(operator, operator_at, value_at, &value),
            "owner" if value.eq_ignore_ascii_case(Is::Unclaimed.word()) => {
                plain(name, operator, operator_at).map(|()| Test::State(Is::Unclaimed))
            }
            "owner" => plain(name, operator, operator_at).map(|()| Test::Owner(folded(&value))),
            "incident" => plain(name, operator, operator_at).map(|()| Test::Incident(value.to_lowercase())),
            "age" | "first" => {
                let compare = match operator {
                    Operator::Number(compare) if compare != Compare::Equal => compare,
                    _ => {
                        return Err(error(
                            operator_at,
                            format!("{name} is compared with <, <=, > or >=, as in {name}<2h"),
                        ));
                    }
                };
                let seconds = seconds(&value).ok_or_else(|| {
                    error(
                        value_at,
                        "a time such as 30s, 15m, 2h, 1h30m or 7d is expected".to_owned(),
                    )
                })?;
                Ok(if name == "age" {
                    Test::Age(compare, seconds)
                } else {
                    Test::First(compare, seconds)
                })
            }
            "archived" => match value.to_ascii_lowercase().as_str() {
                "true" | "yes" => Ok(Test::Archived(true)),
                "false" | "no" => Ok(Test::Archived(false)),
                _ => Err(error(value_at, "yes or no is expected; archived and !archived do too")),
            },
            "count" => {
                let compare = number_operator(name, operator, operator_at)?;
                let count = value.parse();
                count
                    .map(|count| Test::Count(compare, count))
                    .map_err(|_| error(value_at, "a whole number is expected, as in count>10"))
            }
            _ => Err(error(name_at, unknown(name))),
        }
    }
}

fn rest_text(chars: &[char], from: usize, to: usize) -> String {
    chars[from..to].iter().collect()
}

fn unknown(name: &str) -> String {
    let names: Vec<&str> = FIELDS.iter().map(|field| field.name).collect();
    let name: String = name.chars().take(30).collect();
    format!(
        "there is no field \"{name}\"; a field is one of {}, and other text with a \":\" or \"=\" in it goes in quotes",
        names.join(", ")
    )
}

fn text_test(
    field: TextField,
    name: &str,
    operator: Operator,
    operator_at: usize,
    value: &str,
) -> Result<Test, FilterError> {
    match operator {
        Operator::Colon | Operator::Tilde => Ok(Test::Holds(field, Needle::new(value))),
        Operator::Number(Compare::Equal) => Ok(Test::Is(field, Needle::new(value))),
        Operator::Number(_) => Err(error(operator_at, format!("{name} is text: :, ~ or = is expected"))),
    }
}

fn number_operator(name: &str, operator: Operator, operator_at: usize) -> Result<Compare, FilterError> {
    match operator {
        Operator::Number(compare) => Ok(compare),
        Operator::Colon => Ok(Compare::Equal),
        Operator::Tilde => Err(error(
            operator_at,
            format!("{name} is a number: <, <=, =, >= or > is expected"),
        )),
    }
}

/// A word that looks like more than a word is not looked for as text unasked: something else was meant.
fn plain_word(text: &str, column: usize) -> Result<(), FilterError> {
    if text.starts_with('(') {
        let said =
            "there are no brackets: \"or\" binds closer than a space does; text that begins with ( goes in quotes";
        return Err(error(column, said));
    }
    match text.find([':', '~', '=', '<', '>']) {
        Some(at) => Err(error(
            column + text[..at].chars().count(),
            "a field stands right before its operator, as in sev>=high; other text with an operator in it goes in quotes",
        )),
        None => Ok(()),
    }
}

/// Only `:` and `=` make sense.
fn plain(name: &str, operator: Operator, operator_at: usize) -> Result<(), FilterError> {
    match operator {
        Operator::Colon | Operator::Number(Compare::Equal) => Ok(()),
        Operator::Tilde | Operator::Number(_) => Err(error(operator_at, format!("after {name} a : is expected"))),
    }
}

fn net(operator: Operator, operator_at: usize, value_at: usize, value: &str) -> Result<Test, FilterError> {
    plain("ip", operator, operator_at)?;
    let wanted = "a network such as 203.0.113.0/24 or 2001:db8::/32 is expected";
    Net::parse(value).map(Test::Net).ok_or_else(|| error(value_at, wanted))
}

fn state(operator: Operator, operator_at: usize, value_at: usize, value: &str) -> Result<Test, FilterError> {
    plain("is", operator, operator_at)?;
    if value.eq_ignore_ascii_case("archived") {
        return Ok(Test::Archived(true));
    }
    let found = Is::ALL
        .into_iter()
        .find(|state| state.word().eq_ignore_ascii_case(value));
    found.map(Test::State).ok_or_else(|| {
        let words: Vec<&str> = Is::ALL.into_iter().map(Is::word).collect();
        error(value_at, format!("archived, {} is expected", words.join(", ")))
    })
}

/// `high` means the whole band: `sev>high` is critical alone, `sev<=high` includes 8.9.
fn severity(operator: Operator, operator_at: usize, value_at: usize, value: &str) -> Result<Test, FilterError> {
    let compare = number_operator("sev", operator, operator_at)?;
    if let Some(label) = SeverityLabel::from_word(value) {
        return Ok(Test::Band(compare, label));
    }
    match value.parse::<f64>() {
        Ok(score) if (0.0..=10.0).contains(&score) => Ok(Test::Score(compare, Severity::from_score(score))),
        _ => Err(error(
            value_at,
            "critical, high, medium, low, informational or a number from 0 to 10 is expected",
        )),
    }
}

/// `90s`, `15m`, `2h`, `7d`, `1w`, and these one after the other: `1h30m`.
fn seconds(text: &str) -> Option<i64> {
    let mut total = 0_i64;
    let mut digits = String::new();
    for c in text.chars() {
        if c.is_ascii_digit() {
            digits.push(c);
            continue;
        }
        let unit = match c.to_ascii_lowercase() {
            's' => 1,
            'm' => 60,
            'h' => 3_600,
            'd' => 86_400,
            'w' => 604_800,
            _ => return None,
        };
        total = total.checked_add(digits.parse::<i64>().ok()?.checked_mul(unit)?)?;
        digits.clear();
    }
    // A number without a unit would be a guess.
    (digits.is_empty() && !text.is_empty()).then_some(total)
}
