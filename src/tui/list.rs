//! The list of findings, the most urgent first. Only the rows that are seen are formatted.

use ratatui::Frame;
use ratatui::layout::{Constraint, Layout, Rect};
use ratatui::text::{Line, Span};
use unicode_width::UnicodeWidthStr;

use super::banner::plural;
use super::panel;
use super::table::{Entry, Table, direction};
use super::theme::Theme;
use super::{rule, side_rule, text, timeline, title};
use crate::app::list::Sort;
use crate::app::{Command, State};
use crate::domain::SeverityLabel;
use crate::findings::CoverageState;
use crate::findings::output::cut;

/// From this width on the panel stands beside the list.
const BESIDE: u16 = 120;
/// The panel's size: columns beside the list at its narrowest, rows below it.
const PANEL: (u16, u16) = (34, 5);
/// Columns of a filter below which it says nothing.
const LEGIBLE: usize = 8;
/// So many lines at most say why nothing new is read, where there is a list below them.
const UNREAD: usize = 3;

/// Draws the list.
pub fn draw(frame: &mut Frame<'_>, area: Rect, state: &State, theme: &Theme) {
    let area = title(frame, area, &[counts(state, usize::from(area.width), theme)], theme);
    if let Some(lines) = empty(state, usize::from(area.width), theme) {
        text::put(frame, area, &lines, 0);
        return;
    }
    let area = unread(frame, area, state, theme);
    if area.width >= BESIDE {
        let [rows, line, beside] = Layout::horizontal([
            Constraint::Min(0),
            Constraint::Length(3),
            Constraint::Length(PANEL.0.max(area.width * 3 / 10)),
        ])
        .areas(area);
        draw_rows(frame, rows, state, theme);
        side_rule(frame, line, theme);
        panel::draw(frame, beside, state, theme);
    } else {
        let [rows, line, below] =
            Layout::vertical([Constraint::Min(0), Constraint::Length(1), Constraint::Length(PANEL.1)]).areas(area);
        draw_rows(frame, rows, state, theme);
        rule(frame, line, "", theme);
        panel::draw(frame, below, state, theme);
    }
}

/// How many there are in each band, and the filter.
fn counts(state: &State, width: usize, theme: &Theme) -> Line<'static> {
    let counts = state.index.counts();
    let mut left = vec![Span::raw(" ")];
    for label in SeverityLabel::ALL {
        let n = counts.of(label);
        if label == SeverityLabel::Informational && n == 0 {
            continue;
        }
        let style = if n == 0 { theme.dim } else { theme.severity(label) };
        left.push(Span::styled(format!("{} {n}  ", label.short()), style));
    }
    let used: usize = left.iter().map(Span::width).sum();
    let right = shown(state, (width, width.saturating_sub(used + 1)), theme);
    // The chart gives way to a long filter: the counts say more.
    let used: usize = left.iter().chain(&right).map(Span::width).sum();
    let chart = timeline::spans(state, width.saturating_sub(used + 1), theme);
    left.splice(1..1, chart);
    text::edges(left, right, width)
}

/// What is sorted and filtered by, and how many rows that leaves, in so many columns of the line. It gives way to the counts beside it: half
/// a number reads as another number. That there is a filter goes last.
fn shown(state: &State, (width, room): (usize, usize), theme: &Theme) -> Vec<Span<'static>> {
    let list = &state.list;
    let shown = list.len();
    let doing = match (list.is_sorting(), list.is_filtering()) {
        (true, _) => "sorting … ",
        (false, true) => "filtering … ",
        (false, false) => "",
    };
    let is_none = list.filter_text.is_empty();
    for sorted in [sorted(state, width, theme), Vec::new()] {
        let used: usize = sorted.iter().map(Span::width).sum();
        let (head, tail) = if is_none {
            ("", format!("{doing}no filter · {shown} shown "))
        } else {
            ("filter: ", format!(" · {doing}{shown} shown "))
        };
        let wanted = list.filter_text.width().min(width / 2);
        let left = room.saturating_sub(used + head.width() + tail.width());
        let fits = used + head.width() + tail.width() <= room;
        if fits && left >= wanted.min(LEGIBLE) {
            let filter = text::short_id(&list.filter_text, left.min(width / 2));
            let spans = [(head.to_owned(), theme.dim), (filter, theme.strong), (tail, theme.dim)];
            let spans = spans.into_iter().filter(|(said, _)| !said.is_empty());
            return sorted
                .into_iter()
                .chain(spans.map(|(said, style)| Span::styled(said, style)))
                .collect();
        }
    }
    let head = if is_none { "" } else { "filter · " };
    vec![Span::styled(format!("{head}{shown} shown "), theme.dim)]
}

/// What the list is sorted by, where that is not the order it began with.
fn sorted(state: &State, width: usize, theme: &Theme) -> Vec<Span<'static>> {
    let (sort, reversed) = state.list.sort();
    if (sort, reversed) == (Sort::default(), false) {
        return Vec::new();
    }
    let by = if width < BESIDE.into() { "by " } else { "sorted by " };
    vec![
        Span::styled(by, theme.dim),
        Span::styled(format!("{} {}", sort.word(), direction(reversed)), theme.strong),
        Span::styled(" · ", theme.dim),
    ]
}

