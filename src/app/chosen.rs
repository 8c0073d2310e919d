//! Which playbook an incident is worked by, and what is known of the incident that its conditions ask for.
//!
//! Owns: the choice of the playbook, and what the findings suggest. Must never: name a target; a playbook names actions, and the
//! incident what they act on.

use super::effect::Effect;
use super::incident::IncidentScreen;
use super::key::{Code, Key};
use super::state::{Prompt, Screen, State, Tone};
use super::steps;
use super::targets::{self, Asked};
use crate::action::{ActionName, Step};
use crate::domain::{SeverityLabel, Time, Untrusted};
use crate::findings::incident::{Clue, Incident};
use crate::journal::{Record, What};
use crate::playbook::classify::{Evidence, Suggestion};
use crate::playbook::{Playbook, Situation};

/// What was decided last about an incident.
#[derive(Clone, Copy, Debug)]
pub struct Decision<'a> {
    pub severity: SeverityLabel,
    /// Names of the classification table; none in records from before there were types.
    pub incident_type: Option<&'a str>,
    pub subtype: Option<&'a str>,
    pub systems: Option<u32>,
    pub who: &'a str,
    pub at: Time,
}

/// The records of an incident, the newest first.
fn own<'a>(state: &'a State, incident: &'a Incident) -> impl Iterator<Item = &'a Record> {
    let about = |r: &&Record| r.incident.as_deref().is_some_and(|id| incident.is(id));
    state.journal.iter().rev().filter(about)
}

/// What was decided last.
#[must_use]
pub fn decided<'a>(state: &'a State, incident: &'a Incident) -> Option<Decision<'a>> {
    own(state, incident).find_map(|record| match &record.what {
        What::Classified {
            severity,
            incident_type,
            subtype,
            systems,
            ..
        } => Some(Decision {
            severity: *severity,
            incident_type: incident_type.as_deref(),
            subtype: subtype.as_deref(),
            systems: *systems,
            who: &record.who,
            at: record.time,
        }),
        _ => None,
    })
}

/// How many systems the findings name: what runs or holds data. At least one, for something was found.
#[must_use]
pub fn systems(incident: &Incident) -> u32 {
    u32::try_from(incident.about().systems).unwrap_or(u32::MAX).max(1)
}

/// What the findings suggest, with these many systems affected.
#[must_use]
pub fn suggested(state: &State, incident: &Incident) -> Option<Suggestion> {
    let about = incident.about();
    let tag = |clue| match clue {
        &Clue::Account(id) => state.account_names.get(&id).map(|name| ("account", name.raw())),
        Clue::User(id) => Some(("user", id.raw())),
        Clue::Role(id) => Some(("role", id.raw())),
    };
    let mut tags: Vec<(&str, &str)> = about.clues.iter().filter_map(tag).collect();
    // Tags stand in the evidence alone, which is read of the findings that are opened.
    for screen in &state.screens {
        if let Screen::Incident(open) = screen
            && incident.is(&open.id)
        {
            tags.extend(open.tags.iter().map(|(key, value)| (key.raw(), value.raw())));
        }
    }
    state.classification.assess(&Evidence {
        findings: about.types.iter().map(Untrusted::raw).collect(),
        kinds: about.kinds.clone(),
        tags,
        systems: systems(incident),
    })
}

/// How severe an incident is: as it was decided last, else as the worst finding says. What the classification table suggests becomes
/// so by a person's decision and not before, so that the response-time clock, which goes by the same rule, never changes by a guess.
#[must_use]
pub fn severity(state: &State, incident: &Incident) -> SeverityLabel {
    let by_finding = || state.classification.suggest(incident.severity.label());
    decided(state, incident).map_or_else(by_finding, |decision| decision.severity)
}

/// What conditions of a playbook ask for; type and subtype as decided, or as suggested while nobody has.
#[must_use]
pub fn situation<'a>(state: &'a State, incident: &'a Incident) -> Situation<'a> {
    let decided = decided(state, incident);
    let suggested = suggested(state, incident);
    let named = suggested
        .as_ref()
        .and_then(|s| state.classification.incident_type(&s.incident_type));
    let sub = suggested.as_ref().and_then(|s| named?.subtype(&s.subtype));
    Situation {
        severity: severity(state, incident),
        incident_type: decided.and_then(|d| d.incident_type).or(named.map(|t| t.name.as_str())),
        subtype: decided.and_then(|d| d.subtype).or(sub.map(|s| s.name.as_str())),
        findings: incident.about().types.iter().map(Untrusted::raw).collect(),
        kinds: incident.about().kinds.clone(),
    }
}

