//! What could be read and what could not, account by account: the worst first. Only the lines that are seen are formatted.

use ratatui::Frame;
use ratatui::layout::{Constraint, Layout, Rect};
use ratatui::style::Style;
use ratatui::text::{Line, Span};

use super::banner::plural;
use super::theme::Theme;
use super::{describe, put_all, rule, text, title};
use crate::app::coverage::{self, STATES, Tally};
use crate::app::scroll::Scroll;
use crate::app::{Command, State};
use crate::domain::{AccountId, Region};
use crate::findings::output::cut;
use crate::findings::{Coverage, CoverageState, Source};

/// Rows for the whole text of the line under the cursor, where it does not need more.
const DETAIL: u16 = 6;
/// The part of the screen, one in so many rows, that says at most which way was taken.
const WAY: usize = 5;
const MORE_WAY: &str = " (quell doctor says more)";

/// What is said below why accounts or regions may be missing.
const UNNAMED: &str =
    "What has no row here was not read. It is looked for again by itself, and at once with a refresh.";

/// Draws the coverage screen. Says how far the text that is open can be scrolled.
pub fn draw(frame: &mut Frame<'_>, area: Rect, state: &State, scroll: Scroll, theme: &Theme) -> usize {
    let area = title(frame, area, &head(state, area, theme), theme);
    let lines = state.coverage.lines();
    if lines.is_empty() {
        let said = if state.offline.is_some() {
            "  Nothing is asked of AWS. What the files do not hold is not shown."
        } else if state.coverage.tally().total() == 0 {
            "  Nothing has been asked yet."
        } else {
            "  No row has all of these words."
        };
        text::put(frame, area, &[Line::default(), Line::styled(said, theme.dim)], 0);
        return 0;
    }
    let cursor = scroll.cursor.min(lines.len() - 1);
    let (named, detail) = detail(state, &lines[cursor], usize::from(area.width), theme);
    if let Some(whole) = state.coverage.whole() {
        let [line, body] = Layout::vertical([Constraint::Length(1), Constraint::Min(0)]).areas(area);
        text::put_line(frame, line, &Line::from(text::span(format!(" {named}"), theme.strong)));
        return put_all(frame, body, state, &detail, whole.cursor, theme);
    }
    // A long text gets up to half of the screen.
    let needed = u16::try_from(detail.len()).unwrap_or(u16::MAX);
    let below = Constraint::Length(needed.clamp(DETAIL, DETAIL.max(area.height / 2)));
    let [table, line, below] = Layout::vertical([Constraint::Min(1), Constraint::Length(1), below]).areas(area);
    let height = usize::from(table.height);
    let first = scroll.first(height, lines.len());
    for (row, (place, said)) in table.rows().zip(lines.iter().enumerate().skip(first)) {
        let mut spans = vec![Span::raw(if place == cursor { "▸ " } else { "  " })];
        match said {
            coverage::Line::Unnamed(why) => spans.push(text::span(format!("✗ not all known  {why}"), theme.danger)),
            coverage::Line::Entry(said) => spans.push(text::span(format!("✗ {said}"), theme.danger)),
            coverage::Line::Account { account, tally } => spans.extend(account_line(state, account, *tally, theme)),
            coverage::Line::Group { row, regions } => spans.extend(group_line(row, regions, theme)),
        }
        text::put_line(frame, row, &Line::from(text::clip(spans, usize::from(row.width))));
        if place == cursor {
            frame.buffer_mut().set_style(row, theme.selected);
        }
    }
    rule(frame, line, &named, theme);
    put_detail(frame, below, state, detail, theme);
    0
}

/// The whole text of a line, and what it is about.
fn detail(state: &State, line: &coverage::Line, width: usize, theme: &Theme) -> (String, Vec<Line<'static>>) {
    match line {
        coverage::Line::Unnamed(why) => {
            let mut lines = Vec::new();
            for (said, style) in [(why.as_str(), theme.danger), (UNNAMED, theme.text)] {
                text::labelled(&mut lines, ("", 1, theme.dim), said, width, style);
            }
            ("Accounts or regions that nobody named".to_owned(), lines)
        }
        coverage::Line::Entry(said) => {
            let mut lines = Vec::new();
            text::labelled(&mut lines, ("", 1, theme.dim), said, width, theme.text);
            ("Not understood, or missing".to_owned(), lines)
        }
        coverage::Line::Account { account, .. } => (
            describe::account(state, account),
            of_account(state, account, width, theme),
        ),
        coverage::Line::Group { row, regions } => (
            describe::account(state, &row.account),
            of_group(state, row, regions, width, theme),
        ),
    }
}