fn draw_rows(frame: &mut Frame<'_>, area: Rect, state: &State, theme: &Theme) {
    let [head, body] = Layout::vertical([Constraint::Length(1), Constraint::Min(0)]).areas(area);
    let width = usize::from(area.width);
    let table = Table::of(&state.look.columns, width);
    text::put_line(
        frame,
        head,
        &Line::from(text::clip(table.heading(state.list.sort(), theme), width)),
    );
    let list = &state.list;
    let height = usize::from(body.height);
    let first = list.scroll.first(height, list.len());
    let seen = state.rows(first, height).into_iter().zip(first..);
    for (screen_row, (row, place)) in body.rows().zip(seen) {
        let selected = place == list.scroll.cursor;
        let spans = table.row(state, &Entry::of(state, &row), selected, theme);
        text::put_line(frame, screen_row, &Line::from(text::clip(spans, width)));
        if selected {
            frame.buffer_mut().set_style(screen_row, theme.selected);
        }
    }
}

/// Above what the cache has it stands why nothing new is read. Gives what is left of the area.
fn unread(frame: &mut Frame<'_>, area: Rect, state: &State, theme: &Theme) -> Rect {
    let Some(why) = &state.fatal else { return area };
    let key = state.keys.hint(Command::Refresh).unwrap_or_else(|| ":".to_owned());
    let width = usize::from(area.width).saturating_sub(2);
    // Where the sentence has to be cut, what to do is worth more than its end.
    let (why, more) = match why.strip_suffix(" `quell doctor` says more.") {
        Some(why) => (why, ", `quell doctor` says more"),
        None => (why.as_str(), ""),
    };
    let mut said = text::wrap(&format!("✗ Nothing new is read; {key} tries again{more}. {why}"), width);
    if said.len() > UNREAD {
        said.truncate(UNREAD);
        if let Some(last) = said.last_mut() {
            *last = cut(&format!("{last} …"), width).into_owned();
        }
    }
    let lines: Vec<Line<'_>> = said
        .into_iter()
        .map(|part| Line::from(Span::styled(format!(" {part}"), theme.danger)))
        .collect();
    let height = u16::try_from(lines.len()).unwrap_or(0);
    let [top, left] = Layout::vertical([Constraint::Length(height), Constraint::Min(0)]).areas(area);
    text::put(frame, top, &lines, 0);
    left
}

/// What stands there instead of a list, where there is none.
fn empty(state: &State, width: usize, theme: &Theme) -> Option<Vec<Line<'static>>> {
    let mut lines = vec![Line::default()];
    let mut say = |said: &str, style| {
        for part in text::wrap(said, width.saturating_sub(4)) {
            lines.push(Line::from(vec![Span::raw("  "), Span::styled(part, style)]));
        }
    };
    // Where nothing can be read, what the cache has is worth more than the whole sentence.
    if !state.list.is_empty() {
        return None;
    }
    let key = |command| state.keys.hint(command).unwrap_or_else(|| ":".to_owned());
    if let Some(why) = &state.fatal {
        say("✗ Nothing can be read.", theme.danger);
        say(" ", theme.text);
        say(why, theme.text);
        if state.offline.is_none() {
            say(" ", theme.text);
            say(&format!("{} tries again.", key(Command::Refresh)), theme.text);
        }
        return Some(lines);
    }
    let tally = state.coverage.tally();
    let (total, gaps, reading) = (tally.total(), state.coverage.gaps(), tally.of(CoverageState::Reading));
    if !state.index.is_empty() {
        let n = state.index.len();
        if state.list.is_filtering() {
            let doing = if state.list.is_sorting() {
                "◌ Sorting …"
            } else {
                "◌ Filtering …"
            };
            say(doing, theme.strong);
            return Some(lines);
        }
        say("Nothing matches the filter.", theme.strong);
        say(
            &format!(
                "{n} finding{} {} there. {} {}, {} changes it.",
                plural(n),
                if n == 1 { "is" } else { "are" },
                key(Command::Back),
                match state.list.filter_before() {
                    "" => "clears the filter".to_owned(),
                    before => format!("goes back to {before}"),
                },
                key(Command::Filter)
            ),
            theme.text,
        );
    } else if let Some(told) = &state.offline {
        say("No findings.", theme.strong);
        say(told, theme.text);
    } else if total == 0 || reading > 0 {
        say("◌ Reading …", theme.strong);
        let said = if total == 0 {
            "Nothing has been answered yet.".to_owned()
        } else {
            format!(
                "{} of {total} sources have answered; none has findings so far.",
                total - reading
            )
        };
        say(&said, theme.text);
    } else {
        say("No findings.", theme.strong);
        let were = if total == 1 { "was" } else { "were" };
        say(&format!("{total} source{} {were} asked.", plural(total)), theme.text);
    }
    if gaps > 0 && tally.gaps() == 0 {
        let key = key(Command::Coverage);
        say(
            &format!("! Accounts or regions may be missing that nobody named: {key} shows why."),
            theme.danger,
        );
    } else if gaps > 0 {
        let gaps = tally.gaps();
        say(
            &format!(
                "! {gaps} source{} could not be read in full, so something may be missing: {} shows which.",
                plural(gaps),
                key(Command::Coverage)
            ),
            theme.danger,
        );
    } else if total > 0 && reading == 0 && state.index.is_empty() {
        say("● Everything was read completely.", theme.good);
    }
    Some(lines)
}
