//! The made-up organisation: accounts, what stands in each region, sessions, the clock, and what has been asked of it.
//!
//! Owns: the state that services read and change, and the queue of changes that are due later. Must never: decide who may
//! do what (that is `authorize`), or make an id without the seeded generator, so that a seed always gives the same world.

use std::collections::{BTreeMap, BTreeSet};
use std::fmt;
use std::time::Duration;

use rand_chacha::ChaCha8Rng;
use rand_chacha::rand_core::{Rng, SeedableRng};
use serde_json::Value;

use super::call::{ApiError, Call, Caller};
use super::clock::Clock;
use super::policy::Policy;
use super::services::listing::Listings;
use super::services::{
    autoscaling, cloudtrail, ec2, elb, events, guardduty, iam, kms, lambda, organizations, rds, s3, secretsmanager,
    securityhub, sns, sqs, ssm, sso, waf,
};
use crate::domain::{AccountId, Region, Time};

/// Calls that the log keeps at least: a long drill's, and some tens of megabytes.
pub const LOG: usize = 20_000;

/// The whole organisation.
#[derive(Debug)]
pub struct World {
    pub accounts: BTreeMap<AccountId, Account>,
    /// The regions that are enabled, the same in every account.
    pub regions: BTreeSet<Region>,
    /// The organisation's management account.
    pub management: AccountId,
    /// The account that the security team works in; it may ask Organizations as the management account may.
    pub security: AccountId,
    /// What the organisation has delegated, and how its lists are paged.
    pub organization: organizations::Store,
    /// The organisation's instance of IAM Identity Center, where it has one.
    pub identity_center: Option<sso::Store>,
    /// Buckets, whose names are one space for all accounts and regions.
    pub s3: s3::Store,
    pub clock: Clock,
    pub rng: ChaCha8Rng,
    /// Temporary credentials that STS gave out, by access key.
    pub sessions: BTreeMap<String, Session>,
    /// The range's CloudTrail: every call by a known caller, refused ones too, oldest first. At least the newest
    /// [`LOG`] are kept, and at most twice as many.
    pub log: Vec<LoggedCall>,
    /// How many calls are no longer in the log because newer ones took their place.
    pub unlogged: u64,
    /// How long a change of policies in IAM takes to be in force everywhere; nothing unless a drill or test says so.
    pub iam_delay: Duration,
    /// Long listings, from one page to the next.
    pub listings: Listings,
    due: BTreeMap<(Time, u64), Change>,
    injected: u64,
}

/// One member of the organisation.
#[derive(Clone, Debug)]
pub struct Account {
    pub id: AccountId,
    pub name: String,
    pub email: String,
    /// The name of the organisational unit, empty for the root.
    pub ou: String,
    pub iam: iam::Store,
    /// One for each of the world's regions.
    pub regions: BTreeMap<Region, Regional>,
}

/// What one account has in one region.
#[derive(Clone, Debug, Default)]
pub struct Regional {
    pub cloudtrail: cloudtrail::Store,
    pub autoscaling: autoscaling::Store,
    pub ec2: ec2::Store,
    pub elb: elb::Store,
    pub events: events::Store,
    pub guardduty: guardduty::Store,
    pub kms: kms::Store,
    pub rds: rds::Store,
    pub secretsmanager: secretsmanager::Store,
    pub lambda: lambda::Store,
    pub securityhub: securityhub::Store,
    pub sns: sns::Store,
    pub sqs: sqs::Store,
    pub ssm: ssm::Store,
    pub waf: waf::Store,
}

/// Temporary credentials for a role.
#[derive(Clone, Debug)]
pub struct Session {
    pub access_key: String,
    pub secret: String,
    pub token: String,
    /// The role's account.
    pub account: AccountId,
    pub role: String,
    pub role_id: String,
    pub name: String,
    pub issued: Time,
    pub expires: Time,
    /// Session policies; where there are any, what the session may do must be allowed by one of them, and by the role.
    pub policies: Vec<Policy>,
    pub source_identity: Option<String>,
}

