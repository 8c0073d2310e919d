//! A small organisation for the range's own tests.

use aws_config::{BehaviorVersion, Region as SdkRegion, SdkConfig};
use aws_credential_types::Credentials;

use super::Range;
use super::clock::Clock;
use super::policy::Policy;
use super::services::iam::AccessKey;
use super::world::World;
use crate::domain::{AccountId, Region};

pub const MANAGEMENT: &str = "111111111111";
pub const SECURITY: &str = "222222222222";
pub const PROD: &str = "333333333333";

/// Keys of users named `admin`, who may do everything, in the management, security and prod accounts.
pub const KEYS: [(&str, &str, &str); 3] = [
    (MANAGEMENT, "AKIAMANAGEMENTADMIN1", "management-secret"),
    (SECURITY, "AKIASECURITYADMIN111", "security-secret"),
    (PROD, "AKIAPRODADMIN1111111", "prod-secret"),
];

const ALL: &str = r#"{"Version":"2012-10-17","Statement":[{"Effect":"Allow","Action":"*","Resource":"*"}]}"#;

/// The small organisation, on a stepped clock at 2026-03-01T00:00:00Z.
pub fn world() -> World {
    world_with_seed(1)
}

pub fn world_with_seed(seed: u64) -> World {
    let regions: Vec<Region> = ["us-east-1", "ap-northeast-2"].map(|r| r.parse().unwrap()).into();
    let clock = Clock::stepped("2026-03-01T00:00:00Z".parse().unwrap());
    let mut world = World::new(seed, clock, &regions, id(MANAGEMENT), id(SECURITY));
    for (account, key, secret) in KEYS {
        let (now, user_id) = (world.now(), world.new_unique_id("AIDA"));
        let account = world.add_account(id(account), account, &format!("{account}@acme.example"), "");
        let user = account.iam.add_user("admin", user_id, now);
        user.grants
            .inline
            .insert("all".to_owned(), Policy::identity(ALL).unwrap());
        user.keys.push(AccessKey {
            id: key.to_owned(),
            secret: secret.to_owned(),
            active: true,
            created: now,
            last_used: None,
        });
    }
    world
}

pub fn id(text: &str) -> AccountId {
    text.parse().unwrap()
}

/// The SDK's configuration for a key on this range, without retries.
pub fn config(range: &Range, key: &str, secret: &str, token: Option<&str>, region: &str) -> SdkConfig {
    let credentials = Credentials::new(key, secret, token.map(str::to_owned), None, "test");
    SdkConfig::builder()
        .behavior_version(BehaviorVersion::latest())
        .region(SdkRegion::new(region.to_owned()))
        .credentials_provider(aws_credential_types::provider::SharedCredentialsProvider::new(
            credentials,
        ))
        .http_client(range.http_client())
        .retry_config(aws_config::retry::RetryConfig::disabled())
        .build()
}

/// The SDK's configuration for the `admin` of an account.
pub fn admin(range: &Range, account: &str, region: &str) -> SdkConfig {
    let (_, key, secret) = KEYS.into_iter().find(|(a, ..)| *a == account).unwrap();
    config(range, key, secret, None, region)
}
