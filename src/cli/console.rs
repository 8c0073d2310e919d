//! `quell watch`, `quell respond` and `quell drill`: the console, with the parts that each of them has.

use std::convert::Infallible;
use std::path::{Path, PathBuf};
use std::sync::Arc;
use std::time::Duration;

use super::args::WatchArgs;
use super::desk::{self, Desk};
use super::exit::{Exit, Failure};
use super::stage::Stage;
use super::{library, report};
use crate::app::{KeyMap, Mode, Start};
use crate::cloud::Clock;
use crate::config::Forensic;
use crate::domain::{Arn, Untrusted};
use crate::journal;
use crate::playbook::{Classification, Library};
use crate::runtime::{self, Arm, Hand, Origin, Setup, Shelf};
use crate::tui::Theme;

/// What differs between watching, responding for real and responding in a drill.
pub struct Parts {
    pub mode: Mode,
    /// Where the findings come from.
    pub origin: Origin,
    pub clock: Clock,
    pub directory: PathBuf,
    pub topic: Option<Arn>,
    /// Who gets the evidence.
    pub forensic: Option<Forensic>,
    /// How often findings are read again.
    pub refresh: Duration,
}

impl std::fmt::Debug for Parts {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        f.debug_struct("Parts")
            .field("mode", &self.mode)
            .field("directory", &self.directory)
            .finish_non_exhaustive()
    }
}

/// `quell watch`: a console whose hand is of a type that has no values.
pub fn watch(desk: &Desk, args: &WatchArgs) -> Result<Exit, Failure> {
    let mut parts = live(desk, Mode::Watch)?;
    if !args.from.is_empty() {
        files_are_there(&args.from)?;
        parts.origin = Origin::Files(args.from.clone());
    }
    show(desk, setup::<Infallible>(desk, parts, Box::new(|_| Ok(None)))?)
}

/// Where not one of the files can be opened, that is said before the terminal is taken. One of several that cannot is named in the
/// console, beside what the others hold.
fn files_are_there(paths: &[PathBuf]) -> Result<(), Failure> {
    let mut first = None;
    for path in paths {
        if path == Path::new("-") {
            let why = "quell watch needs its standard input for the terminal";
            return Err(Failure::with(Exit::Usage, why).hint("quell findings --from - reads it."));
        }
        match std::fs::File::open(path) {
            Ok(_) => first = Some(None),
            Err(error) if first.is_none() => {
                let shown = Untrusted::new(path.display().to_string());
                first = Some(Some(format!("{shown} cannot be read: {error}")));
            }
            Err(_) => {}
        }
    }
    first.flatten().map_or(Ok(()), |why| Err(Failure::new(why)))
}

/// `quell respond`: a console that can change the accounts that the responder role is in.
pub fn respond_live(desk: &Desk) -> Result<Exit, Failure> {
    respond(desk, live(desk, Mode::Respond)?)
}

fn live(desk: &Desk, mode: Mode) -> Result<Parts, Failure> {
    let directory = desk.directory()?;
    Ok(Parts {
        mode,
        clock: Clock::default(),
        origin: Origin::Aws {
            reach: Box::new({
                let options = desk.options();
                move || Ok(options)
            }),
            shelf: Shelf::Workspace(directory.clone()),
        },
        directory,
        topic: desk.config.notify.topic.clone(),
        forensic: desk.config.forensic(),
        refresh: Duration::from_secs(u64::from(desk.config.refresh_seconds)),
    })
}

/// A console with a hand and a journal.
pub fn respond(desk: &Desk, parts: Parts) -> Result<Exit, Failure> {
    let directory = parts.directory.clone();
    let kind = match parts.mode {
        Mode::Drill => journal::Mode::Drill,
        Mode::Watch | Mode::Respond => journal::Mode::Live,
    };
    let arm = Box::new(move |cloud: &Arc<crate::cloud::Cloud>| {
        let responder = desk::responder(cloud, directory, kind, cloud.now()).map_err(|e| e.to_string())?;
        Ok(Some(Arc::new(responder)))
    });
    show(desk, setup(desk, parts, arm)?)
}

/// The playbooks at hand. Who responds must not follow another playbook than their own without knowing, so a broken one stops the
/// console before anything is done; who only watches acts by none, and is told.
fn playbooks(desk: &Desk, mode: Mode, table: &Classification) -> Result<Library, Failure> {
    let library = library::load(desk, table);
    if mode.can_change() && !library.left_out().is_empty() {
        let hint = "Mend it, or move it out of the directory. quell watch starts without it.";
        return Err(Failure::new(library.left_out().join("\n")).hint(hint));
    }
    Ok(library)
}

fn setup<H>(desk: &Desk, parts: Parts, arm: Arm<H>) -> Result<Setup<H>, Failure> {
    let keys = desk
        .config
        .keys
        .iter()
        .map(|(name, keys)| (name.as_str(), keys.as_str()));
    let classification = desk.classification()?;
    let start = Start {
        mode: parts.mode,
        zone: jiff::tz::TimeZone::system(),
        now: parts.clock.now(),
        keys: KeyMap::with(keys).map_err(|e| Failure::new(format!("the configuration's [keys]: {e}")))?,
        topic: parts.topic,
        playbooks: playbooks(desk, parts.mode, &classification)?,
        classification,
        look: desk.config.look(),
        duty: desk.config.duty(),
        choices: desk.config.choices(parts.forensic.as_ref()),
        management: desk.config.management_account,
        window: desk.config.incident.window(),
    };
    Ok(Setup {
        start,
        origin: parts.origin,
        clock: parts.clock,
        refresh: parts.refresh,
        arm,
        journal: parts.directory.join(journal::FILE_NAME),
        report: |path, incident| {
            report::compose(path, incident)
                .map(|r| crate::report::markdown(&r))
                .map_err(|e| e.to_string())
        },
    })
}

/// Runs the console on the terminal, which is left as it was found.
fn show<H: Hand>(desk: &Desk, setup: Setup<H>) -> Result<Exit, Failure> {
    let theme = theme(desk)?;
    let runtime = desk::runtime()?;
    let clock = setup.clock.clone();
    let (mut terminal, input) = Stage::enter(theme, move || clock.now()).map_err(|e| {
        Failure::new(format!("the terminal cannot be used: {e}"))
            .hint("quell needs a terminal; quell findings does not.")
    })?;
    let ended = runtime.block_on(runtime::run(setup, &mut terminal, input));
    drop(terminal);
    // What still runs has no screen any more. The console has warned of a plan under way, whose last intent stays without outcome.
    runtime.shutdown_timeout(Duration::from_secs(2));
    ended.map_err(|e| Failure::new(format!("the terminal was lost: {e}")))?;
    Ok(Exit::Done)
}

fn theme(desk: &Desk) -> Result<Theme, Failure> {
    let globals = &desk.globals;
    let plain = globals.no_color || std::env::var_os("NO_COLOR").is_some_and(|v| !v.is_empty());
    let named = globals.theme.as_ref().or(desk.config.theme.as_ref());
    let name = if plain {
        "plain"
    } else {
        named.map_or("dark", String::as_str)
    };
    Theme::load(name).map_err(Failure::new)
}
