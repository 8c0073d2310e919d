//! `quell playbook list`, `show`, `lint` and `export`.

mod show;

use std::path::Path;

use super::args::{PlaybookArgs, PlaybookCommand};
use super::desk::Desk;
use super::exit::{Exit, Failure};
use super::{library, out};
use crate::config::read_small;
use crate::domain::{SourceError, Time, Untrusted};
use crate::drill;
use crate::playbook::{BUILT_IN, Classification, Library, Playbook, cacao, classify};

/// Runs the command.
pub fn run(desk: &Desk, args: &PlaybookArgs) -> Result<Exit, Failure> {
    match &args.command {
        PlaybookCommand::List => list(desk),
        PlaybookCommand::Show { name } => print(desk, name),
        PlaybookCommand::Export { name } => export(desk, name),
        PlaybookCommand::Lint { files } if files.is_empty() => lint_at_hand(desk),
        PlaybookCommand::Lint { files } => lint(desk, files),
    }
}

fn list(desk: &Desk) -> Result<Exit, Failure> {
    let library = at_hand(desk)?;
    let wide = library.iter().map(|p| p.name.len()).max().unwrap_or_default();
    let row = |playbook: &Playbook| {
        let own = !BUILT_IN.iter().any(|(file, _)| *file == playbook.file);
        let whose = if own {
            format!("  ({})", Untrusted::new(playbook.file.as_str()))
        } else {
            String::new()
        };
        format!("{:<wide$}  {}{whose}\n", playbook.name, shown(&playbook.title))
    };
    let rows: Vec<String> = library.iter().map(row).collect();
    out::result(rows.concat())?;
    // A list that is shorter than the truth says so.
    Ok(if library.left_out().is_empty() {
        Exit::Done
    } else {
        Exit::Partial
    })
}

/// The playbooks at hand; what is left out of them is said.
fn at_hand(desk: &Desk) -> Result<Library, Failure> {
    let library = library::load(desk, &desk.classification()?);
    for fault in library.left_out() {
        out::note(fault);
    }
    Ok(library)
}

fn named<'l>(library: &'l Library, name: &str) -> Result<&'l Playbook, Failure> {
    library.get(name).ok_or_else(|| {
        let names: Vec<&str> = library.iter().map(|p| p.name.as_str()).collect();
        Failure::new(format!("there is no playbook {}", Untrusted::new(name)))
            .hint(format!("There are {}.", names.join(", ")))
    })
}

fn print(desk: &Desk, name: &str) -> Result<Exit, Failure> {
    let library = at_hand(desk)?;
    out::result(show::rendered(named(&library, name)?))?;
    Ok(Exit::Done)
}

fn export(desk: &Desk, name: &str) -> Result<Exit, Failure> {
    let library = at_hand(desk)?;
    let whole = cacao::export(named(&library, name)?, Time::now());
    out::result(format!("{whole:#}\n"))?;
    Ok(Exit::Done)
}

/// A text of a playbook's author: what it has of control characters is shown and not obeyed.
fn shown(text: &str) -> String {
    Untrusted::new(text).shown()
}

fn lint_at_hand(desk: &Desk) -> Result<Exit, Failure> {
    let own = library::files(desk).map_err(Failure::new)?;
    let table = desk.classification()?;
    let checked: Vec<_> = built_in().chain(own.iter().map(|file| read(file, &table))).collect();
    finish(checked.into_iter())
}

fn built_in() -> impl Iterator<Item = (String, Result<&'static str, String>)> {
    let known = Classification::built_in();
    let playbooks = BUILT_IN.iter().map(|(name, text)| (*name, *text));
    let scenarios = drill::builtin().iter().map(|(name, text)| (*name, *text));
    let table = [("classification.toml", classify::BUILT_IN)];
    playbooks
        .chain(table)
        .chain(scenarios)
        .map(move |(name, text)| (name.to_owned(), check(name, text, &known)))
}

fn lint(desk: &Desk, files: &[impl AsRef<Path>]) -> Result<Exit, Failure> {
    let table = desk.classification()?;
    let checked: Vec<_> = files.iter().map(|file| read(file.as_ref(), &table)).collect();
    finish(checked.into_iter())
}

fn read(file: &Path, table: &Classification) -> (String, Result<&'static str, String>) {
    let name = file.display().to_string();
    let checked = read_small(file)
        .map_err(|error| format!("{}: it cannot be read: {error}", Untrusted::new(name.as_str())))
        .and_then(|text| check(&name, &text, table));
    (name, checked)
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
fn check(name: &str, text: &str, table: &Classification) -> Result<&'static str, String> {
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
    Playbook::lint(name, text, table)
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
        for (name, checked) in built_in() {
            assert!(checked.is_ok(), "{name}: {checked:?}");
        }
        let table = Classification::built_in();
        assert_eq!(check("c", classify::BUILT_IN, &table), Ok("classification"));
        let scenario = check("c.toml", "[[account]]\nname = 3", &table).unwrap_err();
        assert!(scenario.starts_with("c.toml:2:"), "{scenario}");
        let several = check("c", "nme = 3\ntitel = 3", &table).unwrap_err();
        assert!(several.contains("c:1:1: unknown field `nme`"), "{several}");
        assert!(several.contains("c:2:1: unknown field `titel`"), "{several}");
    }
}
