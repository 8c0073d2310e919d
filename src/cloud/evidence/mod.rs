//! Evidence: what AWS says of a resource and of those who used it, byte for byte as it was sent.
//!
//! Owns: which calls say something of which kind of resource, and what they left out. Must never: change anything, change a byte
//! of an answer, or let a question that was not answered pass unnamed.

mod bucket;
mod copied;
mod function;
mod instance;
mod people;
mod trail;

use std::sync::{Mutex, PoisonError};

use bytes::Bytes;

use super::connect::Cloud;
use super::errors::CallError;
use super::session::{Session, global_region};
use super::whole::is_whole_document;
use crate::domain::{AccountId, Region, Resource, ResourceKind, Time};
use copied::Copied;

/// An answer of AWS.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Exhibit {
    /// The IAM name of the call: `ec2:DescribeInstances`.
    pub call: &'static str,
    /// What was asked about: an id, a name, an ARN. Attackers choose some of these.
    pub of: String,
    pub account: AccountId,
    pub region: Region,
    /// When the answer was there.
    pub at: Time,
    pub request_id: Option<String>,
    /// The body as AWS sent it.
    pub body: Bytes,
}

/// Something that was to be read and is not there.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Gap {
    pub call: &'static str,
    pub of: String,
    pub account: AccountId,
    pub region: Option<Region>,
    /// Why, in a sentence; it may quote AWS, so it is shown through `Untrusted` alone.
    pub why: String,
}

/// What was found of one resource, in the order in which it came.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct Exhibits {
    pub found: Vec<Exhibit>,
    pub gaps: Vec<Gap>,
}

/// What is asked: the call, about what, where.
#[derive(Clone, Copy)]
struct Asked<'a> {
    call: &'static str,
    of: &'a str,
    region: &'a Region,
}

/// What every question needs, and where the answers go.
struct Kit<'a> {
    cloud: &'a Cloud,
    session: &'a Session,
    account: AccountId,
    /// The region of the resource.
    region: &'a Region,
    /// The region that IAM is signed for, where CloudTrail keeps IAM's events too.
    global: Region,
    got: Mutex<Exhibits>,
}

impl Kit<'_> {
    /// Keeps what came. An error is a gap, unless its code is one by which AWS says that there is no such setting: that is an
    /// answer like any other.
    fn keep(&self, asked: Asked<'_>, copied: &Copied, error: Option<CallError>, absent: &[&str]) {
        let came = copied.take();
        let error = error.filter(|error| !error.code.as_deref().is_some_and(|code| absent.contains(&code)));
        let why = match (error, &came.body) {
            (Some(error), _) => error.to_string(),
            (None, None) => format!("{}: nothing came back", asked.call),
            (None, Some(body)) if !is_whole_document(body) => {
                format!("{}: the answer did not arrive whole", asked.call)
            }
            (None, Some(body)) => {
                let exhibit = Exhibit {
                    call: asked.call,
                    of: asked.of.to_owned(),
                    account: self.account,
                    region: asked.region.clone(),
                    at: self.cloud.now(),
                    request_id: came.request_id,
                    body: body.clone(),
                };
                return self.with(|got| got.found.push(exhibit));
            }
        };
        self.gap(asked, why);
    }

    fn gap(&self, asked: Asked<'_>, why: impl Into<String>) {
        let gap = Gap {
            call: asked.call,
            of: asked.of.to_owned(),
            account: self.account,
            region: Some(asked.region.clone()),
            why: why.into(),
        };
        self.with(|got| got.gaps.push(gap));
    }

    fn with(&self, change: impl FnOnce(&mut Exhibits)) {
        change(&mut self.got.lock().unwrap_or_else(PoisonError::into_inner));
    }
}

/// Sends one request, keeps its answer, and gives what the SDK made of it, if anything.
macro_rules! take {
    ($kit:expr, $asked:expr, $request:expr) => {
        take!($kit, $asked, $request, &[])
    };
    ($kit:expr, $asked:expr, $request:expr, $absent:expr) => {{
        let (asked, copied) = ($asked, $crate::cloud::evidence::Copied::default());
        let sent = $request.customize().interceptor(copied.clone()).send().await;
        let error = sent.as_ref().err();
        let error = error.map(|e| $crate::cloud::errors::CallError::from_sdk(asked.call, e));
        $kit.keep(asked, &copied, error, $absent);
        sent.ok()
    }};
}

/// The same for every page of a list. Gives the pages that came.
macro_rules! take_pages {
    ($kit:expr, $asked:expr, $request:expr, $set:ident, $next:ident) => {{
        let (mut pages, mut token, mut came) = ($crate::cloud::pages::Pages::default(), None, Vec::new());
        loop {
            let Some(page) = take!($kit, $asked, $request.$set(token)) else {
                break came;
            };
            let next = pages.next(page.$next());
            came.push(page);
            token = match next {
                Ok(Some(next)) => Some(next),
                Ok(None) => break came,
                Err(circle) => {
                    $kit.gap($asked, circle.to_string());
                    break came;
                }
            };
        }
    }};
}
use {take, take_pages};

/// Everything that quell can read of a resource, its parts side by side. Nothing in AWS changes. An instance's user data and console
/// output, and a function's environment, may hold secrets.
pub async fn collect(cloud: &Cloud, account: &AccountId, region: &Region, target: &Resource) -> Exhibits {
    let session = match cloud.session(account).await {
        Ok(session) => session,
        Err(error) => {
            let gap = Gap {
                call: "sts:AssumeRole",
                of: target.id.raw().to_owned(),
                account: *account,
                region: None,
                why: error.to_string(),
            };
            return Exhibits {
                found: Vec::new(),
                gaps: vec![gap],
            };
        }
    };
    let kit = Kit {
        cloud,
        session: &session,
        account: *account,
        region,
        global: global_region(session.identity()),
        got: Mutex::default(),
    };
    let id = target.id.raw();
    tokio::join!(
        Box::pin(settings(&kit, target)),
        Box::pin(trail::events(&kit, target.kind, id))
    );
    kit.got.into_inner().unwrap_or_else(PoisonError::into_inner)
}

/// The resource's own settings, by its kind.
async fn settings(kit: &Kit<'_>, target: &Resource) {
    let id = target.id.raw();
    match target.kind {
        ResourceKind::Instance => instance::settings(kit, id).await,
        ResourceKind::User => people::user(kit, id).await,
        ResourceKind::Role => people::role(kit, id).await,
        ResourceKind::AccessKey => people::key(kit, id).await,
        ResourceKind::Bucket => bucket::settings(kit, id).await,
        ResourceKind::Function => function::settings(kit, id).await,
        ResourceKind::Database
        | ResourceKind::Cluster
        | ResourceKind::Account
        | ResourceKind::Topic
        | ResourceKind::Secret
        | ResourceKind::Key
        | ResourceKind::Address
        | ResourceKind::IdentityUser
        | ResourceKind::Finding
        | ResourceKind::Other => {
            let asked = Asked {
                call: "settings",
                of: id,
                region: kit.region,
            };
            let kind = target.kind.word();
            kit.gap(
                asked,
                format!("quell collects CloudTrail's events of a {kind}, and not its settings"),
            );
        }
    }
}
