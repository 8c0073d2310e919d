//! The six steps of an incident: what each would do here, and how far it is, as the journal says.

use std::collections::{HashMap, HashSet};

use crate::action::{ActionName, Step};
use crate::domain::{AccountId, Region, Resource, SeverityLabel, Time};
use crate::findings::incident::Incident;
use crate::journal::{Record, What};
use crate::playbook::PlayStep;

use super::prepared::Stage;
use super::progress::{self, Group, Progress, Thing};
use super::state::{State, local};
use super::targets::{self, Offer, Target};
use super::{chosen, collecting};

/// A step with its state.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct StepView {
    pub step: Step,
    pub state: StepState,
    /// What it is about here, or how it went: one line, safe to show.
    pub note: String,
    /// The journal's record that an undo would name.
    pub seq: Option<u64>,
}

/// How far a step is.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum StepState {
    /// Nothing here for it to act on.
    NotApplicable,
    Todo,
    /// Applied, and not yet read back as expected.
    Applied,
    /// Done: read back as expected, or nothing to read back.
    Done,
    /// Stopped half way, or read back otherwise than expected.
    Failed,
    /// Done and undone.
    Undone,
}

impl StepState {
    /// A glyph and a word.
    #[must_use]
    pub fn mark(self) -> (char, &'static str) {
        match self {
            Self::NotApplicable => ('–', "n/a"),
            Self::Todo => ('○', "to do"),
            Self::Applied => ('◐', "applied"),
            Self::Done => ('●', "done"),
            Self::Failed => ('✗', "failed"),
            Self::Undone => ('↶', "undone"),
        }
    }
}

/// The six steps of an incident.
#[must_use]
pub fn steps(state: &State, incident: &Incident) -> Vec<StepView> {
    let is_own = |r: &&Record| r.incident.as_deref().is_some_and(|id| incident.is(id));
    let own: Vec<&Record> = state.journal.iter().filter(is_own).collect();
    Step::ALL
        .into_iter()
        .map(|step| view(step, incident, state, &own))
        .collect()
}

pub(super) fn view(step: Step, incident: &Incident, state: &State, own: &[&Record]) -> StepView {
    let blank = |state, note: String| StepView {
        step,
        state,
        note,
        seq: None,
    };
    match step {
        Step::Classify => match own.iter().rev().find_map(|r| classified(r)) {
            Some((severity, at)) => blank(
                StepState::Done,
                format!("{severity}, decided {}", local(at, &state.zone)),
            ),
            None => blank(StepState::Todo, suggestion(state, incident)),
        },
        Step::Document => match own.iter().rev().find_map(|r| reported(r)) {
            Some(path) => blank(StepState::Done, path),
            None => blank(StepState::Todo, "Markdown report from the journal".to_owned()),
        },
        Step::Notify if state.topic.is_none() => blank(
            StepState::NotApplicable,
            "no topic: set notify.topic in the configuration".to_owned(),
        ),
        Step::Notify => {
            // A message that a rule sent may be about many incidents; its record stands under one of them.
            let about = |r: &&Record| is_told(r, incident) || r.incident.as_deref().is_some_and(|id| incident.is(id));
            let about: Vec<&Record> = state.journal.iter().filter(about).collect();
            told(step, incident, &about, &state.journal)
                .unwrap_or_else(|| blank(StepState::Todo, "tell the SNS topic".to_owned()))
        }
        Step::Isolate | Step::Snapshot | Step::Revoke => contained(step, incident, state, own),
    }
}

/// What the findings suggest, in a few words.
fn suggestion(state: &State, incident: &Incident) -> String {
    let by_label = state.classification.suggest(incident.severity.label());
    let Some(suggested) = chosen::suggested(state, incident) else {
        return format!("suggested: {by_label}");
    };
    let kind = state.classification.incident_type(&suggested.incident_type);
    let sub = kind.and_then(|kind| kind.subtype(&suggested.subtype));
    let words = [kind.map(|k| k.title.as_str()), sub.map(|s| s.title.as_str())];
    let words: Vec<&str> = words.into_iter().flatten().collect();
    format!("suggested: {}, {}", suggested.severity, words.join(", "))
}

/// Whether a rule's notification told of the incident.
fn is_told(record: &Record, incident: &Incident) -> bool {
    match &record.what {
        What::Confirmed { rule: Some(rule), .. } => rule.incidents.iter().any(|id| incident.is(id)),
        _ => false,
    }
}

