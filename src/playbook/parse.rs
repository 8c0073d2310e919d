//! From a playbook file's text to a `Playbook`, or to its faults with their places.

use jiff::civil::Date;
use toml::Spanned;

use super::sheet::{self, Faults, Sheet};
use super::{Classification, PlayStep, Playbook, When, flow, when};
use crate::action::{ActionName, Step};
use crate::domain::{SeverityLabel, SourceError};

/// The most steps of a playbook, and the most that may come one after the other.
const MAX_STEPS: usize = 48;
const MAX_DEPTH: usize = 24;
/// The most patterns a playbook may have, since a finding is held against each; and the longest, in characters.
const MAX_PATTERNS: (usize, usize) = (64, 128);
/// The longest guidance of a step and description of a playbook, in characters: what fits a screen or two.
const MAX_GUIDANCE: usize = 4000;
/// The longest title, in characters: what fits a line.
const MAX_TITLE: usize = 100;
/// The most boxes of a step and the longest text beside one; the same for requirements and sources.
const MAX_ITEMS: (usize, usize) = (16, 300);
/// The most actions of a step.
const MAX_ACTIONS: usize = 12;

/// A step as it was written, with the ids that are not looked up yet.
struct Written {
    id: Spanned<String>,
    after: Option<Vec<Spanned<String>>>,
    step: PlayStep,
}

pub(super) fn playbook(file: &str, text: &str, table: &Classification) -> Result<Playbook, Vec<SourceError>> {
    let (mut sheet, mut faults) = sheet::open(file, text)?;
    let read = whole(&mut sheet, file, table, &mut faults);
    sheet.end(&mut faults);
    faults.finish(read)
}

fn whole<'t>(sheet: &mut Sheet<'t>, file: &str, table: &Classification, faults: &mut Faults<'t>) -> Option<Playbook> {
    let name = sheet.name("name", faults);
    let title = sheet.need("title", MAX_TITLE, faults);
    let description = sheet.need("description", MAX_GUIDANCE, faults);
    let sources = sheet.texts("sources", MAX_ITEMS, faults).unwrap_or_default();
    let created = date(sheet, "created", faults);
    let updated = date(sheet, "updated", faults);
    let findings = sheet.texts("findings", MAX_PATTERNS, faults).unwrap_or_default();
    let resources = sheet.words("resources", 16, faults);
    let severity = severities(sheet, faults);
    let sheets = sheet.sheets("step", MAX_STEPS, faults);
    if sheets.is_empty() {
        faults.add(sheet.span(), "expected at least one [[step]]");
    }
    let all = sheets.len();
    let read: Vec<Written> = sheets
        .into_iter()
        .filter_map(|mut one| {
            let step = step(&mut one, table, faults);
            one.end(faults);
            step
        })
        .collect();
    // A step that is missing for a fault of its own would only make others' `after` look wrong.
    let steps = if read.len() == all { joined(read, faults) } else { None };
    let strings = |all: Vec<Spanned<String>>| all.into_iter().map(Spanned::into_inner).collect();
    Some(Playbook {
        file: file.to_owned(),
        name: name?.into_inner(),
        title: title?.into_inner(),
        description: description?.into_inner(),
        sources: strings(sources),
        created,
        updated,
        findings: strings(findings),
        resources,
        severity,
        steps: steps?,
    })
}

/// A day, as 2026-03-01.
fn date<'t>(sheet: &mut Sheet<'t>, key: &'static str, faults: &mut Faults<'t>) -> Option<Date> {
    let written = sheet.text(key, 20, faults)?;
    let date = written.get_ref().parse().ok();
    if date.is_none() {
        faults.add(written.span(), "expected a day, as \"2026-03-01\"");
    }
    date
}

/// The severities of incidents. Findings also know `informational`; incidents do not.
fn severities<'t>(sheet: &mut Sheet<'t>, faults: &mut Faults<'t>) -> Vec<SeverityLabel> {
    let mut found = Vec::new();
    for value in sheet.texts("severity", (4, 20), faults).unwrap_or_default() {
        match faults.word::<SeverityLabel>(&value) {
            Some(SeverityLabel::Informational) => faults.add(value.span(), "expected critical, high, medium or low"),
            Some(severity) => found.push(severity),
            None => {}
        }
    }
    found
}

