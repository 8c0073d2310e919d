//! A confirmed plan on its way. *Applied* is what AWS answered, *verified* what was read back; they never share a line.

use ratatui::Frame;
use ratatui::layout::{Constraint, Layout, Rect};
use ratatui::style::Style;
use ratatui::text::{Line, Span};

use super::seen;
use crate::action::{Outcome, Verdict};
use crate::app::plan::{Applying, CallView};
use crate::app::scroll::Scroll;
use crate::app::{Command, State};
use crate::tui::banner::plural;
use crate::tui::theme::Theme;
use crate::tui::{rule, text};

/// Number, glyph and word before each line's text.
const HEAD: usize = 18;

/// Draws the calls, the checks, and below them how it stands.
pub fn draw(frame: &mut Frame<'_>, area: Rect, state: &State, run: &Applying, scroll: &Scroll, theme: &Theme) -> usize {
    let width = usize::from(area.width);
    let below = status(state, run, width, theme);
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
    rule(frame, bottom, &seen(first.min(furthest), height, lines.len()), theme);
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
        entry(&mut lines, number + 1, (glyph, word, style), &planned.mutation.phrase(), width, theme);
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
        entry(&mut lines, number + 1, check_mark(verdict, theme), &expected.to_string(), width, theme);
        match verdict {
            Some(Verdict::Pending(why)) => text::labelled(&mut lines, ("", HEAD, theme.dim), why, width - 1, theme.caution),
            Some(Verdict::Failed(why) | Verdict::Unreadable(why)) => {
                text::labelled(&mut lines, ("", HEAD, theme.dim), why, width - 1, theme.danger);
            }
            Some(Verdict::Verified) | None => {}
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
    match outcome {
        Outcome::Applied { made, .. } => {
            if !made.is_empty() {
                let made: Vec<String> = made.iter().map(|(name, id)| format!("{name} {id}")).collect();
                said.push((format!("made {}", made.join(", ")), theme.text));
            }
        }
        Outcome::AlreadySo { code, .. } => said.push((format!("it was so already: {code}"), theme.text)),
        Outcome::Failed { code, message, .. } => {
            let code = code.as_ref().map(|code| format!("{code}: ")).unwrap_or_default();
            said.push((format!("{code}{message}"), theme.danger));
        }
        Outcome::Unknown { why } => said.push((why.shown(), theme.danger)),
    }
    if let Some(id) = outcome.request_id() {
        said.push((format!("request {id}"), theme.dim));
    }
    said
}

/// How it stands, in at most a few lines of quell's own words.
fn status(state: &State, run: &Applying, width: usize, theme: &Theme) -> Vec<Line<'static>> {
    let mut lines = Vec::new();
    for (said, style) in sentences(state, run, theme) {
        text::labelled(&mut lines, ("", 1, style), &said, width - 1, style);
    }
    lines
}

fn sentences(state: &State, run: &Applying, theme: &Theme) -> Vec<(String, Style)> {
    let total = run.calls.len();
    let verified = run.checks.iter().filter(|c| matches!(c.verdict, Verdict::Verified)).count();
    let expected = run.plan.draft.expectations.len();
    let done = numbers(run, |view| matches!(view, CallView::Answered(outcome) if outcome.goes_on()));
    if !run.trouble.is_empty() || !run.calls_ended {
        return if run.calls_ended {
            stopped(state, run, &done, theme)
        } else {
            let said = format!("◌ Applying: {} of {total} calls applied. Stay here until they have ended.", done.len());
            vec![(said, theme.caution)]
        };
    }
    let applied = format!("All {total} call{} applied.", plural(total));
    if run.is_verified() {
        let undo = undo_key(state, run).map(|key| format!(" {key} plans the undo.")).unwrap_or_default();
        let said = format!("● {applied} Verified: {verified} of {expected} read back as planned.{undo}");
        return vec![(said, theme.good)];
    }
    if run.ended {
        let said = format!("✗ {applied} NOT verified: {verified} of {expected} read back as planned.");
        return vec![(said, theme.danger), ways_on(state, run, theme)];
    }
    let said = format!("◌ {applied} Not yet verified: {verified} of {expected} so far; reading back goes on by itself.");
    vec![(said, theme.caution)]
}

fn stopped(state: &State, run: &Applying, done: &[usize], theme: &Theme) -> Vec<(String, Style)> {
    let unknown = numbers(run, |view| matches!(view, CallView::Answered(Outcome::Unknown { .. }) | CallView::Sent));
    let failed = numbers(run, |view| matches!(view, CallView::Answered(Outcome::Failed { .. })));
    let waiting = numbers(run, |view| matches!(view, CallView::Waiting));
    if done.is_empty() && unknown.is_empty() {
        let said = "✗ Stopped before anything was changed.".to_owned();
        let key = state.keys.hint(Command::Back).unwrap_or_default();
        return vec![
            (said, theme.danger),
            (format!("{key} goes back; plan it again on fresh facts."), theme.strong),
        ];
    }
    let mut parts = Vec::new();
    for (word, calls) in [("done", done), ("failed", &failed), ("unknown", &unknown), ("not sent", &waiting)] {
        if !calls.is_empty() {
            parts.push(format!("{word}: {}", ranges(calls)));
        }
    }
    let mut said = vec![(format!("✗ Stopped half way. Calls {}.", parts.join(" · ")), theme.danger)];
    if !unknown.is_empty() {
        let doubt = "An unknown call may have happened: it is settled by reading, never by sending it again.";
        said.push((doubt.to_owned(), theme.caution));
    }
    said.push(ways_on(state, run, theme));
    said
}

/// Undo what was done, or plan again for the rest.
fn ways_on(state: &State, run: &Applying, theme: &Theme) -> (String, Style) {
    let back = state.keys.hint(Command::Back).unwrap_or_default();
    let again = format!("{back} goes back; plan again for what is left.");
    let said = match undo_key(state, run) {
        Some(key) => format!("Ways on:  {key} plans the undo of what was done  ·  {again}"),
        None => format!("Way on:  {again}"),
    };
    (said, theme.strong)
}

/// The key that undoes this plan, where it can be undone.
fn undo_key(state: &State, run: &Applying) -> Option<String> {
    if run.seq.is_none() || run.plan.request.undoes.is_some() {
        return None;
    }
    state.keys.hint(Command::Undo)
}

/// The numbers of the calls, from 1, whose state is as asked.
fn numbers(run: &Applying, is: impl Fn(&CallView) -> bool) -> Vec<usize> {
    let places = run.calls.iter().enumerate();
    places.filter(|(_, view)| is(view)).map(|(place, _)| place + 1).collect()
}

/// Numbers in ascending order, those in a row together: `1–3, 7`.
fn ranges(numbers: &[usize]) -> String {
    let mut runs: Vec<(usize, usize)> = Vec::new();
    for &n in numbers {
        match runs.last_mut() {
            Some((_, end)) if *end + 1 == n => *end = n,
            _ => runs.push((n, n)),
        }
    }
    let runs: Vec<String> = runs
        .into_iter()
        .map(|(a, b)| if a == b { a.to_string() } else { format!("{a}–{b}") })
        .collect();
    runs.join(", ")
}

#[cfg(test)]
mod tests {
    use super::ranges;

    #[test]
    fn numbers_in_a_row_are_joined() {
        assert_eq!(ranges(&[1, 2, 3, 7, 9, 10]), "1–3, 7, 9–10");
        assert_eq!(ranges(&[]), "");
    }
}
