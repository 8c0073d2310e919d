//! `[forensic]`: who gets the evidence, said once for all actions that give it.
//!
//! Owns: its keys, and which of them contradict `[choices.ACTION]`. Must never: let one of two that disagree win in silence.

use std::collections::BTreeMap;
use std::ops::Range;

use serde::Deserialize;
use toml::Spanned;

use crate::action::{ActionName, Choices};
use crate::domain::{AccountId, Arn, BucketName, KeyId, Region};

/// Who gets the evidence.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Forensic {
    /// The account that snapshots are handed over to, and whose the bucket is.
    pub account: AccountId,
    /// The bucket for images of memory.
    pub bucket: Option<BucketName>,
    /// The customer managed keys that copies of snapshots go under, by ARN: one of each account and region that snapshots are in.
    pub kms_keys: Vec<Arn>,
}

/// The keys, with their places in the file.
#[derive(Clone, Debug, PartialEq, Eq, Deserialize)]
#[serde(deny_unknown_fields)]
pub(super) struct Written {
    account: Spanned<AccountId>,
    bucket: Option<Spanned<BucketName>>,
    #[serde(default)]
    kms_keys: Vec<Spanned<Arn>>,
}

impl Forensic {
    /// As the actions take it: of which action, which choice, and what.
    pub(super) fn choices(&self) -> Vec<(ActionName, &'static str, String)> {
        let mut all = vec![(
            ActionName::HandOverSnapshots,
            "forensic-account",
            self.account.to_string(),
        )];
        if let Some(bucket) = &self.bucket {
            all.push((ActionName::CaptureMemory, "bucket", bucket.to_string()));
            all.push((ActionName::CaptureMemory, "bucket-account", self.account.to_string()));
        }
        if !self.kms_keys.is_empty() {
            let keys: Vec<&str> = self.kms_keys.iter().map(Arn::as_str).collect();
            all.push((ActionName::HandOverSnapshots, "kms-key", keys.join(", ")));
        }
        all
    }
}

impl Written {
    pub fn forensic(&self) -> Forensic {
        Forensic {
            account: *self.account.get_ref(),
            bucket: self.bucket.as_ref().map(|bucket| bucket.get_ref().clone()),
            kms_keys: self.kms_keys.iter().map(|key| key.get_ref().clone()).collect(),
        }
    }

    /// What cannot be so: the place of it, and why.
    pub fn fault(&self, choices: &BTreeMap<ActionName, Choices>) -> Option<(Range<usize>, String)> {
        let mut places = Vec::new();
        for key in &self.kms_keys {
            match self.place(key.get_ref()) {
                Err(what) => return Some((key.span(), what)),
                Ok(place) if places.contains(&place) => {
                    let (account, region) = place;
                    return Some((key.span(), format!("a second key of account {account} in {region}")));
                }
                Ok(place) => places.push(place),
            }
        }
        let chosen = |action: ActionName, name: &str| choices.get(&action).is_some_and(|all| all.contains_key(name));
        for (action, name, _) in self.forensic().choices() {
            if chosen(action, name) {
                let span = match name {
                    "bucket" | "bucket-account" => self.bucket.as_ref().map(Spanned::span),
                    "kms-key" => self.kms_keys.first().map(Spanned::span),
                    _ => None,
                };
                let what =
                    format!("[choices.{action}] says {name}, too: one of the two has no effect, so leave it out");
                return Some((span.unwrap_or_else(|| self.account.span()), what));
            }
        }
        None
    }

    /// The account and region of a key, or why it cannot be one that copies go under.
    fn place(&self, key: &Arn) -> Result<(AccountId, Region), String> {
        let expected = || "expected the ARN of a KMS key: arn:aws:kms:REGION:ACCOUNT:key/ID".to_owned();
        let id = key.resource().strip_prefix("key/").map(str::parse::<KeyId>);
        if key.service() != "kms" || !matches!(id, Some(Ok(_))) {
            return Err(expected());
        }
        let account: AccountId = key.account().parse().map_err(|_| expected())?;
        let region = key.region().parse().map_err(|_| expected())?;
        if account == *self.account.get_ref() {
            return Err(
                "it is the forensic account's own; a copy goes under a key of the account that the snapshot is in"
                    .to_owned(),
            );
        }
        Ok((account, region))
    }
}

#[cfg(test)]
mod tests {
    use std::path::Path;