/// One line of the range's CloudTrail.
#[derive(Clone, Debug)]
pub struct LoggedCall {
    pub time: Time,
    pub request_id: String,
    pub account: AccountId,
    pub region: Region,
    /// The IAM prefix of the service, such as `ec2`.
    pub service: &'static str,
    pub operation: String,
    pub caller_arn: String,
    /// As `GetCallerIdentity` would say: `AIDA…`, `AROA…:session`.
    pub principal_id: String,
    pub access_key: String,
    /// Where the call came from.
    pub source_ip: String,
    pub user_agent: String,
    /// Whether the operation is one that changes something.
    pub mutating: bool,
    /// The error code, where the call was refused or failed.
    pub error: Option<String>,
    pub params: Value,
    /// The resources that the call names or made: CloudFormation's type, and the name.
    pub resources: Vec<(String, String)>,
}

/// A change to the world that waits for its time.
pub struct Change(Box<dyn FnOnce(&mut World) + Send>);

impl fmt::Debug for Change {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str("Change")
    }
}

impl Session {
    /// The caller that these credentials make.
    pub fn caller(&self) -> Caller {
        Caller {
            account: self.account,
            arn: format!("arn:aws:sts::{}:assumed-role/{}/{}", self.account, self.role, self.name),
            user_id: format!("{}:{}", self.role_id, self.name),
            access_key: self.access_key.clone(),
        }
    }
}

impl World {
    /// A world without accounts. The management and security accounts must be added like any other.
    pub fn new(seed: u64, clock: Clock, regions: &[Region], management: AccountId, security: AccountId) -> Self {
        Self {
            accounts: BTreeMap::new(),
            regions: regions.iter().cloned().collect(),
            organization: organizations::Store::of(security, clock.now()),
            identity_center: None,
            management,
            security,
            s3: s3::Store::default(),
            clock,
            rng: ChaCha8Rng::seed_from_u64(seed),
            sessions: BTreeMap::new(),
            log: Vec::new(),
            unlogged: 0,
            iam_delay: Duration::ZERO,
            listings: Listings::default(),
            due: BTreeMap::new(),
            injected: 0,
        }
    }

    /// Adds an account that has every region of the world, empty. An account that was there is replaced.
    pub fn add_account(&mut self, id: AccountId, name: &str, email: &str, ou: &str) -> &mut Account {
        let names: Vec<String> = self.regions.iter().map(ToString::to_string).collect();
        let mut regional = Regional::default();
        regional.ec2.region_names = names;
        let regions = self.regions.iter().map(|r| (r.clone(), regional.clone())).collect();
        let account = Account {
            id,
            name: name.to_owned(),
            email: email.to_owned(),
            ou: ou.to_owned(),
            iam: iam::Store::new(id),
            regions,
        };
        self.accounts.entry(id).insert_entry(account).into_mut()
    }

    /// The virtual present.
    pub fn now(&self) -> Time {
        self.clock.now()
    }

    /// The time by which clients sign and renew: the real present, or that of a clock that is moved by hand. A drill that runs
    /// faster than life does not make its clients' sessions end before they expect.
    pub fn client_now(&self) -> Time {
        self.clock.wall().unwrap_or_else(|| self.now())
    }

    /// What the caller's account has in the region that the call was signed for.
    pub fn here(&mut self, call: &Call) -> Result<&mut Regional, ApiError> {
        self.regional(&call.caller.account, call.region)
    }

    /// What an account has in a region; an error as AWS answers for a region that is not enabled.
    pub fn regional(&mut self, account: &AccountId, region: &Region) -> Result<&mut Regional, ApiError> {
        self.accounts
            .get_mut(account)
            .and_then(|a| a.regions.get_mut(region))
            .ok_or_else(|| {
                ApiError::new(
                    401,
                    "AuthFailure",
                    "AWS was not able to validate the provided access credentials",
                )
            })
    }

    /// The caller's own account.
    pub fn own(&mut self, call: &Call) -> Result<&mut Account, ApiError> {
        self.accounts.get_mut(&call.caller.account).ok_or_else(|| {
            ApiError::new(
                403,
                "InvalidClientTokenId",
                "The security token included in the request is invalid.",
            )
        })
    }

