//! Reads JSON that may not be what it should be.
//!
//! Owns: one level of an object at a time, with every surprise written down as a doubt. Must never: fail a whole finding for
//! one field, recurse with the depth of the input, or build a tree of what nobody asked for. A field that is never asked for
//! is skipped over as text, so a hostile tag cannot spoil the rest.

mod json;

use std::cell::RefCell;

use serde_json::value::RawValue;

use crate::domain::{Time, Untrusted};

use json::{Level, fields_of, scalar};

pub use json::unquote;

/// At most this many doubts are kept for a finding: they are for reading, and a hostile finding could make thousands.
const MAX_DOUBTS: usize = 24;
/// At most this many elements of a list are looked at.
const MAX_ITEMS: usize = 1_000;
/// At most this many bytes of one text are kept; more than a screen ever shows. All of it stays in the evidence.
const MAX_TEXT: usize = 16 * 1024;
/// The longest id that is kept as it is; ASFF allows 512.
const MAX_ID: usize = 1_024;

/// What was not as expected, in plain words.
#[derive(Debug, Default)]
pub struct Doubts(RefCell<Vec<String>>);

impl Doubts {
    /// Writes one down, once.
    pub fn add(&self, doubt: impl Into<String>) {
        let doubt = doubt.into();
        let mut all = self.0.borrow_mut();
        if all.len() == MAX_DOUBTS {
            all.push("there is more in it that could not be read as expected".to_owned());
        } else if all.len() < MAX_DOUBTS && !all.contains(&doubt) {
            all.push(doubt);
        }
    }

    /// All of them, in the order they were met.
    pub fn into_vec(self) -> Vec<String> {
        self.0.into_inner()
    }
}

/// One object, its fields still as text. A missing object is one without fields.
#[derive(Clone, Debug)]
pub struct Object<'a> {
    path: String,
    fields: Level<'a>,
    doubts: &'a Doubts,
}

impl<'a> Object<'a> {
    /// The outermost object. The error says in plain words why the text is none.
    pub fn root(text: &'a str, doubts: &'a Doubts) -> Result<Self, String> {
        match text.trim_start().chars().next() {
            Some('{') => {}
            None => return Err("it is empty".to_owned()),
            Some(_) => return Err("it is not a JSON object".to_owned()),
        }
        let fields = fields_of(text).map_err(|error| format!("it is not well-formed JSON ({error})"))?;
        Ok(Self {
            path: String::new(),
            fields,
            doubts,
        })
    }

    /// Whether it has no fields, or was not there.
    pub fn is_empty(&self) -> bool {
        self.fields.is_empty()
    }

    /// The path of a field, as doubts name it.
    fn name(&self, key: &str) -> String {
        if self.path.is_empty() {
            key.to_owned()
        } else {
            format!("{}.{key}", self.path)
        }
    }

    fn doubt(&self, key: &str, what: &str) {
        self.doubts.add(format!("{} {what}", self.name(key)));
    }

