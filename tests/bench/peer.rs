//! The peer: taws on moto with 1,000 instances.

use std::path::{Path, PathBuf};
use std::process::Command;

use tempfile::TempDir;

use super::measure::Subject;
use super::moto::Moto;
use super::python;

const VERSION: &str = "1.3.0-rc.8";
pub const NAME: &str = "taws 1.3.0-rc.8";
const REGION: &str = "us-east-1";

pub struct Peer {
    program: PathBuf,
    moto: Moto,
    home: TempDir,
}

impl Peer {
    /// Installs taws where it is missing, and fills a moto server. Says why that cannot be.
    pub fn start() -> Result<Self, String> {
        let program = installed()?;
        let moto = Moto::start();
        let script = Path::new(env!("CARGO_MANIFEST_DIR")).join("tests/bench/instances.py");
        let mut fill = moto.stranger(REGION).command(python::programs().join("python"));
        let filled = fill.arg(script).status().map_err(|e| e.to_string())?;
        if !filled.success() {
            return Err("moto could not be given its instances".to_owned());
        }
        let home = tempfile::tempdir().map_err(|e| e.to_string())?;
        Ok(Self { program, moto, home })
    }

    pub fn subject(&self) -> Subject {
        let stranger = self.moto.stranger(REGION);
        let environment = [
            ("HOME", self.home.path().display().to_string()),
            ("AWS_ENDPOINT_URL", stranger.endpoint),
            ("AWS_ACCESS_KEY_ID", stranger.access_key),
            ("AWS_SECRET_ACCESS_KEY", stranger.secret_key),
            ("AWS_REGION", REGION.to_owned()),
            ("AWS_DEFAULT_REGION", REGION.to_owned()),
        ];
        Subject {
            program: self.program.clone(),
            arguments: vec!["--readonly".to_owned()],
            environment: environment.map(|(name, value)| (name.to_owned(), value)).to_vec(),
            // The ids of instances are the first thing in its table.
            complete: "i-",
        }
    }
}

fn installed() -> Result<PathBuf, String> {
    let root = python::target().join("taws");
    let program = root.join("bin/taws");
    if !program.exists() {
        eprintln!("Installing {NAME} under target/, which takes some minutes …");
        let cargo = std::env::var_os("CARGO").unwrap_or_else(|| "cargo".into());
        let done = Command::new(cargo)
            .args(["install", "taws", "--locked", "--version", VERSION, "--root"])
            .arg(&root)
            .status()
            .map_err(|e| e.to_string())?;
        if !done.success() {
            return Err(format!("{NAME} could not be installed"));
        }
    }
    Ok(program)
}
