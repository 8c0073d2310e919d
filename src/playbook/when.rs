//! The conditions of a playbook's steps: a small closed language over what is known of an incident.
//!
//! ```text
//! severity == critical            severity in [high, critical]         severity >= medium
//! type == data-breach             subtype != test                      finding matches "Backdoor:EC2/*"
//! resource has instance           not resource has access-key          (… or …) and …
//! ```
//!
//! Owns: its grammar and what it means. Must never: know anything that is not in a `Situation`.

use std::ops::Range;

use serde::Deserialize;
use serde::de::IntoDeserializer;

use super::{Situation, glob};
use crate::domain::{ResourceKind, SeverityLabel};

/// The longest condition, in characters.
pub const LONGEST: usize = 300;
/// How deep parentheses and `not` may be nested.
const DEEPEST: usize = 16;

/// A condition, with its words as they were written.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct When {
    text: String,
    test: Test,
}

/// A condition's meaning.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum Test {
    Severity(Compare, Vec<SeverityLabel>),
    Type(Vec<String>),
    Subtype(Vec<String>),
    Finding(String),
    Resource(ResourceKind),
    Not(Box<Test>),
    All(Vec<Test>),
    Any(Vec<Test>),
}

/// How a severity is held against the ones that are named.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Compare {
    In,
    AtLeast,
    AtMost,
}

/// What is wrong in a condition, and at which bytes of it.
pub type Fault = (Range<usize>, String);

impl When {
    /// Reads a condition.
    pub fn parse(text: &str) -> Result<Self, Fault> {
        let mut reader = Reader {
            tokens: tokens(text)?,
            at: 0,
            end: text.len(),
        };
        let test = reader.any(0)?;
        match reader.peek() {
            None => Ok(Self {
                text: text.to_owned(),
                test,
            }),
            Some(token) => Err((
                token.span.clone(),
                format!("expected and, or, or the end, not {}", token.text),
            )),
        }
    }

    /// Whether it holds.
    #[must_use]
    pub fn holds(&self, situation: &Situation<'_>) -> bool {
        holds(&self.test, situation)
    }

    /// As it was written.
    #[must_use]
    pub fn text(&self) -> &str {
        &self.text
    }

    /// What it means.
    pub(super) fn test(&self) -> &Test {
        &self.test
    }

    /// The incident types that it names.
    pub fn types(&self) -> Vec<&str> {
        let mut found = Vec::new();
        named(&self.test, &mut found);
        found
    }
}

fn named<'t>(test: &'t Test, found: &mut Vec<&'t str>) {
    match test {
        Test::Type(names) => found.extend(names.iter().map(String::as_str)),
        Test::Not(inner) => named(inner, found),
        Test::All(tests) | Test::Any(tests) => tests.iter().for_each(|t| named(t, found)),
        Test::Severity(..) | Test::Subtype(_) | Test::Finding(_) | Test::Resource(_) => {}
    }
}

fn holds(test: &Test, situation: &Situation<'_>) -> bool {
    let is = |names: &[String], own: Option<&str>| own.is_some_and(|own| names.iter().any(|n| n == own));
    match test {
        Test::Severity(Compare::In, among) => among.contains(&situation.severity),
        Test::Severity(Compare::AtLeast, among) => among.iter().all(|least| situation.severity >= *least),
        Test::Severity(Compare::AtMost, among) => among.iter().all(|most| situation.severity <= *most),
        Test::Type(names) => is(names, situation.incident_type),
        Test::Subtype(names) => is(names, situation.subtype),
        Test::Finding(pattern) => situation.findings.iter().any(|f| glob::matches(pattern, f)),
        Test::Resource(kind) => situation.kinds.contains(kind),
        Test::Not(inner) => !holds(inner, situation),
        Test::All(tests) => tests.iter().all(|t| holds(t, situation)),
        Test::Any(tests) => tests.iter().any(|t| holds(t, situation)),
    }
}

#[derive(Clone, Debug)]
struct Token {
    text: String,
    span: Range<usize>,
    quoted: bool,
}

fn tokens(text: &str) -> Result<Vec<Token>, Fault> {
    let mut found = Vec::new();
    let mut rest = text.char_indices().peekable();
    let wordy = |c: char| c.is_ascii_alphanumeric() || c == '-' || c == '_';
    let sign = |c: char| matches!(c, '=' | '!' | '<' | '>');
    while let Some((start, first)) = rest.next() {
        if first.is_whitespace() {
            continue;
        }
        let mut end = start + first.len_utf8();
        let quoted = first == '"' || first == '\'';
        let mut closed = !quoted;
        while let Some((at, next)) = rest.peek().copied() {
            let goes_on = quoted || (wordy(first) && wordy(next)) || (sign(first) && sign(next));
            if !goes_on {
                break;
            }
            rest.next();
            end = at + next.len_utf8();
            if quoted && next == first {
                closed = true;
                break;
            }
        }
        if !closed {
            return Err((start..end, "the quotes do not end".to_owned()));
        }
        let known = quoted || wordy(first) || sign(first) || matches!(first, '(' | ')' | '[' | ']' | ',');
        if !known {
            return Err((start..end, "expected a word, a sign, quotes or parentheses".to_owned()));
        }
        let inside = if quoted { start + 1..end - 1 } else { start..end };
        found.push(Token {
            text: text[inside].to_owned(),
            span: start..end,
            quoted,
        });
    }
    Ok(found)
}