/// What is in sum, how it was found, and what the screen is narrowed to.
fn head(state: &State, area: Rect, theme: &Theme) -> Vec<Line<'static>> {
    let width = usize::from(area.width);
    let tally = state.coverage.tally();
    let (gaps, total) = (tally.gaps(), tally.total());
    let unnamed = state.coverage.unnamed().map(|_| "  accounts or regions may be missing");
    let said = if state.offline.is_some() {
        // Nobody knows what else there is, so this is never good news.
        Span::styled("  only what the files hold", theme.caution)
    } else if total == 0 && unnamed.is_none() {
        Span::styled("  nothing is known yet", theme.caution)
    } else if gaps == 0 {
        unnamed.map_or(Span::styled("  no gaps", theme.good), |said| {
            Span::styled(said, theme.danger)
        })
    } else {
        let more = unnamed.unwrap_or_default();
        Span::styled(
            format!("  {gaps} of {total} source{} not complete{more}", plural(total)),
            theme.danger,
        )
    };
    let left = vec![Span::styled(" Coverage", theme.strong), said];
    let mut right = counted(tally, theme);
    right.push(Span::raw(" "));
    let wide: usize = left.iter().chain(&right).map(Span::width).sum();
    let mut head = if wide < width {
        vec![text::edges(left, right, width)]
    } else {
        right.insert(0, Span::raw(" "));
        vec![Line::from(left), Line::from(text::clip(right, width))]
    };
    if let Some(told) = &state.offline {
        // What was not understood is named in full.
        for part in text::wrap(told, width.saturating_sub(2)) {
            head.push(Line::styled(format!(" {part}"), theme.text));
        }
    } else if let Some(how) = state.identity.as_ref().map(|i| &i.how) {
        let mut parts = text::wrap(how, width.saturating_sub(2));
        let most = (usize::from(area.height) / WAY).max(1);
        if parts.len() > most {
            parts.truncate(most);
            if let Some(last) = parts.last_mut() {
                let room = width.saturating_sub(2 + MORE_WAY.len());
                *last = format!("{}{MORE_WAY}", cut(last, room));
            }
        }
        head.extend(
            parts
                .into_iter()
                .map(|part| Line::styled(format!(" {part}"), theme.dim)),
        );
    }
    let filter = state.coverage.filter();
    if !filter.is_empty() {
        let shown: usize = state.coverage.lines().iter().map(rows_of).sum();
        let said = vec![
            Span::styled(" only: ", theme.dim),
            text::span(filter, theme.strong),
            Span::styled(format!(" · {shown} of {total} shown"), theme.dim),
        ];
        head.push(Line::from(text::clip(said, width)));
    }
    head
}

/// How many rows an account's line stands for.
fn rows_of(line: &coverage::Line) -> usize {
    match line {
        coverage::Line::Account { tally, .. } => tally.total(),
        coverage::Line::Group { .. } | coverage::Line::Unnamed(_) | coverage::Line::Entry(_) => 0,
    }
}

/// `✗ 2 refused ● 30 complete`: each state that there is.
fn counted(tally: Tally, theme: &Theme) -> Vec<Span<'static>> {
    let present = STATES.into_iter().filter(|state| tally.of(*state) > 0);
    let mut spans = Vec::new();
    for state in present {
        if !spans.is_empty() {
            spans.push(Span::raw("  "));
        }
        let said = format!(
            "{} {} {}",
            describe::coverage_glyph(state),
            tally.of(state),
            word(state)
        );
        spans.push(Span::styled(said, look(state, theme)));
    }
    spans
}

fn account_line(state: &State, account: &AccountId, tally: Tally, theme: &Theme) -> Vec<Span<'static>> {
    let mut spans = vec![
        text::cell(describe::account(state, account), 32, theme.strong),
        Span::raw(" "),
    ];
    spans.extend(counted(tally, theme));
    spans
}

