//! A confirmed plan on its way. *Applied* is what AWS answered, *verified* what was read back; they never share a line.

use ratatui::Frame;
use ratatui::layout::{Constraint, Layout, Rect};
use ratatui::style::Style;
use ratatui::text::{Line, Span};

use super::status;
use crate::action::{Outcome, Verdict};
use crate::app::State;
use crate::app::plan::{Applying, CallView};
use crate::app::scroll::Scroll;
use crate::tui::theme::Theme;
use crate::tui::{rule, seen, text};

/// Number, glyph and word before each line's text.
const HEAD: usize = 18;

/// Draws the calls, the checks, and below them how it stands.
pub fn draw(frame: &mut Frame<'_>, area: Rect, state: &State, run: &Applying, scroll: Scroll, theme: &Theme) -> usize {
    let width = usize::from(area.width);
    let below = status::lines(state, run, width, theme);
    let rows = u16::try_from(below.len() + 1).unwrap_or(1).min(area.height / 2);
    let [body, bottom] = Layout::vertical([Constraint::Min(1), Constraint::Length(rows)]).areas(area);
    let (lines, active) = lines(run, width, theme);
    let height = usize::from(body.height);
    // Who has not scrolled sees the line where something happens.
    let first = if scroll.cursor == 0 {
        active.saturating_sub(height.saturating_sub(3))
    } else {
        scroll.cursor
    };
    let furthest = text::put(frame, body, &lines, first);
    rule(
        frame,
        bottom,
        &seen(state, first.min(furthest), body.height, lines.len()),
        theme,
    );
    let under = Rect {
        y: bottom.y + 1,
        height: bottom.height.saturating_sub(1),
        ..bottom
    };
    text::put(frame, under, &below, 0);
    furthest
}

/// The lines, and the number of the one where something happens now.
fn lines(run: &Applying, width: usize, theme: &Theme) -> (Vec<Line<'static>>, usize) {
    let mut lines = Vec::new();
    let mut active = 0;
    for trouble in &run.trouble {
        text::labelled(&mut lines, (" ✗", 4, theme.danger), trouble, width - 1, theme.danger);
    }
    lines.push(Line::styled(" Calls, as AWS answered", theme.dim));
    for (number, (planned, view)) in run.plan.draft.calls.iter().zip(&run.calls).enumerate() {
        let (glyph, word, style) = call_mark(view, run.calls_ended, theme);
        entry(
            &mut lines,
            number + 1,
            (glyph, word, style),
            &planned.phrase(),
            width,
            theme,
        );
        if !matches!(view, CallView::Waiting) {
            active = lines.len();
        }
        if let CallView::Answered(outcome) = view {
            for (said, style) in told(outcome, theme) {
                text::labelled(&mut lines, ("", HEAD, style), &said, width - 1, style);
            }
            active = lines.len();
        }
    }
    lines.push(Line::styled(" Checks, as read back", theme.dim));
    for (number, expected) in run.plan.draft.expectations.iter().enumerate() {
        let verdict = run.checks.get(number).map(|check| &check.verdict);
        entry(
            &mut lines,
            number + 1,
            check_mark(verdict, theme),
            &expected.to_string(),
            width,
            theme,
        );
        match verdict {
            Some(Verdict::Pending(why)) => {
                text::labelled(&mut lines, ("", HEAD, theme.dim), why, width - 1, theme.caution);
            }
            Some(Verdict::Failed(why) | Verdict::Unreadable(why)) => {
                text::labelled(&mut lines, ("", HEAD, theme.dim), why, width - 1, theme.danger);
            }
            Some(Verdict::Verified) | None => {
                if let Some(found) = run.checks.get(number).and_then(|check| check.found.as_ref()) {
                    text::labelled(&mut lines, ("", HEAD, theme.dim), found, width - 1, theme.text);
                }
            }
        }
        if run.calls_ended && run.trouble.is_empty() {
            active = lines.len();
        }
    }
    // What stopped it stands at the top, and is what should be seen first then.
    if !run.trouble.is_empty() {
        active = 0;
    }
    (lines, active)
}

fn entry(
    lines: &mut Vec<Line<'static>>,
    number: usize,
    (glyph, word, style): (char, &'static str, Style),
    said: &str,
    width: usize,
    theme: &Theme,
) {
    for (row, part) in text::wrap(said, width.saturating_sub(HEAD + 1)).into_iter().enumerate() {
        let mut spans = if row == 0 {
            vec![
                Span::styled(format!("{number:>3}  "), theme.dim),
                text::cell(format!("{glyph} {word}"), HEAD - 5, style),
            ]
        } else {
            vec![Span::raw(" ".repeat(HEAD))]
        };
        spans.push(Span::styled(part, theme.text));
        lines.push(Line::from(spans));
    }
}

fn call_mark(view: &CallView, ended: bool, theme: &Theme) -> (char, &'static str, Style) {
    match view {
        CallView::Waiting if ended => ('–', "not sent", theme.dim),
        CallView::Waiting => ('○', "waiting", theme.dim),
        CallView::Sent => ('◌', "sent …", theme.caution),
        CallView::Answered(outcome) => match outcome {
            Outcome::Applied { .. } | Outcome::AlreadySo { .. } => ('◐', outcome.word(), theme.strong),
            Outcome::Failed { .. } => ('✗', outcome.word(), theme.danger),
            Outcome::Partly { .. } => ('◒', outcome.word(), theme.danger),
            Outcome::Unknown { .. } => ('?', outcome.word(), theme.danger),
        },
    }
}

fn check_mark(verdict: Option<&Verdict>, theme: &Theme) -> (char, &'static str, Style) {
    match verdict {
        None => ('○', "not read", theme.dim),
        Some(verdict @ Verdict::Verified) => ('●', verdict.word(), theme.good),
        Some(verdict @ Verdict::Pending(_)) => ('◌', verdict.word(), theme.caution),
        Some(verdict @ Verdict::Failed(_)) => ('✗', verdict.word(), theme.danger),
        Some(verdict @ Verdict::Unreadable(_)) => ('?', verdict.word(), theme.danger),
    }
}

/// What an outcome says besides its word.
fn told(outcome: &Outcome, theme: &Theme) -> Vec<(String, Style)> {
    let mut said = Vec::new();
    let request = outcome.request_id().map(|id| format!("request {id}"));
    match outcome {
        Outcome::Applied { made, .. } => {
            let made: Vec<String> = made.iter().map(|(name, id)| format!("{name} {id}")).collect();
            if !made.is_empty() {
                said.push((format!("made {}", made.join(", ")), theme.text));
            }
        }
        Outcome::AlreadySo { code, .. } => said.push((format!("it was so already: {code}"), theme.text)),
        Outcome::Failed { code, message, .. } => {
            let code = code.as_ref().map(|code| format!("{code}: ")).unwrap_or_default();
            said.push((format!("{code}{message}"), theme.danger));
        }
        Outcome::Partly { code, message, .. } => {
            said.push((
                format!("{}: {message}", crate::domain::Untrusted::new(code.as_str())),
                theme.danger,
            ));
        }
        Outcome::Unknown { why } => said.push((why.shown(), theme.danger)),
    }
    said.extend(request.map(|request| (request, theme.dim)));
    said
}
