//! Reads exported findings from files: what the APIs answer, what EventBridge sends, what GuardDuty exports to S3, ASFF.
//!
//! Owns: how a file is taken apart into JSON values, and which format each of them is. Must never: do IO, or pass over anything in
//! silence: what is not understood is named with file, line and column.

use std::fmt;

use bytes::Bytes;
use serde_json::value::RawValue;

use super::event::{self, part_of, text_of};
use super::reader::{Doubts, Object};
use super::{Place, Seen, asff, guardduty, page};
use crate::domain::{AccountId, Region, Untrusted};

/// Lists in lists, and broken pages in pages, are followed this far; exports have at most two levels.
const MAX_LISTS: usize = 4;
/// At most this many faults of a file are told one by one; the others are counted.
const MAX_TOLD: usize = 20;
/// What is broken is tried again from each line that may begin a value. So often the length of the file is read for that, and no more:
/// else a file of open braces would take the square of its length.
const MAX_AGAIN: usize = 64;

/// What a file held.
#[derive(Debug, Default)]
pub struct Imported {
    pub findings: Vec<Seen>,
    /// What was not understood, in the order of the file; at most twenty.
    pub faults: Vec<Fault>,
    /// How many were not understood, or say that there is more, in all.
    pub misunderstood: usize,
    /// Where the first byte is that is not UTF-8, if one is. What it says is in the list, but not as it was written.
    pub garbled: Option<Fault>,
}

/// Something in a file that is no finding.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Fault {
    /// As it was given.
    pub file: String,
    /// From 1.
    pub line: usize,
    /// In characters, from 1.
    pub column: usize,
    pub why: String,
}

impl fmt::Display for Fault {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let Self { line, column, .. } = self;
        let (file, why) = (Untrusted::new(self.file.as_str()), Untrusted::new(self.why.as_str()));
        write!(f, "{file}:{line}:{column}: {why}")
    }
}

/// Reads a file's content. JSON, JSON lines, several values after one another, with or without a byte order mark; formats may be
/// mixed.
#[must_use]
pub fn read(file: &str, content: &Bytes) -> Imported {
    let mut reading = Reading {
        file,
        whole: text_of(content),
        counted: (0, 1),
        out: Imported::default(),
    };
    if let Some(why) = not_text(content) {
        reading.fault(0, why);
        return reading.out;
    }
    reading.all();
    let mut out = reading.out;
    out.garbled = garbled(file, content);
    out
}

/// The first byte that is not UTF-8, and how many there are.
fn garbled(file: &str, content: &[u8]) -> Option<Fault> {
    let count: usize = content.utf8_chunks().map(|chunk| chunk.invalid().len()).sum();
    let good = content.utf8_chunks().next().filter(|_| count > 0)?.valid();
    let good = good.trim_start_matches('\u{feff}');
    let column = good.rsplit('\n').next().unwrap_or_default().chars().count() + 1;
    let bytes = match count {
        1 => "this byte is not UTF-8, and reads".to_owned(),
        n => format!("here the first of {n} bytes that are not UTF-8 stands; they read"),
    };
    Some(Fault {
        file: file.to_owned(),
        line: good.matches('\n').count() + 1,
        column,
        why: format!("{bytes} as \u{fffd} in the list; write the file as UTF-8 (iconv -f LATIN1 -t UTF-8)"),
    })
}

/// What people give by mistake.
fn not_text(content: &[u8]) -> Option<String> {
    match content {
        [0x1f, 0x8b, ..] => {
            Some("it is compressed; unpack it first: gunzip -c FILE | quell findings --from -".to_owned())
        }
        [0xff, 0xfe, ..] | [0xfe, 0xff, ..] => Some("it is UTF-16; write it as UTF-8 first".to_owned()),
        [b'P', b'K', 3, 4, ..] => Some("it is a zip archive; unpack it first".to_owned()),
        _ if content.trim_ascii().is_empty() => Some("it is empty".to_owned()),
        _ => None,
    }
}

