//! What a step of an incident can act on: every action of the step that fits something that its findings name.
//!
//! Owns: which targets there are, and in which order. Long-term keys and sessions' keys are routed apart here: a session's key is
//! never offered to be switched off; the role or user behind it is offered instead. Must never: take one of several
//! unasked.

use core::net::IpAddr;
use std::collections::HashSet;
use std::sync::Arc;

use super::chosen;
use super::state::State;
use crate::action::{self, ActionName, Scope, Step};
use crate::domain::{AccessKeyId, AccountId, IDENTITY_CENTER_ROLE, Principal, Region, Resource, ResourceKind};
use crate::findings::Finding;
use crate::findings::incident::Incident;
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

/// Everything that a phase can act on: by the playbook's order of actions, and for each the one that the worst finding names first.
/// A playbook may name an action of another phase, which is offered then too.
#[must_use]
pub fn targets(state: &State, phase: Step, incident: &Incident) -> Vec<Target> {
    gather(state, &actions(state, phase, incident), incident)
}

/// The same by the actions that are of this phase by themselves, so that nothing counts in two phases.
#[must_use]
pub fn of_phase(state: &State, phase: Step, incident: &Incident) -> Vec<Target> {
    let mut actions = actions(state, phase, incident);
    actions.retain(|(action, _)| action.action().step() == phase);
    gather(state, &actions, incident)
}

/// What a step of a playbook can act on: by its own actions, each of them.
#[must_use]
pub fn of_step(state: &State, step: &PlayStep, incident: &Incident) -> Vec<Target> {
    gather(state, &asked(step).collect::<Vec<_>>(), incident)
}

fn gather(state: &State, actions: &[(ActionName, Asked)], incident: &Incident) -> Vec<Target> {
    let (mut seen, mut all) = (HashSet::new(), Vec::new());
    // How each is asked for, and whether a finding is plainly about it; none where it never counts.
    let mut how: Vec<Option<(Asked, bool)>> = Vec::new();
    for (rank, (action, asked)) in actions.iter().enumerate() {
        if *action == ActionName::CollectEvidence {
            // Evidence is of all that the incident is about, whatever it is: one target stands for it.
            how.push((*asked != Asked::No).then_some((*asked, true)));
            all.push(target(state, *action, incident.lead.resource.clone(), &incident.lead));
            continue;
        }
        for finding in &incident.members {
            for named in named_by(finding) {
                if !fits(*action, &named.resource) {
                    continue;
                }
                let target = target(state, *action, named.resource, finding);
                if seen.insert((
                    rank,
                    target.resource.clone(),
                    target.finding.account,
                    target.region.clone(),
                )) {
                    // Identity Center's own roles refuse every change, and say which action reaches the person instead.
                    how.push((!is_reserved(&target.resource)).then_some((*asked, named.plainly)));
                    all.push(target);
                }
            }
        }
    }
    let by_playbook = how.iter().flatten().any(|(asked, _)| *asked != Asked::No);
    // Where one of several is enough, nobody waits for what is merely offered beside it: the account in which it happened.
    let plainly = how.contains(&Some((Asked::OneOf, true)));
    for (target, how) in all.iter_mut().zip(how) {
        target.counts = how.is_some_and(|(asked, plain)| match asked {
            Asked::No => plain && !by_playbook,
            Asked::OneOf => plain || !plainly,
            Asked::Each => true,
        });
    }
    // What counts comes first; of that and of the rest the order stays.
    all.sort_by_key(|target| !target.counts);
    all
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

/// Whether an action can act on a thing. A session's key belongs to nobody's list of keys: there is nothing to switch off.
fn fits(action: ActionName, resource: &Resource) -> bool {
    let switches_off = action == ActionName::DisableAccessKey;
    is_target(resource.kind)
        && action.action().targets().contains(&resource.kind)
        && !(switches_off && is_session_key(resource))
}

/// Whether it is the key of a session (`ASIA…`).
fn is_session_key(resource: &Resource) -> bool {
    resource.kind == ResourceKind::AccessKey
        && resource
            .id
            .raw()
            .parse::<AccessKeyId>()
            .is_ok_and(|key| key.is_session())
}

/// Whether it is a role that IAM Identity Center made, which it alone can change.
fn is_reserved(resource: &Resource) -> bool {
    resource.kind == ResourceKind::Role && resource.id.raw().starts_with(IDENTITY_CENTER_ROLE)
}

/// Whether there is anything that a step should act on.
#[must_use]
pub fn any(state: &State, step: Step, incident: &Incident) -> bool {
    targets(state, step, incident).iter().any(|target| target.counts)
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

/// The kinds of thing that an incident's findings are about, with the addresses that calls came from.
#[must_use]
pub fn kinds(incident: &Incident) -> Vec<ResourceKind> {
    let mut kinds = Vec::new();
    for named in incident.members.iter().flat_map(|finding| named_by(finding)) {
        let kind = named.resource.kind;
        if (named.plainly || kind == ResourceKind::Address) && !kinds.contains(&kind) {
            kinds.push(kind);
        }
    }
    kinds
}

/// The session's key that findings name, where one is named.
#[must_use]
pub fn session_key(incident: &Incident) -> Option<Resource> {
    let mut named = incident.members.iter().flat_map(|finding| named_by(finding));
    named
        .find(|named| is_session_key(&named.resource))
        .map(|named| named.resource)
}

/// A thing that a finding names.
pub(super) struct Named {
    pub resource: Resource,
    /// Whether the finding is about it: not merely the address that the calls came from, or the account in which it happened.
    pub plainly: bool,
}

/// What a finding names, what it is about first.
pub(super) fn named_by(finding: &Finding) -> Vec<Named> {
    let mut all: Vec<Resource> = vec![finding.resource.clone()];
    all.extend(finding.others.iter().cloned());
    if !all.iter().any(|r| r.kind == ResourceKind::AccessKey) {
        let key = finding.principal.access_key.clone();
        let key = key.filter(|id| id.raw().parse::<AccessKeyId>().is_ok());
        all.extend(key.map(|id| Resource {
            kind: ResourceKind::AccessKey,
            id,
        }));
    }
    all.extend(behind(&finding.principal, finding.account));
    let plain = all.len();
    let address = finding.principal.remote_ip.clone();
    let address = address.filter(|ip| ip.raw().parse::<IpAddr>().is_ok());
    all.extend(address.map(|id| Resource {
        kind: ResourceKind::Address,
        id,
    }));
    all.push(Resource::new(ResourceKind::Account, finding.account.as_str()));
    let mut seen = HashSet::new();
    let each = all
        .into_iter()
        .enumerate()
        .filter(|(_, resource)| seen.insert(resource.clone()));
    each.map(|(place, resource)| Named {
        resource,
        plainly: place < plain,
    })
    .collect()
}

/// The user or role that a principal's key or session belongs to; for the root user the account itself.
fn behind(principal: &Principal, account: AccountId) -> Option<Resource> {
    let kind = match principal.kind.as_ref()?.raw() {
        "IAMUser" => ResourceKind::User,
        "AssumedRole" | "Role" => ResourceKind::Role,
        "Root" => return Some(Resource::new(ResourceKind::Account, account.as_str())),
        // Services, federated users and other accounts have no name in this account that one could act on.
        _ => return None,
    };
    let id = principal.name.clone().filter(|name| !name.is_empty())?;
    Some(Resource { kind, id })
}

#[cfg(test)]
#[path = "targets_tests.rs"]
mod tests;

#[cfg(test)]
#[path = "offered_tests.rs"]
mod offered_tests;
