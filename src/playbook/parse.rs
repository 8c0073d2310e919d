//! From a playbook file's text to a `Playbook`, or to the first fault with its place.

use std::ops::Range;

use serde::Deserialize;
use toml::Spanned;

use super::{Playbook, Stage};
use crate::action::{ActionName, Step};
use crate::domain::{ResourceKind, SourceError, source_text};

/// The most patterns a playbook may have; a finding is held against each.
const MAX_PATTERNS: usize = 64;
/// The longest pattern, in bytes.
const MAX_PATTERN: usize = 128;
/// The longest guidance of a step, in characters: what fits a screen or two.
const MAX_GUIDANCE: usize = 4000;

#[derive(Deserialize)]
#[serde(deny_unknown_fields)]
struct Written {
    name: Spanned<String>,
    title: String,
    #[serde(default)]
    findings: Vec<Spanned<String>>,
    #[serde(default)]
    resources: Vec<ResourceKind>,
    steps: Spanned<Vec<Spanned<WrittenStep>>>,
}

#[derive(Deserialize)]
#[serde(deny_unknown_fields)]
struct WrittenStep {
    step: Spanned<Step>,
    #[serde(default)]
    actions: Vec<Spanned<ActionName>>,
    /// The step is done by hand; there is no action for it yet.
    #[serde(default)]
    by_hand: bool,
    guidance: Spanned<String>,
}

/// A fault at a span.
type Fault = (Range<usize>, String);

pub(super) fn playbook(file: &str, text: &str) -> Result<Playbook, SourceError> {
    let written: Written = source_text::toml(file, text)?;
    checked(written).map_err(|(span, what)| SourceError::at(file, text, Some(span), what))
}

fn checked(written: Written) -> Result<Playbook, Fault> {
    let name = written.name.get_ref();
    let plain = |c: char| c.is_ascii_lowercase() || c.is_ascii_digit() || c == '-';
    if name.is_empty() || name.len() > 64 || !name.chars().all(plain) {
        let what = "expected a name of lower-case letters, digits and hyphens, at most 64".to_owned();
        return Err((written.name.span(), what));
    }
    if let Some(over) = written.findings.get(MAX_PATTERNS) {
        return Err((over.span(), format!("expected at most {MAX_PATTERNS} patterns")));
    }
    if let Some(long) = written.findings.iter().find(|p| p.get_ref().len() > MAX_PATTERN) {
        return Err((
            long.span(),
            format!("expected a pattern of at most {MAX_PATTERN} bytes"),
        ));
    }
    let all = written.steps.span();
    let steps = written.steps.into_inner();
    let mut stages = Vec::new();
    for (index, step) in steps.into_iter().enumerate() {
        let span = step.span();
        let Some(expected) = Step::ALL.get(index) else {
            return Err((span, format!("expected {} steps and no more", Step::ALL.len())));
        };
        stages.push(stage(*expected, step.into_inner())?);
    }
    if let Some(missing) = Step::ALL.get(stages.len()) {
        return Err((all, format!("expected the step {} after these", missing.word())));
    }
    Ok(Playbook {
        name: written.name.into_inner(),
        title: written.title,
        findings: written.findings.into_iter().map(Spanned::into_inner).collect(),
        resources: written.resources,
        stages,
    })
}

fn stage(expected: Step, written: WrittenStep) -> Result<Stage, Fault> {
    let step = *written.step.get_ref();
    if step != expected {
        let what = format!(
            "the step {} stands here, expected {}: the six steps keep their order",
            step.word(),
            expected.word()
        );
        return Err((written.step.span(), what));
    }
    for action in &written.actions {
        let belongs = action.get_ref().action().step();
        if belongs != step {
            let what = format!(
                "{} belongs to the step {}, expected an action of {}",
                action.get_ref(),
                belongs.word(),
                step.word()
            );
            return Err((action.span(), what));
        }
    }
    if needs_action(step) && written.actions.is_empty() && !written.by_hand {
        let what = format!(
            "the step {} names no action, expected actions = [\"…\"], or by_hand = true",
            step.word()
        );
        return Err((written.step.span(), what));
    }
    let guidance = written.guidance.get_ref().trim();
    if guidance.is_empty() || guidance.chars().count() > MAX_GUIDANCE {
        let what = format!("expected guidance of 1 to {MAX_GUIDANCE} characters");
        return Err((written.guidance.span(), what));
    }
    Ok(Stage {
        step,
        actions: written.actions.into_iter().map(Spanned::into_inner).collect(),
        guidance: guidance.to_owned(),
    })
}

/// Classifying and documenting are done by the console itself.
fn needs_action(step: Step) -> bool {
    match step {
        Step::Classify | Step::Document => false,
        Step::Isolate | Step::Snapshot | Step::Revoke | Step::Notify => true,
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::playbook::library::BUILT_IN;

    #[test]
    fn faults_are_named_with_line_column_and_what_was_expected() {
        let (_, generic) = BUILT_IN.last().unwrap();
        for (from, to, expected) in [
            (
                "title =",
                "titel =",
                "unknown field `titel`, expected one of `name`, `title`",
            ),
            ("name = \"generic\"", "name = 3", "expected a string"),
            ("name = \"generic\"", "name = \"../x\"", "expected a name of lower-case"),
            (
                "\"isolate-instance\"",
                "\"isolate-instnce\"",
                "unknown variant `isolate-instnce`, expected one of",
            ),
            (
                "[\"isolate-instance\"]",
                "[\"notify-sns\"]",
                "belongs to the step notify",
            ),
            ("[\"isolate-instance\"]", "[]", "names no action"),
            ("step = \"snapshot\"", "step = \"revoke\"", "expected snapshot"),
            ("step = \"snapshot\"", "step = \"ponder\"", "unknown variant `ponder`"),
            (
                "step = \"snapshot\"",
                "step = \"snapshot\"\nguidanse = \"\"",
                "unknown field `guidanse`",
            ),
        ] {
            assert!(generic.contains(from), "the sample has no {from}");
            let bad = generic.replacen(from, to, 1);
            let error = Playbook::parse("p.toml", &bad).unwrap_err();
            let place = error.place.clone().unwrap();
            let shown = error.to_string();
            assert!(shown.contains(expected), "{shown}");
            let changed = to.lines().last().unwrap();
            let line = bad.lines().nth(place.line - 1).unwrap();
            assert!(line.contains(changed) || shown.contains("names no action"), "{shown}");
            assert!(shown.starts_with(&format!("p.toml:{}:{}: ", place.line, place.column)));
        }
    }

    #[test]
    fn a_missing_and_a_seventh_step_are_faults() {
        let (_, generic) = BUILT_IN.last().unwrap();
        let cut = &generic[..generic.rfind("[[steps]]").unwrap()];
        assert!(Playbook::parse("p", cut).unwrap_err().what.contains("document"));
        let long = format!("{generic}\n[[steps]]\nstep = \"document\"\nguidance = \"x\"\n");
        assert!(Playbook::parse("p", &long).unwrap_err().what.contains("no more"));
    }
}
