//! A directory of evidence: files that nobody else can read, and a manifest with the hash of each.
//!
//! Owns: the names, the modes, the manifest's shape, and checking it. Must never: follow a link, write over anything, or use text
//! from outside in a name.

use std::collections::{BTreeMap, BTreeSet};
use std::fs::{self, DirBuilder, File, OpenOptions};
use std::io::{self, Read, Write};
use std::os::unix::fs::{DirBuilderExt, MetadataExt, OpenOptionsExt};
use std::path::{Path, PathBuf};

use serde::{Deserialize, Serialize};

use crate::domain::{AccountId, Region, Time, Untrusted};

/// The version of the manifest's shape.
pub const MANIFEST_VERSION: u32 = 1;
/// The manifest's own name.
pub const MANIFEST: &str = "manifest.json";
/// The largest file that is checked: more than any answer of AWS.
const MAX_FILE: u64 = 1 << 30;
/// The most directories of one incident and one instant.
const MOST_AT_ONCE: u32 = 9;

/// What lies in a directory of evidence, and what does not.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct Manifest {
    pub version: u32,
    pub incident: String,
    pub collected_at: Time,
    /// Who collected it: the caller's ARN.
    pub by: String,
    /// What the reader of the files should know: one sentence each.
    pub notes: Vec<String>,
    pub files: Vec<Entry>,
    pub gaps: Vec<Missing>,
}

/// A file, and where it is from.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct Entry {
    pub file: String,
    /// In bytes.
    pub size: u64,
    /// Lower-case hex.
    pub sha256: String,
    /// The IAM name of the call, or `finding` for one that a source sent, or `earlier-event` for an event that the finding had before.
    pub call: String,
    /// What was asked about, as AWS calls it.
    pub of: Untrusted,
    pub account: AccountId,
    pub region: Region,
    pub at: Time,
    /// AWS's request id, which CloudTrail has too.
    pub request_id: Option<String>,
}

/// Something that was to be collected and is not there.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct Missing {
    pub call: String,
    pub of: Untrusted,
    pub account: AccountId,
    pub region: Option<Region>,
    pub why: Untrusted,
}

/// A directory that is being filled.
#[derive(Debug)]
pub struct Filling {
    directory: PathBuf,
    /// How many files there are of each call.
    numbers: BTreeMap<String, u32>,
}

impl Filling {
    /// Makes `evidence/INCIDENT/TIME` in a workspace. What is there already must be a directory of ours and no link; the last
    /// is always a new one.
    pub fn begin(workspace: &Path, incident: &str, at: Time) -> io::Result<Self> {
        let mut directory = workspace.to_path_buf();
        for part in ["evidence", &safe(incident)] {
            directory.push(part);
            match DirBuilder::new().mode(0o700).create(&directory) {
                Err(error) if error.kind() == io::ErrorKind::AlreadyExists => ours(&directory)?,
                made => made?,
            }
        }
        let time = at.strftime("%Y%m%dT%H%M%S%.3fZ").to_string();
        directory.push(&time);
        // Two people may begin in the same instant; neither writes into the other's directory.
        for number in 2..=MOST_AT_ONCE {
            match DirBuilder::new().mode(0o700).create(&directory) {
                Err(error) if error.kind() == io::ErrorKind::AlreadyExists => {
                    directory.set_file_name(format!("{time}-{number}"));
                }
                made => {
                    made?;
                    return Ok(Self {
                        directory,
                        numbers: BTreeMap::new(),
                    });
                }
            }
        }
        Err(io::ErrorKind::AlreadyExists.into())
    }

    /// Where it is.
    #[must_use]
    pub fn directory(&self) -> &Path {
        &self.directory
    }

    /// Writes a file for what a call answered. Gives its name, its size and its hash.
    pub fn add(&mut self, call: &str, body: &[u8]) -> io::Result<(String, u64, String)> {
        let stem = safe(call);
        let number = self.numbers.entry(stem.clone()).or_default();
        *number += 1;
        let kind = match body.trim_ascii_start().first() {
            Some(b'<') => "xml",
            Some(b'{' | b'[') => "json",
            _ => "txt",
        };
        let name = format!("{stem}-{number:04}.{kind}");
        write(&self.directory.join(&name), body)?;
        Ok((name, body.len() as u64, hash(body)))
    }

    /// Writes the manifest, and gives its hash.
    pub fn end(self, manifest: &Manifest) -> io::Result<String> {
        let mut text = serde_json::to_vec_pretty(manifest)?;
        text.push(b'\n');
        write(&self.directory.join(MANIFEST), &text)?;
        File::open(&self.directory)?.sync_all()?;
        Ok(hash(&text))
    }
}

