//! What a command does, on each screen.

use super::command::{Command, Place};
use super::completing::Completing;
use super::context;
use super::copy;
use super::coverage;
use super::earlier;
use super::effect::Effect;
use super::incident::{IncidentScreen, Pane};
use super::input::LineEdit;
use super::list;
use super::look;
use super::plan::Stage;
use super::state::{Prompt, Screen, State, Tone};
use super::{alert, choosing, chosen, claiming, play, regroup, steps, update, verifying};
use crate::action::{Plan, Step, Undo};
use crate::findings::filter::folded;
use crate::journal::What;

/// Where the console is, as far as keys are concerned.
pub(super) fn place(state: &State) -> Place {
    match state.screen() {
        Screen::List => Place::List,
        Screen::Incident(_) | Screen::Plan(_) | Screen::Journal(_) | Screen::Coverage(_) | Screen::Help(_) => {
            Place::Beyond
        }
    }
}

/// Runs a command, where it means something: what it would change elsewhere could not be seen.
pub(super) fn run(state: &mut State, command: Command) -> Vec<Effect> {
    if !command.place().overlaps(place(state)) {
        not_here(state, command);
        return Vec::new();
    }
    // Counted before, for what is done takes the marks away.
    let left_out = command.takes_rows().then(|| look::left_out(state)).flatten();
    if command.takes_rows() && matches!(state.screen(), Screen::List) {
        state.list.hold();
    }
    let effects = run_here(state, command);
    look::add(state, left_out);
    effects
}

fn not_here(state: &mut State, command: Command) {
    // First, so that a mode that only looks says the same of every key that could change something.
    if command.changes() && steps::only_looks(state) {
        return;
    }
    if place(state) == Place::List {
        state.say(Tone::Plain, "Open an incident first (Enter).");
    } else {
        list_only(state, command.name());
    }
}

/// Says that this works on the list alone.
pub(super) fn list_only(state: &mut State, name: &str) {
    let key = state.keys.hint(Command::Back).unwrap_or_else(|| ":back".to_owned());
    state.say(
        Tone::Plain,
        format!("{name} works on the list only; {key} goes back to it."),
    );
}

fn run_here(state: &mut State, command: Command) -> Vec<Effect> {
    match command {
        Command::Down => scroll(state, 1),
        Command::Up => scroll(state, -1),
        Command::PageDown => page(state, half_page(state)),
        Command::PageUp => page(state, -half_page(state)),
        Command::Top => jump(state, false),
        Command::Bottom => jump(state, true),
        Command::Open => return open(state),
        Command::Back => return back(state),
        Command::NextPane => pane(state, 1),
        Command::PreviousPane => pane(state, -1),
        Command::Filter => start_filter(state),
        Command::Prompt => {
            let line = LineEdit::default();
            let completing = Completing::command(state, &line);
            state.prompt = Some(Prompt::Command { line, completing });
        }
        Command::SearchNext => search(state, true),
        Command::SearchPrevious => search(state, false),
        Command::Help => push(state, Screen::Help(super::scroll::Scroll::default())),
        Command::Journal => {
            let mut scroll = super::scroll::Scroll::default();
            scroll.end(state.journal.len());
            push(state, Screen::Journal(scroll));
        }
        Command::Coverage => coverage::open(state),
        Command::Refresh if matches!(state.screen(), Screen::Plan(_)) => return steps::again(state),
        Command::Refresh if state.offline.is_some() => {
            let said = "Nothing is read from AWS: the findings come from files. Start quell again to read those anew.";
            state.say(Tone::Plain, said);
        }
        Command::Refresh => {
            let nobody = state.identity.is_none() && state.fatal.is_some();
            let said = if nobody {
                "Trying again …"
            } else {
                "Reading again …"
            };
            state.say(Tone::Plain, said);
            return vec![Effect::Refresh];
        }
        Command::Classify => return steps::start(state, Step::Classify),
        Command::Isolate => return steps::start(state, Step::Isolate),
        Command::Snapshot => return steps::start(state, Step::Snapshot),
        Command::Revoke => return steps::start(state, Step::Revoke),
        Command::Notify => return steps::start(state, Step::Notify),
        Command::Document => return steps::start(state, Step::Document),
        Command::Undo => return undo(state),
        Command::Choices => choosing::start(state),
        Command::Tick => return play::tick(state),
        Command::Playbook => choose_playbook(state),
        Command::Verify => return verifying::start(state),
        Command::Copy => return copy::id(state),
        Command::CopyResource => return copy::resource(state),
        Command::Link => return copy::link(state),
        Command::Sort => look::next_sort(state),
        Command::Reverse => look::reverse(state),
        Command::Mark => look::mark(state),
        Command::Unmark => state.list.unmark(),
        Command::View(number) => look::view(state, usize::from(number)),
        Command::Split => return regroup::split(state),
        Command::Merge => return regroup::merge(state),
        Command::Claim => return claiming::claim(state),
        Command::Release => return claiming::release(state),
        Command::NoteFindings => return claiming::note_findings(state),
        Command::Mute => alert::mute(state),
        Command::Suspend => return suspend(state),
        Command::Quit => return quit(state),
    }
    Vec::new()
}