    use crate::action::{ActionName, Choices};
    use crate::config::Config;

    const SEOUL: &str = "arn:aws:kms:ap-northeast-2:333333333333:key/1234abcd-12ab-34cd-56ef-1234567890ab";
    const VIRGINIA: &str = "arn:aws:kms:us-east-1:333333333333:key/1234abcd-12ab-34cd-56ef-1234567890ac";

    fn parse(text: &str) -> Result<Config, String> {
        Config::parse(Path::new("/etc/q/config.toml"), text).map_err(|e| e.to_string())
    }

    fn chosen(text: &str, action: ActionName) -> Choices {
        let config = parse(text).unwrap_or_else(|e| panic!("{e}"));
        let mut all = config.choices(config.forensic().as_ref());
        all.remove(&action).unwrap_or_default()
    }

    fn pairs(all: &[(&str, &str)]) -> Choices {
        all.iter()
            .map(|(name, value)| ((*name).to_owned(), (*value).to_owned()))
            .collect()
    }

    #[test]
    fn what_it_says_is_chosen_about_the_actions_that_give_evidence() {
        let text = format!(
            "[forensic]\naccount = \"222222222222\"\nbucket = \"acme-evidence\"\nkms_keys = [\"{SEOUL}\", \"{VIRGINIA}\"]\n\
             [choices.capture-memory]\ntool = \"lime\""
        );
        let expected = [
            ("bucket", "acme-evidence"),
            ("bucket-account", "222222222222"),
            ("tool", "lime"),
        ];
        assert_eq!(chosen(&text, ActionName::CaptureMemory), pairs(&expected));
        let keys = format!("{SEOUL}, {VIRGINIA}");
        let expected = [("forensic-account", "222222222222"), ("kms-key", keys.as_str())];
        assert_eq!(chosen(&text, ActionName::HandOverSnapshots), pairs(&expected));
        // Whose a bucket is that another table names is not said by this one.
        let text = "[forensic]\naccount = \"222222222222\"\n[choices.capture-memory]\nbucket = \"mine\"";
        assert_eq!(chosen(text, ActionName::CaptureMemory), pairs(&[("bucket", "mine")]));
        assert_eq!(chosen("", ActionName::CaptureMemory), Choices::new());
    }

    #[test]
    fn each_fault_names_its_place() {
        let account = "account = \"222222222222\"\n";
        for (text, place, expected) in [
            (
                "bucket = \"acme-evidence\"".to_owned(),
                ":1:1:",
                "missing field `account`",
            ),
            ("account = \"acme\"".to_owned(), ":2:11:", "12 digits"),
            (format!("{account}bucket = \"Acme!\""), ":3:10:", "bucket name"),
            (
                format!("{account}key = \"x\""),
                ":3:1:",
                "expected one of `account`, `bucket`, `kms_keys`",
            ),
            (
                format!("{account}kms_keys = [\"{SEOUL}\", \"arn:aws:kms:us-east-1:333333333333:alias/evidence\"]"),
                ":3:97:",
                "expected the ARN of a KMS key",
            ),
            (
                format!("{account}kms_keys = [\"{SEOUL}\", \"{SEOUL}\"]"),
                ":3:97:",
                "a second key of account 333333333333 in ap-northeast-2",
            ),
            (
                format!(
                    "{account}kms_keys = [\"{}\"]",
                    SEOUL.replace("333333333333", "222222222222")
                ),
                ":3:13:",
                "the forensic account's own",
            ),
            (
                format!("{account}bucket = \"acme-evidence\"\n[choices.capture-memory]\nbucket = \"mine\""),
                ":3:10:",
                "[choices.capture-memory] says bucket, too",
            ),
            (
                format!("{account}[choices.hand-over-snapshots]\nforensic-account = \"444444444444\""),
                ":2:11:",
                "[choices.hand-over-snapshots] says forensic-account, too",
            ),
            (
                format!("{account}kms_keys = [\"{SEOUL}\"]\n[choices.hand-over-snapshots]\nkms-key = \"{SEOUL}\""),
                ":3:13:",
                "[choices.hand-over-snapshots] says kms-key, too",
            ),
        ] {
            let shown = parse(&format!("[forensic]\n{text}")).unwrap_err();
            assert!(shown.contains(place) && shown.contains(expected), "{text}: {shown}");
        }
    }
}
