//! The worlds that are read, and the range that serves them.

use std::io::{BufRead, BufReader, Read};
use std::path::{Path, PathBuf};
use std::process::{Child, Command, Stdio};
use std::time::Duration;

/// A scenario and what the floor needs to know of it.
pub struct World {
    pub name: &'static str,
    pub title: &'static str,
    pub scenario: &'static str,
    pub administrator: bool,
    pub accounts: usize,
    pub latency: Duration,
}

const LATENCY: Duration = Duration::from_millis(200);

pub const ALL: [World; 3] = [
    World {
        name: "even",
        title: "1 administrator × 17 regions, 10,000 GuardDuty and 10,000 Security Hub findings, evenly",
        scenario: "tests/bench/administrator-even.toml",
        administrator: true,
        accounts: 1,
        latency: LATENCY,
    },
    World {
        name: "skewed",
        title: "1 administrator × 17 regions, the same findings in one region",
        scenario: "tests/bench/administrator-skewed.toml",
        administrator: true,
        accounts: 1,
        latency: LATENCY,
    },
    World {
        name: "accounts",
        title: "100 accounts × 17 regions without an administrator, the same number of findings",
        scenario: "tests/bench/accounts.toml",
        administrator: false,
        // A hundred members, and the two that every organisation of the range has.
        accounts: 102,
        latency: LATENCY,
    },
];

/// The regions that every account has from the start (AWS Account Management reference, "Regions enabled by default").
pub const REGIONS: [&str; 17] = [
    "ap-northeast-1",
    "ap-northeast-2",
    "ap-northeast-3",
    "ap-south-1",
    "ap-southeast-1",
    "ap-southeast-2",
    "ca-central-1",
    "eu-central-1",
    "eu-north-1",
    "eu-west-1",
    "eu-west-2",
    "eu-west-3",
    "sa-east-1",
    "us-east-1",
    "us-east-2",
    "us-west-1",
    "us-west-2",
];

/// The build that is measured, and that serves.
pub fn program() -> PathBuf {
    let built = Path::new(env!("CARGO_BIN_EXE_quell")).to_owned();
    std::env::var_os("QUELL_BENCH_BINARY").map_or(built, PathBuf::from)
}

pub fn heading() -> String {
    let today = jiff::Zoned::now().strftime("%Y-%m-%d");
    let cores = std::thread::available_parallelism().map_or(1, usize::from);
    let information = std::fs::read_to_string("/proc/cpuinfo").unwrap_or_default();
    let model = information
        .lines()
        .find_map(|line| line.strip_prefix("model name")?.split_once(": "))
        .map_or("unknown processor", |(_, name)| name);
    format!("{today}, {cores} cores, {model}, shared with the range; 200 ms latency, AWS's quotas")
}

/// A range that is being served.
pub struct Served {
    child: Child,
    /// What a client needs to be told of it.
    pub environment: Vec<(String, String)>,
}

impl Served {
    pub fn start(world: &World) -> Self {
        let scenario = Path::new(env!("CARGO_MANIFEST_DIR")).join(world.scenario);
        let latency = format!("{}ms", world.latency.as_millis());
        let mut child = Command::new(program())
            .args(["drill", "serve"])
            .arg(scenario)
            .args(["--quotas", "--latency", &latency])
            .stdout(Stdio::piped())
            .stderr(Stdio::piped())
            .spawn()
            .unwrap();
        let mut environment = Vec::new();
        for line in BufReader::new(child.stdout.take().unwrap()).lines() {
            let line = line.unwrap();
            if let Some((name, value)) = line.strip_prefix("export ").and_then(|l| l.split_once('=')) {
                environment.push((name.to_owned(), value.trim_matches(['"', '\'']).to_owned()));
            }
            if line.starts_with("# ready") {
                break;
            }
        }
        assert!(!environment.is_empty(), "the range was not served");
        Self { child, environment }
    }

    /// Stops it; gives what it counted, in its own words.
    pub fn stop(mut self) -> String {
        let told = Command::new("kill")
            .args(["-INT", &self.child.id().to_string()])
            .status();
        assert!(told.unwrap().success());
        let mut said = String::new();
        self.child.stderr.take().unwrap().read_to_string(&mut said).unwrap();
        self.child.wait().unwrap();
        said
    }
}