    /// The text of a field that is there and not null. The first letter's case is free: the API writes `accountId`, the AWS
    /// CLI prints the same as `AccountId`. Of a repeated field the last counts, as in most JSON readers.
    fn raw(&self, key: &str) -> Option<&'a str> {
        let rest = key.get(1..).unwrap_or_default();
        let same = |name: &str| {
            name == key
                || (name.get(1..) == Some(rest) && name.as_bytes()[..1].eq_ignore_ascii_case(&key.as_bytes()[..1]))
        };
        let (_, value) = self.fields.iter().rev().find(|(name, _)| same(name))?;
        let text = value.get().trim();
        (text != "null").then_some(text)
    }

    /// A field as it stands in the text, if it is there and not null.
    pub fn part(&self, key: &str) -> Option<&'a str> {
        self.raw(key)
    }

    /// The elements of a list as they stand in the text. One that is no list counts as a list of one. None is left out, for this is
    /// for lists of findings; their bound is that of the message.
    pub fn parts(&self, key: &str) -> Vec<&'a str> {
        self.items_up_to(key, usize::MAX)
    }

    /// The names of its fields, as they came.
    pub fn names(&self) -> impl Iterator<Item = &str> {
        self.fields.iter().map(|(name, _)| name.as_ref())
    }

    /// A nested object; without fields if it is missing or something else.
    pub fn object(&self, key: &str) -> Object<'a> {
        let fields = match self.raw(key) {
            None => Vec::new(),
            Some(text) if text.starts_with('{') => fields_of(text).unwrap_or_default(),
            Some(_) => {
                self.doubt(key, "is not an object");
                Vec::new()
            }
        };
        Object {
            path: self.name(key),
            fields,
            doubts: self.doubts,
        }
    }

    /// The objects of a list. A lone object counts as a list of one.
    pub fn objects(&self, key: &str) -> Vec<Object<'a>> {
        let mut out = Vec::new();
        for (index, item) in self.items(key).into_iter().enumerate() {
            let path = format!("{}[{index}]", self.name(key));
            match fields_of(item) {
                Ok(fields) => out.push(Object {
                    path,
                    fields,
                    doubts: self.doubts,
                }),
                Err(_) => self.doubts.add(format!("{path} is not an object")),
            }
        }
        out
    }

    /// The strings of a list.
    pub fn texts(&self, key: &str) -> Vec<String> {
        let items = self.items(key);
        items
            .into_iter()
            .filter_map(|item| scalar(item).map(|(text, _)| text))
            .collect()
    }

    fn items(&self, key: &str) -> Vec<&'a str> {
        self.items_up_to(key, MAX_ITEMS)
    }

    fn items_up_to(&self, key: &str, most: usize) -> Vec<&'a str> {
        let Some(text) = self.raw(key) else { return Vec::new() };
        if !text.starts_with('[') {
            self.doubt(key, "is not a list");
            return vec![text];
        }
        let mut all: Vec<&'a RawValue> = serde_json::from_str(text).unwrap_or_default();
        if all.len() > most {
            self.doubt(key, &format!("has {} entries; the first {most} were read", all.len()));
            all.truncate(most);
        }
        all.into_iter().map(|raw| raw.get().trim()).collect()
    }

    /// A string. A number or a flag in its place is taken as it is written, with a doubt. Empty counts as missing.
    pub fn text(&self, key: &str) -> Option<String> {
        self.read_text(key, false)
    }

    /// A string or a number, where sources differ in how they write it.
    pub fn loose(&self, key: &str) -> Option<String> {
        self.read_text(key, true)
    }

    fn read_text(&self, key: &str, numbers_too: bool) -> Option<String> {
        let raw = self.raw(key)?;
        let Some((mut text, quoted)) = scalar(raw) else {
            self.doubt(key, "is not text");
            return None;
        };
        if text.len() > MAX_TEXT {
            self.doubt(key, &format!("is {} bytes long; its beginning is shown", text.len()));
            text.truncate(text.floor_char_boundary(MAX_TEXT));
        }
        if !quoted && !numbers_too {
            self.doubt(key, "is not a string");
        }
        if quoted && text.contains('\u{fffd}') && !raw.contains('\u{fffd}') {
            self.doubt(key, "holds half a character");
        }
        (!text.is_empty()).then_some(text)
    }

    /// A finding's id. Of one that is too long a hash stands for the rest, so that two such ids stay apart.
    pub fn id(&self, key: &str) -> Option<String> {
        let raw = self.raw(key)?;
        if raw.len() <= MAX_ID {
            return self.text(key);
        }
        let (whole, _) = scalar(raw)?;
        self.doubt(
            key,
            &format!("is {} bytes long; a hash stands for the rest", whole.len()),
        );
        Some(format!(
            "{}…{}",
            begin(&whole, MAX_ID / 4),
            super::unread::hash(whole.as_bytes())
        ))
    }

    /// The same, where it should be there.
    pub fn needed_id(&self, key: &str) -> Option<String> {
        let id = self.id(key);
        if id.is_none() {
            self.missing(key);
        }
        id
    }

    /// The same as `text`, as text from outside.
    pub fn untrusted(&self, key: &str) -> Option<Untrusted> {
        self.text(key).map(Untrusted::new)
    }

    /// A string that should be there.
    pub fn needed(&self, key: &str) -> Option<String> {
        let text = self.text(key);
        if text.is_none() {
            self.missing(key);
        }
        text
    }

    /// Writes down that a field is missing, unless it is there and was doubted already.
    pub fn missing(&self, key: &str) {
        match self.raw(key) {
            None => self.doubt(key, "is missing"),
            Some("\"\"" | "[]" | "{}") => self.doubt(key, "is empty"),
            Some(_) => {}
        }
    }

    /// Writes down that a field is there but makes no sense.
    pub fn invalid(&self, key: &str) {
        let shown: String = self.raw(key).unwrap_or_default().chars().take(60).collect();
        self.doubt(
            key,
            &format!("is not what it should be: {}", Untrusted::new(shown).shown()),
        );
    }

    /// The same, unless it is missing, which is told elsewhere.
    pub fn invalid_if_there(&self, key: &str) {
        if self.raw(key).is_some() {
            self.invalid(key);
        }
    }

    /// A finite number; one given as a string is taken with a doubt.
    pub fn number(&self, key: &str) -> Option<f64> {
        let raw = self.raw(key)?;
        let number = scalar(raw).and_then(|(text, _)| text.trim().parse::<f64>().ok());
        let number = number.filter(|n| n.is_finite());
        if number.is_none() {
            self.doubt(key, "is not a number");
        } else if raw.starts_with('"') {
            self.doubt(key, "is a number written as a string");
        }
        number
    }

    /// A flag; `"true"` and `"false"` are taken with a doubt.
    pub fn flag(&self, key: &str) -> Option<bool> {
        let raw = self.raw(key)?;
        let value = match raw.trim_matches('"').to_ascii_lowercase().as_str() {
            "true" => Some(true),
            "false" => Some(false),
            _ => None,
        };
        if value.is_none() || raw.starts_with('"') {
            self.doubt(key, "is not true or false");
        }
        value
    }

    /// A count from 0 to `u32::MAX`; what lies outside is taken to the nearest end, with a doubt.
    #[expect(
        clippy::cast_possible_truncation,
        clippy::cast_sign_loss,
        reason = "the value is clamped to the range of u32 before the cast"
    )]
    pub fn count(&self, key: &str) -> Option<u32> {
        let n = self.number(key)?;
        let clamped = n.round().clamp(0.0, f64::from(u32::MAX));
        if (clamped - n).abs() > 0.0 {
            self.doubt(key, "is not a count");
        }
        Some(clamped as u32)
    }

    /// A time: an RFC 3339 string, or seconds (or milliseconds) since 1970 as a number.
    pub fn time(&self, key: &str) -> Option<Time> {
        let raw = self.raw(key)?;
        let time = scalar(raw).and_then(|(text, quoted)| {
            let written = if quoted { text.parse::<Time>().ok() } else { None };
            written.or_else(|| text.parse::<f64>().ok().and_then(epoch))
        });
        if time.is_none() && raw != "\"\"" {
            self.doubt(key, "is not a time");
        }
        time
    }
}

