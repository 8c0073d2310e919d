//! The journal's records, oldest first, with the whole text of the one under the cursor below.

use ratatui::Frame;
use ratatui::layout::{Constraint, Layout, Rect};
use ratatui::style::Style;
use ratatui::text::{Line, Span};

use super::banner::plural;
use super::theme::Theme;
use super::{describe, rule, text, title};
use crate::action::{Outcome, Verdict};
use crate::app::State;
use crate::app::scroll::Scroll;
use crate::journal::{Record, What};

/// Rows for the record under the cursor.
const DETAIL: u16 = 6;
/// From this width on a row names its incident.
const ROOMY: u16 = 100;

/// Draws the journal's own screen.
pub fn draw(frame: &mut Frame<'_>, area: Rect, state: &State, scroll: Scroll, theme: &Theme) {
    let n = state.journal.len();
    let head = Line::from(vec![
        Span::styled(" Journal", theme.strong),
        Span::styled(
            format!("  {n} record{}, in the order in which they were written", plural(n)),
            theme.dim,
        ),
    ]);
    let area = title(frame, area, &[head], theme);
    let records: Vec<&Record> = state.journal.iter().collect();
    draw_records(frame, area, state, &records, scroll, theme);
}

/// Draws some records, and the whole text of the one under the cursor.
pub fn draw_records(
    frame: &mut Frame<'_>,
    area: Rect,
    state: &State,
    records: &[&Record],
    scroll: Scroll,
    theme: &Theme,
) {
    if records.is_empty() {
        let said = Line::styled("  Nothing is written here yet.", theme.dim);
        text::put(frame, area, &[Line::default(), said], 0);
        return;
    }
    let [rows, line, below] =
        Layout::vertical([Constraint::Min(1), Constraint::Length(1), Constraint::Length(DETAIL)]).areas(area);
    let cursor = scroll.cursor.min(records.len() - 1);
    let height = usize::from(rows.height);
    let first = scroll.first(height, records.len());
    // The records of one incident need not say of each whose it is.
    let many = records.iter().any(|record| record.incident != records[0].incident);
    for (row, (place, record)) in rows.rows().zip(records.iter().enumerate().skip(first)) {
        let sign = if place == cursor { "▸" } else { " " };
        let mut spans = vec![
            text::span(format!("{sign}{:>5}  ", record.seq), theme.dim),
            text::cell(describe::moment(state, record.time), 16, theme.text),
            text::cell(record.what.word(), 11, look(record, theme)),
        ];
        if many && area.width >= ROOMY {
            spans.push(text::cell(
                record.incident.as_deref().unwrap_or_default(),
                12,
                theme.dim,
            ));
        }
        spans.push(text::span(record.what.phrase(), theme.text));
        text::put_line(frame, row, &Line::from(text::clip(spans, usize::from(area.width))));
        if place == cursor {
            frame.buffer_mut().set_style(row, theme.selected);
        }
    }
    let record = records[cursor];
    rule(frame, line, &format!("record {}", record.seq), theme);
    let incident = record.incident.as_deref().unwrap_or("none");
    let mut lines = Vec::new();
    let width = usize::from(area.width);
    let who = format!("{} · incident {incident}", record.who);
    text::labelled(&mut lines, (" Who", 8, theme.dim), &who, width, theme.text);
    text::labelled(
        &mut lines,
        (" What", 8, theme.dim),
        &record.what.phrase(),
        width,
        theme.text,
    );
    let over = lines.len().saturating_sub(usize::from(below.height));
    if over > 0 {
        lines.truncate(usize::from(below.height).saturating_sub(1));
        let said = format!("        … {} more lines: quell journal show", over + 1);
        lines.push(Line::styled(said, theme.dim));
    }
    text::put(frame, below, &lines, 0);
}

/// Applied and verified are told apart here too: an answer from AWS is not yet good news.
fn look(record: &Record, theme: &Theme) -> Style {
    match &record.what {
        What::Outcome { outcome, .. } => match outcome {
            Outcome::Applied { .. } | Outcome::AlreadySo { .. } => theme.text,
            Outcome::Failed { .. } | Outcome::Partly { .. } => theme.danger,
            Outcome::Unknown { .. } => theme.caution,
        },
        What::Checked { checks, .. } => {
            if checks.iter().all(|c| matches!(c.verdict, Verdict::Verified)) {
                theme.good
            } else if checks.iter().any(|c| matches!(c.verdict, Verdict::Failed(_))) {
                theme.danger
            } else {
                theme.caution
            }
        }
        What::Confirmed { .. } => theme.strong,
        What::Opened { .. }
        | What::Incident { .. }
        | What::Classified { .. }
        | What::Claimed { .. }
        | What::Released {}
        | What::Intent { .. }
        | What::Split { .. }
        | What::Merged { .. }
        | What::PlaybookChosen { .. }
        | What::Ticked { .. }
        | What::Evidence(_)
        | What::Noted { .. }
        | What::Reported { .. }
        | What::Recovered { .. } => theme.text,
    }
}
