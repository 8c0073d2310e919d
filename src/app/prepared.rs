//! Containment plans made ahead, for incidents that a rule of the configuration says are worth it.
//!
//! Owns: which facts are read ahead, and the plans that came of them. A prepared plan is a look, no more: it is shown when its step
//! is opened, confirmed by typing as any other, and applying reads every fact again. It belongs to what the step would act on, so it
//! stays where the incident joins others. While nobody has responded, old facts are read again, a few times. Must never: apply, or
//! hold a plan as fresh whose facts are old.

use std::collections::{BTreeMap, BTreeSet};

use jiff::SignedDuration;

use super::duty::Deed;
use super::effect::Effect;
use super::state::State;
use super::steps;
use super::targets;
use crate::action::{self, ActionName, Facts, Reading, Request, Step, Stop};
use crate::domain::{AccountId, IncidentId, Region, Resource, Severity, Time};
use crate::findings::incident::Incident;
use crate::findings::index::Slot;

/// Plans kept at once. The worst stay, and of equals the newest.
const MOST: usize = 20;
/// Facts older than this are read again when the step is opened.
pub const FRESH: SignedDuration = SignedDuration::from_mins(5);
/// More rounds of reads than any action needs.
const MAX_ROUNDS: u32 = 20;
/// The steps that contain.
const STEPS: [Step; 2] = [Step::Isolate, Step::Revoke];

/// A plan is made this often at most while nobody responds: for an hour.
const TIMES: u32 = 12;

/// How much is worth being kept: the worst, then what happened last.
type Rank = (Severity, Option<Time>, IncidentId, Step);
/// What a step would act on, how, and where.
type Target = (ActionName, AccountId, Region, Resource);

/// The plans made ahead.
#[derive(Debug, Default)]
pub struct Prepared {
    /// Findings that came and were not looked at yet.
    came: BTreeSet<Slot>,
    plans: BTreeMap<Target, Ahead>,
    /// With one finding of the incident.
    wanted: BTreeMap<Target, (Rank, Slot)>,
    /// The one that facts are read for now, and the number of that read.
    reading: Option<(u64, Target)>,
}

/// A plan made ahead, or on its way.
#[derive(Debug)]
struct Ahead {
    rank: Rank,
    /// A finding of the incident that it is made for.
    finding: Slot,
    /// How many times it was made, this time included.
    times: u32,
    request: Request,
    facts: Facts,
    stage: Stage,
    round: u32,
}

/// How far a plan ahead is.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum Stage {
    Reading,
    /// There is a plan. Its facts were read from this time on.
    Ready {
        read_at: Time,
    },
    /// There is none, for this reason.
    Refused(String),
}

impl Stage {
    /// Whether there is a plan whose facts are still fresh.
    #[must_use]
    pub fn is_fresh(&self, now: Time) -> bool {
        matches!(self, Self::Ready { read_at } if now.duration_since(*read_at) < FRESH)
    }
}

impl Prepared {
    /// How far the plan for a target is, where one is made ahead.
    #[must_use]
    pub fn stage(&self, target: &targets::Target) -> Option<&Stage> {
        if self.plans.is_empty() {
            return None;
        }
        Some(&self.plans.get(&key_of(target))?.stage)
    }

    /// The facts for a request, where they were read ahead for the same and are still fresh.
    pub(super) fn facts(&self, request: &Request, now: Time) -> Option<Facts> {
        let r = request.clone();
        let ahead = self.plans.get(&(r.action, r.account, r.region, r.target))?;
        (request.undoes.is_none() && ahead.stage.is_fresh(now)).then(|| ahead.facts.clone())
    }

    /// Keeps no more than `MOST`, the worst.
    fn shrink(&mut self) {
        while self.plans.len() + self.wanted.len() > MOST {
            let least_made = self.plans.iter().map(|(key, a)| (&a.rank, key, true)).min();
            let least_wanted = self.wanted.iter().map(|(key, (rank, _))| (rank, key, false)).min();
            let Some((_, key, made)) = least_made.into_iter().chain(least_wanted).min() else {
                return;
            };
            let key = key.clone();
            // Forgotten, it may be wanted again when it changes.
            if made {
                self.plans.remove(&key);
                self.reading.take_if(|(_, reading)| *reading == key);
            } else {
                self.wanted.remove(&key);
            }
        }
    }
}

/// The steps of an incident that have a plan which is ready, for lists.
#[must_use]
pub fn ready(state: &State, incident: &Incident) -> Vec<Step> {
    if state.prepared.plans.is_empty() {
        return Vec::new();
    }
    let is_fresh = |step: &Step| {
        let first = targets::first(state, *step, incident);
        let stage = first.as_ref().and_then(|first| state.prepared.stage(first));
        stage.is_some_and(|stage| stage.is_fresh(state.now))
    };
    STEPS.into_iter().filter(is_fresh).collect()
}

