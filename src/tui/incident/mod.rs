//! An opened incident: its panes, one at a time or, where there is room, two side by side.

mod context;
mod earlier;
mod finding;
mod playbook;
mod raw;

use ratatui::Frame;
use ratatui::layout::{Constraint, Layout, Rect};
use ratatui::text::{Line, Span};

use super::theme::Theme;
use super::{footer, journal, put_all, side_rule, text, title};
use crate::app::incident::{IncidentScreen, Pane};
use crate::app::playbook::classified;
use crate::app::{Code, Command, State};
use crate::journal::Record;

/// From this width on a second pane stands beside the first.
const TWO: u16 = 120;

/// Draws the incident. Says how far the text of the pane can be scrolled.
pub fn draw(frame: &mut Frame<'_>, area: Rect, state: &State, open: &IncidentScreen, theme: &Theme) -> usize {
    let width = usize::from(area.width);
    let head = [heading(state, open, width, theme), tabs(state, open, width, theme)];
    let area = title(frame, area, &head, theme);
    if area.width < TWO {
        return pane(frame, area, state, open, open.pane, theme);
    }
    let second = companion(open.pane);
    let [left, line, right] =
        Layout::horizontal([Constraint::Percentage(55), Constraint::Length(3), Constraint::Min(0)]).areas(area);
    side_rule(frame, line, theme);
    let [name, right] = Layout::vertical([Constraint::Length(1), Constraint::Min(0)]).areas(right);
    text::put_line(frame, name, &Line::styled(second.word(), theme.dim));
    pane(frame, right, state, open, second, theme);
    pane(frame, left, state, open, open.pane, theme)
}

/// The pane that says most beside another.
fn companion(pane: Pane) -> Pane {
    match pane {
        Pane::Finding | Pane::Playbook => Pane::Context,
        Pane::Context | Pane::Raw => Pane::Finding,
        Pane::Journal => Pane::Playbook,
    }
}

fn pane(frame: &mut Frame<'_>, area: Rect, state: &State, open: &IncidentScreen, pane: Pane, theme: &Theme) -> usize {
    let scroll = open.scrolls[pane as usize];
    let seen = pane == open.pane;
    match pane {
        Pane::Finding => {
            let lines = finding::lines(state, open, usize::from(area.width), theme);
            return put_all(frame, area, state, &lines, scroll.cursor, theme);
        }
        Pane::Context => context::draw(frame, area, &state.zone, open, scroll, seen, theme),
        Pane::Playbook => return playbook::draw(frame, area, state, open, seen, theme),
        Pane::Raw => raw::draw(frame, area, state, open, theme),
        Pane::Journal => {
            let own: Vec<&Record> = state.journal.iter().filter(|r| open.owns(r)).collect();
            journal::draw_records(frame, area, state, &own, scroll, theme);
        }
    }
    0
}

/// Tab, where it still means that: hands know it.
fn pane_key(state: &State) -> String {
    let keys = state.keys.keys(Command::NextPane);
    let tab = keys.iter().find(|key| key.code == Code::Tab);
    tab.or(keys.first()).map(ToString::to_string).unwrap_or_default()
}

fn heading(state: &State, open: &IncidentScreen, width: usize, theme: &Theme) -> Line<'static> {
    let label = open.incident.severity.label();
    let left = vec![
        Span::styled(format!(" {}  ", open.id), theme.strong),
        Span::styled(format!("{} {}  ", label.glyph(), label.short()), theme.severity(label)),
        text::span(open.finding.headline().shown(), theme.text),
    ];
    let decided = state.journal.iter().rev().filter(|r| open.owns(r)).find_map(classified);
    let right = match decided {
        None => vec![Span::styled("not classified ", theme.dim)],
        Some((label, _)) => {
            let within = footer::short_minutes(state.classification.level(label).response_minutes);
            vec![Span::styled(
                format!("classified {}, respond in {within} ", label.word()),
                theme.severity(label),
            )]
        }
    };
    text::edges(left, right, width)
}

fn tabs(state: &State, open: &IncidentScreen, width: usize, theme: &Theme) -> Line<'static> {
    let mut left = vec![Span::raw(" ")];
    for pane in Pane::ALL {
        // The brackets say it where there is no colour.
        if pane == open.pane {
            left.push(Span::styled(
                format!("[{}]", pane.word()),
                theme.strong.patch(theme.selected),
            ));
        } else {
            left.push(Span::styled(format!(" {} ", pane.word()), theme.dim));
        }
        left.push(Span::raw(" "));
    }
    let right = if open.reading.is_some() {
        vec![Span::styled("reading … ", theme.caution)]
    } else {
        vec![text::span(format!("{} next pane ", pane_key(state)), theme.dim)]
    };
    text::edges(left, right, width)
}
