//! The table for people: aligned by display width, text from outside in its shown form.

use std::borrow::{Borrow, Cow};
use std::io::{self, Write};

use unicode_segmentation::UnicodeSegmentation;
use unicode_width::UnicodeWidthStr;

use crate::domain::{AccountId, Time};
use crate::findings::Finding;

const HEADER: [&str; 7] = ["SEV", "AGE", "ACCOUNT", "REGION", "RESOURCE", "TYPE", "TITLE"];
/// The widest that a column grows, in cells. The title takes what is left.
const WIDEST: [usize; 6] = [6, 5, 16, 10, 24, 44];
/// The title is never squeezed below this; a narrower terminal wraps.
const NARROWEST_TITLE: usize = 12;

/// Writes the table. `width` is in cells, `usize::MAX` where nothing should be cut from titles; `names` gives the organisation's name of an account, and `now` is what ages are
/// counted from. Findings stay in the order in which they are handed in.
pub fn table<'n, W: Write, F: Borrow<Finding>>(
    out: &mut W,
    findings: &[F],
    width: usize,
    names: &dyn Fn(&AccountId) -> Option<&'n str>,
    now: Time,
) -> io::Result<()> {
    let rows: Vec<[String; 7]> = findings.iter().map(|f| cells(f.borrow(), names, now)).collect();
    let mut widths = [0; 6];
    for (column, widest) in WIDEST.iter().enumerate() {
        let cells = rows.iter().map(|row| row[column].width());
        let needed = cells.max().unwrap_or(0).max(HEADER[column].width());
        widths[column] = needed.min(*widest);
    }
    // In a narrow terminal the type gives way first, then the resource.
    for (column, least) in [(5, 14), (4, 12), (2, 8)] {
        let used = widths.iter().sum::<usize>() + 6 + NARROWEST_TITLE;
        let excess = used.saturating_sub(width);
        widths[column] = widths[column].saturating_sub(excess).max(least.min(widths[column]));
    }
    let title = width
        .saturating_sub(widths.iter().sum::<usize>() + 6)
        .max(NARROWEST_TITLE);
    line(out, &HEADER.map(str::to_owned), &widths, title)?;
    for row in &rows {
        line(out, row, &widths, title)?;
    }
    Ok(())
}

fn cells<'n>(finding: &Finding, names: &dyn Fn(&AccountId) -> Option<&'n str>, now: Time) -> [String; 7] {
    let label = finding.severity.label();
    let account = names(&finding.account).unwrap_or(finding.account.as_str());
    [
        format!("{} {}", label.glyph(), label.short()),
        finding.updated_at.map_or_else(|| "-".to_owned(), |at| age(at, now)),
        crate::domain::Untrusted::new(account).shown(),
        finding.region.short(),
        finding.resource.id.shown(),
        finding.kind.shown(),
        // What AWS or a person has put aside must not be taken for what is to be done.
        format!(
            "{}{}",
            if finding.archived { "(archived) " } else { "" },
            finding.title.shown()
        ),
    ]
}

fn line<W: Write>(out: &mut W, row: &[String; 7], widths: &[usize; 6], title: usize) -> io::Result<()> {
    let mut text = String::new();
    for (cell, width) in row.iter().zip(widths) {
        text.push_str(&fit(cell, *width));
        text.push(' ');
    }
    text.push_str(&cut(&row[6], title));
    writeln!(out, "{text}")
}

/// How long ago, in the largest unit that fits: `42s`, `15m`, `3h`, `12d`, and from 1,000 days on `3y`. What lies ahead is `0s`.
#[must_use]
pub fn age(at: Time, now: Time) -> String {
    let seconds = (now.as_second() - at.as_second()).max(0);
    match seconds {
        0..60 => format!("{seconds}s"),
        60..3_600 => format!("{}m", seconds / 60),
        3_600..86_400 => format!("{}h", seconds / 3_600),
        86_400..86_400_000 => format!("{}d", seconds / 86_400),
        _ => format!("{}y", seconds / (365 * 86_400)),
    }
}

/// Text cut or filled to exactly `width` cells; what was cut ends in `…`. The text must be fit to be shown already.
#[must_use]
pub fn fit(text: &str, width: usize) -> String {
    let mut out = cut(text, width).into_owned();
    let used = out.width();
    out.push_str(&" ".repeat(width.saturating_sub(used)));
    out
}

/// Text cut to at most `width` cells; what was cut ends in `…`. The text must be fit to be shown already.
#[must_use]
pub fn cut(text: &str, width: usize) -> Cow<'_, str> {
    if text.width() <= width {
        return Cow::Borrowed(text);
    }
    let mut out = String::new();
    let mut used = 0;
    for grapheme in text.graphemes(true) {
        let cells = grapheme.width();
        if used + cells + 1 > width {
            break;
        }
        out.push_str(grapheme);
        used += cells;
    }
    if used < width {
        out.push('…');
    }
    Cow::Owned(out)
}
