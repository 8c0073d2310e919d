//! The playbook as a tree of steps and boxes, with how far each is, and below it what to know about the one under the cursor.

use ratatui::Frame;
use ratatui::layout::{Constraint, Layout, Rect};
use ratatui::style::Style;
use ratatui::text::{Line, Span};

use crate::action::{ActionName, Step};
use crate::app::claim::short_name;
use crate::app::collecting;
use crate::app::incident::{IncidentScreen, Pane};
use crate::app::play::{self, Play};
use crate::app::playbook::StepState;
use crate::app::scroll::Scroll;
use crate::app::{Command, State};
use crate::playbook::{PlayStep, Standing};
use crate::tui::describe;
use crate::tui::panel::state_style;
use crate::tui::theme::Theme;
use crate::tui::{footer, put_all, rule, text};

/// Draws the steps, and the guidance below them. `seen` says whether the cursor is in this pane: beside another, Enter means
/// something else. Says how far the guidance can be scrolled.
pub fn draw(
    frame: &mut Frame<'_>,
    area: Rect,
    state: &State,
    open: &IncidentScreen,
    seen: bool,
    theme: &Theme,
) -> usize {
    let play = play::play(state, &open.incident);
    let width = usize::from(area.width);
    // The steps take what they need, and leave the guidance at least half.
    let most = usize::from(area.height.saturating_sub(2) / 2).max(6);
    let rows = play.lines.len().min(most);
    let [head, list, line, below] = Layout::vertical([
        Constraint::Length(1),
        Constraint::Length(u16::try_from(rows).unwrap_or(u16::MAX)),
        Constraint::Length(1),
        Constraint::Min(0),
    ])
    .areas(area);
    text::put_line(frame, head, &heading(&play, width, theme));
    let cursor = open.line.min(play.lines.len().saturating_sub(1));
    let first = Scroll { cursor }.first(rows, play.lines.len());
    for (row, (place, line)) in list.rows().zip(play.lines.iter().enumerate().skip(first)) {
        let selected = seen && place == cursor;
        let mut spans = vec![Span::raw(if selected { " ▸ " } else { "   " })];
        spans.extend(entry(state, &play, line, theme));
        text::put_line(frame, row, &Line::from(text::clip(spans, width)));
        if selected {
            frame.buffer_mut().set_style(row, theme.selected);
        }
    }
    let Some(chosen) = play.lines.get(cursor) else {
        return 0;
    };
    let step = &play.playbook.steps()[chosen.step];
    let mut word = step.phase.word().to_owned();
    if play.lines.len() > rows {
        word = format!("{word} · {} of {} lines", cursor + 1, play.lines.len());
    }
    rule(frame, line, &word, theme);
    let lines = about(state, open, &play, (chosen, step), (seen, width), theme);
    let scroll = open.scrolls[Pane::Playbook as usize].cursor;
    put_all(frame, below, state, &lines, scroll, theme)
}

