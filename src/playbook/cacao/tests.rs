//! Tests of the export: the rules of the specification that a reader relies on, held against every playbook.

use std::collections::BTreeSet;

use super::*;
use crate::playbook::Library;

fn now() -> Time {
    "2026-03-01T03:00:00Z".parse().unwrap()
}

fn text<'v>(value: &'v Value, key: &str) -> &'v str {
    value[key].as_str().unwrap_or_else(|| panic!("no {key} in {value}"))
}

/// Section 10.10: the kind, two hyphens, a UUID; of the versions 1 to 5.
fn is_identifier(id: &str) -> bool {
    let Some((kind, uuid)) = id.split_once("--") else {
        return false;
    };
    let lengths: Vec<usize> = uuid.split('-').map(str::len).collect();
    let hex = uuid
        .chars()
        .all(|c| c == '-' || c.is_ascii_digit() || ('a'..='f').contains(&c));
    let plain = kind.chars().all(|c| c.is_ascii_lowercase() || c == '-');
    plain && hex && lengths == [8, 4, 4, 4, 12] && uuid.as_bytes()[14] == b'5'
}

/// The identifiers that a step of the workflow leads to.
fn leads(step: &Value) -> Vec<&str> {
    let mut all: Vec<&str> = ["on_completion", "on_true", "on_false"]
        .iter()
        .filter_map(|key| step[*key].as_str())
        .collect();
    all.extend(
        step["next_steps"]
            .as_array()
            .into_iter()
            .flatten()
            .filter_map(Value::as_str),
    );
    all
}

/// The names of the actions in an order in which a reader may do them: branches one after the other, the last one first.
fn walk<'v>(workflow: &'v Value, mut at: &'v str, done: &mut Vec<String>) {
    loop {
        let step = &workflow[at];
        match text(step, "type") {
            "end" => return,
            "action" => done.push(text(step, "name").to_owned()),
            "parallel" => {
                for branch in step["next_steps"].as_array().unwrap().iter().rev() {
                    walk(workflow, branch.as_str().unwrap(), done);
                }
            }
            "if-condition" => walk(workflow, text(step, "on_true"), done),
            "start" => {}
            other => panic!("a step of the type {other}"),
        }
        at = text(step, "on_completion");
    }
}

#[test]
fn every_playbook_has_what_the_specification_requires() {
    for playbook in Library::built_in().iter() {
        let whole = export(playbook, now());
        assert_eq!(text(&whole, "type"), "playbook");
        assert_eq!(text(&whole, "spec_version"), "cacao-2.0");
        for key in ["id", "created_by", "workflow_start"] {
            assert!(is_identifier(text(&whole, key)), "{key}");
        }
        for key in ["created", "modified"] {
            let time = text(&whole, key);
            assert!(
                time.parse::<Time>().is_ok() && time.strip_suffix(".000Z").is_some(),
                "{time}"
            );
        }
        assert!(text(&whole, "created") <= text(&whole, "modified"));
        let activities = whole["playbook_activities"].as_array().unwrap();
        assert!(!whole["playbook_types"].as_array().unwrap().is_empty() && !activities.is_empty());
        let agents = whole["agent_definitions"].as_object().unwrap();
        for (id, agent) in agents {
            assert!(is_identifier(id) && id.starts_with(text(agent, "type")));
        }
        for reference in whole["external_references"].as_array().unwrap() {
            assert!(!text(reference, "name").is_empty() && !text(reference, "source").is_empty());
        }
        let workflow = whole["workflow"].as_object().unwrap();
        let mut seen_activities = BTreeSet::new();
        for (id, step) in workflow {
            let kind = text(step, "type");
            assert!(is_identifier(id) && id.split("--").next() == Some(kind), "{id}");
            assert!(leads(step).iter().all(|next| workflow.contains_key(*next)), "{step}");
            match kind {
                "end" => assert!(leads(step).is_empty()),
                "start" => assert_eq!(id, text(&whole, "workflow_start")),
                "parallel" => assert!(step["next_steps"].as_array().unwrap().len() > 1),
                "if-condition" => assert!(text(step, "condition").contains(":value ")),
                "action" => {
                    assert!(agents.contains_key(text(step, "agent")));
                    for command in step["commands"].as_array().unwrap() {
                        assert!(["manual", "x-quell"].contains(&text(command, "type")));
                        assert!(!text(command, "command").is_empty());
                        seen_activities.insert(text(command, "playbook_activity"));
                    }
                }
                other => panic!("a step of the type {other}"),
            }
        }
        let activities: BTreeSet<&str> = activities.iter().filter_map(Value::as_str).collect();
        assert_eq!(activities, seen_activities);
    }
}

#[test]
fn every_step_is_reached_once_and_after_what_it_waits_for() {
    for playbook in Library::built_in().iter() {
        let whole = export(playbook, now());
        let workflow = whole["workflow"].as_object().unwrap();
        let mut reached = BTreeSet::new();
        let mut waiting = vec![text(&whole, "workflow_start")];
        while let Some(id) = waiting.pop() {
            if reached.insert(id) {
                waiting.extend(leads(&workflow[id]));
            }
        }
        assert_eq!(reached.len(), workflow.len(), "{}", playbook.name);
        let mut done = Vec::new();
        walk(&whole["workflow"], text(&whole, "workflow_start"), &mut done);
        let mut titles: Vec<&str> = playbook.steps().iter().map(|s| s.title.as_str()).collect();
        let place = |title: &str| done.iter().position(|d| d == title).unwrap();
        for step in playbook.steps() {
            for before in &step.after {
                assert!(
                    place(&playbook.steps()[*before].title) < place(&step.title),
                    "{}",
                    step.id
                );
            }
        }
        let mut sorted = done.clone();
        sorted.sort_unstable();
        titles.sort_unstable();
        assert_eq!(sorted, titles, "{}", playbook.name);
    }
}

#[test]
fn an_export_is_the_same_every_time_and_differs_by_playbook() {
    let library = Library::built_in();
    let one = library.get("leaked-key").unwrap();
    assert_eq!(export(one, now()), export(one, "2027-01-01T00:00:00Z".parse().unwrap()));
    let id = |name: &str| text(&export(library.get(name).unwrap(), now()), "id").to_owned();
    assert_ne!(id("leaked-key"), id("generic"));
    let mut undated = one.clone();
    (undated.created, undated.updated) = (None, None);
    assert_eq!(text(&export(&undated, now()), "modified"), "2026-03-01T00:00:00.000Z");
}
