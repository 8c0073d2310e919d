//! CSV after RFC 4180, safe to open in a spreadsheet. Not lossless: text is in its shown form, JSON has the raw one.

use std::borrow::Borrow;
use std::io::{self, Write};

use super::FindingRow;
use crate::domain::Untrusted;
use crate::findings::Finding;

const HEADER: &str =
    "id,arn,source,account,region,type,severity,severity_label,title,resource,first_seen,updated_at,archived";

/// A header and one finding a line, ended by CRLF as the RFC has it.
pub fn csv<W: Write, F: Borrow<Finding>>(out: &mut W, findings: &[F]) -> io::Result<()> {
    write!(out, "{HEADER}\r\n")?;
    for finding in findings {
        let row = FindingRow::from(finding.borrow());
        let time = |time: Option<crate::domain::Time>| time.map(|t| t.to_string()).unwrap_or_default();
        let fields = [
            outside(row.id),
            row.arn.map(outside).unwrap_or_default(),
            row.source.word().to_owned(),
            row.account.to_string(),
            row.region.to_string(),
            outside(row.kind),
            row.severity.score().to_string(),
            row.severity_label.word().to_owned(),
            outside(row.title),
            outside(row.resource),
            time(row.first_seen),
            time(row.updated_at),
            row.archived.to_string(),
        ];
        let quoted: Vec<String> = fields.iter().map(|field| quote(field)).collect();
        write!(out, "{}\r\n", quoted.join(","))?;
    }
    Ok(())
}

/// Text from outside, shown, with an apostrophe before what a spreadsheet would take for a formula (OWASP, "CSV Injection";
/// the full-width signs are formulas too where such are typed).
fn outside(text: &Untrusted) -> String {
    let formula = ['=', '+', '-', '@', '\t', '\r', '\n', '＝', '＋', '－', '＠'];
    let shown = text.shown();
    if text.raw().starts_with(formula) {
        format!("'{shown}")
    } else {
        shown
    }
}

fn quote(field: &str) -> String {
    if field.contains(['"', ',', '\r', '\n']) {
        format!("\"{}\"", field.replace('"', "\"\""))
    } else {
        field.to_owned()
    }
}