fn group_line(row: &Coverage, regions: &[Region], theme: &Theme) -> Vec<Span<'static>> {
    let places = match regions {
        [only] => only.to_string(),
        more => format!("{} regions", more.len()),
    };
    let said = row.in_short().unwrap_or_else(|| explained(row.state).to_owned());
    vec![
        text::cell(
            format!("  {} {}", describe::coverage_glyph(row.state), word(row.state)),
            16,
            look(row.state, theme),
        ),
        text::cell(row.source.name(), 13, theme.text),
        text::cell(places, 15, theme.text),
        text::span(said, theme.dim),
    ]
}

/// Everything there is to say of an account: each source with its regions, and which way it is read.
fn of_account(state: &State, account: &AccountId, width: usize, theme: &Theme) -> Vec<Line<'static>> {
    let mut lines = Vec::new();
    for source in Source::ALL {
        let rows: Vec<&Coverage> = state
            .coverage
            .of_account(account)
            .filter(|r| r.source == source)
            .collect();
        let Some(first) = rows.first() else { continue };
        let complete = rows.iter().filter(|r| r.state == CoverageState::Complete).count();
        let said = format!(
            "{complete} of {} region{} complete{}",
            rows.len(),
            plural(rows.len()),
            through(state, first)
        );
        text::labelled(
            &mut lines,
            (&format!(" {}", source.name()), 15, theme.dim),
            &said,
            width,
            theme.text,
        );
    }
    lines
}

fn of_group(state: &State, row: &Coverage, regions: &[Region], width: usize, theme: &Theme) -> Vec<Line<'static>> {
    let mut lines = Vec::new();
    let what = format!("{}: {}{}", row.source.name(), word(row.state), through(state, row));
    let reason = row.reason();
    let said = reason.as_deref().unwrap_or(explained(row.state));
    let names: Vec<&str> = regions.iter().map(Region::as_str).collect();
    for (said, style) in [
        (what.as_str(), look(row.state, theme)),
        (said, theme.text),
        (&names.join(", "), theme.dim),
    ] {
        text::labelled(&mut lines, ("", 1, theme.dim), said, width, style);
    }
    lines
}

/// The account that it is read through, where it is another one.
fn through(state: &State, row: &Coverage) -> String {
    let via = row.via.as_ref().filter(|via| **via != row.account);
    via.map(|via| format!(", through {}", describe::account(state, via)))
        .unwrap_or_default()
}

/// Puts the lines into the rows at the bottom; that some do not fit is said.
fn put_detail(frame: &mut Frame<'_>, area: Rect, state: &State, mut lines: Vec<Line<'static>>, theme: &Theme) {
    let height = usize::from(area.height);
    if lines.len() > height {
        let more = lines.len() + 1 - height;
        lines.truncate(height.saturating_sub(1));
        let way = state.keys.hint(Command::Open).map(|key| format!("; {key} opens them"));
        lines.push(Line::styled(
            format!(" … {more} more lines{}", way.unwrap_or_default()),
            theme.caution,
        ));
    }
    text::put(frame, area, &lines, 0);
}

fn look(state: CoverageState, theme: &Theme) -> Style {
    match state {
        CoverageState::Refused | CoverageState::Partial => theme.danger,
        CoverageState::Stale | CoverageState::Reading => theme.caution,
        CoverageState::Disabled => theme.dim,
        CoverageState::Complete => theme.good,
    }
}

/// The state as people say it.
fn word(state: CoverageState) -> &'static str {
    match state {
        CoverageState::Disabled => "not enabled",
        CoverageState::Reading
        | CoverageState::Complete
        | CoverageState::Partial
        | CoverageState::Refused
        | CoverageState::Stale => state.word(),
    }
}

fn explained(state: CoverageState) -> &'static str {
    match state {
        CoverageState::Reading => "It has not answered yet.",
        CoverageState::Complete => "Every page arrived, and every finding that was listed.",
        CoverageState::Partial => "Something arrived and something did not.",
        CoverageState::Refused => "AWS refused the caller.",
        CoverageState::Disabled => "The service is not enabled there, so it finds nothing there.",
        CoverageState::Stale => "What is shown was read before; it has not been read again since.",
    }
}