    /// A resource id as EC2 makes them: `sg` gives `sg-0` and sixteen hex digits.
    pub fn new_id(&mut self, prefix: &str) -> String {
        format!("{prefix}-0{:016x}", self.rng.next_u64())
    }

    /// A hex string of `digits` digits.
    pub fn new_hex(&mut self, digits: usize) -> String {
        self.draw(digits, b"0123456789abcdef")
    }

    /// An IAM unique id: `AIDA`, `AROA`, `AKIA`, `ASIA`, … and sixteen characters of base 32.
    pub fn new_unique_id(&mut self, prefix: &str) -> String {
        format!("{prefix}{}", self.draw(16, b"ABCDEFGHIJKLMNOPQRSTUVWXYZ234567"))
    }

    /// A secret access key: forty characters.
    pub fn new_secret(&mut self) -> String {
        self.draw(40, b"ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz0123456789+/")
    }

    /// A random UUID (version 4), as request ids and message ids are.
    pub fn new_uuid(&mut self) -> String {
        let (high, low) = (self.rng.next_u64(), self.rng.next_u64());
        format!(
            "{:08x}-{:04x}-4{:03x}-{:04x}-{:012x}",
            high >> 32,
            (high >> 16) & 0xffff,
            high & 0xfff,
            0x8000 | (low >> 50),
            low & 0xffff_ffff_ffff
        )
    }

    fn draw(&mut self, length: usize, alphabet: &[u8]) -> String {
        (0..length)
            .map(|_| {
                let at = self.rng.next_u32() as usize % alphabet.len();
                char::from(alphabet[at])
            })
            .collect()
    }

    /// Says that something may have changed, so that nothing that was worked out before is relied on.
    pub fn touched(&mut self) {
        self.listings.forget();
    }

    /// Adds a call to the log.
    pub fn record(&mut self, call: LoggedCall) {
        // A half at a time, so that what is kept moves up seldom.
        if self.log.len() >= 2 * LOG {
            self.log.drain(..LOG);
            self.unlogged += LOG as u64;
        }
        self.log.push(call);
    }

    /// Puts a change in the queue. It is made before the first call after its time, in order of time and then of injection.
    pub fn inject_at(&mut self, time: Time, change: impl FnOnce(&mut World) + Send + 'static) {
        self.injected += 1;
        self.due.insert((time, self.injected), Change(Box::new(change)));
    }

    /// Makes the changes whose time has come, those that they inject in turn included.
    pub fn apply_due(&mut self) {
        let now = self.now();
        while let Some(first) = self.due.first_entry() {
            if first.key().0 > now {
                break;
            }
            let Change(change) = first.remove();
            self.listings.forget();
            change(self);
        }
    }
}

#[cfg(test)]
mod tests {
    use std::time::Duration;

    use crate::range::testing;

    #[test]
    fn the_same_seed_gives_the_same_ids() {
        let ids = |seed| {
            let mut world = testing::world_with_seed(seed);
            (world.new_id("sg"), world.new_unique_id("AKIA"), world.new_uuid())
        };
        assert_eq!(ids(7), ids(7));
        assert_ne!(ids(7), ids(8));
        let (sg, key, uuid) = ids(7);
        assert!(sg.starts_with("sg-0") && sg.len() == 20, "{sg}");
        assert_eq!((key.len(), uuid.len()), (20, 36));
    }

    #[test]
    fn changes_are_made_in_order_once_their_time_has_come() {
        let mut world = testing::world();
        let start = world.now();
        for (seconds, name) in [(20, "late"), (10, "first"), (10, "second")] {
            let time = start + jiff::SignedDuration::from_secs(seconds);
            world.inject_at(time, move |w| {
                let management = w.management;
                let account = w.accounts.get_mut(&management).unwrap();
                account.ou.push_str(name);
            });
        }
        world.apply_due();
        assert_eq!(world.accounts[&world.management].ou, "");
        world.clock.advance(Duration::from_secs(10));
        world.apply_due();
        assert_eq!(world.accounts[&world.management].ou, "firstsecond");
        world.clock.advance(Duration::from_secs(10));
        world.apply_due();
        assert_eq!(world.accounts[&world.management].ou, "firstsecondlate");
    }
}
