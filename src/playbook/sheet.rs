//! Reading a TOML table key by key, so that one look at a file finds every fault in it and not only the first.
//!
//! Owns: the faults of a file with their places. Must never: take a key that was not asked for; those are faults too.

use std::borrow::Cow;
use std::ops::{Range, RangeInclusive};

use serde::Deserialize;
use serde::de::IntoDeserializer;
use toml::Spanned;
use toml::de::{DeTable, DeValue};

use crate::domain::SourceError;

/// The most faults that are kept of one file; more help nobody.
const MOST: usize = 50;
/// The largest file of this kind, in bytes. The longest playbook that is built in is a tenth of it.
const MAX_FILE: usize = 256 * 1024;

/// The longest name, in characters.
pub const MAX_NAME: usize = 64;

/// The faults of a file.
pub struct Faults<'t> {
    file: &'t str,
    text: &'t str,
    all: Vec<SourceError>,
}

impl Faults<'_> {
    /// Notes a fault at these bytes.
    pub fn add(&mut self, span: Range<usize>, what: impl Into<String>) {
        if self.all.len() < MOST {
            self.all.push(SourceError::at(self.file, self.text, Some(span), what));
        }
    }

    /// How many there are so far.
    pub fn count(&self) -> usize {
        self.all.len()
    }

    /// Where a place inside a text value stands in the file: exactly, where the value is written without escapes.
    pub fn inside(&self, value: &Spanned<String>, place: Range<usize>) -> Range<usize> {
        let quoted = self.text.get(value.span()).unwrap_or_default();
        match quoted.find(value.get_ref().as_str()) {
            Some(at) => value.span().start + at + place.start..value.span().start + at + place.end,
            None => value.span(),
        }
    }

    /// The word that a text value is, as one of a closed list.
    pub fn word<T: for<'de> Deserialize<'de>>(&mut self, value: &Spanned<String>) -> Option<T> {
        let read: Result<T, serde::de::value::Error> = T::deserialize(value.get_ref().as_str().into_deserializer());
        read.map_err(|error| self.add(value.span(), error.to_string())).ok()
    }

    /// The value, if there was no fault; the faults in the order of the file otherwise.
    pub fn finish<T>(mut self, value: Option<T>) -> Result<T, Vec<SourceError>> {
        self.all
            .sort_by_key(|fault| fault.place.as_ref().map(|place| (place.line, place.column)));
        match value {
            Some(value) if self.all.is_empty() => Ok(value),
            _ if self.all.is_empty() => Err(vec![SourceError::at(self.file, self.text, None, "it is not complete")]),
            _ => Err(self.all),
        }
    }
}

/// A table of the file. Keys are taken out one by one; what is left at the end is a fault.
pub struct Sheet<'t> {
    entries: Vec<(Spanned<Cow<'t, str>>, Spanned<DeValue<'t>>)>,
    span: Range<usize>,
    asked: Vec<&'static str>,
}

/// Opens a file. A text that is not TOML has its syntax faults alone, since what it means is not known.
pub fn open<'t>(file: &'t str, text: &'t str) -> Result<(Sheet<'t>, Faults<'t>), Vec<SourceError>> {
    if text.len() > MAX_FILE {
        let what = format!("it is {} bytes long; at most {MAX_FILE} are read", text.len());
        return Err(vec![SourceError::at(file, text, None, what)]);
    }
    let (table, wrong) = DeTable::parse_recoverable(text);
    if !wrong.is_empty() {
        let faults = wrong.iter().take(MOST);
        return Err(faults
            .map(|e| SourceError::at(file, text, e.span(), e.message()))
            .collect());
    }
    let faults = Faults {
        file,
        text,
        all: Vec::new(),
    };
    Ok((Sheet::new(0..0, table.into_inner()), faults))
}

impl<'t> Sheet<'t> {
    fn new(span: Range<usize>, table: DeTable<'t>) -> Self {
        Self {
            entries: table.into_iter().collect(),
            span,
            asked: Vec::new(),
        }
    }

    /// Where the table begins.
    pub fn span(&self) -> Range<usize> {
        self.span.clone()
    }

