//! Containment plans made ahead, for incidents that a rule of the configuration says are worth it.
//!
//! Owns: which facts are read ahead, and the plans that came of them. A prepared plan is a look, no more: it is shown when its step
//! is opened, confirmed by typing as any other, and applying reads every fact again. Must never: apply, or hold a plan as fresh
//! whose facts are old.

use std::collections::{BTreeMap, BTreeSet};
use std::sync::Arc;

use jiff::SignedDuration;

use super::duty::Deed;
use super::effect::Effect;
use super::incident::incident_id;
use super::state::State;
use super::steps;
use super::targets;
use crate::action::{self, Facts, Reading, Request, Step, Stop};
use crate::domain::{IncidentId, Severity, Time};
use crate::findings::Finding;

/// Plans kept at once. The worst stay, and of equals the newest.
const MOST: usize = 20;
/// Facts older than this are read again when the step is opened.
pub const FRESH: SignedDuration = SignedDuration::from_mins(5);
/// More rounds of reads than any action needs.
const MAX_ROUNDS: u32 = 20;
/// The steps that contain.
const STEPS: [Step; 2] = [Step::Isolate, Step::Revoke];

/// How much is worth being kept: the worst, then what happened last.
type Rank = (Severity, Option<Time>, IncidentId, Step);

/// The plans made ahead.
#[derive(Debug, Default)]
pub struct Prepared {
    plans: BTreeMap<(IncidentId, Step), Ahead>,
    wanted: BTreeMap<(IncidentId, Step), (Rank, Arc<Finding>)>,
    /// What was taken up already, so that an update of a finding does not start it again.
    seen: BTreeSet<(IncidentId, Step)>,
    /// The one that facts are read for now, and the number of that read.
    reading: Option<(u64, (IncidentId, Step))>,
}

/// A plan made ahead, or on its way.
#[derive(Debug)]
struct Ahead {
    rank: Rank,
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

impl Prepared {
    /// How far the plan of an incident's step is, where one is made ahead.
    #[must_use]
    pub fn stage(&self, incident: &str, step: Step) -> Option<&Stage> {
        Some(&self.plans.get(&(incident.to_owned(), step))?.stage)
    }

    /// Whether an incident has a plan that is ready, for lists.
    #[must_use]
    pub fn ready(&self, incident: &str) -> bool {
        STEPS
            .into_iter()
            .any(|step| matches!(self.stage(incident, step), Some(Stage::Ready { .. })))
    }

    /// The facts for a request, where they were read ahead for the same and are still fresh.
    pub(super) fn facts(&self, request: &Request, now: Time) -> Option<Facts> {
        let same = |ahead: &&Ahead| {
            let a = &ahead.request;
            (a.action, a.account, &a.region, &a.target, &a.incident)
                == (
                    request.action,
                    request.account,
                    &request.region,
                    &request.target,
                    &request.incident,
                )
        };
        let ahead = self.plans.values().find(same)?;
        let Stage::Ready { read_at } = ahead.stage else {
            return None;
        };
        (request.undoes.is_none() && now.duration_since(read_at) < FRESH).then(|| ahead.facts.clone())
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
            self.seen.remove(&key);
            if made {
                self.plans.remove(&key);
                self.reading.take_if(|(_, reading)| *reading == key);
            } else {
                self.wanted.remove(&key);
            }
        }
    }
}

/// Takes in a finding that is new or has changed.
pub(super) fn found(state: &mut State, finding: &Arc<Finding>) {
    let wanted =
        state.mode.can_change() && !finding.archived && state.duty.rule(Deed::Prepare, finding.severity).is_some();
    if !wanted {
        return;
    }
    let id = incident_id(finding);
    for step in STEPS {
        if targets::target_of(step, finding).is_none() || !state.prepared.seen.insert((id.clone(), step)) {
            continue;
        }
        let rank = (
            finding.severity,
            finding.updated_at.or(finding.first_seen),
            id.clone(),
            step,
        );
        let (key, value) = ((id.clone(), step), (rank, Arc::clone(finding)));
        state.prepared.wanted.insert(key, value);
        state.prepared.shrink();
    }
}

/// Starts the next one. One is read for at a time, so that the responder's own reads do not wait.
pub(super) fn tick(state: &mut State) -> Option<Effect> {
    if state.prepared.reading.is_some() || state.identity.is_none() {
        return None;
    }
    let (key, _) = state
        .prepared
        .wanted
        .iter()
        .max_by(|(_, (a, _)), (_, (b, _))| a.cmp(b))?;
    let key = key.clone();
    let (rank, finding) = state.prepared.wanted.remove(&key)?;
    let (action, target) = targets::target_of(key.1, &finding)?;
    let region = steps::place(action, &finding);
    let request = steps::request(state, action, target, &key.0, &finding, region, None);
    let ahead = Ahead {
        rank,
        request,
        facts: Facts::default(),
        stage: Stage::Reading,
        round: 0,
    };
    state.prepared.plans.insert(key.clone(), ahead);
    further(state, key)
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
fn further(state: &mut State, key: (IncidentId, Step)) -> Option<Effect> {
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
