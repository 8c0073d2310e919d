//! The configuration file, and where data is kept.
//!
//! Owns: the keys, their defaults and limits, and the paths. Must never: guess. An unknown key or a wrong type stops the
//! program with file, line, column and what was expected, for a setting that is silently ignored during an incident does harm.

mod arns;
mod choices;
mod duty;
mod forensic;

use std::collections::BTreeMap;
use std::fs;
use std::io::{ErrorKind, Read};
use std::path::{Path, PathBuf};

use directories::ProjectDirs;
use serde::{Deserialize, Deserializer};

use crate::action::{ActionName, Choices};
use crate::app::columns::{self, Column};
use crate::app::views::{self, Look, View};
use crate::domain::{AccountId, Arn, Region, RoleName, SourceError, source_text};

mod incident;
mod number;
mod pinned;
mod places;

pub use forensic::Forensic;
pub use incident::Incident;
pub use pinned::Pinned;
use places::Places;

/// The file's name inside the user's configuration directory for quell.
pub const FILE_NAME: &str = "config.toml";
/// The role that `watch` and `findings` assume in every account, unless the configuration names another.
pub const READER_ROLE: &str = "quell-reader";
/// The role that `respond`, `plan`, `apply` and `undo` assume, unless the configuration names another.
pub const RESPONDER_ROLE: &str = "quell-responder";
/// How long after a refresh the sources are read again, in seconds, and the limits of that.
const REFRESH: u32 = 30;
const REFRESH_LIMITS: std::ops::RangeInclusive<u32> = 5..=3600;

/// The configuration. Every key may be missing.
#[derive(Clone, Debug, PartialEq, Deserialize)]
#[serde(deny_unknown_fields, default)]
pub struct Config {
    /// The AWS profile to start from.
    pub profile: Option<String>,
    /// The regions to look at; none means those that are enabled.
    pub regions: Vec<Region>,
    /// The accounts to look at; none means every active account of the organisation.
    pub accounts: Vec<AccountId>,
    /// The role for reading, in every account.
    #[serde(deserialize_with = "role")]
    pub reader_role: RoleName,
    /// The role for changes, in every account.
    #[serde(deserialize_with = "role")]
    pub responder_role: RoleName,
    /// The external id that the roles ask for.
    pub external_id: Option<String>,
    /// Where workspaces are kept: `live/` and `drill/SCENARIO/` below it. Relative to the file.
    pub data_dir: Option<PathBuf>,
    /// The theme's name.
    pub theme: Option<String>,
    /// Seconds between refreshes, 5 to 3600.
    #[serde(deserialize_with = "refresh")]
    pub refresh_seconds: u32,
    /// The account that acts for the organisation: its management account, or one that Organizations and IAM Identity Center are
    /// delegated to. Where none is named, `quell plan` asks AWS for the management account.
    pub management_account: Option<AccountId>,
    /// The SQS queue that EventBridge rules send events to, by ARN. quell takes its messages out, so it is quell's own.
    #[serde(deserialize_with = "arns::queue")]
    pub queue: Option<Arn>,
    pub notify: Notify,
    /// Who gets the evidence; what it says is chosen about the actions that give it.
    forensic: Option<forensic::Written>,
    /// Which way leads to the findings; what is not pinned is found out.
    pub discovery: Pinned,
    /// Keys of the console, by what they do.
    pub keys: BTreeMap<String, String>,
    /// A classification table in place of the built-in one. Relative to the file.
    pub classification: Option<PathBuf>,
    /// The directory of playbooks of one's own, which take the place of built-in ones of the same name. Relative to the file;
    /// `playbooks` beside it where this is missing.
    pub playbooks_dir: Option<PathBuf>,
    /// The directory that the file is in, or would be.
    #[serde(skip)]
    home: Option<PathBuf>,
    /// Saved views of the list, on the digits from 1; none means the built-in ones.
    #[serde(deserialize_with = "views")]
    pub view: Vec<View>,
    /// The columns of the list; none means the usual ones.
    #[serde(deserialize_with = "chosen_columns")]
    pub columns: Vec<Column>,
    /// Which findings are one incident.
    pub incident: Incident,
    /// How new incidents are announced.
    pub alert: duty::Alert,
    /// What is done without a key from a severity on.
    pub rule: Vec<duty::Rule>,
    /// Whether containment plans are made ahead at all; they are from 8.0 on, where no rule says otherwise.
    pub prepare: bool,
    /// What is chosen about actions, by action and choice.
    #[serde(deserialize_with = "choices::read")]
    choices: BTreeMap<ActionName, Choices>,
}

