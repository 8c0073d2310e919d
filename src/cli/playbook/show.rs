//! A playbook as text for a terminal: its steps as a tree, with what to do and why.

use std::fmt::Write;

use unicode_width::UnicodeWidthStr;

use super::shown;
use crate::playbook::{PlayStep, Playbook};

/// Guidance is wrapped at this many columns, which most terminals have.
const WIDTH: usize = 78;

/// The whole playbook as text.
pub fn rendered(playbook: &Playbook) -> String {
    let mut text = String::new();
    // Writing to a String cannot fail, so there is nothing to do about an error.
    let _ = writeln!(text, "{}: {}", playbook.name, shown(&playbook.title));
    for paragraph in playbook.description.split("\n\n") {
        let _ = writeln!(text, "\n{}", wrapped(paragraph, 0));
    }
    let _ = writeln!(text, "\nFor {}", meant_for(playbook));
    for row in playbook.outline() {
        let step = &playbook.steps()[row.step];
        let beside = row.branch.map(|(place, of)| format!("  [branch {place} of {of}]"));
        let _ = writeln!(
            text,
            "\n{}{} {}: {}{}",
            "  ".repeat(row.depth),
            if row.branch.is_some() { "├" } else { "•" },
            step.phase.word(),
            shown(&step.title),
            beside.unwrap_or_default()
        );
        about(&mut text, playbook, step, row.depth);
    }
    if !playbook.sources.is_empty() {
        let _ = writeln!(text, "\nSources");
        for source in &playbook.sources {
            let _ = writeln!(text, "{}", wrapped(source, 0));
        }
    }
    text
}

/// What a playbook is chosen for.
fn meant_for(playbook: &Playbook) -> String {
    let mut said = if playbook.findings.is_empty() {
        "findings of any type".to_owned()
    } else {
        format!("findings of the types {}", playbook.findings.join(", "))
    };
    if !playbook.resources.is_empty() {
        let kinds: Vec<&str> = playbook.resources.iter().map(|kind| kind.word()).collect();
        let _ = write!(said, "; resources: {}", kinds.join(", "));
    }
    if !playbook.severity.is_empty() {
        let severities: Vec<String> = playbook.severity.iter().map(ToString::to_string).collect();
        let _ = write!(said, "; severity: {}", severities.join(", "));
    }
    wrapped(&said, 0).trim_start().to_owned()
}

/// What is said below the title of a step.
fn about(text: &mut String, playbook: &Playbook, step: &PlayStep, depth: usize) {
    let mut say = |said: String| {
        let _ = writeln!(text, "{}", wrapped(&said, depth));
    };
    if let Some(when) = &step.when {
        say(format!("when {}", when.text()));
    }
    if step.after.len() > 1 {
        let before: Vec<&str> = step
            .after
            .iter()
            .map(|at| playbook.steps()[*at].title.as_str())
            .collect();
        say(format!("after all of: {}", before.join("; ")));
    }
    for needed in &step.requires {
        say(format!("needs: {needed}"));
    }
    if step.any {
        say("one of these is enough for each resource:".to_owned());
    }
    for action in &step.actions {
        say(format!("▸ {action}: {}", action.action().summary()));
    }
    for item in &step.manual {
        say(format!("[ ] {item}"));
    }
    for paragraph in step.guidance.split("\n\n") {
        let _ = writeln!(text, "\n{}", wrapped(paragraph, depth));
    }
}

/// The words of a paragraph in lines of at most `WIDTH` columns, indented for so many branches.
fn wrapped(paragraph: &str, depth: usize) -> String {
    let indent = "  ".repeat(depth + 1);
    let mut lines = vec![indent.clone()];
    let paragraph: Vec<&str> = paragraph.split_whitespace().collect();
    for word in shown(&paragraph.join(" ")).split_whitespace() {
        let line = lines.last().map_or(0, |l| l.width());
        if line + 1 + word.width() > WIDTH && line > indent.len() {
            lines.push(indent.clone());
        }
        if let Some(last) = lines.last_mut() {
            last.push(' ');
            last.push_str(word);
        }
    }
    lines.join("\n")
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::playbook::Library;

    #[test]
    fn a_playbook_is_readable_at_eighty_columns() {
        for playbook in Library::built_in().iter() {
            let text = rendered(playbook);
            for step in playbook.steps() {
                assert!(
                    text.contains(&format!("{}: {}", step.phase.word(), step.title)),
                    "{}",
                    step.id
                );
            }
            let long = text.lines().find(|l| l.width() > WIDTH + 2);
            assert_eq!(long, None, "{}", playbook.name);
        }
    }

    #[test]
    fn branches_and_conditions_are_seen() {
        let text = rendered(Library::built_in().get("generic").unwrap());
        assert!(
            text.contains("  ├ isolate: Isolate what the attacker holds  [branch 1 of 8]"),
            "{text}"
        );
        assert!(text.contains("when severity == critical"));
        assert!(text.contains("[ ] Call the on-call lead"));
        assert!(text.contains("▸ isolate-instance: "));
        assert!(text.contains("after all of: Notify leadership;"));
        assert!(text.contains("NIST SP 800-61"));
    }

    #[test]
    fn what_an_author_wrote_is_shown_and_not_obeyed() {
        let mut playbook = Library::built_in().get("generic").unwrap().clone();
        playbook.title = "a\u{1b}[2J".to_owned();
        playbook.description = "b\u{202e}c".to_owned();
        let text = rendered(&playbook);
        assert!(!text.contains('\u{1b}') && !text.contains('\u{202e}'));
    }
}
