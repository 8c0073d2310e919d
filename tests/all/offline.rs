//! Findings from files, through the binary: no credentials, no network, and nothing passed over in silence.

use std::io::Write;
use std::process::{Command, Output, Stdio};

use serde_json::Value;

const GUARDDUTY: &str = include_str!("../data/findings/gd-bitcoin.json");
const ASFF: &str = include_str!("../data/findings/asff-control-s3.json");

/// quell without anything of AWS in its environment, in a directory of its own.
fn quell(home: &std::path::Path, arguments: &[&str], input: &str) -> Output {
    let mut child = Command::new(env!("CARGO_BIN_EXE_quell"))
        .env_clear()
        .env("HOME", home)
        .env("AWS_EC2_METADATA_DISABLED", "true")
        .current_dir(home)
        .args(arguments)
        .stdin(Stdio::piped())
        .stdout(Stdio::piped())
        .stderr(Stdio::piped())
        .spawn()
        .unwrap();
    child.stdin.take().unwrap().write_all(input.as_bytes()).unwrap();
    child.wait_with_output().unwrap()
}

#[test]
fn exported_findings_are_printed_without_credentials_and_what_is_none_is_named() {
    let home = tempfile::tempdir().unwrap();
    std::fs::write(home.path().join("gd.json"), format!("{{\"Findings\": [{GUARDDUTY}]}}")).unwrap();
    std::fs::write(home.path().join("hub.json"), format!("[{ASFF}, {ASFF}]")).unwrap();
    let good = quell(
        home.path(),
        &["findings", "--format", "json", "--from", "gd.json", "hub.json"],
        "",
    );
    let said = String::from_utf8_lossy(&good.stderr).into_owned();
    assert_eq!(good.status.code(), Some(0), "{said}");
    let printed: Value = serde_json::from_slice(&good.stdout).unwrap();
    let sources: Vec<&str> = printed["findings"]
        .as_array()
        .unwrap()
        .iter()
        .filter_map(|f| f["source"].as_str())
        .collect();
    assert_eq!(sources.len(), 2, "the same finding twice is one: {sources:?}");
    assert!(sources.contains(&"guardduty") && sources.contains(&"securityhub"));

    std::fs::write(home.path().join("odd.jsonl"), "{\"a\":1}\n").unwrap();
    let part = quell(
        home.path(),
        &["findings", "--format", "jsonl", "--from", "odd.jsonl", "-", "none.json"],
        GUARDDUTY,
    );
    let said = String::from_utf8_lossy(&part.stderr).into_owned();
    assert_eq!(part.status.code(), Some(3), "{said}");
    assert_eq!(String::from_utf8_lossy(&part.stdout).lines().count(), 1);
    for word in [
        "odd.jsonl:1:1: it is no finding",
        "none.json cannot be read",
        "2 entries were not understood",
    ] {
        assert!(said.contains(word), "{word} in {said}");
    }
    let typed = quell(home.path(), &["watch", "--from", "-"], "");
    assert_eq!(
        typed.status.code(),
        Some(2),
        "{}",
        String::from_utf8_lossy(&typed.stderr)
    );
}

#[test]
fn of_two_entries_of_one_id_and_time_the_worse_one_is_printed_and_the_doubt_is_said() {
    let home = tempfile::tempdir().unwrap();
    let entry = |severity: &str| {
        format!(
            r#"{{"AccountId":"333333333333","Region":"us-east-1","Id":"f1","Type":"Recon:EC2/Portscan","Severity":{severity},
            "UpdatedAt":"2026-11-23T01:00:00Z","Title":"t","Service":{{}}}}"#
        )
    };
    for (first, last) in [("8", "2.0"), ("2.0", "8")] {
        let both = format!("[{},{}]", entry(first), entry(last));
        std::fs::write(home.path().join("two.json"), both).unwrap();
        let out = quell(home.path(), &["findings", "--format", "json", "--from", "two.json"], "");
        let printed: Value = serde_json::from_slice(&out.stdout).unwrap();
        assert_eq!(printed["findings"][0]["severity_label"], "high", "{printed}");
        let said = String::from_utf8_lossy(&out.stderr).into_owned();
        assert!(said.contains("f1: it is there twice with different content"), "{said}");
    }
}

#[test]
fn bytes_that_are_not_utf_8_are_named_and_nothing_is_missing_for_them() {
    let home = tempfile::tempdir().unwrap();
    let mut latin = GUARDDUTY.as_bytes().to_vec();
    let at = GUARDDUTY.find("bitcoin").or(GUARDDUTY.find("Bitcoin")).unwrap();
    latin[at] = 0xe9;
    std::fs::write(home.path().join("latin.json"), latin).unwrap();
    let read = quell(
        home.path(),
        &["findings", "--format", "jsonl", "--from", "latin.json"],
        "",
    );
    let said = String::from_utf8_lossy(&read.stderr).into_owned();
    assert_eq!(read.status.code(), Some(0), "{said}");
    assert!(
        said.contains("latin.json:") && said.contains("this byte is not UTF-8"),
        "{said}"
    );
    assert_eq!(String::from_utf8_lossy(&read.stdout).lines().count(), 1);
    let none = quell(home.path(), &["watch", "--from", "none.json", "neither.json"], "");
    let said = String::from_utf8_lossy(&none.stderr).into_owned();
    assert!(
        none.status.code() == Some(1) && said.contains("none.json cannot be read"),
        "{said}"
    );
}