fn choose_playbook(state: &mut State) {
    if !steps::only_looks(state) {
        chosen::start(state);
    }
}

/// A stopped process hears no answer, so the outcome of a call under way would be lost.
fn suspend(state: &mut State) -> Vec<Effect> {
    if state.applying {
        state.say(
            Tone::Bad,
            "Calls are still being sent; the console stays until they have ended.",
        );
        return Vec::new();
    }
    vec![Effect::Suspend]
}

/// Whoever leaves while calls are being sent is told what that means, once.
fn quit(state: &mut State) -> Vec<Effect> {
    if state.applying && !state.leaving {
        state.leaving = true;
        state.say(
            Tone::Bad,
            "Calls are still being sent. Wait until they have ended; quitting again stops the plan half way, with the outcome of the call under way unknown.",
        );
        return Vec::new();
    }
    vec![Effect::Quit]
}

/// A screen that is open already is not opened twice.
fn push(state: &mut State, screen: Screen) {
    if std::mem::discriminant(state.screen()) != std::mem::discriminant(&screen) {
        state.screens.push(screen);
    }
}

fn half_page(state: &State) -> isize {
    isize::try_from(state.size.1 / 2).unwrap_or(1).max(1)
}

/// Moves by half a page. Below the steps of the playbook it is the guidance that moves: there are few steps.
fn page(state: &mut State, lines: isize) {
    let furthest = state.furthest;
    match state.screens.last_mut() {
        Some(Screen::Incident(open)) if open.pane == Pane::Playbook => open.scroll().by(lines, furthest + 1),
        _ => scroll(state, lines),
    }
}

/// Moves the cursor of the screen by lines.
pub(super) fn scroll(state: &mut State, lines: isize) {
    let journal = state.journal.len();
    let incident_len = pane_len(state);
    match state.screens.last_mut() {
        None | Some(Screen::List) => state.list.by(lines),
        Some(Screen::Incident(open)) if open.pane == Pane::Playbook => {
            open.line = open
                .line
                .saturating_add_signed(lines)
                .min(incident_len.saturating_sub(1));
            // Another step has other guidance, read from its beginning.
            open.scroll().cursor = 0;
        }
        Some(Screen::Incident(open)) => open.scroll().by(lines, incident_len),
        Some(Screen::Plan(plan)) => plan.scroll.by(lines, state.furthest + 1),
        Some(Screen::Journal(scroll)) => scroll.by(lines, journal),
        Some(Screen::Coverage(scroll)) => state.coverage.scroll(scroll, lines, state.furthest),
        Some(Screen::Help(scroll)) => scroll.by(lines, state.furthest + 1),
    }
}

/// How many lines the pane has that can be scrolled through.
fn pane_len(state: &State) -> usize {
    let Screen::Incident(open) = state.screen() else {
        return 0;
    };
    match open.pane {
        Pane::Raw => open.json_len(),
        Pane::Context => context::tree(&open.incident, &open.facts, &state.zone).nodes.len(),
        Pane::Journal => state.journal.iter().filter(|r| open.owns(r)).count(),
        Pane::Finding => state.furthest + 1,
        Pane::Playbook => play::len(state, &open.incident),
    }
}

fn jump(state: &mut State, to_end: bool) {
    if matches!(state.screen(), Screen::List) {
        state.list.jump(to_end);
    } else {
        scroll(state, if to_end { isize::MAX } else { isize::MIN });
    }
}

fn pane(state: &mut State, by: isize) {
    match state.screens.last_mut() {
        Some(Screen::Incident(open)) => open.pane = open.pane.next(by),
        Some(Screen::List) => {
            let other = match state.list.kind {
                list::Kind::Incidents => list::Kind::Findings,
                list::Kind::Findings => list::Kind::Incidents,
            };
            list::show(state, other);
        }
        Some(Screen::Plan(_) | Screen::Journal(_) | Screen::Coverage(_) | Screen::Help(_)) | None => {}
    }
}

fn open(state: &mut State) -> Vec<Effect> {
    match state.screen() {
        Screen::List => update::open_incident(state),
        Screen::Incident(open) if open.pane == Pane::Playbook => play::open(state),
        Screen::Incident(_) => earlier::open(state).unwrap_or_else(|| {
            pane(state, 1);
            Vec::new()
        }),
        Screen::Plan(plan) if matches!(&plan.stage, Stage::Applying(run) if run.calls_ended) => back(state),
        Screen::Coverage(_) => coverage::open_line(state),
        Screen::Plan(_) | Screen::Journal(_) | Screen::Help(_) => Vec::new(),
    }
}

