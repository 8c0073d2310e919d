//! Findings for tests: shapes as GuardDuty and Security Hub document them, with documentation addresses and accounts.

use super::{Finding, Place};

macro_rules! samples {
    ($($name:literal),* $(,)?) => {
        &[$(($name, include_bytes!(concat!("../../tests/data/findings/", $name, ".json")))),*]
    };
}

/// GuardDuty findings, by file name.
pub const GUARDDUTY: &[(&str, &[u8])] = samples![
    "gd-bitcoin",
    "gd-anomalous-iam",
    "gd-exfiltration",
    "gd-bucket",
    "gd-port-probe",
    "gd-eks",
    "gd-rds",
    "gd-lambda",
    "gd-attack-sequence",
    "gd-malformed",
];

/// Security Hub findings, by file name.
pub const ASFF: &[(&str, &[u8])] = samples![
    "asff-control-s3",
    "asff-guardduty-key",
    "asff-inspector",
    "asff-probe",
    "asff-malformed"
];

/// Where the samples' pages were read.
pub fn place() -> Place {
    Place {
        account: "999999999999".parse().unwrap(),
        region: "us-east-1".parse().unwrap(),
    }
}

/// One of them, read.
pub fn named(name: &str) -> Finding {
    let find = |all: &[(&str, &'static [u8])]| all.iter().find(|(n, _)| *n == name).map(|(_, raw)| *raw);
    match (find(GUARDDUTY), find(ASFF)) {
        (Some(raw), _) => super::guardduty::parse(raw, &place()),
        (_, Some(raw)) => super::asff::parse(raw, &place()),
        _ => panic!("no sample {name}"),
    }
}

/// An ordinary one: high, on an instance.
pub fn finding() -> Finding {
    named("gd-bitcoin")
}
