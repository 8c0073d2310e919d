//! A playbook as CACAO 2.0 JSON (OASIS Committee Specification 01, 27 November 2023), for other tools to read.
//!
//! Owns: the translation. CACAO has no graph: its workflow is made of steps that follow each other and of branches that end before
//! it goes on. So branches become `parallel` steps, a condition becomes an `if-condition` step around the step that has it, and
//! what waits for several branches follows the parallel step that has them all. That can wait for more than quell would, never for
//! less. Must never: leave a step out, or say of an action more than which one it is; targets come from an incident.

mod stix;
#[cfg(test)]
mod tests;

use jiff::civil::Date;
use serde_json::{Map, Value, json};

use super::{PlayStep, Playbook, flow, uuid};
use crate::action::Step;
use crate::domain::{SeverityLabel, Time};

/// The playbook. `now` stands for its date where the file has none.
#[must_use]
pub fn export(playbook: &Playbook, now: Time) -> Value {
    let mut workflow = Workflow {
        playbook,
        above: flow::dominators(playbook.steps()),
        objects: Map::new(),
        parallel: false,
    };
    let end = workflow.end("playbook");
    let first = workflow.below(None, end);
    let start = workflow.put("start", "playbook", json!({ "on_completion": first }));
    let (objects, parallel) = (workflow.objects, workflow.parallel);
    let (created, updated) = dates(playbook, now);
    let activities: Vec<&str> = used(playbook.steps().iter().map(|s| activity(s.phase)));
    // A type asks for an activity that it cannot be without (section 3.1.2).
    let asks = [
        ("investigation", "identify-indicators"),
        ("mitigation", "eliminate-risk"),
    ];
    let types = asks.iter().filter(|(_, needs)| activities.contains(needs));
    let types: Vec<&str> = types.map(|(name, _)| *name).collect();
    let mut whole = json!({
        "type": "playbook",
        "spec_version": "cacao-2.0",
        "id": id("playbook", &playbook.name, "playbook"),
        "name": playbook.title,
        "description": playbook.description,
        "playbook_types": types,
        "playbook_activities": activities,
        "playbook_processing_summary": {
            "manual_playbook": playbook.steps().iter().all(|s| s.actions.is_empty()),
            "parallel_processing": parallel,
            "if_logic": playbook.steps().iter().any(|s| s.when.is_some()),
        },
        "created_by": format!("identity--{}", uuid::of_url("urn:quell")),
        "created": created,
        "modified": updated,
        "playbook_variables": stix::variables(),
        "workflow_start": start,
        "workflow": objects,
        "agent_definitions": {
            agent(playbook): {
                "type": "group",
                "name": "Incident responders",
                "description": "Whoever responds. quell plans each action from the incident, and a person confirms it.",
            },
        },
    });
    let mut add = |key: &str, value: Value| {
        if let Some(object) = whole.as_object_mut() {
            object.insert(key.to_owned(), value);
        }
    };
    if let Some(worst) = playbook.severity.iter().max() {
        add("severity", severity(*worst).into());
    }
    if !playbook.findings.is_empty() {
        add("labels", playbook.findings.clone().into());
    }
    if !playbook.sources.is_empty() {
        let references = playbook.sources.iter().map(|s| json!({ "name": s, "source": s }));
        add("external_references", references.collect());
    }
    whole
}

/// When it was made and changed last, to the millisecond as section 3.1 wants it.
fn dates(playbook: &Playbook, now: Time) -> (String, String) {
    let day = |date: Date| format!("{date}T00:00:00.000Z");
    let today = jiff::tz::TimeZone::UTC.to_datetime(now).date();
    let updated = playbook.updated.or(playbook.created).unwrap_or(today);
    (day(playbook.created.unwrap_or(updated)), day(updated))
}

/// An identifier that is the same in every export of the playbook of this name.
fn id(kind: &str, playbook: &str, name: &str) -> String {
    format!(
        "{kind}--{}",
        uuid::of_url(&format!("urn:quell:playbook:{playbook}:{kind}:{name}"))
    )
}

fn agent(playbook: &Playbook) -> String {
    id("group", &playbook.name, "responders")
}

/// Each once, in their order.
fn used<'a>(all: impl Iterator<Item = &'a str>) -> Vec<&'a str> {
    let mut once = Vec::new();
    for one in all {
        if !once.contains(&one) {
            once.push(one);
        }
    }
    once
}

