//! `quell drill`: the console on the range. The same console as `respond`, with another connector under the same SDK clients.

use std::fmt::Write;
use std::path::PathBuf;
use std::time::Duration;

use aws_credential_types::Credentials;

use super::args::{DEFAULT_SCENARIO, DrillArgs, DrillCommand, Globals, PlayArgs};
use super::console::{self, Parts};
use super::desk::Desk;
use super::exit::{Exit, Failure};
use super::{drill_serve, out};
use crate::app::Mode;
use crate::cloud::{Clock, ConnectOptions};
use crate::config::{self, Forensic, Workspace};
use crate::domain::{Region, Time};
use crate::drill::{self, Login, Scenario};
use crate::range::{Range, clock};
use crate::runtime::{Origin, Shelf};

/// How often a drill's findings are read again: its range is at hand, and nobody pays for the calls.
const REFRESH: Duration = Duration::from_secs(5);

/// A scenario that is ready to be raised. Building its world takes a while, so the first screen does not wait for it.
#[derive(Clone, Debug)]
pub struct Drill {
    pub name: String,
    pub login: Login,
    scenario: Scenario,
    clock: clock::Clock,
}

impl Drill {
    /// Reads the scenario, by its built-in name or as a file.
    pub fn read(play: &PlayArgs) -> Result<Self, Failure> {
        let (name, mut scenario) = scenario(&play.scenario)?;
        if let Some(seed) = play.seed {
            scenario = scenario.with_seed(seed);
        }
        let login = scenario.login().map_err(Failure::new)?;
        let clock = clock::Clock::anchored(Time::now(), f64::from(play.speed));
        Ok(Self {
            name,
            login,
            scenario,
            clock,
        })
    }

    /// Builds its world.
    pub fn raise(&self) -> Result<Range, Failure> {
        let world = self.scenario.build(self.clock.clone()).map_err(Failure::new)?;
        Ok(Range::new(world))
    }

    /// The region to start in.
    pub fn region(&self) -> Result<&Region, Failure> {
        self.login
            .regions
            .first()
            .ok_or_else(|| Failure::new("the scenario has no region"))
    }

    /// The time in the drill.
    fn clock(&self) -> Clock {
        let clock = self.clock.clone();
        Clock::new(move || clock.now())
    }

    /// How to reach the range from this process. No AWS credentials are loaded, and the network is not touched.
    fn options(&self, globals: &Globals) -> Result<ConnectOptions, Failure> {
        let key = &self.login.responder;
        Ok(ConnectOptions {
            regions: if globals.region.is_empty() {
                self.login.regions.clone()
            } else {
                globals.region.clone()
            },
            accounts: globals.account.clone(),
            http: Some(self.raise()?.http_client()),
            credentials: Some(Credentials::new(&key.access_key, &key.secret_key, None, None, "drill")),
            reader_role: self.login.reader_role.clone(),
            responder_role: self.login.responder_role.clone(),
            clock: self.clock(),
            ..ConnectOptions::default()
        })
    }
}

/// A name is a built-in scenario; anything else is a file, which is also built once, so that its faults are told before the
/// terminal is taken.
fn scenario(typed: &str) -> Result<(String, Scenario), Failure> {
    if let Some((name, text)) = drill::builtin().iter().find(|(name, _)| *name == typed) {
        return Ok(((*name).to_owned(), drill::read(name, text).map_err(Failure::new)?));
    }
    let path = PathBuf::from(typed);
    if path.extension().is_none() {
        let names: Vec<&str> = drill::builtin().iter().map(|(name, _)| *name).collect();
        return Err(Failure::with(
            Exit::Usage,
            format!("There is no scenario {typed:?}; there is {}.", names.join(", ")),
        )
        .hint("A scenario of your own is a TOML file: quell drill ./mine.toml"));
    }
    let text =
        config::read_small(&path).map_err(|e| Failure::new(format!("{} cannot be read: {e}", path.display())))?;
    let name = path
        .file_stem()
        .map(|s| s.to_string_lossy().into_owned())
        .unwrap_or_default();
    Ok((name, drill::load(typed, &text).map_err(Failure::new)?))
}

/// Runs a drill, or lists or serves scenarios.
pub fn run(desk: &Desk, args: &DrillArgs) -> Result<Exit, Failure> {
    match &args.command {
        None => play(desk, &args.play),
        Some(DrillCommand::Serve { play, port, weather }) => drill_serve::run(play, *port, weather),
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
    let drill = Drill::read(play)?;
    let globals = desk.globals.clone();
    let directory = directory(desk, &drill.name)?;
    let parts = Parts {
        mode: Mode::Drill,
        directory: directory.clone(),
        topic: drill.login.topic_arn.parse().ok(),
        forensic: drill.login.forensic.clone().map(|named| Forensic {
            account: named.account,
            bucket: named.bucket,
            kms_keys: named.kms_keys,
        }),
        refresh: REFRESH,
        clock: drill.clock(),
        origin: Origin::Aws {
            reach: Box::new(move || drill.options(&globals).map_err(|e| e.to_string())),
            shelf: Shelf::Afresh(directory),
        },
    };
    console::respond(desk, parts)
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
