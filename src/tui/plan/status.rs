//! How a confirmed plan stands, in a few sentences of quell's own: what is done, what is not, and the ways on.

use ratatui::style::Style;
use ratatui::text::Line;

use crate::action::{Outcome, Undo, Verdict};
use crate::app::plan::{Applying, CallView};
use crate::app::{Command, State};
use crate::tui::banner::plural;
use crate::tui::text;
use crate::tui::theme::Theme;

/// How it stands, in at most a few lines of quell's own words.
pub fn lines(state: &State, run: &Applying, width: usize, theme: &Theme) -> Vec<Line<'static>> {
    let mut lines = Vec::new();
    for (said, style) in sentences(state, run, theme) {
        text::labelled(&mut lines, ("", 1, style), &said, width - 1, style);
    }
    lines
}

fn sentences(state: &State, run: &Applying, theme: &Theme) -> Vec<(String, Style)> {
    let total = run.calls.len();
    let verified = run
        .checks
        .iter()
        .filter(|c| matches!(c.verdict, Verdict::Verified))
        .count();
    let expected = run.plan.draft.expectations.len();
    let done = numbers(
        run,
        |view| matches!(view, CallView::Answered(outcome) if outcome.goes_on()),
    );
    let then = run
        .plan
        .then()
        .map(|then| (format!("◐ Not done yet: {then}."), theme.caution));
    if !run.trouble.is_empty() || !run.calls_ended {
        return if run.calls_ended {
            stopped(state, run, &done, theme)
        } else {
            let said = format!(
                "◌ Applying: {} of {total} calls applied. Stay here until they have ended.",
                done.len()
            );
            vec![(said, theme.caution)]
        };
    }
    let applied = format!("All {total} call{} applied.", plural(total));
    if run.is_verified() {
        let undo = undo_key(state, run)
            .map(|key| format!(" {key} plans the undo."))
            .unwrap_or_default();
        let read_back = if expected == 0 {
            "There is nothing that could be read back.".to_owned()
        } else {
            format!("Verified: {verified} of {expected} read back as planned.")
        };
        let said = format!("● {applied} {read_back}{undo}");
        return std::iter::once((said, theme.good)).chain(then).collect();
    }
    if run.ended {
        let said = format!("✗ {applied} NOT verified: {verified} of {expected} read back as planned.");
        let verify = state.keys.hint(Command::Verify).unwrap_or_default();
        let again = format!("AWS may need longer: {verify} reads back again.");
        return vec![(said, theme.danger), (again, theme.text), ways_on(state, run, theme)];
    }
    let said =
        format!("◌ {applied} Not yet verified: {verified} of {expected} so far; reading back goes on by itself.");
    std::iter::once((said, theme.caution)).chain(then).collect()
}

fn stopped(state: &State, run: &Applying, done: &[usize], theme: &Theme) -> Vec<(String, Style)> {
    let unknown = numbers(run, |view| {
        matches!(view, CallView::Answered(Outcome::Unknown { .. }) | CallView::Sent)
    });
    let failed = numbers(run, |view| matches!(view, CallView::Answered(Outcome::Failed { .. })));
    let partly = numbers(run, |view| matches!(view, CallView::Answered(Outcome::Partly { .. })));
    let waiting = numbers(run, |view| matches!(view, CallView::Waiting));
    if done.is_empty() && unknown.is_empty() && partly.is_empty() {
        let said = "✗ Stopped before anything was changed.".to_owned();
        let key = state.keys.hint(Command::Refresh).unwrap_or_default();
        return vec![
            (said, theme.danger),
            (format!("Way on:  {key} plans it again on fresh facts."), theme.strong),
        ];
    }
    let mut parts = Vec::new();
    for (word, calls) in [
        ("done", done),
        ("in part", &partly),
        ("failed", &failed),
        ("unknown", &unknown),
        ("not sent", &waiting),
    ] {
        if !calls.is_empty() {
            parts.push(format!("{word}: {}", ranges(calls)));
        }
    }
    let mut said = vec![(
        format!("✗ Stopped half way. Calls {}.", parts.join(" · ")),
        theme.danger,
    )];
    if !unknown.is_empty() {
        let doubt = "An unknown call may have happened: it is settled by reading, never by sending it again.";
        said.push((doubt.to_owned(), theme.caution));
    }
    said.push(ways_on(state, run, theme));
    said
}

/// Undo what was done, or plan again for the rest.
fn ways_on(state: &State, run: &Applying, theme: &Theme) -> (String, Style) {
    let resume = state.keys.hint(Command::Refresh).unwrap_or_default();
    let again = format!("{resume} resumes: plans what is left, from what is there now");
    let said = match undo_key(state, run) {
        Some(key) => format!("Ways on:  {again}  ·  {key} plans the undo of what was done"),
        None => format!("Way on:  {again}"),
    };
    (said, theme.strong)
}

/// The key that undoes this plan, where it can be undone.
fn undo_key(state: &State, run: &Applying) -> Option<String> {
    let can_be = run.plan.draft.calls.iter().any(|call| call.undo == Undo::Reversible);
    if run.seq.is_none() || run.plan.request.undoes.is_some() || !can_be {
        return None;
    }
    state.keys.hint(Command::Undo)
}

/// The numbers of the calls, from 1, whose state is as asked.
fn numbers(run: &Applying, is: impl Fn(&CallView) -> bool) -> Vec<usize> {
    let places = run.calls.iter().enumerate();
    places
        .filter(|(_, view)| is(view))
        .map(|(place, _)| place + 1)
        .collect()
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