/// What checking a directory showed.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Checked {
    pub manifest: Manifest,
    pub manifest_sha256: String,
    /// What does not hold, one sentence each, safe to show. Empty where every file is as it was written.
    pub faults: Vec<String>,
}

/// Holds every file of a directory against its manifest. An error is a manifest that cannot be read.
pub fn verify(directory: &Path) -> Result<Checked, String> {
    let path = directory.join(MANIFEST);
    let shown = Untrusted::new(path.display().to_string());
    let text = read(&path).map_err(|error| format!("{shown} cannot be read: {error}"))?;
    let manifest: Manifest = serde_json::from_slice(&text).map_err(|error| {
        format!(
            "{shown} is no manifest of evidence: {}",
            Untrusted::new(error.to_string())
        )
    })?;
    if manifest.version != MANIFEST_VERSION {
        let version = manifest.version;
        return Err(format!(
            "{shown} has version {version}; this quell knows {MANIFEST_VERSION}"
        ));
    }
    let (mut faults, mut known) = (Vec::new(), BTreeSet::from([MANIFEST.to_owned()]));
    for entry in &manifest.files {
        let name = Untrusted::new(entry.file.as_str());
        if entry.file != safe(&entry.file) || !known.insert(entry.file.clone()) {
            faults.push(format!(
                "{name}: the manifest may not name such a file, or names it twice"
            ));
            continue;
        }
        match read(&directory.join(&entry.file)) {
            Err(error) => faults.push(format!("{name} cannot be read: {error}")),
            Ok(body) if body.len() as u64 != entry.size => {
                let (is, was) = (body.len(), entry.size);
                faults.push(format!("{name} has {is} bytes, and had {was}"));
            }
            Ok(body) if hash(&body) != entry.sha256 => faults.push(format!("{name} is not as it was written")),
            Ok(_) => {}
        }
    }
    let there = fs::read_dir(directory).map_err(|error| format!("the directory cannot be listed: {error}"))?;
    for found in there {
        let name = found.map_err(|error| error.to_string())?.file_name();
        let name = name.to_string_lossy();
        if !known.contains(name.as_ref()) {
            faults.push(format!("{} is not in the manifest", Untrusted::new(name)));
        }
    }
    Ok(Checked {
        manifest_sha256: hash(&text),
        manifest,
        faults,
    })
}

/// A name of letters, digits, dots and hyphens that does not begin with a dot.
pub(super) fn safe(text: &str) -> String {
    let plain = |c: char| c.is_ascii_alphanumeric() || matches!(c, '-' | '.' | '_');
    let name: String = text.chars().map(|c| if plain(c) { c } else { '-' }).take(100).collect();
    let name = name.trim_start_matches('.');
    if name.is_empty() {
        "unnamed".to_owned()
    } else {
        name.to_owned()
    }
}

fn ours(directory: &Path) -> io::Result<()> {
    let meta = fs::symlink_metadata(directory)?;
    let ours = meta.is_dir() && meta.uid() == rustix::process::geteuid().as_raw();
    let open_to_others = meta.mode() & 0o077 != 0;
    if ours && !open_to_others {
        Ok(())
    } else {
        let why = format!(
            "{} must be a directory that only its owner can use (mode 0700)",
            directory.display()
        );
        Err(io::Error::new(io::ErrorKind::PermissionDenied, why))
    }
}

/// Writes a file that is not there yet, and sees it onto the disk.
fn write(path: &Path, body: &[u8]) -> io::Result<()> {
    let mut file = OpenOptions::new().write(true).create_new(true).mode(0o600).open(path)?;
    file.write_all(body)?;
    file.sync_all()
}

/// A plain file's content; a link is not followed, and nothing is waited for.
fn read(path: &Path) -> io::Result<Vec<u8>> {
    let flags = rustix::fs::OFlags::NOFOLLOW | rustix::fs::OFlags::NONBLOCK;
    let flags = i32::try_from(flags.bits()).map_err(io::Error::other)?;
    let file = OpenOptions::new().read(true).custom_flags(flags).open(path)?;
    let meta = file.metadata()?;
    if !meta.is_file() || meta.len() > MAX_FILE {
        return Err(io::Error::other("it is no plain file of at most 1 GiB"));
    }
    let mut body = Vec::new();
    file.take(MAX_FILE).read_to_end(&mut body)?;
    Ok(body)
}

fn hash(bytes: &[u8]) -> String {
    crate::journal::hash(bytes)
}

#[cfg(test)]
#[path = "manifest_tests.rs"]
mod tests;