    fn take(&mut self, key: &'static str) -> Option<Spanned<DeValue<'t>>> {
        self.asked.push(key);
        let at = self.entries.iter().position(|(k, _)| k.get_ref() == key)?;
        Some(self.entries.swap_remove(at).1)
    }

    /// A text, if there is one: of at most so many characters, trimmed, and not empty.
    pub fn text(&mut self, key: &'static str, most: usize, faults: &mut Faults<'t>) -> Option<Spanned<String>> {
        let value = self.take(key)?;
        line(value, most, faults)
    }

    /// A text that must be there.
    pub fn need(&mut self, key: &'static str, most: usize, faults: &mut Faults<'t>) -> Option<Spanned<String>> {
        self.present(key, faults);
        self.text(key, most, faults)
    }

    /// A name that must be there: lower-case letters, digits and hyphens.
    pub fn name(&mut self, key: &'static str, faults: &mut Faults<'t>) -> Option<Spanned<String>> {
        let name = self.need(key, MAX_NAME, faults)?;
        let plain = |c: char| c.is_ascii_lowercase() || c.is_ascii_digit() || c == '-';
        if name.get_ref().chars().all(plain) && !name.get_ref().starts_with('-') {
            return Some(name);
        }
        faults.add(name.span(), "expected a name of lower-case letters, digits and hyphens");
        None
    }

    /// Whether something is so; not, where the key is missing.
    pub fn flag(&mut self, key: &'static str, faults: &mut Faults<'t>) -> bool {
        let Some(value) = self.take(key) else {
            return false;
        };
        value.get_ref().as_bool().unwrap_or_else(|| {
            faults.add(value.span(), "expected true or false");
            false
        })
    }

    /// Where the value of a key stands, if the key is there and was not taken.
    pub fn place(&self, key: &str) -> Option<Range<usize>> {
        let entry = self.entries.iter().find(|(k, _)| k.get_ref() == key);
        entry.map(|(_, value)| value.span())
    }

    /// Says that a key is missing, if it is.
    fn present(&self, key: &str, faults: &mut Faults<'t>) {
        if !self.entries.iter().any(|(k, _)| k.get_ref() == key) {
            faults.add(self.span(), format!("`{key}` is missing here"));
        }
    }

    /// A list of texts, each of at most so many characters; none where the key is missing.
    pub fn texts(
        &mut self,
        key: &'static str,
        (most, longest): (usize, usize),
        faults: &mut Faults<'t>,
    ) -> Option<Vec<Spanned<String>>> {
        let values = self.array(key, most, faults)?;
        Some(values.into_iter().filter_map(|v| line(v, longest, faults)).collect())
    }

    /// A list of words of a closed list, each at most once.
    pub fn words<T: for<'de> Deserialize<'de> + PartialEq>(
        &mut self,
        key: &'static str,
        most: usize,
        faults: &mut Faults<'t>,
    ) -> Vec<T> {
        let mut words = Vec::new();
        for value in self.texts(key, (most, 200), faults).unwrap_or_default() {
            match faults.word(&value) {
                Some(word) if words.contains(&word) => faults.add(value.span(), "it stands here twice, expected once"),
                Some(word) => words.push(word),
                None => {}
            }
        }
        words
    }

    /// A list of tables.
    pub fn sheets(&mut self, key: &'static str, most: usize, faults: &mut Faults<'t>) -> Vec<Self> {
        let values = self.array(key, most, faults).unwrap_or_default();
        values.into_iter().filter_map(|v| sheet(v, faults)).collect()
    }

    /// A table that must be there.
    pub fn sheet(&mut self, key: &'static str, faults: &mut Faults<'t>) -> Option<Self> {
        self.present(key, faults);
        sheet(self.take(key)?, faults)
    }

    /// A whole number within limits that must be there, and where it stands.
    pub fn number(
        &mut self,
        key: &'static str,
        limits: &RangeInclusive<u32>,
        faults: &mut Faults<'t>,
    ) -> Option<Spanned<u32>> {
        self.present(key, faults);
        let value = self.take(key)?;
        let span = value.span();
        let (least, most) = (limits.start(), limits.end());
        let number = match value.get_ref() {
            DeValue::Integer(digits) => u32::from_str_radix(digits.as_str(), digits.radix()).ok(),
            _ => None,
        };
        let number = number.filter(|n| limits.contains(n));
        if number.is_none() {
            faults.add(span.clone(), format!("expected a whole number from {least} to {most}"));
        }
        number.map(|number| Spanned::new(span, number))
    }

    fn array(&mut self, key: &'static str, most: usize, faults: &mut Faults<'t>) -> Option<Vec<Spanned<DeValue<'t>>>> {
        let value = self.take(key)?;
        let span = value.span();
        let DeValue::Array(array) = value.into_inner() else {
            faults.add(span, format!("expected a list for `{key}`"));
            return None;
        };
        let values: Vec<_> = array.into_iter().collect();
        if let Some(over) = values.get(most) {
            faults.add(over.span(), format!("expected at most {most} in `{key}`"));
        }
        Some(values.into_iter().take(most).collect())
    }

    /// Names the keys that nobody asked for.
    pub fn end(self, faults: &mut Faults<'t>) {
        for (key, _) in &self.entries {
            let known: Vec<String> = self.asked.iter().map(|k| format!("`{k}`")).collect();
            let what = format!(
                "unknown field `{}`, expected one of {}",
                key.get_ref(),
                known.join(", ")
            );
            faults.add(key.span(), what);
        }
    }
}

fn line(value: Spanned<DeValue<'_>>, most: usize, faults: &mut Faults<'_>) -> Option<Spanned<String>> {
    let span = value.span();
    let DeValue::String(text) = value.into_inner() else {
        faults.add(span, "expected a text in quotes");
        return None;
    };
    let text = text.trim();
    if (1..=most).contains(&text.chars().count()) {
        return Some(Spanned::new(span, text.to_owned()));
    }
    faults.add(span, format!("expected a text of 1 to {most} characters"));
    None
}

fn sheet<'t>(value: Spanned<DeValue<'t>>, faults: &mut Faults<'t>) -> Option<Sheet<'t>> {
    let span = value.span();
    let DeValue::Table(table) = value.into_inner() else {
        faults.add(span, "expected a table");
        return None;
    };
    Some(Sheet::new(span, table))
}
