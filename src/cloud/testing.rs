//! The leaked-key drill as the ground of this room's tests: the real SDK clients, the range under them.

use std::sync::Arc;
use std::time::Duration;

use aws_credential_types::Credentials;
use aws_smithy_runtime_api::client::http::{
    HttpClient, HttpConnector, HttpConnectorFuture, HttpConnectorSettings, SharedHttpConnector,
};
use aws_smithy_runtime_api::client::orchestrator::HttpRequest;
use aws_smithy_runtime_api::client::runtime_components::RuntimeComponents;
use aws_smithy_types::body::SdkBody;
use bytes::Bytes;

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

/// How the on-call responder connects. No read is tried twice, so that a fault is seen and not smoothed over.
pub fn options(range: &Range, login: &Login) -> ConnectOptions {
    let who = &login.responder;
    ConnectOptions {
        regions: login.regions.clone(),
        http: Some(range.http_client()),
        credentials: Some(Credentials::new(&who.access_key, &who.secret_key, None, None, "drill")),
        attempts: 1,
        pauses: vec![Duration::ZERO; 4],
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

/// Given a request's path and the answer's body, makes the body that arrives.
pub type Change = Arc<dyn Fn(&str, Vec<u8>) -> Vec<u8> + Send + Sync>;

/// Puts something between the SDK and the range that may change an answer's body.
#[derive(Clone)]
pub struct Between {
    pub range: Range,
    pub change: Change,
}

impl std::fmt::Debug for Between {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        f.write_str("Between")
    }
}

impl HttpClient for Between {
    fn http_connector(&self, _: &HttpConnectorSettings, _: &RuntimeComponents) -> SharedHttpConnector {
        SharedHttpConnector::new(self.clone())
    }
}

impl HttpConnector for Between {
    fn call(&self, request: HttpRequest) -> HttpConnectorFuture {
        let request = request.try_into_http1x().unwrap();
        let request = request.map(|body| Bytes::copy_from_slice(body.bytes().unwrap()));
        let mut answer = self.range.answer(&request);
        // A changed body has another length.
        answer.headers_mut().remove(http::header::CONTENT_LENGTH);
        let answer = answer.map(|body| SdkBody::from((self.change)(request.uri().path(), body.to_vec())));
        HttpConnectorFuture::ready(Ok(answer.try_into().unwrap()))
    }
}

/// Every account and region of the drill.
pub fn targets(range: &Range) -> Vec<(AccountId, Region)> {
    range.with_world(|world| {
        let regions = &world.regions;
        let accounts = world.accounts.keys();
        accounts.flat_map(|a| regions.iter().map(|r| (*a, r.clone()))).collect()
    })
}
