//! The record that evidence was collected: where its files are, and the hash that ties them to this place in the journal.

use std::fmt;

use serde::{Deserialize, Serialize};

use crate::domain::Untrusted;

/// A directory of evidence.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct EvidenceKept {
    pub directory: String,
    /// The lower-case hex SHA-256 of the directory's `manifest.json`, which has the hash of every file.
    pub manifest_sha256: String,
    pub files: usize,
    /// How much of what was asked for is not there; the manifest says why.
    pub gaps: usize,
    /// How many findings, and resources, it is about; unknown in records from before they were counted.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub findings: Option<usize>,
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub subjects: Option<usize>,
}

impl EvidenceKept {
    /// How much is missing, in words; nothing where all is there.
    #[must_use]
    pub fn missing(&self) -> Option<String> {
        match self.gaps {
            0 => None,
            1 => Some("1 gap".to_owned()),
            gaps => Some(format!("{gaps} gaps")),
        }
    }
}

impl fmt::Display for EvidenceKept {
    /// In one line, safe to show.
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let s = if self.files == 1 { "" } else { "s" };
        let directory = Untrusted::new(self.directory.as_str());
        let hash = Untrusted::new(self.manifest_sha256.as_str());
        write!(f, "{} file{s} in {directory}, manifest sha256 {hash}", self.files)?;
        self.missing().map_or(Ok(()), |gaps| write!(f, ", {gaps}"))
    }
}

#[cfg(test)]
mod tests {
    use super::EvidenceKept;
    use crate::journal::What;

    #[test]
    fn it_reads_back_and_shows_no_control_characters() {
        let what = What::Evidence(EvidenceKept {
            directory: "/tmp/e\u{1b}[2J".to_owned(),
            manifest_sha256: "ab".repeat(32),
            files: 3,
            gaps: 1,
            findings: None,
            subjects: None,
        });
        let line = serde_json::to_string(&what).unwrap();
        assert!(line.starts_with(r#"{"kind":"evidence","directory":"#), "{line}");
        assert_eq!(serde_json::from_str::<What>(&line).unwrap(), what);
        assert!(
            !line.contains("findings"),
            "as it was written before they were counted: {line}"
        );
        let counted = line.replace("\"gaps\":1", "\"gaps\":1,\"findings\":2,\"subjects\":4");
        match serde_json::from_str::<What>(&counted).unwrap() {
            What::Evidence(kept) => assert_eq!((kept.findings, kept.subjects), (Some(2), Some(4))),
            other => panic!("{other:?}"),
        }
        let more = line.replace("\"gaps\":1", "\"gaps\":1,\"more\":1");
        assert!(serde_json::from_str::<What>(&more).is_err());
        assert!(what.phrase().starts_with("3 files in /tmp/e") && what.phrase().ends_with(", 1 gap"));
        assert!(!what.phrase().contains('\u{1b}'));
    }
}
