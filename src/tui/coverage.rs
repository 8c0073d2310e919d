//! What could be read and what could not, account by account: the gaps first.

use ratatui::Frame;
use ratatui::layout::{Constraint, Layout, Rect};
use ratatui::style::Style;
use ratatui::text::{Line, Span};

use super::banner::plural;
use super::theme::Theme;
use super::{describe, rule, text, title};
use crate::app::State;
use crate::app::scroll::Scroll;
use crate::findings::{Coverage, CoverageState};

/// Rows for the whole text of the row under the cursor.
const DETAIL: u16 = 5;

/// Draws the coverage screen.
pub fn draw(frame: &mut Frame<'_>, area: Rect, state: &State, scroll: Scroll, theme: &Theme) {
    let mut rows: Vec<&Coverage> = state.coverage.values().collect();
    // Gaps first, and among them those that will not mend themselves; the map's own order, by account, within.
    rows.sort_by_key(|row| urgency(row.state));
    let gaps = rows.iter().filter(|row| row.state.is_gap()).count();
    let said = if gaps == 0 {
        Span::styled("  no gaps", theme.good)
    } else {
        Span::styled(
            format!("  {gaps} of {} source{} not complete", rows.len(), plural(rows.len())),
            theme.danger,
        )
    };
    let mut head = vec![Line::from(vec![Span::styled(" Coverage", theme.strong), said])];
    if let Some(how) = state.offline.as_ref().or(state.identity.as_ref().map(|i| &i.how)) {
        let how = text::clip(vec![text::span(format!(" {how}"), theme.dim)], usize::from(area.width));
        head.push(Line::from(how));
    }
    let area = title(frame, area, &head, theme);
    if rows.is_empty() {
        let said = Line::styled("  Nothing has been asked yet.", theme.dim);
        text::put(frame, area, &[Line::default(), said], 0);
        return;
    }
    let [table, line, below] =
        Layout::vertical([Constraint::Min(1), Constraint::Length(1), Constraint::Length(DETAIL)]).areas(area);
    draw_rows(frame, table, state, &rows, scroll, theme);
    let row = rows[scroll.cursor.min(rows.len() - 1)];
    rule(frame, line, &describe::account(state, &row.account), theme);
    let said = row.error.as_deref().unwrap_or(explained(row.state));
    let mut lines = Vec::new();
    let place = format!("{} in {}: {}", row.source.name(), row.region, row.state.word());
    for (said, style) in [(place.as_str(), look(row.state, theme)), (said, theme.text)] {
        text::labelled(&mut lines, ("", 1, theme.dim), said, usize::from(area.width), style);
    }
    text::put(frame, below, &lines, 0);
}

fn draw_rows(frame: &mut Frame<'_>, area: Rect, state: &State, rows: &[&Coverage], scroll: Scroll, theme: &Theme) {
    let cursor = scroll.cursor.min(rows.len() - 1);
    let first = scroll.first(usize::from(area.height), rows.len());
    for (line, (place, row)) in area.rows().zip(rows.iter().enumerate().skip(first)) {
        let style = look(row.state, theme);
        let sign = if place == cursor { "▸ " } else { "  " };
        let spans = vec![
            Span::raw(sign),
            text::cell(
                format!("{} {}", describe::coverage_glyph(row.state), row.state.word()),
                11,
                style,
            ),
            text::cell(state.account_label(&row.account), 17, theme.text),
            Span::raw(" "),
            text::cell(row.region.as_str(), 15, theme.text),
            text::cell(row.source.name(), 13, theme.text),
            text::span(row.error.as_deref().unwrap_or_default(), theme.dim),
        ];
        text::put_line(frame, line, &Line::from(text::clip(spans, usize::from(area.width))));
        if place == cursor {
            frame.buffer_mut().set_style(line, theme.selected);
        }
    }
}

fn urgency(state: CoverageState) -> u8 {
    match state {
        CoverageState::Refused => 0,
        CoverageState::Partial => 1,
        CoverageState::Stale => 2,
        CoverageState::Reading => 3,
        CoverageState::Disabled => 4,
        CoverageState::Complete => 5,
    }
}

fn look(state: CoverageState, theme: &Theme) -> Style {
    match state {
        CoverageState::Refused | CoverageState::Partial => theme.danger,
        CoverageState::Stale | CoverageState::Reading => theme.caution,
        CoverageState::Disabled => theme.dim,
        CoverageState::Complete => theme.good,
    }
}

fn explained(state: CoverageState) -> &'static str {
    match state {
        CoverageState::Reading => "It has not answered yet.",
        CoverageState::Complete => "Every page arrived, and every finding that was listed.",
        CoverageState::Partial => "Something arrived and something did not.",
        CoverageState::Refused => "AWS refused the caller.",
        CoverageState::Disabled => "The service is not enabled there, so it finds nothing there.",
        CoverageState::Stale => "It was complete once; the last refresh failed.",
    }
}