/// Stands in where a finding does not say its account or region; the finding says that it does not.
fn nowhere() -> Option<Place> {
    let account: AccountId = "000000000000".parse().ok()?;
    Some(Place {
        account,
        region: Region::global(),
    })
}

struct Reading<'f> {
    file: &'f str,
    whole: Bytes,
    /// A place that was counted already, and its line: places only grow.
    counted: (usize, usize),
    out: Imported,
}

impl Reading<'_> {
    fn all(&mut self) {
        let whole = self.whole.clone();
        let text = std::str::from_utf8(&whole).unwrap_or_default();
        let (mut at, mut in_vain) = (0, 0);
        loop {
            at += text[at..].len() - text[at..].trim_start().len();
            // What some exports put between two values.
            if text[at..].starts_with(',') {
                at += 1;
                continue;
            }
            if at >= text.len() {
                return;
            }
            let mut values = serde_json::Deserializer::from_str(&text[at..]).into_iter::<&RawValue>();
            match values.next() {
                Some(Ok(value)) => {
                    self.value(value.get(), 0);
                    at += values.byte_offset();
                }
                Some(Err(error)) => {
                    let (line, column) = (error.line(), error.column());
                    let start: usize = text[at..].split_inclusive('\n').take(line - 1).map(str::len).sum();
                    let wrong = text.floor_char_boundary((at + start + column.saturating_sub(1)).min(text.len()));
                    let why = if error.is_eof() {
                        "it ends in the middle of a value".to_owned()
                    } else {
                        format!("it is not JSON ({})", plain(&error))
                    };
                    let read = self.before_the_fault(&text[at..], 0);
                    self.fault(wrong, why);
                    in_vain += wrong.saturating_sub(at);
                    if in_vain > MAX_AGAIN * text.len() {
                        let why = "too much of it is broken: what comes from here on is not read";
                        return self.fault(at, why.to_owned());
                    }
                    at = self.next_value(at + read);
                }
                None => return,
            }
        }
    }

    /// Reads the whole findings of a broken list, or of a broken page, and says how far it came: what came before a cut is as good
    /// as it was.
    fn before_the_fault(&mut self, text: &str, lists: usize) -> usize {
        let is_list = match text.as_bytes().first() {
            Some(b'[') if lists < MAX_LISTS => true,
            // A page may stand in a page for ever, and each is a step down on the stack.
            Some(b'{') if lists < MAX_LISTS => false,
            _ => return 0,
        };
        // A list is read up to where it breaks; of an object, which may not be what it seems, only what was taken out of it.
        let (mut at, mut key, mut read) = (1, None, 0);
        loop {
            at += text[at..].len() - text[at..].trim_start_matches([' ', '\t', '\r', '\n', ',', ':']).len();
            let mut values = serde_json::Deserializer::from_str(&text[at..]).into_iter::<&RawValue>();
            let holds = is_list || key.is_some_and(|key| matches!(key, "\"findings\"" | "\"Findings\""));
            let Some(Ok(value)) = values.next() else {
                return match holds.then(|| self.before_the_fault(&text[at..], lists + 1)) {
                    Some(inner) if is_list || inner > 0 => at + inner,
                    _ => read,
                };
            };
            // In an object names and values take turns.
            key = (!is_list && key.is_none()).then(|| value.get());
            at += values.byte_offset();
            if holds && (is_list || value.get().starts_with('[')) {
                self.value(value.get(), lists + 1);
                read = at;
            }
        }
    }

    /// Where the next line begins that may begin a value. In a broken value that has many lines, these are indented.
    fn next_value(&self, from: usize) -> usize {
        let rest = &self.whole[from..];
        let mut at = 0;
        while let Some(end) = rest[at..].iter().position(|&b| b == b'\n') {
            at += end + 1;
            if matches!(rest.get(at), Some(b'{' | b'[')) {
                return from + at;
            }
        }
        self.whole.len()
    }

    fn value(&mut self, text: &str, lists: usize) {
        match text.as_bytes().first() {
            Some(b'[') if lists < MAX_LISTS => self.list(text, lists),
            Some(b'[') => self.fault_at(text, "there are too many lists in lists".to_owned()),
            Some(b'{') => self.object(text, lists),
            _ => self.fault_at(text, "it is neither an object nor a list".to_owned()),
        }
    }

    fn list(&mut self, text: &str, lists: usize) {
        match serde_json::from_str::<Vec<&RawValue>>(text) {
            Ok(items) => items.into_iter().for_each(|item| self.value(item.get(), lists + 1)),
            Err(error) => self.fault_at(text, format!("it is not a list ({})", plain(&error))),
        }
    }

    fn object(&mut self, text: &str, lists: usize) {
        if page::too_deep(text.as_bytes()).is_some() {
            return self.fault_at(text, format!("it is nested deeper than {} levels", page::MAX_DEPTH));
        }
        let doubts = Doubts::default();
        let root = match Object::root(text, &doubts) {
            Ok(root) => root,
            Err(why) => return self.fault_at(text, why),
        };
        let Some(at) = nowhere() else { return };
        let has = |key: &str| root.part(key).is_some();
        let list = root.part("findings").filter(|list| list.starts_with('['));
        // What is written beside a list of findings, as the account that they are of, does not make it a finding.
        let page = list.filter(|_| !has("type") && !has("types") && !has("id"));
        if event::is_one(&root) {
            match event::read(&part_of(&self.whole, text), &at) {
                Ok(found) => self.out.findings.extend(found),
                Err(event::NotAnEvent(why)) => self.fault_at(text, why),
            }
        } else if let Some(list) = page {
            self.list(list, lists);
            if let Some(token) = root.part("nextToken").filter(|token| *token != "\"\"") {
                let why = "it is one page of several: its NextToken leads to more findings, which are missing unless another file \
                           holds them";
                self.fault_at(token, why.to_owned());
            }
        } else if let Some(list) = list {
            self.fault_at(
                list,
                "it is a finding that has a list of findings in it; neither was read".to_owned(),
            );
        } else if has("awsAccountId") || has("productArn") || has("generatorId") {
            let raw = part_of(&self.whole, text);
            self.out.findings.push(Seen::read(raw, |raw| asff::parse(raw, &at)));
        } else if has("accountId") || has("service") && has("type") {
            let raw = part_of(&self.whole, text);
            self.out
                .findings
                .push(Seen::read(raw, |raw| guardduty::parse(raw, &at)));
        } else {
            self.fault_at(text, format!("it is no finding and no event; {}", event::fields(&root)));
        }
    }

    fn fault_at(&mut self, part: &str, why: String) {
        let at = (part.as_ptr() as usize).saturating_sub(self.whole.as_ptr() as usize);
        self.fault(at, why);
    }

    fn fault(&mut self, at: usize, why: String) {
        self.out.misunderstood += 1;
        if self.out.faults.len() == MAX_TOLD {
            return;
        }
        let (from, line) = if self.counted.0 <= at { self.counted } else { (0, 1) };
        let line = line + self.whole[from..at].split(|&b| b == b'\n').count() - 1;
        self.counted = (at, line);
        let begin = self.whole[..at].iter().rposition(|&b| b == b'\n').map_or(0, |n| n + 1);
        let column = String::from_utf8_lossy(&self.whole[begin..at]).chars().count() + 1;
        self.out.faults.push(Fault {
            file: self.file.to_owned(),
            line,
            column,
            why,
        });
    }
}

/// What `serde_json` says, without the place, which counts from the value and not from the file.
fn plain(error: &serde_json::Error) -> String {
    let mut text = error.to_string();
    if let Some(at) = text.rfind(" at line ") {
        text.truncate(at);
    }
    text
}

#[cfg(test)]
#[path = "import_tests.rs"]
mod tests;