/// The playbook of an incident: the one that a responder chose, or the one that fits its worst finding best.
#[must_use]
pub fn playbook<'a>(state: &'a State, incident: &Incident) -> &'a Playbook {
    let chosen = own(state, incident).find_map(|record| match &record.what {
        What::PlaybookChosen { playbook } => Some(playbook.as_str()),
        _ => None,
    });
    let chosen = chosen.and_then(|name| state.playbooks.get(name));
    chosen.unwrap_or_else(|| fitting(state, incident))
}

/// The playbook that fits best, whatever was chosen.
fn fitting<'a>(state: &'a State, incident: &Incident) -> &'a Playbook {
    let situation = situation(state, incident);
    let lead = incident.lead.kind.raw();
    state.playbooks.choose(lead, &situation.kinds, situation.severity)
}

/// The actions that the incident's playbook names for a phase, in the order of its steps that apply, with how it asks for each.
#[must_use]
pub fn actions(state: &State, incident: &Incident, phase: Step) -> Vec<(ActionName, Asked)> {
    let situation = situation(state, incident);
    let mut all: Vec<(ActionName, Asked)> = Vec::new();
    for step in playbook(state, incident)
        .in_phase(phase)
        .filter(|s| s.applies(&situation))
    {
        for (action, asked) in targets::asked(step) {
            match all.iter_mut().find(|(known, _)| *known == action) {
                // What one step asks for on each thing is not less asked for because another would do with less.
                Some((_, known)) if asked == Asked::Each => *known = asked,
                Some(_) => {}
                None => all.push((action, asked)),
            }
        }
    }
    all
}

/// The playbooks to choose from.
#[derive(Clone, Debug)]
pub struct Choosing {
    /// Names with titles, in the order of the library.
    pub all: Vec<(String, String)>,
    /// The one that is followed now, by its place.
    pub now: Option<usize>,
    /// The one that fits the worst finding best.
    pub fits: Option<usize>,
    /// The one under the cursor, always one of them.
    pub at: usize,
}

/// Opens the choice of another playbook.
pub(super) fn start(state: &mut State) {
    let Some(Screen::Incident(open)) = state.screens.last() else {
        state.say(Tone::Plain, "Open an incident first (Enter).");
        return;
    };
    let all: Vec<(String, String)> = state
        .playbooks
        .iter()
        .map(|p| (p.name.clone(), p.title.clone()))
        .collect();
    let place = |name: &str| all.iter().position(|(own, _)| own == name);
    let (now, fits) = (
        place(&playbook(state, &open.incident).name),
        place(&fitting(state, &open.incident).name),
    );
    let at = now.unwrap_or_default();
    state.prompt = Some(Prompt::Playbook(Box::new(Choosing { all, now, fits, at })));
}

/// A key while a playbook is chosen.
pub(super) fn key(state: &mut State, key: Key, mut choosing: Box<Choosing>) -> Vec<Effect> {
    let last = choosing.all.len().saturating_sub(1);
    match key.code {
        Code::Esc => return Vec::new(),
        Code::Enter if choosing.now == Some(choosing.at) => return Vec::new(),
        Code::Enter => {
            let (name, title) = choosing.all.swap_remove(choosing.at.min(last));
            if let Some(Screen::Incident(open)) = state.screens.last_mut() {
                open.line = 0;
            }
            state.say(Tone::Good, format!("The playbook is now {name}: {title}."));
            return note(state, What::PlaybookChosen { playbook: name });
        }
        Code::Down | Code::Char('j') => choosing.at = (choosing.at + 1).min(last),
        Code::Up | Code::Char('k') => choosing.at = choosing.at.saturating_sub(1),
        Code::Home | Code::Char('g') => choosing.at = 0,
        Code::End | Code::Char('G') => choosing.at = last,
        _ => {}
    }
    state.prompt = Some(Prompt::Playbook(choosing));
    Vec::new()
}

/// Writes a record about the incident that is open, which is journaled first where it is not yet.
pub(super) fn note(state: &State, what: What) -> Vec<Effect> {
    let Some(Screen::Incident(open)) = state.screens.last() else {
        return Vec::new();
    };
    let open: &IncidentScreen = open;
    let mut effects: Vec<Effect> = steps::journal_incident(state, &open.id, &open.anchor)
        .into_iter()
        .collect();
    effects.push(Effect::Note {
        incident: Some(open.id.clone()),
        what,
    });
    effects
}