/// Where notifications go.
#[derive(Clone, Debug, Default, PartialEq, Eq, Deserialize)]
#[serde(deny_unknown_fields, default)]
pub struct Notify {
    /// The SNS topic, by ARN.
    #[serde(deserialize_with = "arns::topic")]
    pub topic: Option<Arn>,
}

/// Which workspace: what happened in a drill never mixes with what happened for real.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Workspace<'a> {
    Live,
    /// Another endpoint than AWS's own, by its URL.
    Endpoint(&'a str),
    /// A drill, by its scenario's name.
    Drill(&'a str),
}

/// Why there is no configuration to work with.
#[derive(Debug, thiserror::Error)]
pub enum ConfigError {
    #[error("the configuration {path} cannot be read: {why}", why = source_text::why_unread(.source))]
    Unreadable { path: String, source: std::io::Error },
    #[error("{0}")]
    Wrong(#[from] SourceError),
    #[error("there is no home directory to keep {what} in; give {instead}")]
    Homeless { what: &'static str, instead: &'static str },
    #[error("{0:?} cannot be a scenario's name; use letters, digits, - and _")]
    BadScenario(String),
}

impl Default for Config {
    fn default() -> Self {
        Self {
            profile: None,
            regions: Vec::new(),
            accounts: Vec::new(),
            reader_role: READER_ROLE.parse().expect("the default is a role's name"),
            responder_role: RESPONDER_ROLE.parse().expect("the default is a role's name"),
            external_id: None,
            data_dir: None,
            theme: None,
            refresh_seconds: REFRESH,
            management_account: None,
            queue: None,
            notify: Notify::default(),
            forensic: None,
            discovery: Pinned::default(),
            keys: BTreeMap::new(),
            classification: None,
            playbooks_dir: None,
            home: None,
            view: Vec::new(),
            columns: Vec::new(),
            incident: Incident::default(),
            alert: duty::Alert::default(),
            rule: Vec::new(),
            prepare: true,
            choices: BTreeMap::new(),
        }
    }
}

impl Config {
    /// Reads the configuration. The default file may be missing; one that was named on the command line may not.
    pub fn load(named: Option<&Path>) -> Result<Self, ConfigError> {
        let default = || Some(project()?.config_dir().join(FILE_NAME));
        let Some(path) = named.map(Path::to_path_buf).or_else(default) else {
            return Ok(Self::default());
        };
        let mut config = match read_small(&path) {
            Ok(text) => {
                let config = Self::parse(&path, &text)?;
                places::check_files(&config, &Places::of(&path.display().to_string(), &text))?;
                config
            }
            Err(error) if named.is_none() && error.kind() == ErrorKind::NotFound => Self::default(),
            Err(source) => {
                let path = path.display().to_string();
                return Err(ConfigError::Unreadable { path, source });
            }
        };
        config.home = path.parent().map(Path::to_path_buf);
        Ok(config)
    }

    /// From the text of the file at `path`; relative paths in it start from its directory.
    pub fn parse(path: &Path, text: &str) -> Result<Self, ConfigError> {
        let file = path.display().to_string();
        let mut config: Self = source_text::toml(&file, text)?;
        if let Some((span, what)) = pinned::contradiction(&config.discovery, &config.accounts) {
            return Err(SourceError::at(&file, text, Some(span), what).into());
        }
        if let Some(written) = &config.forensic
            && let Some((span, what)) = written.fault(&config.choices)
        {
            return Err(SourceError::at(&file, text, Some(span), what).into());
        }
        places::check(&config, &Places::of(&file, text))?;
        for (rule, number) in config.rule.iter_mut().zip(1..) {
            rule.named(number, path);
        }
        let beside = path.parent().unwrap_or(Path::new("."));
        for inner in [
            &mut config.data_dir,
            &mut config.classification,
            &mut config.playbooks_dir,
        ] {
            *inner = inner.take().map(|p| beside.join(p));
        }
        Ok(config)
    }

    /// The directory of the user's own playbooks, and whether the configuration names it: then it must be there.
    #[must_use]
    pub fn playbooks(&self) -> Option<(PathBuf, bool)> {
        match (&self.playbooks_dir, &self.home) {
            (Some(named), _) => Some((named.clone(), true)),
            (None, Some(home)) => Some((home.join("playbooks"), false)),
            (None, None) => None,
        }
    }

    /// How the list looks to begin with.
    #[must_use]
    pub fn look(&self) -> Look {
        let mut look = Look::default();
        if !self.view.is_empty() {
            look.views.clone_from(&self.view);
        }
        if !self.columns.is_empty() {
            look.columns.clone_from(&self.columns);
        }
        look
    }

    /// Who gets the evidence.
    #[must_use]
    pub fn forensic(&self) -> Option<Forensic> {
        self.forensic.as_ref().map(forensic::Written::forensic)
    }

    /// What is chosen about actions unless a plan says otherwise, where this is who gets the evidence: as the file says
    /// ([`Config::forensic`]), or as a drill does, whose accounts are others.
    #[must_use]
    pub fn choices(&self, forensic: Option<&Forensic>) -> BTreeMap<ActionName, Choices> {
        let mut all = self.choices.clone();
        for (action, name, value) in forensic.iter().flat_map(|forensic| forensic.choices()) {
            all.entry(action).or_default().insert(name.to_owned(), value);
        }
        all
    }

    /// The directory of a workspace. `given` is `--data-dir`: it is the workspace itself.
    pub fn workspace(&self, given: Option<&Path>, workspace: Workspace<'_>) -> Result<PathBuf, ConfigError> {
        if let Workspace::Drill(name) = workspace
            && !is_plain_name(name)
        {
            return Err(ConfigError::BadScenario(name.chars().take(40).collect()));
        }
        if let Some(given) = given {
            return Ok(given.to_path_buf());
        }
        let base = match &self.data_dir {
            Some(base) => base.clone(),
            None => project()
                .ok_or(ConfigError::Homeless {
                    what: "the journal",
                    instead: "--data-dir",
                })?
                .data_dir()
                .to_path_buf(),
        };
        Ok(match workspace {
            Workspace::Live => base.join("live"),
            Workspace::Endpoint(url) => base.join("endpoint").join(plain(url)),
            Workspace::Drill(name) => base.join("drill").join(name),
        })
    }
}

/// Reads a file that people write, up to the size that is taken, as UTF-8.
pub fn read_small(path: &Path) -> std::io::Result<String> {
    let mut text = String::new();
    // One byte more than allowed, so that the parser can say that it is too large.
    let most = source_text::MAX_SOURCE as u64 + 1;
    fs::File::open(path)?.take(most).read_to_string(&mut text)?;
    Ok(text)
}

fn project() -> Option<ProjectDirs> {
    ProjectDirs::from("", "", "quell")
}

/// A URL as a directory's name: what is not plain becomes a hyphen.
fn plain(url: &str) -> String {
    let rest = url.split_once("://").map_or(url, |(_, rest)| rest);
    let kept = |c: char| if c.is_ascii_alphanumeric() || c == '.' { c } else { '-' };
    let name: String = rest.chars().map(kept).take(100).collect();
    name.trim_matches(['.', '-']).to_owned()
}

/// A name that cannot lead out of the directory that it is put in.
fn is_plain_name(name: &str) -> bool {
    (1..=64).contains(&name.len())
        && name
            .bytes()
            .all(|b| b.is_ascii_alphanumeric() || b == b'-' || b == b'_')
}

fn role<'de, D: Deserializer<'de>>(deserializer: D) -> Result<RoleName, D::Error> {
    let text = String::deserialize(deserializer)?;
    text.parse().map_err(serde::de::Error::custom)
}

fn refresh<'de, D: Deserializer<'de>>(deserializer: D) -> Result<u32, D::Error> {
    number::whole(deserializer, REFRESH_LIMITS)
}

fn views<'de, D: Deserializer<'de>>(deserializer: D) -> Result<Vec<View>, D::Error> {
    /// A view as the file writes it.
    #[derive(Deserialize)]
    #[serde(deny_unknown_fields)]
    struct Entry {
        name: String,
        filter: String,
    }
    let entries = Vec::<Entry>::deserialize(deserializer)?;
    if entries.len() > views::MOST {
        let (n, most) = (entries.len(), views::MOST);
        return Err(serde::de::Error::custom(format!(
            "there are {n} views, expected at most {most}: one a digit"
        )));
    }
    Ok(entries
        .into_iter()
        .map(|Entry { name, filter }| View { name, filter })
        .collect())
}

fn chosen_columns<'de, D: Deserializer<'de>>(deserializer: D) -> Result<Vec<Column>, D::Error> {
    let names = Vec::<String>::deserialize(deserializer)?;
    columns::parse(&names.join(",")).map_err(serde::de::Error::custom)
}

#[cfg(test)]
mod tests;
