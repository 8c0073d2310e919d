//! `quell playbook list`, `show` and `lint`.

use std::fmt::Write;
use std::path::Path;

use super::args::{PlaybookArgs, PlaybookCommand};
use super::exit::{Exit, Failure};
use super::out;
use crate::config::read_small;
use crate::domain::{SourceError, Untrusted};
use crate::drill;
use crate::playbook::{BUILT_IN, Classification, Library, PlayStep, Playbook, classify};

/// Guidance is wrapped at this many columns, which most terminals have.
const WIDTH: usize = 78;

/// Runs the command.
pub fn run(args: &PlaybookArgs) -> Result<Exit, Failure> {
    match &args.command {
        PlaybookCommand::List => list(),
        PlaybookCommand::Show { name } => show(name),
        PlaybookCommand::Lint { files } if files.is_empty() => lint_built_in(),
        PlaybookCommand::Lint { files } => lint(files),
    }
}

fn list() -> Result<Exit, Failure> {
    let library = Library::built_in();
    let rows: Vec<String> = library
        .iter()
        .map(|playbook| format!("{:<16}  {}\n", playbook.name, playbook.title))
        .collect();
    out::result(rows.concat())?;
    Ok(Exit::Done)
}

fn show(name: &str) -> Result<Exit, Failure> {
    let library = Library::built_in();
    let Some(playbook) = library.get(name) else {
        let names: Vec<&str> = library.iter().map(|p| p.name.as_str()).collect();
        return Err(Failure::new(format!("there is no playbook {}", Untrusted::new(name)))
            .hint(format!("There are {}.", names.join(", "))));
    };
    out::result(rendered(playbook))?;
    Ok(Exit::Done)
}

fn rendered(playbook: &Playbook) -> String {
    let mut text = String::new();
    // Writing to a String cannot fail, so there is nothing to do about an error.
    let _ = writeln!(text, "{}: {}", playbook.name, playbook.title);
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
            step.title,
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
    for word in paragraph.split_whitespace() {
        let line = lines
            .last()
            .map_or(0, |l| unicode_width::UnicodeWidthStr::width(l.as_str()));
        if line + 1 + unicode_width::UnicodeWidthStr::width(word) > WIDTH && line > indent.len() {
            lines.push(indent.clone());
        }
        if let Some(last) = lines.last_mut() {
            last.push(' ');
            last.push_str(word);
        }
    }
    lines.join("\n")
}

fn lint_built_in() -> Result<Exit, Failure> {
    let playbooks = BUILT_IN.iter().map(|(name, text)| (*name, *text));
    let scenarios = drill::builtin().iter().map(|(name, text)| (*name, *text));
    let table = [("classification.toml", classify::BUILT_IN)];
    finish(
        playbooks
            .chain(table)
            .chain(scenarios)
            .map(|(name, text)| (name.to_owned(), check(name, text))),
    )
}

fn lint(files: &[impl AsRef<Path>]) -> Result<Exit, Failure> {
    finish(files.iter().map(|file| {
        let file = file.as_ref();
        let name = file.display().to_string();
        let checked = read_small(file)
            .map_err(|error| format!("{}: it cannot be read: {error}", Untrusted::new(name.as_str())))
            .and_then(|text| check(&name, &text));
        (name, checked)
    }))
}

fn finish(checked: impl Iterator<Item = (String, Result<&'static str, String>)>) -> Result<Exit, Failure> {
    let mut faults = 0;
    for (name, result) in checked {
        match result {
            Ok(kind) => out::result(format!("{}: a sound {kind}\n", Untrusted::new(name)))?,
            Err(fault) => {
                faults += 1;
                out::note(&fault);
            }
        }
    }
    match faults {
        0 => Ok(Exit::Done),
        1 => Err(Failure::new("1 file has a fault")),
        n => Err(Failure::new(format!("{n} files have faults"))),
    }
}

/// Checks a file as what it looks like: a scenario has accounts, a classification has severities, all else is a playbook.
fn check(name: &str, text: &str) -> Result<&'static str, String> {
    let keys = toml::from_str::<toml::Table>(text).unwrap_or_default();
    if keys.contains_key("account") {
        return drill::load(name, text)
            .map(|_| "scenario")
            .map_err(|error| Untrusted::new(error.to_string()).shown());
    }
    if classify::SEVERITIES.iter().any(|s| keys.contains_key(s.word())) {
        return Classification::lint(name, text)
            .map(|_| "classification")
            .map_err(|faults| all(&faults));
    }
    Playbook::lint(name, text, &Classification::built_in())
        .map(|_| "playbook")
        .map_err(|faults| all(&faults))
}

/// Every fault of a file, one after the other.
fn all(faults: &[SourceError]) -> String {
    let shown: Vec<String> = faults.iter().map(ToString::to_string).collect();
    shown.join("\n")
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn everything_built_in_is_sound() {
        for (name, text) in BUILT_IN.iter().chain(drill::builtin()) {
            check(name, text).unwrap();
        }
        assert_eq!(check("c", classify::BUILT_IN), Ok("classification"));
        assert!(
            check("c.toml", "[[account]]\nname = 3")
                .unwrap_err()
                .starts_with("c.toml:2:")
        );
        assert!(
            check("c", "nme = 3")
                .unwrap_err()
                .contains("c:1:1: unknown field `nme`")
        );
    }

    #[test]
    fn a_playbook_is_readable_at_eighty_columns() {
        for playbook in Library::built_in().iter() {
            let text = rendered(playbook);
            assert!(text.contains("document: "));
            let guidance = text.lines().filter(|l| l.starts_with("  "));
            assert!(
                guidance.clone().count() > 20
                    && guidance
                        .clone()
                        .all(|l| unicode_width::UnicodeWidthStr::width(l) <= WIDTH)
            );
        }
    }
}