fn back(state: &mut State) -> Vec<Effect> {
    if state.screens.len() <= 1 {
        // What AWS or a person has put aside comes back only when that is asked for once more.
        let next = state.list.filter_before();
        let _ = list::set_filter(state, next);
        return Vec::new();
    }
    if let Screen::Plan(plan) = state.screen()
        && matches!(&plan.stage, Stage::Applying(run) if !run.calls_ended)
    {
        state.say(
            Tone::Plain,
            "Calls are still being sent; this screen stays until they have ended.",
        );
        return Vec::new();
    }
    if earlier::back(state) || coverage::back(state) {
        return Vec::new();
    }
    let left = state.screens.pop();
    let (number, zone) = (state.read_number(), state.zone.clone());
    match (state.screens.last_mut(), left) {
        // What was changed is read again, so that the context shows it.
        (Some(Screen::Incident(open)), Some(Screen::Plan(_))) => {
            open.facts = crate::action::Facts::default();
            open.reading = None;
            update::read_context(open, number, &zone).into_iter().collect()
        }
        _ => Vec::new(),
    }
}

fn start_filter(state: &mut State) {
    match state.screens.last_mut() {
        Some(Screen::Incident(open)) => {
            open.pane = Pane::Raw;
            open.leave_list();
            state.prompt = Some(Prompt::Search {
                line: LineEdit::new(&open.search),
            });
        }
        Some(Screen::List) => {
            let before = state.list.filter_text.clone();
            // What is typed narrows the list further; Ctrl-u begins anew.
            let line = if before.is_empty() {
                LineEdit::default()
            } else {
                LineEdit::new(&format!("{before} "))
            };
            let completing = Completing::filter(state, &line);
            state.prompt = Some(Prompt::Filter {
                line,
                before,
                error: None,
                completing,
            });
        }
        Some(Screen::Coverage(_)) => {
            let before = state.coverage.filter().to_owned();
            state.prompt = Some(Prompt::Coverage {
                line: LineEdit::new(&before),
                before,
            });
        }
        _ => state.say(Tone::Plain, "There is nothing to filter here."),
    }
}

pub(super) fn search(state: &mut State, forward: bool) {
    let Some(Screen::Incident(open)) = state.screens.last_mut() else {
        return;
    };
    if open.search.is_empty() {
        return;
    }
    let wanted = folded(&open.search);
    open.pane = Pane::Raw;
    open.leave_list();
    let len = open.json().len();
    let here = open.scroll().cursor;
    let places = (1..=len).map(|step| {
        if forward {
            (here + step) % len
        } else {
            (here + len - step) % len
        }
    });
    let found = places
        .into_iter()
        .find(|line| folded(&open.json()[*line]).contains(&wanted));
    match found {
        Some(line) => open.scroll().cursor = line,
        None => state.say(Tone::Plain, "No line has that."),
    }
}

fn undo(state: &mut State) -> Vec<Effect> {
    // First, so that a mode that only looks says the same of every key that could change something.
    if steps::only_looks(state) {
        return Vec::new();
    }
    let seq = match state.screen() {
        // A step that changed nothing does not hide what another one did; the plan that opens names its record.
        Screen::Incident(open) if open.pane == Pane::Playbook => {
            play::selected_record(state).or_else(|| last_plan(state, open))
        }
        Screen::Incident(open) => last_plan(state, open),
        Screen::Plan(plan) => match &plan.stage {
            Stage::Applying(run) if run.calls_ended => run.seq,
            Stage::Applying(_) | Stage::Reading { .. } | Stage::Refused(_) | Stage::Ready { .. } => None,
        },
        Screen::Journal(scroll) => state.journal.get(scroll.cursor).map(|r| r.seq),
        Screen::List | Screen::Coverage(_) | Screen::Help(_) => None,
    };
    if let Some(seq) = seq {
        return steps::undo(state, seq);
    }
    state.say(Tone::Plain, "There is nothing here that was done and can be undone.");
    Vec::new()
}

/// The newest plan of the incident that an undo would change something for; where there is none, the newest, of which the undo
/// says why not.
fn last_plan(state: &State, open: &IncidentScreen) -> Option<u64> {
    let confirmed = state.journal.iter().rev().filter_map(|r| match &r.what {
        What::Confirmed { plan, .. } if open.owns(r) => Some((r.seq, plan)),
        _ => None,
    });
    let (undos, done): (Vec<_>, Vec<_>) = confirmed.partition(|(_, plan)| plan.request.undoes.is_some());
    let undone = |seq: u64| undos.iter().any(|(_, plan)| plan.request.undoes == Some(seq));
    let reversible = |plan: &Plan| plan.draft.calls.iter().any(|call| call.undo == Undo::Reversible);
    let newest = done.iter().find(|(seq, plan)| reversible(plan) && !undone(*seq));
    newest.or(done.first()).map(|(seq, _)| *seq)
}
