//! Those who do the work: quell, boto3 and the AWS CLI.

use std::collections::{BTreeMap, BTreeSet};
use std::io::{BufRead, BufReader};
use std::process::{Command, Stdio};
use std::time::{Duration, Instant};

use serde_json::Value;

use super::memory::Watch;
use super::python;
use super::screen::Screen;
use super::world::{REGIONS, Served, World, program};

/// service → place → band → how many.
pub type Counted = BTreeMap<String, BTreeMap<String, BTreeMap<String, usize>>>;

/// Seconds, megabytes, calls.
pub struct Figures {
    pub first: f64,
    pub all: f64,
    pub memory: f64,
    pub calls: String,
    /// The ids that were read, where they were told.
    pub ids: Option<BTreeSet<String>>,
    pub counted: Option<Counted>,
    /// What it said of its own completeness.
    pub said: String,
}

/// The account that sees the others' findings.
const ADMINISTRATOR: &str = "222222222222";

/// Who is measured beside quell.
#[derive(Clone, Copy, PartialEq, Eq)]
pub enum Peers {
    None,
    Boto3,
    All,
}

pub enum Subject {
    Console,
    /// Told who administers, as boto3 is.
    Told,
    Findings,
    Boto3(&'static str, &'static str),
    Cli,
}

impl Subject {
    pub fn all(world: &World, peers: Peers) -> Vec<Self> {
        let mut all = vec![Self::Console, Self::Findings];
        if world.administrator {
            all.insert(1, Self::Told);
        }
        if peers == Peers::None {
            return all;
        }
        if world.administrator {
            all.push(Self::Boto3("wide", "boto3, both services at once, gets pipelined"));
            all.push(Self::Boto3("region", "boto3, a thread a region"));
            if peers == Peers::All {
                all.push(Self::Cli);
            }
        } else {
            // One process takes 0.7 s of processor, and this is 7,000 of them: the AWS CLI is not asked.
            all.push(Self::Boto3("accounts", "boto3, 256 threads"));
        }
        all
    }

    pub fn name(&self) -> String {
        match self {
            Self::Console => "**quell watch**".to_owned(),
            Self::Told => "**quell watch**, administrator in its configuration".to_owned(),
            Self::Findings => "**quell findings**".to_owned(),
            Self::Boto3(_, name) => (*name).to_owned(),
            Self::Cli => "AWS CLI under xargs".to_owned(),
        }
    }

    pub fn measure(&self, world: &World) -> Figures {
        let served = Served::start(world);
        let home = tempfile::tempdir().unwrap();
        let mut environment = served.environment.clone();
        environment.push(("HOME".to_owned(), home.path().display().to_string()));
        let mut figures = match self {
            Self::Console => console(&environment, home.path(), None),
            Self::Told => console(&environment, home.path(), Some(&configuration())),
            Self::Findings => findings(&environment, home.path()),
            Self::Boto3(how, _) => boto3(how, &environment),
            Self::Cli => cli(&environment, home.path()),
        };
        figures.calls = calls(&served.stop());
        figures
    }
}

/// The last line of what the range says at its end is the sum.
fn calls(said: &str) -> String {
    let total = said.lines().rev().find(|line| line.contains("total"));
    let numbers: Vec<&str> = total.map_or(Vec::new(), |line| {
        line.split_whitespace()
            .filter(|w| w.chars().all(|c| c.is_ascii_digit()))
            .collect()
    });
    match numbers.as_slice() {
        [all, _, throttled, ..] if *throttled != "0" => format!("{all} ({throttled} throttled)"),
        [all, ..] => (*all).to_owned(),
        [] => "?".to_owned(),
    }
}

/// Who sees the findings, and that no region gathers those of others: what boto3 is told by its arguments.
fn configuration() -> String {
    format!(
        "[discovery]\nguardduty_administrator = \"{ADMINISTRATOR}\"\nsecurityhub_administrator = \"{ADMINISTRATOR}\"\nsecurityhub_home = \"none\"\n"
    )
}

fn console(environment: &[(String, String)], home: &std::path::Path, configuration: Option<&str>) -> Figures {
    let data = home.join("data").display().to_string();
    let file = home.join("config.toml");
    let regions = REGIONS.join(",");
    let environment: Vec<(&str, &str)> = environment.iter().map(|(n, v)| (n.as_str(), v.as_str())).collect();
    let written = file.display().to_string();
    let mut arguments = vec!["--data-dir", &data, "--region", &regions];
    if let Some(configuration) = configuration {
        std::fs::write(&file, configuration).unwrap();
        arguments.extend(["--config", &written]);
    }
    arguments.push("watch");
    let screen = Screen::start(&program(), &arguments, &environment, (140, 40));
    let memory = Watch::of(screen.pid().unwrap());
    screen.wait("a critical finding", |text| text.contains("▲ CRIT"));
    let first = screen.started.elapsed();
    let told = screen.wait("everything", |text| text.contains(" ok") && !text.contains("reading"));
    let all = screen.started.elapsed();
    let banner = told.lines().next().unwrap_or_default();
    let gaps = ["partial", "refused", "stale", "gap"]
        .iter()
        .any(|word| banner.contains(word));
    Figures {
        first: first.as_secs_f64(),
        all: all.as_secs_f64(),
        memory: memory.peak(),
        calls: String::new(),
        ids: None,
        counted: None,
        said: if gaps { "says it is NOT" } else { "says it is" }.to_owned(),
    }
}

