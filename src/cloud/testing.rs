//! The leaked-key drill as the ground of this room's tests: the real SDK clients, the range under them.

use std::sync::Arc;

use aws_credential_types::Credentials;

use super::{Cloud, ConnectOptions};
use crate::domain::{AccountId, Region, Time};
use crate::drill::{self, Login};
use crate::range::Range;
use crate::range::clock::Clock;

pub const PROD: &str = "333333333333";
pub const SEOUL: &str = "ap-northeast-2";
pub const VIRGINIA: &str = "us-east-1";

/// The drill's start; its clock stands still there.
pub fn start() -> Time {
    "2026-03-01T02:10:00Z".parse().unwrap()
}

pub fn account(id: &str) -> AccountId {
    id.parse().unwrap()
}

pub fn region(code: &str) -> Region {
    code.parse().unwrap()
}

/// A range with the drill, and how to log in.
pub fn range() -> (Range, Login) {
    let (name, text) = drill::builtin()[0];
    let scenario = drill::load(name, text).unwrap();
    let world = scenario.build(Clock::stepped(start())).unwrap();
    (Range::new(world), scenario.login().unwrap())
}

/// How the on-call responder connects. Nothing is tried twice, so that a fault is seen and not smoothed over.
pub fn options(range: &Range, login: &Login) -> ConnectOptions {
    let who = &login.responder;
    ConnectOptions {
        regions: login.regions.clone(),
        http: Some(range.http_client()),
        credentials: Some(Credentials::new(&who.access_key, &who.secret_key, None, None, "drill")),
        attempts: 1,
        clock: super::Clock::new(start),
        ..ConnectOptions::default()
    }
}

/// A range and the on-call responder's way into it.
pub async fn connected() -> (Range, Arc<Cloud>) {
    let (range, login) = range();
    let cloud = Cloud::connect(options(&range, &login)).await.unwrap();
    (range, cloud)
}

/// Every account and region of the drill.
pub fn targets(range: &Range) -> Vec<(AccountId, Region)> {
    range.with_world(|world| {
        let regions = &world.regions;
        let accounts = world.accounts.keys();
        accounts
            .flat_map(|a| regions.iter().map(|r| (a.clone(), r.clone())))
            .collect()
    })
}
