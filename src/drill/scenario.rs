//! A scenario that has been read and checked, and what a caller needs from it.

use std::path::Path;

use jiff::SignedDuration;

use super::build::Builder;
use super::bulk;
use super::error::{Fault, ScenarioError};
use super::forensic::Forensic;
use super::ids::Ids;
use super::schema::File;
use crate::domain::{AccountId, Region, Time, source_text};
use crate::range::clock::Clock;
use crate::range::world::World;

/// A scenario.
#[derive(Clone, Debug)]
pub struct Scenario {
    source: String,
    text: String,
    file: File,
}

/// A long-term key.
#[derive(Clone, PartialEq, Eq)]
pub struct Credentials {
    pub user: String,
    pub access_key: String,
    pub secret_key: String,
}

impl std::fmt::Debug for Credentials {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        f.debug_struct("Credentials")
            .field("user", &self.user)
            .field("access_key", &self.access_key)
            .finish_non_exhaustive()
    }
}

/// How people get in, and where.
#[derive(Clone, Debug)]
pub struct Login {
    /// May assume the reader and the responder role in every account.
    pub responder: Credentials,
    /// May assume the reader role in every account.
    pub watcher: Credentials,
    /// The account that both users live in.
    pub account: AccountId,
    pub reader_role: String,
    pub responder_role: String,
    /// The first is the one to start in.
    pub regions: Vec<Region>,
    pub topic_arn: String,
    /// Who gets the evidence, where the scenario says.
    pub forensic: Option<Forensic>,
}

/// Reads a scenario, and builds it once so that a name in it that leads nowhere is found. `name_or_path` is only for the errors.
pub fn load(name_or_path: &str, text: &str) -> Result<Scenario, ScenarioError> {
    let scenario = read(name_or_path, text)?;
    let mut checked = scenario.clone();
    checked.file.bulk.iter_mut().for_each(bulk::Bulk::sample);
    checked.build(Clock::stepped(
        Time::UNIX_EPOCH + SignedDuration::from_hours(24 * 366 * 30),
    ))?;
    Ok(scenario)
}

/// Reads a scenario without building it: for one that ships, and so has been built by the tests.
pub fn read(name_or_path: &str, text: &str) -> Result<Scenario, ScenarioError> {
    let source = Path::new(name_or_path)
        .extension()
        .map_or_else(|| format!("{name_or_path}.toml"), |_| name_or_path.to_owned());
    let mut file: File = toml::from_str(text).map_err(|error| {
        let fault = Fault {
            span: error.span().unwrap_or(0..0),
            message: source_text::in_words(text, error.span(), error.message()),
        };
        fault.locate(&source, text)
    })?;
    bulk::add_accounts(&mut file).map_err(|fault| fault.locate(&source, text))?;
    Ok(Scenario {
        source,
        text: text.to_owned(),
        file,
    })
}

impl Scenario {
    /// The same scenario from another seed: other ids and keys, the same story.
    #[must_use]
    pub fn with_seed(mut self, seed: u64) -> Self {
        self.file.seed = seed;
        self
    }

    /// The scenario's own name.
    pub fn name(&self) -> &str {
        &self.file.name
    }

    /// One line for a list.
    pub fn title(&self) -> &str {
        &self.file.title
    }

    /// What happened, as the trainee is told.
    pub fn description(&self) -> &str {
        &self.file.description
    }

    /// The world at the moment where the clock stands. Ages count back from there and moments forward. The same scenario at the
    /// same moment gives the same world.
    pub fn build(&self, clock: Clock) -> Result<World, ScenarioError> {
        Builder::new(&self.file, clock)
            .and_then(Builder::build)
            .map_err(|fault| fault.locate(&self.source, &self.text))
    }

    /// How people get in. Their keys follow from the seed alone.
    pub fn login(&self) -> Result<Login, ScenarioError> {
        self.read_login()
            .map_err(|fault| fault.locate(&self.source, &self.text))
    }

    fn read_login(&self) -> Result<Login, Fault> {
        let file = &self.file;
        let ids = Ids::new(file.seed);
        let account = file.account_id(&file.security)?;
        let topic = file
            .topic
            .iter()
            .find(|topic| topic.name.as_ref() == file.quell.topic.as_ref())
            .ok_or_else(|| Fault::at(&file.quell.topic, "expected the name of a [[topic]]"))?;
        let topic_account = file.account_id(&topic.account)?;
        let credentials = |user: &str| credentials(ids, account.as_str(), user);
        Ok(Login {
            responder: credentials(&file.quell.on_call_user),
            watcher: credentials(&file.quell.watch_user),
            account: *account,
            reader_role: file.quell.reader.clone(),
            responder_role: file.quell.responder.clone(),
            regions: file.regions.clone(),
            topic_arn: topic_arn(topic.region.as_ref(), topic_account, topic.name.as_ref()),
            forensic: Forensic::of(file, ids)?,
        })
    }
}

/// The first key of a user.
pub fn credentials(ids: Ids, account: &str, user: &str) -> Credentials {
    let name = key_name(account, user, 0);
    Credentials {
        user: user.to_owned(),
        access_key: ids.unique("AKIA", &name),
        secret_key: ids.secret(&name),
    }
}

/// What the ids of a user's key follow from.
pub fn key_name(account: &str, user: &str, number: usize) -> String {
    format!("{account}/{user}/{number}")
}

/// The ARN of a topic.
pub fn topic_arn(region: &Region, account: &AccountId, name: &str) -> String {
    format!("arn:aws:sns:{region}:{account}:{name}")
}