/// At most this many bytes of a text, at the border of a character.
fn begin(text: &str, most: usize) -> &str {
    &text[..text.floor_char_boundary(most)]
}

/// Country and network of an address, as GuardDuty's `remoteIpDetails` and ASFF's `RemoteIpDetails` give them:
/// `Netherlands, Example Hosting (AS64500)`.
pub fn place_of(details: &Object<'_>) -> Option<String> {
    let country = details.object("country");
    let country = country.text("countryName").or_else(|| country.text("countryCode"));
    let network = details.object("organization");
    let owner = network.text("org").or_else(|| network.text("asnOrg"));
    join_place(country, owner, network.loose("asn"))
}

/// The same from its parts.
pub fn join_place(country: Option<String>, owner: Option<String>, asn: Option<String>) -> Option<String> {
    let asn = asn.map(|asn| format!("AS{}", asn.trim_start_matches("AS")));
    let network = match (owner, asn) {
        (Some(owner), Some(asn)) => Some(format!("{owner} ({asn})")),
        (owner, asn) => owner.or(asn),
    };
    match (country, network) {
        (Some(country), Some(network)) => Some(format!("{country}, {network}")),
        (country, network) => country.or(network),
    }
}

/// Seconds since 1970; numbers past the year 5000 can only be milliseconds.
#[expect(
    clippy::cast_possible_truncation,
    reason = "the range is checked first and a part of a microsecond is no loss"
)]
fn epoch(number: f64) -> Option<Time> {
    let seconds = if number.abs() > 1e11 { number / 1000.0 } else { number };
    if !seconds.is_finite() || seconds.abs() > 1e11 {
        return None;
    }
    Time::from_microsecond((seconds * 1e6).round() as i64).ok()
}

#[cfg(test)]
mod tests;
