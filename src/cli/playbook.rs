//! `quell playbook list`, `show` and `lint`.

use std::fmt::Write;
use std::path::Path;

use super::args::{PlaybookArgs, PlaybookCommand};
use super::exit::{Exit, Failure};
use super::out;
use crate::config::read_small;
use crate::domain::{SourceError, Untrusted};
use crate::drill;
use crate::playbook::{BUILT_IN, Classification, Library, Playbook, classify};

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
    if !playbook.findings.is_empty() {
        let _ = writeln!(text, "\nFor findings of the types {}", playbook.findings.join(", "));
    }
    for (number, stage) in playbook.stages.iter().enumerate() {
        let actions: Vec<&str> = stage.actions.iter().map(|a| a.as_str()).collect();
        let with = if actions.is_empty() {
            String::new()
        } else {
            format!("  ({})", actions.join(", "))
        };
        let _ = writeln!(text, "\n{}. {}{with}", number + 1, stage.step.word());
        for paragraph in stage.guidance.split("\n\n") {
            let _ = writeln!(text, "\n{}", wrapped(paragraph));
        }
    }
    text
}

/// The words of a paragraph in lines of at most `WIDTH` columns, indented.
fn wrapped(paragraph: &str) -> String {
    let mut lines = vec![String::from("  ")];
    for word in paragraph.split_whitespace() {
        let line = lines
            .last()
            .map_or(0, |l| unicode_width::UnicodeWidthStr::width(l.as_str()));
        if line + 1 + unicode_width::UnicodeWidthStr::width(word) > WIDTH && line > 2 {
            lines.push(String::from("  "));
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
    let shown = |error: SourceError| error.to_string();
    if classify::SEVERITIES.iter().any(|s| keys.contains_key(s.word())) {
        return Classification::parse(name, text)
            .map(|_| "classification")
            .map_err(shown);
    }
    Playbook::parse(name, text).map(|_| "playbook").map_err(shown)
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
            assert!(text.contains("6. document"));
            let guidance = text.lines().filter(|l| l.starts_with("  "));
            assert!(guidance.clone().count() > 20 && guidance.clone().all(|l| l.len() <= WIDTH));
        }
    }
}
