//! What the caller may say about how to reach AWS.
//!
//! Owns: the options and their defaults. Must never: load anything.

use std::time::Duration;

use aws_credential_types::Credentials;
use aws_smithy_runtime_api::client::http::SharedHttpClient;

use super::clock::Clock;
use crate::domain::{AccountId, Arn, Region};

/// Growing, since an account's limit fills up again by the second; 15 seconds in all, since an interface may be open meanwhile.
const PAUSES: [Duration; 4] = [
    Duration::from_millis(500),
    Duration::from_millis(1500),
    Duration::from_secs(4),
    Duration::from_secs(9),
];

/// How to reach AWS. `ConnectOptions::default()` is the SDK's usual configuration.
#[derive(Clone, Debug)]
pub struct ConnectOptions {
    /// A profile in `~/.aws`. Like in the AWS CLI, a profile that is named wins over keys in the environment.
    pub profile: Option<String>,
    /// The regions to look at. Empty means the SDK's configured region.
    pub regions: Vec<Region>,
    /// The accounts to look at. Empty means every active account of the organisation that can be listed.
    pub accounts: Vec<AccountId>,
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
    /// The clock.
    pub clock: Clock,
}

impl Default for ConnectOptions {
    fn default() -> Self {
        Self {
            profile: None,
            regions: Vec::new(),
            accounts: Vec::new(),
            endpoint_url: None,
            http: None,
            credentials: None,
            reader_role: "quell-reader".to_owned(),
            responder_role: "quell-responder".to_owned(),
            external_id: None,
            session_seconds: 900,
            queue: None,
            attempts: 3,
            pauses: PAUSES.to_vec(),
            clock: Clock::default(),
        }
    }
}
