//! The earlier events of an operational incident: which of them is seen, and the list of them.

use ratatui::Frame;
use ratatui::layout::{Constraint, Layout, Rect};
use ratatui::text::{Line, Span};

use crate::app::earlier::Shown;
use crate::app::incident::IncidentScreen;
use crate::app::{Command, State};
use crate::domain::{Time, Untrusted};
use crate::findings::cache::MOST_EARLIER;
use crate::findings::event::Brief;
use crate::tui::banner::plural;
use crate::tui::text;
use crate::tui::theme::Theme;

/// Columns of a date and a time of day with seconds.
const TIME: usize = 20;
/// Columns of a severity.
const SEVERITY: usize = 8;
/// Columns of an event's id: EventBridge's own are UUIDs.
const ID: usize = 38;

/// Says which of the events is seen, and the keys that lead to others; gives back what is left. Nothing where there is only one.
pub fn head(frame: &mut Frame<'_>, area: Rect, state: &State, open: &IncidentScreen, theme: &Theme) -> Rect {
    let earlier = &open.earlier;
    if earlier.count == 0 && earlier.shown == Shown::Latest {
        return area;
    }
    let [line, rest] = Layout::vertical([Constraint::Length(1), Constraint::Min(0)]).areas(area);
    let key = |command, does: &str| match state.keys.hint(command) {
        Some(key) => format!(" · {key} {does}"),
        None => String::new(),
    };
    let n = earlier.count;
    let said = match earlier.shown {
        Shown::Latest => format!(
            " The latest of {} events{}",
            n + 1,
            key(Command::Open, "lists the earlier ones")
        ),
        // There may have been more, and nobody counts those that were dropped.
        Shown::List if i64::try_from(n).is_ok_and(|n| n >= MOST_EARLIER) => format!(
            " The last {n} earlier events; quell keeps no more{}",
            key(Command::Back, "back to the latest")
        ),
        Shown::List => format!(
            " {n} earlier event{}, the last one first{}",
            plural(n),
            key(Command::Back, "back to the latest")
        ),
        Shown::One(_) => {
            let when = earlier.opened().and_then(|event| event.time);
            let when = when.map_or_else(|| "an unknown time".to_owned(), |at| moment(state, at));
            format!(" An earlier event, of {when}{}", key(Command::Back, "back to the list"))
        }
    };
    let spans = vec![text::span(said, theme.caution)];
    text::put_line(frame, line, &Line::from(text::clip(spans, usize::from(area.width))));
    rest
}

/// Draws the list around its cursor.
pub fn draw(frame: &mut Frame<'_>, area: Rect, state: &State, open: &IncidentScreen, theme: &Theme) {
    let events = match &open.earlier.events {
        None => {
            let said = Line::styled(" ◌ Looking for the earlier events …", theme.caution);
            return text::put_line(frame, area, &said);
        }
        Some(Err(why)) => {
            let lines = text::wrap(why, usize::from(area.width).saturating_sub(1));
            let lines: Vec<Line<'_>> = lines
                .into_iter()
                .map(|line| Line::from(vec![Span::raw(" "), Span::styled(line, theme.danger)]))
                .collect();
            text::put(frame, area, &lines, 0);
            return;
        }
        Some(Ok(events)) => events,
    };
    let scroll = open.json_scroll();
    let first = scroll.first(usize::from(area.height), events.len());
    for (row, (place, event)) in area.rows().zip(events.iter().enumerate().skip(first)) {
        let spans = spans(state, event, place == scroll.cursor, theme);
        text::put_line(frame, row, &Line::from(text::clip(spans, usize::from(area.width))));
        if place == scroll.cursor {
            frame.buffer_mut().set_style(row, theme.selected);
        }
    }
}

fn spans(state: &State, event: &Brief, here: bool, theme: &Theme) -> Vec<Span<'static>> {
    let label = event.severity.label();
    let when = event
        .time
        .map_or_else(|| "at no time".to_owned(), |at| moment(state, at));
    let id = event.id.as_ref().map_or_else(|| "no id".to_owned(), Untrusted::shown);
    let over = if event.over { "over: " } else { "" };
    vec![
        Span::raw(if here { "▸ " } else { "  " }),
        text::cell(when, TIME, theme.text),
        text::cell(
            format!("{} {}", label.glyph(), label.short()),
            SEVERITY,
            theme.severity(label),
        ),
        text::cell(text::short_id(&id, ID - 2), ID, theme.dim),
        text::span(format!("{over}{}", event.title), theme.text),
    ]
}

/// A date and a time of day to the second: events of one minute are told apart by it.
fn moment(state: &State, at: Time) -> String {
    at.to_zoned(state.zone.clone())
        .strftime("%Y-%m-%d %H:%M:%S")
        .to_string()
}
