//! Starting a step of the playbook.

use std::fmt::Write;

use super::chooser;
use super::classifying;
use super::effect::Effect;
use super::incident;
use super::plan::{PlanScreen, Stage};
use super::playbook;
use super::presumed;
use super::state::{Screen, State, Tone};
use super::update::advance;
use crate::action::{ActionName, Choices, Done, HOME_REGION, Notice, Request, Scope, Step};
use crate::domain::{Arn, Region, Resource, ResourceKind};
use crate::findings::Finding;
use crate::findings::incident::Incident;
use crate::journal::{self, What};

/// Whether this mode cannot change anything, or not yet, which is then said.
pub(super) fn only_looks(state: &mut State) -> bool {
    if state.mode.can_change() {
        return presumed::is_unconfirmed(state);
    }
    let word = state.mode.word();
    state.say(Tone::Bad, format!("{word} only looks; run quell respond to act."));
    true
}

/// Starts a step on the incident that is open.
pub(super) fn start(state: &mut State, step: Step) -> Vec<Effect> {
    if only_looks(state) {
        return Vec::new();
    }
    let Some(Screen::Incident(open)) = state.screens.last() else {
        state.say(Tone::Plain, "Open an incident first (Enter).");
        return Vec::new();
    };
    let (id, anchor, incident) = (open.id.clone(), open.anchor.clone(), open.incident.clone());
    match step {
        Step::Classify => {
            classifying::start(state);
            Vec::new()
        }
        Step::Document => vec![Effect::Report { incident: id }],
        Step::Notify => notify(state, &id, &anchor, &incident),
        Step::Isolate | Step::Snapshot | Step::Revoke => chooser::start(state, step, None),
    }
}

/// IAM is global: its calls are signed for one region, wherever the finding was.
pub(super) fn place(action: ActionName, finding: &Finding) -> Region {
    match action.action().scope() {
        Scope::Global | Scope::Organization => Region::global(),
        Scope::Regional => finding.region.clone(),
    }
}

/// The home region that was chosen for an action whose service has one for the whole organisation.
pub(super) fn chosen_home(action: ActionName, choices: &Choices) -> Option<Region> {
    let organization = action.action().scope() == Scope::Organization;
    let home = choices.get(HOME_REGION).filter(|_| organization)?;
    home.parse().ok()
}

pub(super) fn request(
    state: &State,
    action: ActionName,
    target: Resource,
    incident: &str,
    finding: &Finding,
    region: Region,
    notice: Option<Notice>,
) -> Request {
    let choices = state.choices.get(&action).cloned().unwrap_or_default();
    Request {
        action,
        account: finding.account,
        region: chosen_home(action, &choices).unwrap_or(region),
        target,
        incident: incident.to_owned(),
        by: state.identity.as_ref().map(|i| i.arn.clone()).unwrap_or_default(),
        at: state.now,
        undoes: None,
        notice,
        others: Vec::new(),
        choices,
    }
}

fn notify(state: &mut State, id: &str, anchor: &Finding, incident: &Incident) -> Vec<Effect> {
    let finding = &incident.lead;
    let Some(topic) = state.topic.clone() else {
        state.say(
            Tone::Bad,
            "There is no topic to tell: set notify.topic in the configuration.",
        );
        return Vec::new();
    };
    let (Ok(account), Ok(region)) = (topic.account().parse(), topic.region().parse()) else {
        state.say(Tone::Bad, format!("{topic} names no account and region."));
        return Vec::new();
    };
    let target = Resource::new(ResourceKind::Topic, topic.as_str());
    let notice = notice(state, topic, id, incident);
    let mut request = request(state, ActionName::NotifySns, target, id, finding, region, Some(notice));
    request.account = account;
    begin(state, request, None, Some(anchor))
}

