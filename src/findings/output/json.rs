//! JSON and JSON lines: the lossless forms.

use std::borrow::Borrow;
use std::io::{self, Write};

use serde::Serialize;
use serde_json::ser::{CompactFormatter, Formatter};

use super::FindingRow;
use crate::domain::visible_json;
use crate::findings::{Coverage, Finding};

/// How the accounts and regions were found.
#[derive(Clone, Copy, Debug)]
pub struct Way<'a> {
    /// In one or two sentences; empty where nothing was looked for.
    pub how: &'a str,
    /// Whether there may be accounts or regions that nobody named, and that have no coverage row.
    pub may_miss: bool,
}

/// `{"findings": […], "coverage": […], "may_miss": …, "way": "…"}`, one finding or coverage row a line.
pub fn json<W: Write, F: Borrow<Finding>>(
    out: &mut W,
    findings: &[F],
    coverage: &[Coverage],
    way: Way<'_>,
) -> io::Result<()> {
    out.write_all(b"{\"findings\": [")?;
    list(out, findings.iter().map(|finding| FindingRow::from(finding.borrow())))?;
    out.write_all(b"],\n\"coverage\": [")?;
    list(out, coverage.iter())?;
    write!(out, "],\n\"may_miss\": {},\n\"way\": ", way.may_miss)?;
    row(out, &way.how)?;
    out.write_all(b"}\n")
}

/// One finding a line. Coverage has no place in it; the caller says elsewhere what is missing.
pub fn jsonl<W: Write, F: Borrow<Finding>>(out: &mut W, findings: &[F]) -> io::Result<()> {
    for finding in findings {
        row(out, &FindingRow::from(finding.borrow()))?;
        out.write_all(b"\n")?;
    }
    Ok(())
}

fn list<W: Write, T: Serialize>(out: &mut W, rows: impl Iterator<Item = T>) -> io::Result<()> {
    for (index, value) in rows.enumerate() {
        out.write_all(if index == 0 { b"\n" } else { b",\n" })?;
        row(out, &value)?;
    }
    Ok(())
}

fn row<W: Write, T: Serialize>(out: &mut W, value: &T) -> io::Result<()> {
    let mut serializer = serde_json::Serializer::with_formatter(out, Visible(CompactFormatter));
    value.serialize(&mut serializer).map_err(io::Error::from)
}

/// JSON as [`visible_json`] writes it.
struct Visible(CompactFormatter);

impl Formatter for Visible {
    fn write_string_fragment<W: Write + ?Sized>(&mut self, out: &mut W, fragment: &str) -> io::Result<()> {
        if fragment.bytes().all(|b| b.is_ascii() && b != 0x7f) {
            return self.0.write_string_fragment(out, fragment);
        }
        out.write_all(visible_json(fragment).as_bytes())
    }
}
