//! What a step of an incident can act on: every action of the step that fits something that its findings name.
//!
//! Owns: which targets there are, and in which order. Long-term keys and sessions' keys are routed apart here: a session's key is
//! never offered to be switched off; the role or user behind it is offered instead. Must never: take one of several
//! unasked.

use std::collections::{BTreeMap, HashSet};
use std::sync::Arc;

use super::chosen;
use super::state::State;
use crate::action::{self, ActionName, Scope, Step};
use crate::domain::{AccountId, Region, Resource, ResourceKind};
use crate::findings::Finding;
use crate::findings::incident::{Class, Incident, Thing};
use crate::playbook::PlayStep;

/// One action on one thing.
#[derive(Clone, Debug)]
pub struct Target {
    pub action: ActionName,
    pub resource: Resource,
    /// The worst finding that names it.
    pub finding: Arc<Finding>,
    /// The account that the calls go to: the finding's, or the organisation's management account where that is known.
    pub account: AccountId,
    /// Where its calls go.
    pub region: Region,
    /// Whether the step counts as done only with it, or with another action on the same thing. What no playbook asks for and no
    /// finding is about, such as the whole account, is offered and does not count.
    pub counts: bool,
}

/// How a playbook asks for an action.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Asked {
    /// Not at all.
    No,
    /// As one of several, any of which is enough.
    OneOf,
    /// On each thing that it fits.
    Each,
}

/// What tells one target from another.
pub(super) type Place<'a> = (ActionName, &'a Resource, AccountId, Option<&'a Region>);

/// The region, where it tells one target from another: a service that is one for the account or organisation has one at most,
/// wherever that is at home.
pub(super) fn region_of(action: ActionName, region: &Region) -> Option<&Region> {
    (action.action().scope() == Scope::Regional).then_some(region)
}

impl Target {
    pub(super) fn place(&self) -> Place<'_> {
        (
            self.action,
            &self.resource,
            self.account,
            region_of(self.action, &self.region),
        )
    }

    /// The thing, apart from what is done to it.
    pub(super) fn thing(&self) -> (&Resource, AccountId, Option<&Region>) {
        let region = (!is_global(self.resource.kind)).then_some(&self.finding.region);
        (&self.resource, self.finding.account, region)
    }
}

/// Whether a name of this kind means the same thing in every region of an account.
fn is_global(kind: ResourceKind) -> bool {
    match kind {
        ResourceKind::AccessKey
        | ResourceKind::User
        | ResourceKind::Role
        | ResourceKind::Bucket
        | ResourceKind::Account
        | ResourceKind::Address
        | ResourceKind::IdentityUser => true,
        ResourceKind::Instance
        | ResourceKind::Function
        | ResourceKind::Database
        | ResourceKind::Cluster
        | ResourceKind::Topic
        | ResourceKind::Secret
        | ResourceKind::Key
        | ResourceKind::Finding
        | ResourceKind::Other => false,
    }
}

/// The kinds of thing that the console finds targets for by itself. A topic is configured, and findings are noted by a command of
/// their own.
fn is_target(kind: ResourceKind) -> bool {
    match kind {
        ResourceKind::Instance
        | ResourceKind::AccessKey
        | ResourceKind::User
        | ResourceKind::Role
        | ResourceKind::Bucket
        | ResourceKind::Function
        | ResourceKind::Database
        | ResourceKind::Cluster
        | ResourceKind::Account
        | ResourceKind::Secret
        | ResourceKind::Key
        | ResourceKind::Address
        | ResourceKind::IdentityUser => true,
        ResourceKind::Topic | ResourceKind::Finding | ResourceKind::Other => false,
    }
}

/// The actions of a phase: those that the incident's playbook names for it in its order, whatever phase they are of by themselves;
/// then the others of the phase.
fn actions(state: &State, phase: Step, incident: &Incident) -> Vec<(ActionName, Asked)> {
    let mut all = chosen::actions(state, incident, phase);
    let others = action::ALL.iter().map(|a| a.name());
    let others = others.filter(|name| name.action().step() == phase && all.iter().all(|(named, _)| named != name));
    let others: Vec<_> = others.map(|name| (name, Asked::No)).collect();
    all.extend(others);
    all
}

/// The actions of a step of a playbook, as it asks for them.
pub(super) fn asked(step: &PlayStep) -> impl Iterator<Item = (ActionName, Asked)> {
    let how = if step.any { Asked::OneOf } else { Asked::Each };
    step.actions.iter().map(move |action| (*action, how))
}

/// What a phase or a step can act on.
#[derive(Clone, Debug)]
pub struct Offer {
    /// What counts comes first. Of each kind of thing at most as many as were asked for.
    pub targets: Vec<Target>,
    /// How many things that count are not among them.
    pub more: usize,
}

/// Of each kind of thing at most so many are looked at for what a frame shows; what a person chooses from has all.
pub const SHOWN: usize = 50;

/// Everything that a phase can act on: by the playbook's order of actions, and for each the one that the worst finding names first.
/// A playbook may name an action of another phase, which is offered then too.
#[must_use]
pub fn targets(state: &State, phase: Step, incident: &Incident) -> Vec<Target> {
    gather(state, &actions(state, phase, incident), incident, usize::MAX).targets
}

/// The same of some things of each kind, by the actions that are of this phase by themselves, so that nothing counts in two phases.
#[must_use]
pub fn of_phase(state: &State, phase: Step, incident: &Incident, most: usize) -> Offer {
    let mut actions = actions(state, phase, incident);
    actions.retain(|(action, _)| action.action().step() == phase);
    gather(state, &actions, incident, most)
}