pub(super) fn notice(state: &State, topic: Arn, id: &str, incident: &Incident) -> Notice {
    let finding = &incident.lead;
    let severity = state
        .journal
        .iter()
        .rev()
        .filter(|r| r.incident.as_deref().is_some_and(|own| incident.is(own)))
        .find_map(playbook::classified);
    let label = severity.map_or_else(
        || state.classification.suggest(finding.severity.label()),
        |(label, _)| label,
    );
    let steps = playbook::steps(state, incident);
    let mut message = format!(
        "Incident {id}\nSeverity: {label}{}\nFinding: {}\n{}\nAccount: {} ({})\nRegion: {}\nResource: {} {}\n",
        if severity.is_some() {
            ""
        } else {
            " (suggested, not yet decided)"
        },
        finding.headline(),
        finding.subline(),
        finding.account,
        state.account_label(&finding.account),
        finding.region,
        finding.resource.kind.word(),
        finding.resource,
    );
    if incident.members.len() > 1 {
        let why = incident.reasons.first().map(ToString::to_string).unwrap_or_default();
        let _ = writeln!(message, "Findings: {} ({why})", incident.members.len());
    }
    if let Some(at) = incident.first_seen {
        let _ = writeln!(message, "First seen: {at}");
    }
    message.push_str("Steps:\n");
    for step in steps.iter().filter(|s| s.step != Step::Notify) {
        let _ = writeln!(message, "  {}: {} {}", step.step.word(), step.state.mark().1, step.note);
    }
    let subject = format!("[quell] {} {} {}", label.short(), id, finding.headline());
    Notice {
        topic,
        subject,
        message,
    }
}

/// Opens the plan screen of a request. The incident is journaled first, when this is its first step.
pub(super) fn begin(state: &mut State, request: Request, done: Option<Done>, finding: Option<&Finding>) -> Vec<Effect> {
    let mut effects = Vec::new();
    if let Some(finding) = finding {
        effects.extend(journal_incident(state, &request.incident, finding));
    }
    let ahead = state.prepared.facts(&request, state.now);
    let mut plan = PlanScreen::new(request, done);
    plan.known = ahead.unwrap_or_default();
    let number = state.read_number();
    effects.extend(advance(&mut plan, number, state.now));
    state.screens.push(Screen::Plan(Box::new(plan)));
    effects
}

/// The record that opens an incident on a finding under a name, unless the journal has the name.
pub(super) fn journal_incident(state: &State, id: &str, finding: &Finding) -> Option<Effect> {
    let known = state
        .journal
        .iter()
        .any(|r| r.incident.as_deref() == Some(id) && matches!(r.what, What::Incident { .. }));
    let what = What::Incident {
        finding: incident::summary(finding),
    };
    (!known).then_some(Effect::Note {
        incident: Some(id.to_owned()),
        what,
    })
}

/// Plans the undo of what record `seq` did, in a mode that can change things.
pub(super) fn undo(state: &mut State, seq: u64) -> Vec<Effect> {
    match journal::done(&state.journal, seq) {
        Ok(done) => {
            let request = undo_request(
                &done,
                state.identity.as_ref().map(|i| i.arn.clone()).unwrap_or_default(),
                state.now,
            );
            begin(state, request, Some(done), None)
        }
        Err(refusal) => {
            state.say(Tone::Bad, refusal.to_string());
            Vec::new()
        }
    }
}

/// Plans once more, from what is there now, what is on the plan screen: calls that took effect already are not planned again.
pub(super) fn again(state: &mut State) -> Vec<Effect> {
    let Some(Screen::Plan(screen)) = state.screens.last() else {
        return Vec::new();
    };
    match &screen.stage {
        Stage::Reading { .. } => return Vec::new(),
        Stage::Applying(run) if !run.calls_ended => {
            state.say(
                Tone::Plain,
                "Calls are still being sent; plan again when they have ended.",
            );
            return Vec::new();
        }
        Stage::Applying(_) | Stage::Refused(_) | Stage::Ready { .. } => {}
    }
    let request = screen.request.clone();
    if let Some(seq) = request.undoes {
        let effects = undo(state, seq);
        // Where there is nothing to undo any more the screen stays, and the message says why.
        if matches!(state.screens.as_slice(), [.., Screen::Plan(_), Screen::Plan(new)] if new.request.undoes == Some(seq))
        {
            let below = state.screens.len() - 2;
            state.screens.remove(below);
        }
        return effects;
    }
    state.screens.pop();
    let by = state.identity.as_ref().map(|i| i.arn.clone()).unwrap_or_default();
    let at = state.now;
    let mut plan = PlanScreen::new(Request { by, at, ..request }, None);
    let number = state.read_number();
    let effect = advance(&mut plan, number, at);
    state.screens.push(Screen::Plan(Box::new(plan)));
    effect.into_iter().collect()
}

/// The request that undoes a plan.
#[must_use]
pub fn undo_request(done: &Done, by: String, at: crate::domain::Time) -> Request {
    Request {
        by,
        at,
        undoes: Some(done.seq),
        ..done.plan.request.clone()
    }
}
