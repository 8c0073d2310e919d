//! The leaked-key drill on a stepped clock, with the real SDK clients on it as a responder would use them.

use std::time::Duration;

use aws_config::SdkConfig;
use aws_sdk_ec2::error::{ProvideErrorMetadata, SdkError};

use super::LEAKED_KEY;
use crate::drill::{Login, load};
use crate::range::Range;
use crate::range::clock::Clock;
use crate::range::testing::config;

pub const PROD: &str = "333333333333";
pub const SEOUL: &str = "ap-northeast-2";
pub const VIRGINIA: &str = "us-east-1";

pub struct Bench {
    pub range: Range,
    pub login: Login,
}

impl Bench {
    pub fn new() -> Self {
        let scenario = load("leaked-key", LEAKED_KEY).unwrap();
        let start = "2026-03-01T00:00:00Z".parse().unwrap();
        Self {
            login: scenario.login().unwrap(),
            range: Range::new(scenario.build(Clock::stepped(start)).unwrap()),
        }
    }

    pub fn advance(&self, seconds: u64) {
        self.range
            .with_world(|world| world.clock.advance(Duration::from_secs(seconds)));
    }

    /// A session of the responder role in an account.
    pub async fn respond(&self, account: &str, region: &str) -> SdkConfig {
        let login = &self.login.responder;
        let own = config(&self.range, &login.access_key, &login.secret_key, None, region);
        let session = aws_sdk_sts::Client::new(&own)
            .assume_role()
            .role_arn(format!("arn:aws:iam::{account}:role/{}", self.login.responder_role))
            .role_session_name("test")
            .send()
            .await
            .unwrap();
        let keys = session.credentials.unwrap();
        config(
            &self.range,
            &keys.access_key_id,
            &keys.secret_access_key,
            Some(&keys.session_token),
            region,
        )
    }
}

/// The error code of a call that must have failed.
pub fn code<T: std::fmt::Debug, E: ProvideErrorMetadata, R>(answer: Result<T, SdkError<E, R>>) -> String {
    let Err(error) = answer else {
        unreachable!("the call must fail");
    };
    error.code().unwrap_or("no code").to_owned()
}

/// Runs a test with a stack of 64 MiB: the unoptimised code of the SDK's Security Hub types, which hold every resource that
/// ASFF knows, overflows the 2 MiB that test threads have.
pub fn with_room<F: Future<Output = ()>>(test: impl FnOnce() -> F + Send + 'static) {
    let run = move || {
        let runtime = tokio::runtime::Builder::new_current_thread()
            .enable_all()
            .build()
            .unwrap();
        runtime.block_on(test());
    };
    let thread = std::thread::Builder::new().stack_size(64 << 20).spawn(run).unwrap();
    thread.join().unwrap();
}
