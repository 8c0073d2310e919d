//! What the caller may say about how to reach AWS.
//!
//! Owns: the options and their defaults. Must never: load anything.

use std::path::PathBuf;
use std::time::Duration;

use aws_credential_types::Credentials;
use aws_smithy_runtime_api::client::http::SharedHttpClient;

use super::clock::Clock;
use crate::domain::{AccountId, Arn, Region};
use crate::findings::Source;

/// Growing, since an account's limit fills up again by the second; 15 seconds in all, since an interface may be open meanwhile.
const PAUSES: [Duration; 4] = [
    Duration::from_millis(500),
    Duration::from_millis(1500),
    Duration::from_secs(4),
    Duration::from_secs(9),
];

/// Which way leads to the findings.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub enum Way {
    /// Administrators where there are any, else every account of the organisation, else the caller's own.
    #[default]
    Auto,
    /// Administrators alone; an account that they do not see is named as a gap.
    Administrator,
    /// Every account of the organisation by its own role, whoever administers it.
    Organization,
    /// The account of each profile that is listed.
    Profiles,
    /// The accounts that are listed, or the caller's own, each by its own role.
    Accounts,
}

/// Where Security Hub gathers findings, if anywhere.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum HomeRegion {
    At(Region),
    /// Every region is read by itself, whatever is gathered: one call a region more for each refresh, but the first reading has
    /// each region's quota.
    None,
}

/// What is pinned of discovery; what is not is found out.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct Discovery {
    pub way: Way,
    pub guardduty_administrator: Option<AccountId>,
    pub securityhub_administrator: Option<AccountId>,
    pub securityhub_home: Option<HomeRegion>,
    /// Profiles in `~/.aws`, for `Way::Profiles`.
    pub profiles: Vec<String>,
}

impl Discovery {
    /// The administrator that is pinned for a source.
    #[must_use]
    pub fn administrator(&self, source: Source) -> Option<AccountId> {
        match source {
            Source::GuardDuty => self.guardduty_administrator,
            Source::SecurityHub => self.securityhub_administrator,
            Source::EventBridge => None,
        }
    }
}

/// How to reach AWS. `ConnectOptions::default()` is the SDK's usual configuration.
#[derive(Clone, Debug)]
pub struct ConnectOptions {
    /// A profile in `~/.aws`. Like in the AWS CLI, a profile that is named wins over keys in the environment.
    pub profile: Option<String>,
    /// The regions to look at. Empty means those that are enabled.
    pub regions: Vec<Region>,
    /// The accounts to look at. Empty means every active account of the organisation that can be listed.
    pub accounts: Vec<AccountId>,
    /// How the way to the findings is found.
    pub discovery: Discovery,
    /// Another endpoint for every service; wins over `AWS_ENDPOINT_URL`.
    pub endpoint_url: Option<String>,
    /// Another HTTP connector under the SDK clients, such as the range's.
    pub http: Option<SharedHttpClient>,
    /// Credentials of a drill. With these, neither the environment nor `~/.aws` is read.
    pub credentials: Option<Credentials>,
    /// The name of the role that reads, in every account.
    pub reader_role: String,
    /// The name of the role that changes things, in every account.
    pub responder_role: String,
    /// The account that acts for the organisation, where it is pinned; else its management account.
    pub management_account: Option<AccountId>,
    /// The external id that the roles' trust policies ask for, where they do.
    pub external_id: Option<String>,
    /// How long a session lives, in seconds; AWS allows 900 and more.
    pub session_seconds: i32,
    /// The queue that EventBridge rules send events to, where there is one.
    pub queue: Option<Arn>,
    /// How often a read is tried in all, the first time included.
    pub attempts: u32,
    /// How long is waited before each further try of a change that AWS throttled. Any other change is sent once.
    pub pauses: Vec<Duration>,
    /// Where it is kept who the caller was last time, in a directory that is there already. With it the first role is assumed
    /// while AWS is asked who the caller is; what it says is never believed.
    pub callers: Option<PathBuf>,
    /// The clock.
    pub clock: Clock,
}

impl Default for ConnectOptions {
    fn default() -> Self {
        Self {
            profile: None,
            regions: Vec::new(),
            accounts: Vec::new(),
            discovery: Discovery::default(),
            endpoint_url: None,
            http: None,
            credentials: None,
            reader_role: "quell-reader".to_owned(),
            responder_role: "quell-responder".to_owned(),
            management_account: None,
            external_id: None,
            session_seconds: 900,
            queue: None,
            attempts: 3,
            pauses: PAUSES.to_vec(),
            callers: None,
            clock: Clock::default(),
        }
    }
}