/// Runs a command, with the environment alone; notes when each of its lines came, and hears them when it has ended: what is made of
/// them must not take the cores from those who are measured.
fn heard(
    mut command: Command,
    environment: &[(String, String)],
    mut hear: impl FnMut(&str, Duration),
) -> (Duration, f64) {
    command
        .env_clear()
        .env("PATH", path())
        .env("PYTHONDONTWRITEBYTECODE", "1");
    command.envs(environment.iter().map(|(n, v)| (n, v)));
    let started = Instant::now();
    let mut child = command.stdout(Stdio::piped()).spawn().unwrap();
    let memory = Watch::of(child.id());
    let mut lines = Vec::new();
    for line in BufReader::new(child.stdout.take().unwrap()).lines() {
        lines.push((line.unwrap(), started.elapsed()));
    }
    let status = child.wait().unwrap();
    let all = started.elapsed();
    let memory = memory.peak();
    assert!(status.success(), "{command:?} ended with {status}");
    for (line, at) in lines {
        hear(&line, at);
    }
    (all, memory)
}

/// With the programs of the Python environment first.
fn path() -> String {
    let rest = std::env::var("PATH").unwrap_or_default();
    format!("{}:{rest}", python::programs().display())
}

fn findings(environment: &[(String, String)], home: &std::path::Path) -> Figures {
    let mut command = Command::new(program());
    command.args(["--data-dir"]).arg(home.join("data"));
    command.args(["--region", &REGIONS.join(","), "findings", "--format", "jsonl"]);
    let (mut first, mut ids) = (None, BTreeSet::new());
    let (all, memory) = heard(command, environment, |line, at| {
        let finding: Value = serde_json::from_str(line).unwrap();
        if finding["severity_label"] == "critical" {
            first.get_or_insert(at);
        }
        ids.insert(finding["id"].as_str().unwrap().to_owned());
    });
    Figures {
        first: first.unwrap_or(all).as_secs_f64(),
        all: all.as_secs_f64(),
        memory,
        calls: String::new(),
        ids: Some(ids),
        counted: None,
        said: String::new(),
    }
}

fn boto3(how: &str, environment: &[(String, String)]) -> Figures {
    let mut command = Command::new(python::programs().join("python"));
    command.arg(python::tests().join("bench/feed_boto3.py"));
    command.args([how, &REGIONS.join(",")]);
    if how != "accounts" {
        command.arg(ADMINISTRATOR);
    }
    let (mut first, mut told) = (None, Value::Null);
    let (all, memory) = heard(command, environment, |line, at| {
        if line == "critical" {
            first.get_or_insert(at);
        } else {
            told = serde_json::from_str(line).unwrap();
        }
    });
    let ids = told["ids"].as_object().unwrap().values();
    let ids = ids
        .flat_map(|list| list.as_array().unwrap())
        .map(|id| id.as_str().unwrap().to_owned());
    Figures {
        first: first.unwrap_or(all).as_secs_f64(),
        all: all.as_secs_f64(),
        memory,
        calls: String::new(),
        ids: Some(ids.collect()),
        counted: Some(serde_json::from_value(told["read"].clone()).unwrap()),
        said: String::new(),
    }
}

fn cli(environment: &[(String, String)], home: &std::path::Path) -> Figures {
    let out = home.join("out");
    let mut command = Command::new("sh");
    command.arg(python::tests().join("bench/feed_cli.sh"));
    let role = format!("arn:aws:iam::{ADMINISTRATOR}:role/quell-reader");
    command.arg("all").arg(&out).arg(REGIONS.join(" ")).arg(role);
    let mut first = None;
    let (all, memory) = heard(command, environment, |line, at| {
        if line == "critical" {
            first.get_or_insert(at);
        }
    });
    let mut ids = BTreeSet::new();
    for entry in std::fs::read_dir(&out).unwrap().flatten() {
        let text = std::fs::read_to_string(entry.path()).unwrap();
        if entry.path().extension().is_none_or(|e| e != "json") || text.is_empty() {
            continue;
        }
        let page: Value = serde_json::from_str(&text).unwrap();
        let list = page["Findings"].as_array().unwrap();
        ids.extend(list.iter().map(|f| f["Id"].as_str().unwrap().to_owned()));
    }
    Figures {
        first: first.unwrap_or(all).as_secs_f64(),
        all: all.as_secs_f64(),
        memory,
        calls: String::new(),
        ids: Some(ids),
        counted: None,
        said: String::new(),
    }
}
