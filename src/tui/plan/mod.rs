//! The plan: what would be done, the typed confirmation, and the calls as they go. A whole screen, never a pop-up.
//!
//! The region at the bottom, where the confirmation is typed, never holds text from outside.

mod applying;
mod ready;
mod status;

use ratatui::Frame;
use ratatui::layout::{Constraint, Layout, Rect};
use ratatui::style::Style;
use ratatui::text::{Line, Span};

use super::banner::plural;
use super::theme::Theme;
use super::{describe, footer, hints, put_all, rule, seen, text, title};
use crate::action::{Plan, Refusal, RefusalKind, Request};
use crate::app::plan::{Applying, CallView, PlanScreen, Stage};
use crate::app::{Command, State, verifying};
use crate::domain::Untrusted;

/// Draws the plan. Says how far its text can be scrolled.
pub fn draw(frame: &mut Frame<'_>, area: Rect, state: &State, screen: &PlanScreen, theme: &Theme) -> usize {
    let width = usize::from(area.width);
    let area = title(frame, area, &heading(state, screen, width, theme), theme);
    match &screen.stage {
        Stage::Reading { round, .. } => {
            let read = screen.facts.iter().count();
            let said = format!("  Reading facts, round {round} …  {read} answered so far");
            let lines = [
                Line::default(),
                Line::styled(said, theme.strong),
                Line::styled("  Nothing is changed by reading.", theme.dim),
            ];
            text::put(frame, area, &lines, 0)
        }
        Stage::Refused(refusal) => {
            let lines = refused(state, &screen.request, refusal, width, theme);
            put_all(frame, area, state, &lines, screen.scroll.cursor, theme)
        }
        Stage::Ready {
            plan,
            digest,
            typed,
            error,
            prediction,
            ..
        } => {
            let rows = 2 + u16::from(error.is_some());
            let [body, bottom] = Layout::vertical([Constraint::Min(1), Constraint::Length(rows)]).areas(area);
            let lines = ready::lines(state, plan, (digest, prediction.as_ref()), width, theme);
            let furthest = text::put(frame, body, &lines, screen.scroll.cursor);
            let first = screen.scroll.cursor.min(furthest);
            confirm(frame, bottom, state, plan, (typed, error.as_deref()), theme);
            rule(frame, bottom, &seen(state, first, body.height, lines.len()), theme);
            furthest
        }
        Stage::Applying(run) => applying::draw(frame, area, state, run, screen.scroll, theme),
    }
}

fn heading(state: &State, screen: &PlanScreen, width: usize, theme: &Theme) -> Vec<Line<'static>> {
    let request = &screen.request;
    let undo = request
        .undoes
        .map_or_else(String::new, |seq| format!("undo of record {seq}  "));
    let (word, style) = stage_word(&screen.stage, theme);
    let left = vec![
        Span::styled(format!(" {word}  "), style),
        Span::styled(format!("{undo}{}  ", request.action), theme.strong),
        text::span(request.target.id.shown(), theme.text),
    ];
    let place = format!(" {} · {}", describe::account(state, &request.account), request.region);
    let (digest, summary) = match &screen.stage {
        Stage::Reading { .. } | Stage::Refused(_) => (None, Vec::new()),
        Stage::Ready { plan, digest, .. } => (Some(digest), summary(plan, theme)),
        Stage::Applying(run) => {
            let seq = run
                .seq
                .map_or_else(Vec::new, |seq| vec![Span::styled(format!("record {seq} "), theme.dim)]);
            (Some(&run.digest), seq)
        }
    };
    let digest = digest.map_or_else(Vec::new, |digest| {
        vec![
            Span::styled("digest ", theme.dim),
            Span::styled(format!("{} ", fours(&digest.short())), theme.strong),
        ]
    });
    vec![
        text::edges(left, digest, width),
        text::edges(vec![text::span(place, theme.text)], summary, width),
    ]
}

/// How far it is, in the first word of the screen.
fn stage_word(stage: &Stage, theme: &Theme) -> (&'static str, Style) {
    match stage {
        Stage::Reading { .. } | Stage::Ready { .. } => ("PLAN", theme.strong),
        Stage::Refused(_) => ("NO PLAN", theme.danger),
        Stage::Applying(run) if run.trouble.is_empty() => applied_word(run, theme),
        Stage::Applying(run) if run.calls.iter().all(|call| *call == CallView::Waiting) => {
            ("NOT APPLIED", theme.danger)
        }
        Stage::Applying(_) => ("STOPPED", theme.danger),
    }
}

