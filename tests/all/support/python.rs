//! Python with moto, boto3 and the AWS CLI, in a virtual environment under `target/`.
//!
//! Made once by the first test that needs it, from pinned versions, and found again by every later run.

use std::fs::{self, File};
use std::path::{Path, PathBuf};
use std::process::{Command, Output};

use sha2::{Digest, Sha256};

const REQUIREMENTS: &str = include_str!("../../requirements.txt");
const INSTALL: &str = "The tests against moto and boto3 need python3, 3.10 or newer, with its venv module. \
    Install it (Debian and Ubuntu: apt-get install python3 python3-venv; Fedora: dnf install python3; macOS: brew install python) \
    and run the tests again.";

/// The directory of the environment's programs.
pub fn programs() -> PathBuf {
    let version = Command::new("python3").arg("--version").output().expect(INSTALL);
    let mut hash = Sha256::new();
    hash.update(REQUIREMENTS);
    hash.update(&version.stdout);
    let name = hash
        .finalize()
        .iter()
        .take(8)
        .fold(String::new(), |name, byte| format!("{name}{byte:02x}"));
    let all = target().join("python");
    fs::create_dir_all(&all).expect("target/ can be written");
    let (home, ready) = (all.join(&name), all.join(format!("{name}.ready")));
    // Tests run in several threads and processes; one makes the environment, the others wait for it here.
    let lock = File::create(all.join(format!("{name}.lock"))).expect("target/ can be written");
    lock.lock().expect("a file under target/ can be locked");
    if !ready.exists() {
        make(&home);
        fs::write(&ready, REQUIREMENTS).expect("target/ can be written");
    }
    home.join("bin")
}

fn make(home: &Path) {
    let made = Command::new("python3")
        .args(["-m", "venv", "--clear"])
        .arg(home)
        .output()
        .expect(INSTALL);
    assert!(made.status.success(), "{INSTALL}\n{}", said(&made));
    let installed = Command::new(home.join("bin/python"))
        .args([
            "-m",
            "pip",
            "install",
            "--quiet",
            "--disable-pip-version-check",
            "--no-input",
            "--requirement",
        ])
        .arg(tests().join("requirements.txt"))
        .output()
        .expect("the environment's own python runs");
    assert!(
        installed.status.success(),
        "pip could not install tests/requirements.txt:\n{}",
        said(&installed)
    );
}

fn said(output: &Output) -> String {
    format!(
        "{}{}",
        String::from_utf8_lossy(&output.stdout),
        String::from_utf8_lossy(&output.stderr)
    )
}

/// What a stranger's client is given: an endpoint, a key, a region, and nothing of the person who runs the tests.
#[derive(Clone, Debug)]
pub struct Stranger {
    pub endpoint: String,
    pub access_key: String,
    pub secret_key: String,
    pub token: Option<String>,
    pub region: String,
}

impl Stranger {
    /// A command with this environment alone.
    pub fn command(&self, program: impl AsRef<std::ffi::OsStr>) -> Command {
        let mut command = Command::new(program);
        command
            .env_clear()
            .env("PATH", std::env::var_os("PATH").unwrap_or_default())
            .env("HOME", "/nonexistent")
            .env("AWS_ENDPOINT_URL", &self.endpoint)
            .env("AWS_ACCESS_KEY_ID", &self.access_key)
            .env("AWS_SECRET_ACCESS_KEY", &self.secret_key)
            .env("AWS_DEFAULT_REGION", &self.region)
            .env("AWS_REGION", &self.region)
            .env("AWS_EC2_METADATA_DISABLED", "true")
            .env("AWS_MAX_ATTEMPTS", "1")
            .env("PYTHONDONTWRITEBYTECODE", "1");
        if let Some(token) = &self.token {
            command.env("AWS_SESSION_TOKEN", token);
        }
        command
    }

    /// Runs `tests/python/<script>` and reads the JSON that it prints.
    pub fn run(&self, script: &str, arguments: &[&str]) -> serde_json::Value {
        let mut command = self.command(programs().join("python"));
        let output = command
            .arg(tests().join("python").join(script))
            .args(arguments)
            .output();
        let output = output.expect("the environment's own python runs");
        assert!(output.status.success(), "{script} {arguments:?}:\n{}", said(&output));
        serde_json::from_slice(&output.stdout)
            .unwrap_or_else(|e| panic!("{script} {arguments:?}: {e}\n{}", said(&output)))
    }
}

/// The directory of these tests.
pub fn tests() -> PathBuf {
    Path::new(env!("CARGO_MANIFEST_DIR")).join("tests")
}

/// The build's own directory.
pub fn target() -> PathBuf {
    let tmp = Path::new(env!("CARGO_TARGET_TMPDIR"));
    tmp.parent().unwrap_or(tmp).to_owned()
}
