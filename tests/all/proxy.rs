//! The binary behind a company's proxy that opens TLS, as the AWS CLI works there: `HTTPS_PROXY` and `AWS_CA_BUNDLE`.

use std::io::{BufRead as _, BufReader};
use std::path::Path;
use std::process::{Child, Command, Stdio};

use serde_json::Value;
use tempfile::TempDir;

use crate::support::ground::SEOUL;
use crate::support::python::{self, Stranger};
use crate::support::served::Served;

/// A name that no resolver knows, so only the proxy can lead to it.
const FAR: &str = "aws.quell.invalid";

struct Proxy {
    child: Child,
    url: String,
    place: TempDir,
}

impl Proxy {
    /// It sends everything on to the range.
    fn before(client: &Stranger) -> Self {
        let place = tempfile::tempdir().unwrap();
        let mut child = Command::new(python::programs().join("python"))
            .arg(python::tests().join("python/opening_proxy.py"))
            .arg(client.endpoint.trim_start_matches("http://"))
            .arg(place.path())
            .stdin(Stdio::piped())
            .stdout(Stdio::piped())
            .spawn()
            .unwrap();
        let mut port = String::new();
        BufReader::new(child.stdout.take().unwrap())
            .read_line(&mut port)
            .unwrap();
        let url = format!("http://127.0.0.1:{}", port.trim().parse::<u16>().unwrap());
        Self { child, url, place }
    }

    fn bundle(&self) -> String {
        self.place.path().join("ca.pem").display().to_string()
    }

    /// What it was asked since the last time, a line a connection.
    fn asked(&self) -> String {
        let path = self.place.path().join("asked.txt");
        let asked = std::fs::read_to_string(&path).unwrap_or_default();
        // It may not have been asked at all.
        let _ = std::fs::remove_file(path);
        asked
    }
}

impl Drop for Proxy {
    fn drop(&mut self) {
        drop(self.child.stdin.take());
        // It may be gone already; either way it is waited for, so that no zombie stays.
        let _ = self.child.kill();
        let _ = self.child.wait();
    }
}

/// The number of findings where all were read, else what was said.
fn findings(client: &Stranger, home: &Path, environment: &[(&str, &str)]) -> Result<usize, String> {
    let mut command = client.command(env!("CARGO_BIN_EXE_quell"));
    command.env("HOME", home).envs(environment.iter().copied());
    command.arg("--data-dir").arg(home.join("data"));
    let output = command
        .args(["findings", "--format", "json", "--region", SEOUL])
        .output()
        .unwrap();
    let said = String::from_utf8(output.stderr).unwrap();
    if output.status.code() != Some(0) {
        return Err(said);
    }
    let printed: Value = serde_json::from_slice(&output.stdout).unwrap();
    Ok(printed["findings"].as_array().unwrap().len())
}

#[test]
fn everything_works_through_a_proxy_that_opens_tls() {
    let served = Served::leaked_key();
    let direct = served.stranger(&served.login.watcher);
    let proxy = Proxy::before(&direct);
    let home = tempfile::tempdir().unwrap();
    let read = |endpoint: &str, environment: &[(&str, &str)]| {
        let client = Stranger {
            endpoint: endpoint.to_owned(),
            ..direct.clone()
        };
        findings(&client, home.path(), environment)
    };
    let whole = read(&direct.endpoint, &[]).unwrap();
    assert!(whole > 0);

    let (far, bundle) = (format!("https://{FAR}"), proxy.bundle());
    let through = ("HTTPS_PROXY", proxy.url.as_str());
    assert_eq!(read(&far, &[through, ("AWS_CA_BUNDLE", &bundle)]), Ok(whole));
    let asked = proxy.asked();
    assert!(asked.contains(&format!("CONNECT {FAR}:443 HTTP/1.1")), "{asked}");

    // The system does not trust the company's certificates.
    let said = read(&far, &[through]).unwrap_err();
    assert!(
        said.contains("is not trusted here") && said.contains("AWS_CA_BUNDLE"),
        "{said}"
    );

    // A profile may name them, too.
    std::fs::create_dir(home.path().join(".aws")).unwrap();
    std::fs::copy(&bundle, home.path().join("company.pem")).unwrap();
    let config = home.path().join(".aws/config");
    std::fs::write(&config, "[default]\nca_bundle = ~/company.pem\n").unwrap();
    assert_eq!(read(&far, &[through]), Ok(whole));
    std::fs::remove_file(config).unwrap();

    let said = read(&far, &[through, ("AWS_CA_BUNDLE", "/nowhere/company.pem")]).unwrap_err();
    for part in ["AWS_CA_BUNDLE names", "/nowhere/company.pem", "cannot be read"] {
        assert!(said.contains(part), "{said}");
    }
}

#[test]
fn what_is_on_this_machine_or_excepted_goes_around_the_proxy() {
    let served = Served::leaked_key();
    let direct = served.stranger(&served.login.watcher);
    let proxy = Proxy::before(&direct);
    let home = tempfile::tempdir().unwrap();
    let environment = [("HTTP_PROXY", proxy.url.as_str()), ("HTTPS_PROXY", proxy.url.as_str())];
    let whole = findings(&direct, home.path(), &environment).unwrap();
    assert_eq!(proxy.asked(), "", "a local endpoint is asked directly");

    // Without TLS the proxy is asked for the whole address.
    let far = Stranger {
        endpoint: format!("http://{FAR}"),
        ..direct.clone()
    };
    assert_eq!(findings(&far, home.path(), &environment), Ok(whole));
    let asked = proxy.asked();
    assert!(asked.contains(&format!(" http://{FAR}/")), "{asked}");

    let mut excepted = environment.to_vec();
    excepted.push(("NO_PROXY", ".invalid"));
    findings(&far, home.path(), &excepted).unwrap_err();
    assert_eq!(proxy.asked(), "");
}