/// What a step of a playbook can act on, of each kind of thing some: by its own actions, each of them.
#[must_use]
pub fn of_step(state: &State, step: &PlayStep, incident: &Incident, most: usize) -> Offer {
    gather(state, &asked(step).collect::<Vec<_>>(), incident, most)
}

/// What a phase should act on first, if anything.
#[must_use]
pub fn first(state: &State, phase: Step, incident: &Incident) -> Option<Target> {
    let offer = gather(state, &actions(state, phase, incident), incident, SHOWN);
    offer.targets.into_iter().next().filter(|first| first.counts)
}

fn gather(state: &State, actions: &[(ActionName, Asked)], incident: &Incident, most: usize) -> Offer {
    let (mut seen, mut all) = (HashSet::new(), Vec::new());
    // How each is asked for, and what it is worth; none where it never counts.
    let mut how: Vec<Option<(Asked, Class)>> = Vec::new();
    let mut left: BTreeMap<(ResourceKind, Class), (Vec<Asked>, usize)> = BTreeMap::new();
    for (rank, (action, asked)) in actions.iter().enumerate() {
        if *action == ActionName::CollectEvidence {
            // Evidence is of all that the incident is about, whatever it is: one target stands for it.
            how.push((*asked != Asked::No).then_some((*asked, Class::Plain)));
            all.push(target(state, *action, incident.lead.resource.clone(), &incident.lead));
            continue;
        }
        let mut named: Vec<&Thing> = Vec::new();
        for (kind, class) in fitting(*action) {
            let things = incident.about().things(kind, class);
            let (some, rest) = things.split_at(things.len().min(most));
            named.extend(some);
            if !rest.is_empty() {
                let (asked_for, count) = left.entry((kind, class)).or_default();
                asked_for.push(*asked);
                *count = rest.len();
            }
        }
        named.sort_unstable_by_key(|thing| thing.order);
        for thing in named {
            let target = target(state, *action, thing.resource.clone(), &thing.finding);
            if seen.insert((rank, &thing.resource, target.finding.account, target.region.clone())) {
                how.push((thing.class != Class::Reserved).then_some((*asked, thing.class)));
                all.push(target);
            }
        }
    }
    let by_playbook = how.iter().flatten().any(|(asked, _)| *asked != Asked::No);
    // Where one of several is enough, nobody waits for what is merely offered beside it: the account in which it happened.
    let plainly = how
        .iter()
        .flatten()
        .any(|(asked, class)| *asked == Asked::OneOf && class.is_plain());
    let counts = |asked: Asked, class: Class| match asked {
        Asked::No => class.is_plain() && !by_playbook,
        Asked::OneOf => class.is_plain() || !plainly,
        Asked::Each => true,
    };
    for (target, how) in all.iter_mut().zip(how) {
        target.counts = how.is_some_and(|(asked, class)| counts(asked, class));
    }
    // What counts comes first; of that and of the rest the order stays.
    all.sort_by_key(|target| !target.counts);
    let is_left = |((_, class), (asked, _)): &(&(ResourceKind, Class), &(Vec<Asked>, usize))| {
        *class != Class::Reserved && asked.iter().any(|asked| counts(*asked, *class))
    };
    Offer {
        targets: all,
        more: left.iter().filter(is_left).map(|(_, (_, count))| count).sum(),
    }
}

/// What an action can act on. A session's key belongs to nobody's list of keys: there is nothing to switch off.
fn fitting(action: ActionName) -> impl Iterator<Item = (ResourceKind, Class)> {
    let switches_off = action == ActionName::DisableAccessKey;
    let kinds = action.action().targets().iter().filter(|kind| is_target(**kind));
    let each = kinds.flat_map(|kind| Class::ALL.map(|class| (*kind, class)));
    each.filter(move |named| !(switches_off && *named == (ResourceKind::AccessKey, Class::Session)))
}

fn target(state: &State, action: ActionName, resource: Resource, finding: &Arc<Finding>) -> Target {
    let account = match action.action().scope() {
        Scope::Organization => state.management.unwrap_or(finding.account),
        Scope::Regional | Scope::Global => finding.account,
    };
    Target {
        action,
        resource,
        account,
        region: super::steps::place(action, finding),
        finding: Arc::clone(finding),
        counts: false,
    }
}

/// Whether there is anything that a step should act on.
#[must_use]
pub fn any(state: &State, step: Step, incident: &Incident) -> bool {
    first(state, step, incident).is_some()
}

/// What a phase can act on, in words, where nothing of it is named: the kinds that its actions take.
#[must_use]
pub fn wanted(phase: Step) -> String {
    let all = action::ALL.iter().map(|a| a.name());
    wanted_by(all.filter(|name| name.action().step() == phase))
}

/// The kinds that these actions take, in words.
#[must_use]
pub fn wanted_by(actions: impl IntoIterator<Item = ActionName>) -> String {
    let mut words: Vec<&str> = Vec::new();
    for action in actions {
        for kind in action.action().targets().iter().filter(|kind| is_target(**kind)) {
            if !words.contains(&kind.word()) {
                words.push(kind.word());
            }
        }
    }
    words.join(", ")
}

/// The session's key that findings name, where one is named.
#[must_use]
pub fn session_key(incident: &Incident) -> Option<&Resource> {
    let keys = incident.about().things(ResourceKind::AccessKey, Class::Session);
    keys.first().map(|key| &key.resource)
}

#[cfg(test)]
#[path = "targets_tests.rs"]
mod tests;

#[cfg(test)]
#[path = "offered_tests.rs"]
mod offered_tests;