struct Reader {
    tokens: Vec<Token>,
    at: usize,
    end: usize,
}

impl Reader {
    fn peek(&self) -> Option<&Token> {
        self.tokens.get(self.at)
    }

    fn next(&mut self, wanted: &str) -> Result<Token, Fault> {
        let token = self.peek().cloned();
        self.at += 1;
        token.ok_or_else(|| (self.end..self.end, format!("it ends here, expected {wanted}")))
    }

    /// Takes the token if it is this word or sign.
    fn takes(&mut self, text: &str) -> bool {
        let takes = self.peek().is_some_and(|t| !t.quoted && t.text == text);
        self.at += usize::from(takes);
        takes
    }

    fn expect(&mut self, text: &str) -> Result<(), Fault> {
        let token = self.next(text)?;
        if !token.quoted && token.text == text {
            return Ok(());
        }
        Err((token.span, format!("expected {text}, not {}", token.text)))
    }

    fn any(&mut self, deep: usize) -> Result<Test, Fault> {
        let mut tests = vec![self.all(deep)?];
        while self.takes("or") {
            tests.push(self.all(deep)?);
        }
        Ok(if tests.len() == 1 {
            tests.remove(0)
        } else {
            Test::Any(tests)
        })
    }

    fn all(&mut self, deep: usize) -> Result<Test, Fault> {
        let mut tests = vec![self.one(deep)?];
        while self.takes("and") {
            tests.push(self.one(deep)?);
        }
        Ok(if tests.len() == 1 {
            tests.remove(0)
        } else {
            Test::All(tests)
        })
    }

    fn one(&mut self, deep: usize) -> Result<Test, Fault> {
        if deep > DEEPEST {
            let span = self.peek().map_or(self.end..self.end, |t| t.span.clone());
            return Err((span, format!("it is nested more than {DEEPEST} deep")));
        }
        if self.takes("not") {
            return Ok(Test::Not(Box::new(self.one(deep + 1)?)));
        }
        if self.takes("(") {
            let inner = self.any(deep + 1)?;
            self.expect(")")?;
            return Ok(inner);
        }
        let subject = self.next("severity, type, subtype, finding or resource")?;
        match subject.text.as_str() {
            "severity" if !subject.quoted => self.severity(),
            "type" if !subject.quoted => self.names(Test::Type),
            "subtype" if !subject.quoted => self.names(Test::Subtype),
            "finding" if !subject.quoted => {
                self.expect("matches")?;
                let pattern = self.next("a pattern in quotes")?;
                if !pattern.quoted {
                    return Err((
                        pattern.span,
                        "expected a pattern in quotes, as \"Backdoor:EC2/*\"".to_owned(),
                    ));
                }
                Ok(Test::Finding(pattern.text))
            }
            "resource" if !subject.quoted => {
                self.expect("has")?;
                let kind = self.next("a kind of resource")?;
                Ok(Test::Resource(word(&kind)?))
            }
            other => {
                let what = format!("expected severity, type, subtype, finding, resource, not or (, not {other}");
                Err((subject.span, what))
            }
        }
    }

    fn severity(&mut self) -> Result<Test, Fault> {
        let sign = self.next("==, !=, >=, <= or in")?;
        let compare = match sign.text.as_str() {
            "==" | "!=" | "in" => Compare::In,
            ">=" => Compare::AtLeast,
            "<=" => Compare::AtMost,
            other => return Err((sign.span, format!("expected ==, !=, >=, <= or in, not {other}"))),
        };
        let mut among = Vec::new();
        for token in self.values(sign.text == "in")? {
            let severity = word(&token)?;
            if severity == SeverityLabel::Informational {
                return Err((token.span, "expected critical, high, medium or low".to_owned()));
            }
            among.push(severity);
        }
        let test = Test::Severity(compare, among);
        Ok(if sign.text == "!=" {
            Test::Not(Box::new(test))
        } else {
            test
        })
    }

    fn names(&mut self, make: fn(Vec<String>) -> Test) -> Result<Test, Fault> {
        let sign = self.next("==, != or in")?;
        if !matches!(sign.text.as_str(), "==" | "!=" | "in") {
            return Err((sign.span, format!("expected ==, != or in, not {}", sign.text)));
        }
        let values = self.values(sign.text == "in")?;
        let test = make(values.into_iter().map(|t| t.text).collect());
        Ok(if sign.text == "!=" {
            Test::Not(Box::new(test))
        } else {
            test
        })
    }

    /// One word, or several in brackets.
    fn values(&mut self, many: bool) -> Result<Vec<Token>, Fault> {
        if many {
            self.expect("[")?;
        }
        let mut found = Vec::new();
        loop {
            let token = self.next("a word")?;
            let begins = token.text.starts_with(|c: char| c.is_ascii_alphanumeric());
            if token.quoted || !begins {
                return Err((token.span, format!("expected a word, not {}", token.text)));
            }
            found.push(token);
            if !many {
                return Ok(found);
            }
            if !self.takes(",") {
                self.expect("]")?;
                return Ok(found);
            }
        }
    }
}

fn word<T: for<'de> Deserialize<'de>>(token: &Token) -> Result<T, Fault> {
    let read: Result<T, serde::de::value::Error> = T::deserialize(token.text.as_str().into_deserializer());
    read.map_err(|error| (token.span.clone(), error.to_string()))
}

#[cfg(test)]
#[path = "when_tests.rs"]
mod tests;
