//! A moto server of one's own, on a free loopback port, for as long as the value lives.
//!
//! The server ends when its standard input does. So it goes when the value is dropped, when the test panics, and when the whole
//! test process is killed.

use std::fs::{self, File};
use std::io::{BufRead, BufReader};
use std::path::PathBuf;
use std::process::{Child, Command, Stdio};
use std::sync::atomic::{AtomicU32, Ordering};

use aws_credential_types::Credentials;
use quell::cloud::ConnectOptions;
use serde::Deserialize;

use super::python::{self, Stranger};

/// The account that moto gives to keys that it does not know.
pub const OWN: &str = "123456789012";

pub struct Moto {
    server: Child,
    pub endpoint: String,
    log: PathBuf,
}

/// A request that moto was sent.
#[derive(Clone, Debug, Deserialize)]
pub struct Sent {
    /// As in the signature: `ec2`, `iam`, …
    pub service: String,
    pub access_key: String,
    pub method: String,
    pub path: String,
    /// The operation's name where the protocol names it; empty for REST.
    pub operation: String,
}

impl Moto {
    pub fn start() -> Self {
        static COUNT: AtomicU32 = AtomicU32::new(0);
        let python = python::programs().join("python");
        let logs = python::target().join("moto");
        fs::create_dir_all(&logs).expect("target/ can be written");
        let number = COUNT.fetch_add(1, Ordering::Relaxed);
        let log = logs.join(format!("{}-{number}.jsonl", std::process::id()));
        let mut server = Command::new(python)
            .arg(python::tests().join("python/moto_server.py"))
            .arg(&log)
            .stdin(Stdio::piped())
            .stdout(Stdio::piped())
            .stderr(File::create(log.with_extension("err")).expect("target/ can be written"))
            .spawn()
            .expect("the environment's own python runs");
        // It says its port once it listens: nothing to poll, and a server that fails to start ends the line.
        let mut line = String::new();
        let said = server.stdout.take().expect("its output is piped");
        let read = BufReader::new(said).read_line(&mut line);
        let port: u16 = match (read, line.trim().parse()) {
            (Ok(_), Ok(port)) => port,
            other => {
                // Without its port it is of no use to anybody.
                let _ = server.kill();
                let why = fs::read_to_string(log.with_extension("err")).unwrap_or_default();
                panic!("moto did not start ({other:?}): {why}");
            }
        };
        Self {
            server,
            endpoint: format!("http://127.0.0.1:{port}"),
            log,
        }
    }

    /// boto3 with some key, which moto takes for a key of its own account.
    pub fn stranger(&self, region: &str) -> Stranger {
        Stranger {
            endpoint: self.endpoint.clone(),
            access_key: "AKIAIOSFODNN7EXAMPLE".to_owned(),
            secret_key: "wJalrXUtnFEMI/K7MDENG/bPxRfiCYEXAMPLEKEY".to_owned(),
            token: None,
            region: region.to_owned(),
        }
    }

    /// The real cloud code, with an endpoint and a key and no other difference.
    pub fn options(&self, region: &str) -> ConnectOptions {
        let stranger = self.stranger(region);
        ConnectOptions {
            regions: vec![region.parse().expect("a region")],
            endpoint_url: Some(stranger.endpoint),
            credentials: Some(Credentials::new(
                stranger.access_key,
                stranger.secret_key,
                None,
                None,
                "test",
            )),
            ..ConnectOptions::default()
        }
    }

    /// Every request since the start, in the order of their arrival.
    pub fn requests(&self) -> Vec<Sent> {
        let text = fs::read_to_string(&self.log).expect("the server writes its log");
        text.lines()
            .map(|line| serde_json::from_str(line).expect("a line of the log"))
            .collect()
    }
}

impl Drop for Moto {
    fn drop(&mut self) {
        drop(self.server.stdin.take());
        // It may be gone already; either way it is waited for, so that no zombie stays.
        let _ = self.server.kill();
        let _ = self.server.wait();
        let _ = fs::remove_file(&self.log);
        let _ = fs::remove_file(self.log.with_extension("err"));
    }
}
