//! What every command that speaks to AWS starts from: the arguments and the configuration, put together.

use std::path::PathBuf;
use std::sync::Arc;

use super::args::Globals;
use super::exit::Failure;
use crate::cloud::{Cloud, ConnectError, ConnectOptions, Discovery};
use crate::config::{self, Config, Workspace};
use crate::domain::{Time, Untrusted, source_text};
use crate::journal::{Mode, What, Writer};
use crate::playbook::Classification;
use crate::runtime::Responder;

/// Arguments and configuration.
#[derive(Debug)]
pub struct Desk {
    pub globals: Globals,
    pub config: Config,
}

impl Desk {
    /// Reads the configuration.
    pub fn open(globals: Globals) -> Result<Self, Failure> {
        let config = Config::load(globals.config.as_deref()).map_err(Failure::new)?;
        Ok(Self { globals, config })
    }

    /// How to reach AWS: what was typed wins over the configuration.
    #[must_use]
    pub fn options(&self) -> ConnectOptions {
        let (globals, config) = (&self.globals, &self.config);
        let or = |typed: &Option<String>, kept: &Option<String>| typed.clone().or_else(|| kept.clone());
        ConnectOptions {
            profile: or(&globals.profile, &config.profile),
            regions: if globals.region.is_empty() {
                config.regions.clone()
            } else {
                globals.region.clone()
            },
            accounts: if globals.account.is_empty() {
                config.accounts.clone()
            } else {
                globals.account.clone()
            },
            discovery: self.discovery(),
            endpoint_url: globals.endpoint_url.clone(),
            reader_role: config.reader_role.to_string(),
            responder_role: config.responder_role.to_string(),
            management_account: config.management_account,
            external_id: config.external_id.clone(),
            queue: config.queue.clone(),
            callers: self.directory().ok().map(|directory| directory.join("callers.json")),
            ..ConnectOptions::default()
        }
    }

    /// What the configuration pins of discovery. Accounts that are typed are a way of their own, and win over it.
    fn discovery(&self) -> Discovery {
        if self.globals.account.is_empty() {
            self.config.discovery.discovery()
        } else {
            Discovery::default()
        }
    }

    /// The directory of the journal: that of real accounts, or of the endpoint that stands in for them.
    pub fn directory(&self) -> Result<PathBuf, Failure> {
        let endpoint = self.globals.endpoint();
        let workspace = endpoint.as_deref().map_or(Workspace::Live, Workspace::Endpoint);
        self.config
            .workspace(self.globals.data_dir.as_deref(), workspace)
            .map_err(Failure::new)
    }

    /// The classification table: the configured one, or the built-in one.
    pub fn classification(&self) -> Result<Classification, Failure> {
        let Some(path) = &self.config.classification else {
            return Ok(Classification::built_in());
        };
        let text = config::read_small(path).map_err(|e| {
            Failure::new(format!(
                "the classification table {} cannot be read: {}",
                path.display(),
                source_text::why_unread(&e)
            ))
        })?;
        Ok(Classification::parse(&path.display().to_string(), &text)?)
    }
}

/// The runtime that everything asynchronous runs on.
pub fn runtime() -> Result<tokio::runtime::Runtime, Failure> {
    tokio::runtime::Builder::new_multi_thread()
        .worker_threads(2)
        .enable_all()
        .build()
        .map_err(|e| Failure::new(format!("the runtime could not be started: {e}")))
}

/// Reaches AWS.
pub async fn connect(options: ConnectOptions) -> Result<Arc<Cloud>, Failure> {
    Cloud::connect(options).await.map_err(|error| no_way_in(&error))
}

fn no_way_in(error: &ConnectError) -> Failure {
    Failure::new(Untrusted::new(error.to_string()))
}

/// Opens the journal for writing and says who writes.
pub fn responder(cloud: &Arc<Cloud>, directory: PathBuf, mode: Mode, now: Time) -> Result<Responder, Failure> {
    let mut writer = Writer::open(&directory, cloud.identity().arn.as_str(), now)?;
    writer.note(
        now,
        None,
        What::Opened {
            mode,
            version: env!("CARGO_PKG_VERSION").to_owned(),
            endpoint: cloud.endpoint().map(str::to_owned),
        },
    )?;
    Ok(Responder::new(Arc::clone(cloud), writer, directory))
}