fn step<'t>(sheet: &mut Sheet<'t>, table: &Classification, faults: &mut Faults<'t>) -> Option<Written> {
    let id = sheet.name("id", faults);
    let phase = sheet.need("phase", 20, faults);
    let phase = phase.and_then(|phase| faults.word::<Step>(&phase));
    let title = sheet.need("title", MAX_TITLE, faults);
    let guidance = sheet.need("guidance", MAX_GUIDANCE, faults);
    let before = faults.count();
    let listed = sheet.place("actions");
    let actions: Vec<ActionName> = sheet.words("actions", MAX_ACTIONS, faults);
    let any = sheet.place("any");
    let is_any = sheet.flag("any", faults);
    if let Some(place) = any.filter(|_| is_any && actions.len() < 2 && faults.count() == before) {
        faults.add(
            place,
            "any = true says that one of several actions is enough, expected at least two actions",
        );
    }
    let lost = actions
        .iter()
        .find(|a| phase.is_some_and(|phase| !is_offered(**a, phase)));
    if let (Some(place), Some(action), Some(phase)) = (listed, lost, phase) {
        let (word, own) = (phase.word(), action.action().step().word());
        let what = format!("a step of the phase {word} never offers {action}, which belongs in one of the phase {own}");
        faults.add(place, what);
    }
    let manual = sheet.texts("manual", MAX_ITEMS, faults).unwrap_or_default();
    let requires = sheet.texts("requires", MAX_ITEMS, faults).unwrap_or_default();
    let when = sheet.text("when", when::LONGEST, faults);
    let when = when.and_then(|written| condition(&written, table, faults));
    let after = sheet.texts("after", (MAX_STEPS, sheet::MAX_NAME), faults);
    // What could not be read may have been something to do.
    let clear = faults.count() == before;
    if let Some(phase) = phase
        && clear
        && needs_doing(phase)
        && actions.is_empty()
        && manual.is_empty()
    {
        let word = phase.word();
        let what = format!("a step of the phase {word} has nothing to do here, expected actions = […] or manual = […]");
        faults.add(sheet.span(), what);
    }
    let strings = |all: Vec<Spanned<String>>| all.into_iter().map(Spanned::into_inner).collect();
    let id = id?;
    Some(Written {
        step: PlayStep {
            id: id.get_ref().clone(),
            phase: phase?,
            title: title?.into_inner(),
            guidance: guidance?.into_inner(),
            actions,
            any: is_any,
            manual: strings(manual),
            when,
            after: Vec::new(),
            requires: strings(requires),
        },
        id,
        after,
    })
}

/// Whether a step of this phase can offer an action. The phases that contain offer one another's; telling and documenting are done
/// by steps of their own.
fn is_offered(action: ActionName, phase: Step) -> bool {
    let contains = |step: Step| matches!(step, Step::Isolate | Step::Snapshot | Step::Revoke);
    let own = action.action().step();
    own == phase || (contains(own) && contains(phase))
}

/// Classifying and documenting are done by the console itself.
fn needs_doing(phase: Step) -> bool {
    match phase {
        Step::Classify | Step::Document => false,
        Step::Isolate | Step::Snapshot | Step::Revoke | Step::Notify => true,
    }
}

fn condition(written: &Spanned<String>, table: &Classification, faults: &mut Faults<'_>) -> Option<When> {
    match When::parse(written.get_ref()) {
        Ok(when) => {
            for name in when.types().into_iter().filter(|name| !table.knows(name)) {
                let at = written.get_ref().find(name).unwrap_or_default();
                let span = faults.inside(written, at..at + name.len());
                let known: Vec<&str> = table.types().iter().map(|t| t.name.as_str()).collect();
                let what = format!("there is no incident type {name}, expected one of {}", known.join(", "));
                faults.add(span, what);
            }
            Some(when)
        }
        Err((span, what)) => {
            let span = faults.inside(written, span);
            faults.add(span, what);
            None
        }
    }
}

/// The steps with what they come after. Where a file does not say, a step comes after the one written before it.
fn joined(read: Vec<Written>, faults: &mut Faults<'_>) -> Option<Vec<PlayStep>> {
    let ids: Vec<Spanned<String>> = read.iter().map(|w| w.id.clone()).collect();
    let place = |id: &str| ids.iter().position(|own| own.get_ref() == id);
    let mut sound = true;
    for (at, id) in ids.iter().enumerate() {
        if place(id.get_ref()) != Some(at) {
            sound = false;
            faults.add(
                id.span(),
                format!("there is a step {} already, expected another id", id.get_ref()),
            );
        }
    }
    let mut steps = Vec::new();
    for (at, written) in read.into_iter().enumerate() {
        let mut step = written.step;
        let Some(after) = written.after else {
            step.after = at.checked_sub(1).into_iter().collect();
            steps.push(step);
            continue;
        };
        for id in after {
            match place(id.get_ref()) {
                Some(before) if step.after.contains(&before) => {
                    faults.add(id.span(), "it stands here twice, expected once");
                }
                Some(before) => step.after.push(before),
                None => {
                    sound = false;
                    faults.add(id.span(), format!("there is no step {}", id.get_ref()));
                }
            }
        }
        step.after.sort_unstable();
        steps.push(step);
    }
    if !sound {
        return None;
    }
    let Some(depths) = flow::depths(&steps) else {
        let ring = flow::ring(&steps);
        let first = ring.first().copied().unwrap_or_default();
        let names: Vec<&str> = ring
            .iter()
            .chain(ring.first())
            .map(|at| ids[*at].get_ref().as_str())
            .collect();
        let what = format!("these steps wait for each other: {}", names.join(" after "));
        faults.add(ids[first].span(), what);
        return None;
    };
    if let Some(deep) = depths.iter().position(|depth| *depth > MAX_DEPTH) {
        let what = format!("more than {MAX_DEPTH} steps come one after the other here");
        faults.add(ids[deep].span(), what);
    }
    Some(steps)
}

#[cfg(test)]
#[path = "parse_tests.rs"]
mod tests;