/// The activity of a phase, from the vocabulary of section 3.1.2.
fn activity(phase: Step) -> &'static str {
    match phase {
        Step::Classify => "identify-indicators",
        Step::Isolate => "restrict-access",
        Step::Snapshot => "analyze-collected-data",
        Step::Revoke => "eliminate-risk",
        Step::Notify => "deliver-content",
        Step::Document => "compose-content",
    }
}

/// On CACAO's scale of 1 to 100: the lower end of GuardDuty's bands.
fn severity(label: SeverityLabel) -> u8 {
    match label {
        SeverityLabel::Critical => 90,
        SeverityLabel::High => 70,
        SeverityLabel::Medium => 40,
        SeverityLabel::Low | SeverityLabel::Informational => 10,
    }
}

/// The workflow while it is made.
struct Workflow<'p> {
    playbook: &'p Playbook,
    above: Vec<Option<usize>>,
    objects: Map<String, Value>,
    parallel: bool,
}

impl Workflow<'_> {
    /// Puts an object in and says its identifier.
    fn put(&mut self, kind: &str, name: &str, mut object: Value) -> String {
        let id = id(kind, &self.playbook.name, name);
        if let Some(fields) = object.as_object_mut() {
            fields.insert("type".to_owned(), kind.into());
        }
        self.objects.insert(id.clone(), object);
        id
    }

    /// The end of a branch.
    fn end(&mut self, of: &str) -> String {
        self.put("end", of, json!({}))
    }

    /// Everything that comes below a step in the outline, and then `next`. Says where to begin.
    fn below(&mut self, parent: Option<usize>, next: String) -> String {
        let rows = flow::below(self.playbook.steps(), &self.above, parent, 0);
        let (branches, joins): (Vec<_>, Vec<_>) = rows
            .iter()
            .rev()
            .map(|row| row.step)
            .partition(|at| self.playbook.steps()[*at].after.len() <= 1);
        let next = joins.into_iter().rev().fold(next, |next, at| self.unit(at, next));
        match branches.as_slice() {
            [] => next,
            [only] => self.unit(*only, next),
            several => {
                let firsts: Vec<String> = several
                    .iter()
                    .map(|at| {
                        let name = format!("branch:{}", self.playbook.steps()[*at].id);
                        let end = self.end(&name);
                        self.unit(*at, end)
                    })
                    .collect();
                let name = parent.map_or("playbook", |at| self.playbook.steps()[at].id.as_str());
                self.parallel = true;
                let object = json!({ "next_steps": firsts, "on_completion": next });
                self.put("parallel", name, object)
            }
        }
    }

    /// A step with everything below it, and then `next`.
    fn unit(&mut self, at: usize, next: String) -> String {
        let follows = self.below(Some(at), next);
        let step = &self.playbook.steps()[at];
        let Some(when) = &step.when else {
            return self.action(step, &follows);
        };
        let (yes, no) = (format!("yes:{}", step.id), format!("no:{}", step.id));
        let (yes, no) = (self.end(&yes), self.end(&no));
        let on_true = self.action(step, &yes);
        let object = json!({
            "name": format!("Whether it applies: {}", step.title),
            "description": when.text(),
            "condition": stix::condition(when.test()),
            "on_true": on_true,
            "on_false": no,
            "on_completion": follows,
        });
        self.put("if-condition", &step.id, object)
    }

    fn action(&mut self, step: &PlayStep, next: &str) -> String {
        let activity = activity(step.phase);
        let mut commands: Vec<Value> = step
            .actions
            .iter()
            .map(|action| {
                json!({
                    "type": "x-quell",
                    "description": action.action().summary(),
                    "command": format!("quell plan {action} TARGET"),
                    "playbook_activity": activity,
                })
            })
            .collect();
        let by_hand = |command: &str| json!({ "type": "manual", "command": command, "playbook_activity": activity });
        commands.extend(step.manual.iter().map(|item| by_hand(item)));
        if commands.is_empty() {
            commands.push(by_hand(&step.title));
        }
        let mut description = step.guidance.clone();
        for needed in &step.requires {
            description.push_str("\n\nNeeds: ");
            description.push_str(needed);
        }
        // CACAO runs all commands of a step one after the other and knows no choice by a person, so it is said.
        if step.any {
            description
                .push_str("\n\nOf the commands that begin with \"quell plan\", one is enough for each resource.");
        }
        let object = json!({
            "name": step.title,
            "description": description,
            "commands": commands,
            "agent": agent(self.playbook),
            "on_completion": next,
        });
        self.put("action", &step.id, object)
    }
}