/// What is known of a plan that was made ahead; nothing where none was.
#[must_use]
pub fn ahead(state: &State, target: &Target) -> String {
    match state.prepared.stage(target) {
        None => String::new(),
        Some(Stage::Reading) => ", plan being prepared".to_owned(),
        Some(stage @ Stage::Ready { read_at }) => {
            let minutes = state.now.duration_since(*read_at).as_mins();
            if stage.is_fresh(state.now) {
                format!(", plan ready, facts {minutes} min old")
            } else {
                ", facts are read when it is opened".to_owned()
            }
        }
        Some(Stage::Refused(why)) => format!(", no plan: {why}"),
    }
}

/// The severity that was decided last, and when.
#[must_use]
pub fn classified(record: &Record) -> Option<(SeverityLabel, Time)> {
    match &record.what {
        What::Classified { severity, .. } => Some((*severity, record.time)),
        _ => None,
    }
}

fn reported(record: &Record) -> Option<String> {
    match &record.what {
        What::Reported { path, .. } => Some(crate::domain::Untrusted::new(path.as_str()).shown()),
        _ => None,
    }
}

/// Which actions of a step of a playbook stand for one another.
fn group(step: &PlayStep, action: ActionName) -> Group {
    if step.any { Ok(0) } else { Err(action) }
}

/// A phase that acts on what findings name: done only where something was done to each of them. Evidence stands for nothing else.
fn contained(phase: Step, incident: &Incident, state: &State, own: &[&Record]) -> StepView {
    let own: Vec<&Record> = own.iter().copied().filter(|r| is_of(r, phase)).collect();
    let all = targets::of_phase(state, phase, incident, targets::SHOWN + own.len());
    let group = |action| match action {
        ActionName::CollectEvidence => Err(action),
        _ => Ok(0),
    };
    tally(phase, incident, state, &all, &own, group)
}

/// A step of a playbook, by its own actions alone, each of them, whatever phase that is of by itself.
pub(super) fn done_by(step: &PlayStep, incident: &Incident, state: &State, own: &[&Record]) -> StepView {
    let own: Vec<&Record> = own.iter().copied().filter(|r| is_by(r, &step.actions)).collect();
    let all = targets::of_step(state, step, incident, targets::SHOWN + own.len());
    let view = tally(step.phase, incident, state, &all, &own, |action| group(step, action));
    match view.state {
        StepState::NotApplicable => StepView {
            note: unnamed(&targets::wanted_by(step.actions.iter().copied())),
            ..view
        },
        _ => view,
    }
}

fn unnamed(wanted: &str) -> String {
    format!("no finding names one of: {wanted}")
}

/// Whether a record tells of an action of this phase, or of evidence.
fn is_of(record: &Record, phase: Step) -> bool {
    match &record.what {
        What::Confirmed { plan, .. } => plan.request.action.action().step() == phase,
        What::Evidence(_) => true,
        _ => false,
    }
}

/// Whether a record tells of one of these actions.
fn is_by(record: &Record, actions: &[ActionName]) -> bool {
    match &record.what {
        What::Confirmed { plan, .. } => actions.contains(&plan.request.action),
        What::Evidence(_) => actions.contains(&ActionName::CollectEvidence),
        _ => false,
    }
}

/// At most so many things are named in the note of a step; the others are counted.
const NAMED: usize = 12;

