//! `quell drill`: the console on the range. The same console as `respond`, with another connector under the same SDK clients.

use std::fmt::Write;
use std::path::PathBuf;
use std::time::Duration;

use aws_credential_types::Credentials;

use super::args::{DEFAULT_SCENARIO, DrillArgs, DrillCommand, PlayArgs};
use super::console::{self, Parts};
use super::desk::Desk;
use super::exit::{Exit, Failure};
use super::{drill_serve, out};
use crate::app::Mode;
use crate::cloud::{Clock, ConnectOptions};
use crate::config::{self, Workspace};
use crate::domain::{Region, Time};
use crate::drill::{self, Login};
use crate::range::{Range, clock};

/// How often a drill's findings are read again: its range is at hand, and nobody pays for the calls.
const REFRESH: Duration = Duration::from_secs(5);

/// A scenario that has been raised.
#[derive(Debug)]
pub struct Drill {
    pub name: String,
    pub range: Range,
    pub login: Login,
}

impl Drill {
    /// Reads the scenario, by its built-in name or as a file, and builds its world.
    pub fn raise(play: &PlayArgs) -> Result<Self, Failure> {
        let (name, text) = source(&play.scenario)?;
        let mut scenario = drill::load(&play.scenario, &text).map_err(Failure::new)?;
        if let Some(seed) = play.seed {
            scenario = scenario.with_seed(seed);
        }
        let clock = clock::Clock::anchored(Time::now(), f64::from(play.speed));
        let world = scenario.build(clock).map_err(Failure::new)?;
        let login = scenario.login().map_err(Failure::new)?;
        Ok(Self {
            name,
            range: Range::new(world),
            login,
        })
    }

    /// The region to start in.
    pub fn region(&self) -> Result<&Region, Failure> {
        self.login
            .regions
            .first()
            .ok_or_else(|| Failure::new("the scenario has no region"))
    }

    /// How to reach the range from this process. No AWS credentials are loaded, and the network is not touched.
    fn options(&self, desk: &Desk) -> ConnectOptions {
        let range = self.range.clone();
        let key = &self.login.responder;
        ConnectOptions {
            regions: if desk.globals.region.is_empty() {
                self.login.regions.clone()
            } else {
                desk.globals.region.clone()
            },
            accounts: desk.globals.account.clone(),
            http: Some(self.range.http_client()),
            credentials: Some(Credentials::new(&key.access_key, &key.secret_key, None, None, "drill")),
            reader_role: self.login.reader_role.clone(),
            responder_role: self.login.responder_role.clone(),
            clock: Clock::new(move || range.with_world(|world| world.now())),
            ..ConnectOptions::default()
        }
    }
}

/// A name is a built-in scenario; anything else is a file.
fn source(scenario: &str) -> Result<(String, String), Failure> {
    if let Some((name, text)) = drill::builtin().iter().find(|(name, _)| *name == scenario) {
        return Ok(((*name).to_owned(), (*text).to_owned()));
    }
    let path = PathBuf::from(scenario);
    if path.extension().is_none() {
        let names: Vec<&str> = drill::builtin().iter().map(|(name, _)| *name).collect();
        return Err(Failure::with(
            Exit::Usage,
            format!("There is no scenario {scenario:?}; there is {}.", names.join(", ")),
        )
        .hint("A scenario of your own is a TOML file: quell drill ./mine.toml"));
    }
    let text =
        config::read_small(&path).map_err(|e| Failure::new(format!("{} cannot be read: {e}", path.display())))?;
    let name = path
        .file_stem()
        .map(|s| s.to_string_lossy().into_owned())
        .unwrap_or_default();
    Ok((name, text))
}

/// Runs a drill, or lists or serves scenarios.
pub fn run(desk: &Desk, args: &DrillArgs) -> Result<Exit, Failure> {
    match &args.command {
        None => play(desk, &args.play),
        Some(DrillCommand::Serve { play, port }) => drill_serve::run(play, *port),
        Some(DrillCommand::List) => list(),
    }
}

fn list() -> Result<Exit, Failure> {
    let mut text = String::new();
    for (name, source) in drill::builtin() {
        let scenario = drill::load(name, source).map_err(Failure::new)?;
        let default = if *name == DEFAULT_SCENARIO { "  (default)" } else { "" };
        let _ = writeln!(text, "{name}{default}\n    {}", scenario.title());
    }
    out::result(text)?;
    Ok(Exit::Done)
}

fn play(desk: &Desk, play: &PlayArgs) -> Result<Exit, Failure> {
    let drill = Drill::raise(play)?;
    let options = drill.options(desk);
    let directory = directory(desk, &drill.name)?;
    let topic = drill.login.topic_arn.parse().ok();
    console::respond(
        desk,
        Parts {
            mode: Mode::Drill,
            options,
            directory,
            topic,
            refresh: REFRESH,
        },
    )
}

/// Every drill has a journal of its own: its world begins anew, so an older record would speak of another one.
fn directory(desk: &Desk, name: &str) -> Result<PathBuf, Failure> {
    if let Some(given) = &desk.globals.data_dir {
        return Ok(given.clone());
    }
    let base = desk
        .config
        .workspace(None, Workspace::Drill(name))
        .map_err(Failure::new)?;
    Ok(base.join(Time::now().strftime("%Y%m%dT%H%M%SZ").to_string()))
}