fn applied_word(run: &Applying, theme: &Theme) -> (&'static str, Style) {
    match run.calls_ended {
        false => ("APPLYING", theme.caution),
        true if run.is_verified() => ("VERIFIED", theme.good),
        true if run.ended => ("NOT VERIFIED", theme.danger),
        true => ("APPLIED", theme.caution),
    }
}
fn summary(plan: &Plan, theme: &Theme) -> Vec<Span<'static>> {
    let (calls, warnings) = (plan.draft.calls.len(), plan.draft.warnings.len());
    let mut spans = vec![Span::styled(format!("{calls} call{} ", plural(calls)), theme.text)];
    if warnings > 0 {
        let said = format!("· ! {warnings} warning{} ", plural(warnings));
        spans.push(Span::styled(said, theme.danger));
    }
    spans
}

/// Hex digits in groups of four, as people compare them.
fn fours(hex: &str) -> String {
    let digits: Vec<char> = hex.chars().collect();
    let groups: Vec<String> = digits.chunks(4).map(|group| group.iter().collect()).collect();
    groups.join(" ")
}

fn refused(state: &State, request: &Request, refusal: &Refusal, width: usize, theme: &Theme) -> Vec<Line<'static>> {
    let mut lines = vec![
        Line::default(),
        Line::styled("  ✗ There is no plan; nothing was changed.", theme.danger),
        Line::default(),
    ];
    let label = |word| (word, 10, theme.dim);
    text::labelled(&mut lines, label("  Why"), &refusal.why, width - 1, theme.text);
    lines.push(Line::default());
    text::labelled(
        &mut lines,
        label("  Instead"),
        &refusal.instead,
        width - 1,
        theme.strong,
    );
    lines.push(Line::default());
    let key = |command| state.keys.hint(command).unwrap_or_else(|| ":".to_owned());
    let mut ways = Vec::new();
    // What is so already is checked against what the journal says was wanted.
    if let (RefusalKind::AlreadyDone, Some(seq)) = (refusal.kind, verifying::last_plan(state, request)) {
        let verify = key(Command::Verify);
        ways.push((
            format!("{verify} reads back what record {seq} was to bring about."),
            theme.strong,
        ));
    }
    let choices = request.action.action().choices();
    if !choices.is_empty() && request.undoes.is_none() {
        let names: Vec<&str> = choices.iter().map(|choice| choice.name).collect();
        let style = if refusal.kind == RefusalKind::BadChoice {
            theme.strong
        } else {
            theme.dim
        };
        let said = format!("{} chooses: {}.", key(Command::Choices), names.join(", "));
        ways.push((said, style));
    }
    let (again, back) = (key(Command::Refresh), key(Command::Back));
    ways.push((format!("{again} plans it again. {back} goes back."), theme.dim));
    for (said, style) in ways {
        text::labelled(&mut lines, label(""), &said, width - 1, style);
    }
    lines
}

/// The region where the confirmation is typed. The word to type is made of letters and digits only.
fn confirm(
    frame: &mut Frame<'_>,
    area: Rect,
    state: &State,
    plan: &Plan,
    (typed, error): (&crate::app::input::LineEdit, Option<&str>),
    theme: &Theme,
) {
    let last = Rect {
        y: area.bottom().saturating_sub(1),
        height: 1,
        ..area
    };
    if let Some(error) = error {
        let above = Rect { y: last.y - 1, ..last };
        let said = text::clip(
            vec![text::span(format!(" ✗ {error}"), theme.danger)],
            usize::from(area.width),
        );
        text::put_line(frame, above, &Line::from(said));
    }
    if state.now > plan.expires_at {
        let said = format!(
            " This plan expired at {}: {} plans it again on fresh facts.",
            describe::clock(state, plan.expires_at),
            hints::without_letter(state, Command::Refresh).unwrap_or_else(|| ":refresh".to_owned())
        );
        text::put_line(frame, last, &Line::styled(said, theme.danger));
        return;
    }
    // While something is chosen below, letters are no confirmation.
    if state.prompt.is_some() {
        let said = " To be confirmed here when the choices are made.";
        text::put_line(frame, last, &Line::styled(said, theme.dim));
        return;
    }
    if state.applying {
        let said = " Another plan is still being applied; this one can be confirmed after it.";
        text::put_line(frame, last, &Line::styled(said, theme.caution));
        return;
    }
    let named = plan.confirmed_by();
    let of = if named == plan.request.target.id.raw() {
        String::new()
    } else {
        format!(" (the end of {})", Untrusted::new(named))
    };
    let label = format!(" Type {}{of} and Enter to apply:  ", plan.typed_confirmation());
    footer::edit(frame, last, &label, typed, "Esc back", theme);
}