/// Which playbook it is, and the severity whose branch is followed.
fn heading(play: &Play<'_>, width: usize, theme: &Theme) -> Line<'static> {
    let label = play.situation.severity;
    let how = if play.decided { "decided" } else { "as found" };
    let left = vec![
        text::span(format!(" {}  ", play.playbook.name), theme.strong),
        text::span(&play.playbook.title, theme.text),
    ];
    let right = vec![Span::styled(
        format!("{} {}, {how} ", label.glyph(), label.word()),
        theme.severity(label),
    )];
    text::edges(left, right, width)
}

/// A line after the cursor's column: a step with its state, or a box.
fn entry(state: &State, play: &Play<'_>, line: &play::Line, theme: &Theme) -> Vec<Span<'static>> {
    let step = &play.playbook.steps()[line.step];
    let mut spans = Vec::new();
    if line.depth > 0 {
        let branch = if line.item.is_none() && line.branch.is_some() {
            "├ "
        } else {
            "│ "
        };
        spans.push(Span::styled(
            format!("{}{branch}", "│ ".repeat(line.depth - 1)),
            theme.rule,
        ));
    }
    if let Some(item) = line.item {
        let said = step.manual.get(item).map_or("", String::as_str);
        let (mark, style) = if line.is_ticked() {
            ("[x] ", theme.good)
        } else {
            ("[ ] ", theme.text)
        };
        spans.push(Span::styled(format!("{}{mark}", " ".repeat(10)), style));
        spans.push(text::span(
            said,
            if line.standing == Standing::NotApplicable {
                theme.dim
            } else {
                theme.text
            },
        ));
        spans.extend(by_whom(state, line).map(|said| text::span(said, theme.dim)));
        return spans;
    }
    let (glyph, word, style) = mark(line, theme);
    spans.push(text::cell(step.phase.word(), 10, theme.strong));
    spans.push(text::cell(format!("{glyph} {word}"), 10, style));
    spans.push(text::span(
        &step.title,
        if line.standing == Standing::NotApplicable {
            theme.dim
        } else {
            theme.text
        },
    ));
    spans.extend(by_whom(state, line).map(|said| text::span(said, theme.dim)));
    if let Some(went) = &line.went {
        spans.push(text::span(format!(" · {}", went.note), theme.dim));
    }
    spans
}

/// Who ticked it, or took the tick away.
fn by_whom(state: &State, line: &play::Line) -> Option<String> {
    let tick = line.tick.as_ref()?;
    let verb = if tick.done { "" } else { "taken back by " };
    Some(format!(
        "  {verb}{} {}",
        short_name(&tick.who),
        describe::moment(state, tick.at)
    ))
}

/// Glyph and word of a step: what its actions did says more than that it is ready.
fn mark(line: &play::Line, theme: &Theme) -> (char, &'static str, Style) {
    let went = line.went.as_ref().map(|view| view.state);
    match (line.standing, went) {
        (Standing::Done, _) => ('●', "done", theme.good),
        (_, Some(state @ (StepState::Failed | StepState::Applied | StepState::Undone))) => {
            let (glyph, word) = state.mark();
            (glyph, word, state_style(state, theme))
        }
        (Standing::NotApplicable, _) => ('–', "n/a", theme.dim),
        (Standing::Ready, Some(StepState::Done)) => ('◐', "boxes", theme.caution),
        (Standing::Ready, _) => ('○', "ready", theme.strong),
        (Standing::Waiting, _) => ('·', "waits", theme.dim),
    }
}

/// What is said of the line under the cursor, whole and wrapped.
fn about(
    state: &State,
    open: &IncidentScreen,
    play: &Play<'_>,
    (line, step): (&play::Line, &PlayStep),
    (seen, width): (bool, usize),
    theme: &Theme,
) -> Vec<Line<'static>> {
    let mut lines = Vec::new();
    let mut say = |said: &str, style| text::labelled(&mut lines, ("", 1, theme.dim), said, width, style);
    let item = line.item.and_then(|item| step.manual.get(item));
    say(item.unwrap_or(&step.title), theme.strong);
    if seen {
        say(&what_enter_does(state, line, step), theme.text);
    }
    if let Some(note) = line.went.as_ref().map(|went| &went.note).filter(|_| item.is_none()) {
        say(note, theme.text);
    }
    match line.standing {
        Standing::NotApplicable => {
            let when = step.when.as_ref().map_or("", |when| when.text());
            say(&format!("– Does not apply: only when {when}."), theme.caution);
        }
        Standing::Waiting => {
            let before: Vec<&str> = step
                .after
                .iter()
                .map(|at| play.playbook.steps()[*at].title.as_str())
                .collect();
            say(&format!("· Comes after: {}.", before.join("; ")), theme.caution);
        }
        Standing::Done | Standing::Ready => {}
    }
    if let Some((place, of)) = line.branch {
        say(
            &format!("├ Branch {place} of {of}, side by side with the others."),
            theme.dim,
        );
    }
    for needed in &step.requires {
        say(&format!("! Needs: {needed}"), theme.caution);
    }
    if step.actions.contains(&ActionName::CollectEvidence) {
        for gap in collecting::gaps(state, &open.incident) {
            say(&format!("! Not collected: {gap}"), theme.caution);
        }
    }
    if step.phase == Step::Classify {
        for said in follows(state, open) {
            say(&said, theme.text);
        }
    }
    if step.any {
        say("One of these is enough for each resource:", theme.text);
    }
    for action in &step.actions {
        if *action == ActionName::CollectEvidence && state.mode.can_change() {
            say(&format!("▸ {}", collecting::about(state, &open.incident)), theme.text);
        } else {
            say(&format!("▸ {action}: {}", action.action().summary()), theme.text);
        }
    }
    for paragraph in step.guidance.split("\n\n") {
        say(" ", theme.text);
        // Lines inside a paragraph are the file's own; here they are filled to the width.
        say(&paragraph.split_whitespace().collect::<Vec<_>>().join(" "), theme.text);
    }
    lines
}

/// What follows from what was decided: how soon to respond, whom to tell, what to do at once.
fn follows(state: &State, open: &IncidentScreen) -> Vec<String> {
    let Some(decided) = crate::app::chosen::decided(state, &open.incident) else {
        return Vec::new();
    };
    let table = &state.classification;
    let level = table.level(decided.severity);
    let who = short_name(decided.who);
    let what = crate::journal::kind_phrase(decided.incident_type, decided.subtype, decided.systems);
    let within = footer::short_minutes(level.response_minutes);
    let mut said = vec![format!(
        "{}{what}: decided by {who}; respond within {within}.",
        decided.severity
    )];
    if !level.escalation.is_empty() {
        said.push(format!("Tell: {}", level.escalation.join(" → ")));
    }
    let actions = table.actions(decided.incident_type.unwrap_or_default(), decided.severity);
    if !actions.is_empty() {
        said.push(format!("At once: {}", actions.join("; ")));
    }
    said
}

fn what_enter_does(state: &State, line: &play::Line, step: &PlayStep) -> String {
    if !state.mode.can_change() {
        return format!("{} only looks: run quell respond to act.", state.mode.word());
    }
    let key = |command| state.keys.hint(command).unwrap_or_else(|| ":".to_owned());
    let (enter, space) = (key(Command::Open), key(Command::Tick));
    if line.item.is_some() {
        return format!("{space} ticks it or takes the tick away; the journal says who did.");
    }
    let went = line.went.as_ref();
    let said = match (went.map(|view| view.state), step.phase) {
        (_, Step::Classify) => format!("{enter} asks what kind it is and how severe, and writes it to the journal."),
        (_, Step::Document) => format!("{enter} writes the report."),
        (None, _) => format!("By hand: {space} ticks it when it is done."),
        (Some(StepState::Todo | StepState::Undone | StepState::NotApplicable), _) => {
            format!("{enter} reads the facts and shows the plan. Nothing changes before you confirm it.")
        }
        (Some(StepState::Applied | StepState::Failed | StepState::Done), _) => {
            format!("{enter} makes the plan again from what is there now.")
        }
    };
    match went.and_then(|view| view.seq) {
        Some(seq) => format!(
            "{said} {} plans the undo of record {seq}, {} reads it back.",
            key(Command::Undo),
            key(Command::Verify)
        ),
        None => said,
    }
}