fn key_of(target: &targets::Target) -> Target {
    (
        target.action,
        target.account,
        target.region.clone(),
        target.resource.clone(),
    )
}

/// Takes in a finding that is new or has changed.
pub(super) fn found(state: &mut State, slot: Slot) {
    let finding = state.index.at(slot);
    if state.mode.can_change() && !finding.archived && state.duty.rule(Deed::Prepare, finding.severity).is_some() {
        state.prepared.came.insert(slot);
    }
}

/// Looks at what came, each incident once: which steps a plan is wanted for.
fn take_in(state: &mut State) {
    let mut groups: BTreeMap<Slot, Slot> = BTreeMap::new();
    for slot in std::mem::take(&mut state.prepared.came) {
        groups.insert(state.groups.of(slot), slot);
    }
    for (group, slot) in groups {
        let incident = state.groups.incident(group, &state.index);
        for step in STEPS {
            let Some(target) = targets::first(state, step, &incident).map(|first| key_of(&first)) else {
                continue;
            };
            let prepared = &mut state.prepared;
            if incident.archived || prepared.plans.contains_key(&target) {
                continue;
            }
            let rank = (incident.severity, incident.updated_at, incident.id.clone(), step);
            prepared.wanted.insert(target, (rank, slot));
            prepared.shrink();
        }
    }
}

/// A plan whose facts are old, of an incident that nobody has responded to: the worst first.
fn stale(state: &State) -> Option<Target> {
    let unanswered = |slot: Slot| {
        let incident = state.groups.incident(state.groups.of(slot), &state.index);
        !incident.archived && state.claims.of(incident.ids()).responded.is_none()
    };
    let old = |stage: &Stage| matches!(stage, Stage::Ready { .. }) && !stage.is_fresh(state.now);
    let plans = state.prepared.plans.iter();
    let again = plans.filter(|(_, a)| a.times < TIMES && old(&a.stage) && unanswered(a.finding));
    again
        .max_by(|(_, a), (_, b)| a.rank.cmp(&b.rank))
        .map(|(key, _)| key.clone())
}

/// Starts the next one. One is read for at a time, so that the responder's own reads do not wait.
pub(super) fn tick(state: &mut State) -> Option<Effect> {
    take_in(state);
    if state.prepared.reading.is_some() || state.identity.is_none() {
        return None;
    }
    let wanted = state.prepared.wanted.iter();
    let worst = wanted.max_by(|(_, (a, _)), (_, (b, _))| a.cmp(b));
    let (target, rank, finding, times) = if let Some(target) = worst.map(|(target, _)| target.clone()) {
        let (rank, finding) = state.prepared.wanted.remove(&target)?;
        (target, rank, finding, 1)
    } else {
        let target = stale(state)?;
        let old = state.prepared.plans.remove(&target)?;
        (target, old.rank, old.finding, old.times + 1)
    };
    let incident = state.groups.incident(state.groups.of(finding), &state.index);
    let (action, account, region, resource) = target.clone();
    let named = state.index.at(finding);
    let mut request = steps::request(state, action, resource, &incident.id, named, region, None);
    request.account = account;
    let ahead = Ahead {
        rank,
        finding,
        times,
        request,
        facts: Facts::default(),
        stage: Stage::Reading,
        round: 0,
    };
    state.prepared.plans.insert(target.clone(), ahead);
    further(state, target)
}

/// Takes the answers to a read ahead; `None` where the number is not that of one.
pub(super) fn read(state: &mut State, number: u64, readings: &[Reading]) -> Option<Vec<Effect>> {
    let (_, key) = state.prepared.reading.take_if(|(asked, _)| *asked == number)?;
    if let Some(ahead) = state.prepared.plans.get_mut(&key) {
        for reading in readings {
            ahead.facts.insert(reading.clone());
        }
    }
    Some(further(state, key).into_iter().collect())
}

/// The plan, or what else must be read for it.
fn further(state: &mut State, key: Target) -> Option<Effect> {
    let number = state.read_number();
    let ahead = state.prepared.plans.get_mut(&key)?;
    ahead.round += 1;
    match action::plan(&ahead.request, None, &ahead.facts) {
        Ok(plan) => {
            let read_at = plan.before.oldest().unwrap_or(ahead.request.at);
            ahead.stage = Stage::Ready { read_at };
            None
        }
        Err(Stop::Refuse(refusal)) => {
            ahead.stage = Stage::Refused(refusal.to_string());
            None
        }
        Err(Stop::Ask(_)) if ahead.round > MAX_ROUNDS => {
            ahead.stage = Stage::Refused("The action kept asking for facts.".to_owned());
            None
        }
        Err(Stop::Ask(queries)) => {
            let (account, region) = (ahead.request.account, ahead.request.region.clone());
            state.prepared.reading = Some((number, key));
            Some(Effect::Prepare {
                number,
                account,
                region,
                queries,
            })
        }
    }
}

#[cfg(test)]
#[path = "prepared_tests.rs"]
mod tests;