/// How far what can be done is, and what is said of it: one entry for each that counts. Where there are so many that not all of them are
/// looked at, the others count as not done. Each record makes place for one more, so where all is done all of them are looked at.
fn tally(
    step: Step,
    incident: &Incident,
    state: &State,
    offer: &Offer,
    own: &[&Record],
    group: impl Fn(ActionName) -> Group,
) -> StepView {
    let went = progress::progress(incident, &offer.targets, own, &state.journal);
    let things = progress::things(&offer.targets, &went, group);
    let view = |state, note: String, seq| StepView { step, state, note, seq };
    match things.as_slice() {
        [] => view(StepState::NotApplicable, unnamed(&targets::wanted(step)), None),
        [only] => match (only.went.last(), only.ways.first()) {
            (Some(last), _) => view(only.state, last.note(), last.seq()),
            (None, Some(first)) => view(StepState::Todo, todo(state, incident, only, first), None),
            (None, None) => view(StepState::Todo, String::new(), None),
        },
        several => {
            let twice = namesakes(several);
            let mut named: Vec<&Thing<'_>> = several.iter().collect();
            if named.len() > NAMED {
                // What needs somebody is not among those that are only counted.
                named.sort_by_key(|thing| (thing.state != StepState::Failed, thing.state != StepState::Applied));
                named.truncate(NAMED);
            }
            let each = named.iter().map(|thing| {
                let word = thing.state.mark().1;
                match (thing.went.last(), thing.ways.first()) {
                    (Some(last), _) => format!("{} {word}", last.note()),
                    (None, Some(first)) if collecting::is_under_way(state, incident, first.action) => {
                        format!("{} under way", first.action)
                    }
                    (None, Some(first)) if first.action == ActionName::CollectEvidence => {
                        format!("{} {word}", first.action)
                    }
                    (None, Some(first)) => {
                        let place = place(state, first, &twice);
                        format!("{} {}{place} {word}", ways(thing), first.resource)
                    }
                    (None, None) => word.to_owned(),
                }
            });
            let done = several.iter().filter(|t| t.state == StepState::Done).count();
            // What was done to others shows by its record alone.
            let others = several.iter().filter(|thing| thing.ways.is_empty()).count();
            let left = offer.more.saturating_sub(others);
            let more = match several.len() + left - named.len() {
                0 => String::new(),
                more => format!("; and {more} more"),
            };
            let note = format!(
                "{done} of {} done: {}{more}",
                several.len() + left,
                each.collect::<Vec<_>>().join("; ")
            );
            // What can still be undone comes before what was; what changed nothing is no matter of undoing.
            let changes = went.iter().flatten().filter(|w| w.seq().is_some());
            let last = changes.max_by_key(|w| (w.undoes.is_none(), w.record));
            view(together(several, left > 0), note, last.and_then(Progress::seq))
        }
    }
}

/// The one thing that is to be done, and how.
fn todo(state: &State, incident: &Incident, only: &Thing<'_>, first: &Target) -> String {
    if first.action == ActionName::CollectEvidence {
        return collecting::todo(state, incident);
    }
    let others = match only.ways.len() {
        0 | 1 => String::new(),
        ways => format!(", {ways} actions fit"),
    };
    let (kind, id, ahead) = (first.resource.kind.word(), &first.resource, ahead(state, first));
    format!("{kind} {id}{others}{ahead}")
}

/// The names that things in several places have.
fn namesakes<'a>(all: &'a [Thing<'_>]) -> HashSet<&'a Resource> {
    let mut places: HashMap<&Resource, (AccountId, &Region)> = HashMap::new();
    let others = all.iter().filter_map(|thing| thing.ways.first());
    let elsewhere = others.filter(|other| {
        let place = (other.account, &other.region);
        *places.entry(&other.resource).or_insert(place) != place
    });
    elsewhere.map(|other| &other.resource).collect()
}

/// Where a thing is, if something else of the same name is elsewhere.
fn place(state: &State, of: &Target, twice: &HashSet<&Resource>) -> String {
    if twice.contains(&of.resource) {
        format!(" in {} {}", state.account_label(&of.account), of.region)
    } else {
        String::new()
    }
}

/// The actions that are enough: one, or the first of several.
fn ways(thing: &Thing<'_>) -> String {
    let names: Vec<&str> = thing.ways.iter().map(|target| target.action.as_str()).collect();
    match names.as_slice() {
        [one, other] => format!("{one} or {other}"),
        [one, _, rest @ ..] => format!("{one} or {} others", rest.len() + 1),
        [one] => (*one).to_owned(),
        [] => String::new(),
    }
}

/// How far a step is by how far its things are: as far as the one that needs somebody most.
fn together(things: &[Thing<'_>], are_more: bool) -> StepState {
    let any = |wanted| things.iter().any(|thing| thing.state == wanted) || (are_more && wanted == StepState::Todo);
    if any(StepState::Failed) {
        StepState::Failed
    } else if any(StepState::Todo) {
        StepState::Todo
    } else if any(StepState::Applied) {
        StepState::Applied
    } else if any(StepState::Undone) {
        StepState::Undone
    } else {
        StepState::Done
    }
}

/// The last notification, and what became of it.
fn told(step: Step, incident: &Incident, own: &[&Record], all: &[Record]) -> Option<StepView> {
    let own: Vec<&Record> = own.iter().copied().filter(|r| is_of(r, step)).collect();
    let last = progress::progress(incident, &[], &own, all)
        .into_iter()
        .flatten()
        .next_back()?;
    Some(StepView {
        step,
        state: last.state,
        note: last.note(),
        seq: last.seq(),
    })
}
