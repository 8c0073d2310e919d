//! Who the caller was last time, so that the reader role can be assumed, and what the cache knows be shown, while AWS is asked who
//! the caller is now.
//!
//! Owns: the small file. Must never: hold anything secret, or be believed: what it says counts only where AWS says the same.

use std::collections::BTreeMap;
use std::fs::{self, File};
use std::io::{Read as _, Write as _};
use std::path::Path;

use serde::{Deserialize, Serialize};

use super::config::ConnectOptions;
use super::connect::{Cloud, Identity};
use crate::domain::{AccountId, Arn, Untrusted};

/// More than this was not written here.
const MOST_BYTES: u64 = 64 * 1024;
/// So many profiles are remembered.
const MOST_PROFILES: usize = 100;

/// By profile; the empty name is that of a caller without one.
type Callers = BTreeMap<String, Caller>;

#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
struct Caller {
    account: AccountId,
    arn: Arn,
    user_id: String,
    /// The endpoint that stood in for AWS's own; empty where none did. A file of an earlier version does not say.
    endpoint: Option<String>,
}

/// Who the caller was last time. AWS has not said that it is so now.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Remembered {
    pub identity: Identity,
    /// The endpoint that stood in for AWS's own, in words; the outer `None` where nobody wrote it down.
    pub endpoint: Option<Option<String>>,
}

/// Who the caller was the last time that AWS was reached with this profile from this workspace. No call is made.
#[must_use]
pub fn remembered(options: &ConnectOptions) -> Option<Remembered> {
    recall(options.callers.as_deref()?, profile(options).as_deref())
}

/// The profile's name, which the SDK takes from the environment where nobody gives one.
fn profile(options: &ConnectOptions) -> Option<String> {
    let named = options.profile.clone();
    named.or_else(|| std::env::var("AWS_PROFILE").ok().filter(|name| !name.is_empty()))
}

/// Who it was with this profile. Whatever is wrong with the file, nobody is remembered: it only saves time.
fn recall(file: &Path, profile: Option<&str>) -> Option<Remembered> {
    let caller = read(file).remove(profile.unwrap_or_default())?;
    Some(Remembered {
        identity: Identity {
            account: caller.account,
            arn: caller.arn,
            user_id: Untrusted::new(caller.user_id),
        },
        endpoint: caller.endpoint.map(|url| (!url.is_empty()).then_some(url)),
    })
}

impl Cloud {
    /// Writes down who the caller is, for the next start. `connect` does so where the directory is there; whoever makes it later asks
    /// again.
    pub fn remember(&self) {
        if let Some(file) = &self.options.callers {
            let profile = profile(&self.options);
            remember(file, profile.as_deref(), self.identity(), self.endpoint());
        }
    }
}

/// Remembers who it is. A directory that is not there is not made, and a file that cannot be written is left alone: the next
/// start then takes one call longer.
fn remember(file: &Path, profile: Option<&str>, identity: &Identity, endpoint: Option<&str>) {
    let caller = Caller {
        account: identity.account,
        arn: identity.arn.clone(),
        user_id: identity.user_id.raw().to_owned(),
        endpoint: Some(endpoint.unwrap_or_default().to_owned()),
    };
    let mut callers = read(file);
    let known = callers.insert(profile.unwrap_or_default().to_owned(), caller.clone());
    if known == Some(caller) || callers.len() > MOST_PROFILES {
        return;
    }
    let _ = write(file, &callers);
}

fn read(file: &Path) -> Callers {
    let text = || -> std::io::Result<String> {
        // A pipe or a device would be waited for without end.
        if !fs::symlink_metadata(file)?.is_file() {
            return Ok(String::new());
        }
        let mut text = String::new();
        File::open(file)?.take(MOST_BYTES).read_to_string(&mut text)?;
        Ok(text)
    };
    let text = text().unwrap_or_default();
    serde_json::from_str(&text).unwrap_or_default()
}

/// Beside it first, so that nobody reads half a file.
fn write(file: &Path, callers: &Callers) -> std::io::Result<()> {
    let Some(directory) = file.parent().filter(|d| d.is_dir()) else {
        return Ok(());
    };
    let beside = directory.join(format!(".callers-{}", std::process::id()));
    let mut options = fs::OpenOptions::new();
    options.write(true);
    fs::OpenOptions::create_new(&mut options, true);
    #[cfg(unix)]
    std::os::unix::fs::OpenOptionsExt::mode(&mut options, 0o600);
    let written = options
        .open(&beside)
        .and_then(|mut new| new.write_all(serde_json::to_string(callers)?.as_bytes()))
        .and_then(|()| fs::rename(&beside, file));
    if written.is_err() {
        // It may not have been made at all.
        let _ = fs::remove_file(&beside);
    }
    written
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_caller_is_remembered_by_profile_and_a_broken_file_is_nobody() {
        let directory = tempfile::tempdir().unwrap();
        let file = directory.path().join("callers.json");
        let identity = Identity {
            account: "222222222222".parse().unwrap(),
            arn: "arn:aws:iam::222222222222:user/oncall-1".parse().unwrap(),
            user_id: Untrusted::new("AIDAEXAMPLE"),
        };
        assert_eq!(recall(&file, None), None);
        remember(&file, Some("prod"), &identity, None);
        let remembered = |endpoint| Remembered {
            identity: identity.clone(),
            endpoint,
        };
        assert_eq!(recall(&file, Some("prod")), Some(remembered(Some(None))));
        let url = "http://127.0.0.1:5000";
        remember(&file, Some("prod"), &identity, Some(url));
        assert_eq!(
            recall(&file, Some("prod")),
            Some(remembered(Some(Some(url.to_owned()))))
        );
        // A file of an earlier version does not say at which endpoint it was.
        let written = fs::read_to_string(&file).unwrap();
        fs::write(&file, written.replace(&format!(",\"endpoint\":\"{url}\""), "")).unwrap();
        assert_eq!(recall(&file, Some("prod")), Some(remembered(None)));
        assert_eq!(recall(&file, None), None);
        fs::write(&file, "{\"\": 7}").unwrap();
        assert_eq!(recall(&file, None), None);
        // Where there is no directory none is made.
        let nowhere = directory.path().join("none/callers.json");
        remember(&nowhere, None, &identity, None);
        assert!(!nowhere.parent().unwrap().exists());
    }
}
