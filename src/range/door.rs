//! The range's front door: one HTTP request in, one HTTP answer out.
//!
//! Owns: the order of things (due changes, credentials, decoding, quotas, faults, permission, the service, the log). Must never:
//! block on anything but the world's lock, hold that lock while an answer is encoded or made to wait, or panic on what a stranger
//! sends.

use std::sync::atomic::{AtomicU64, Ordering};
use std::sync::{Arc, Mutex, MutexGuard, PoisonError};
use std::time::Duration;

use bytes::Bytes;
use http::{Method, Request, Response};
use jiff::fmt::rfc2822::DateTimePrinter;
use serde_json::Value;
use tokio::time::{Instant, sleep_until};

use super::authenticate::{Refused, authenticate};
use super::authorize::authorize;
use super::call::{Answer, ApiError, Call, Caller, Items, LongList, Origin};
use super::chain::{Chains, Question};
use super::fault::{Asked, Fault, Faults, Kind, throttled};
use super::limits::{Buckets, Quotas};
use super::resources;
use super::services::{Service, by_name, cloudtrail};
use super::signature::{self, Claim};
use super::tally::{End, Tally};
use super::wire::{self, Decoded, Received};
use super::world::{LoggedCall, World};
use crate::domain::Region;

/// A world behind an AWS endpoint. Clones share the world.
#[derive(Clone, Debug)]
pub struct Range(Arc<Shared>);

#[derive(Debug)]
struct Shared {
    inside: Mutex<Inside>,
    /// Microseconds.
    latency: AtomicU64,
}

#[derive(Debug)]
struct Inside {
    world: World,
    faults: Faults,
    chains: Chains,
    buckets: Option<Buckets>,
    tally: Tally,
}

/// What came of a request, before it is encoded.
struct Outcome {
    service: &'static Service,
    operation: String,
    request_id: String,
    answer: Answer,
    long: Option<Items>,
    fault: Option<Kind>,
}

impl Outcome {
    fn encode(self, method: &Method) -> Option<Response<Bytes>> {
        let said = wire::Said {
            operation: &self.operation,
            answer: &self.answer,
            long: self.long.as_ref(),
        };
        let response = wire::encode(self.service, method, &said, &self.request_id);
        match self.fault {
            Some(fault) => fault.damage(response),
            None => Some(response),
        }
    }
}

impl Range {
    /// Opens a range on this world: without quotas, faults and latency.
    pub fn new(world: World) -> Self {
        Self(Arc::new(Shared {
            inside: Mutex::new(Inside {
                world,
                faults: Faults::default(),
                chains: Chains::default(),
                buckets: None,
                tally: Tally::default(),
            }),
            latency: AtomicU64::new(0),
        }))
    }

    /// Looks at the world, or changes it, after the changes that are due.
    pub fn with_world<T>(&self, look: impl FnOnce(&mut World) -> T) -> T {
        let mut inside = self.lock();
        inside.world.apply_due();
        inside.world.touched();
        look(&mut inside.world)
    }

    /// Lets calls fail.
    pub fn fail(&self, fault: Fault) {
        self.lock().faults.add(fault);
    }

    /// Lets no more calls fail.
    pub fn heal(&self) {
        self.lock().faults.clear();
    }

    /// Throttles from now on, as AWS does; all buckets are full.
    pub fn throttle(&self, quotas: Quotas) {
        self.lock().buckets = Some(Buckets::new(quotas));
    }

    /// Lets every answer take so long from now on, those of connections side by side at once. A range that is asked without
    /// waiting ([`Range::exchange`]) answers at once whatever is set here.
    pub fn latency(&self, latency: Duration) {
        let micros = u64::try_from(latency.as_micros()).unwrap_or(u64::MAX);
        self.0.latency.store(micros, Ordering::Relaxed);
    }

    /// How often each operation was asked for, and how that ended. Calls by callers who are not known are not among them.
    pub fn calls(&self) -> Tally {
        self.lock().tally.clone()
    }

    /// Answers a request at once; nothing where the answer is lost on its way, though the work was done.
    pub fn exchange(&self, request: &Request<Bytes>) -> Option<Response<Bytes>> {
        // The lock is let go before the answer is encoded, which takes longer than finding it.
        let (outcome, now) = {
            let mut inside = self.lock();
            (inside.exchange(request), inside.world.now())
        };
        let mut response = outcome.encode(request.method())?;
        // The range's own time, by which it dates what it issues.
        let date = DateTimePrinter::new().timestamp_to_rfc9110_string(&now);
        if let Some(date) = date.ok().and_then(|date| date.parse().ok()) {
            response.headers_mut().insert(http::header::DATE, date);
        }
        Some(response)
    }

    /// Answers a request, as [`Range::exchange`] does; a lost answer is that of a gateway that waited in vain.
    pub fn answer(&self, request: &Request<Bytes>) -> Response<Bytes> {
        self.exchange(request).unwrap_or_else(|| {
            let mut response = Response::default();
            *response.status_mut() = http::StatusCode::GATEWAY_TIMEOUT;
            response
        })
    }

    /// Looks at the world without changing it, after the changes that are due.
    pub(super) fn glance<T>(&self, look: impl FnOnce(&World) -> T) -> T {
        let mut inside = self.lock();
        inside.world.apply_due();
        look(&inside.world)
    }

    /// Answers a request when the latency is over, which counts from now: the work is done within it.
    pub(super) async fn exchange_after_latency(&self, request: &Request<Bytes>) -> Option<Response<Bytes>> {
        match self.0.latency.load(Ordering::Relaxed) {
            0 => self.exchange(request),
            micros => {
                let due = Instant::now() + Duration::from_micros(micros);
                let response = self.exchange(request);
                sleep_until(due).await;
                response
            }
        }
    }

    /// A panic elsewhere while the world was held does not close the door: no service leaves the world half-changed between
    /// two calls in a way that could hurt more than refusing everybody.
    fn lock(&self) -> MutexGuard<'_, Inside> {
        self.0.inside.lock().unwrap_or_else(PoisonError::into_inner)
    }
}

impl Inside {
    fn exchange(&mut self, request: &Request<Bytes>) -> Outcome {
        self.world.apply_due();
        let request_id = self.world.new_uuid();
        let refuse = |service, error| Outcome {
            service,
            operation: String::new(),
            request_id: request_id.clone(),
            answer: Err(error),
            long: None,
            fault: None,
        };
        let claim = signature::header(request, "authorization").and_then(Claim::parse);
        let service = claim.as_ref().and_then(|c| by_name(&c.service));
        let (Some(claim), Some(service)) = (claim, service) else {
            let spoken = by_guess(request);
            let error = Refused::Unsigned.in_words_of(spoken);
            return refuse(spoken.unwrap_or(&super::services::sts::SERVICE), error);
        };
        let region = match self.region(service, &claim) {
            Ok(region) => region,
            Err(refused) => return refuse(service, refused.in_words_of(Some(service))),
        };
        let caller = match authenticate(&mut self.world, &claim, request) {
            Ok(caller) => caller,
            Err(refused) => return refuse(service, refused.in_words_of(Some(service))),
        };
        let host = request.uri().authority().map(http::uri::Authority::as_str);
        let received = Received {
            method: request.method(),
            host: host.or_else(|| signature::header(request, "host")).unwrap_or_default(),
            path: request.uri().path(),
            query: request.uri().query().unwrap_or_default(),
            target: signature::header(request, "x-amz-target"),
            headers: request.headers(),
            body: request.body(),
        };
        let decoded = match wire::decode(service, &received) {
            Ok(decoded) => decoded,
            Err(error) => return refuse(service, error),
        };
        self.known(service, request_id, decoded, caller, region, Origin::of(request))
    }

    /// The region that the request was signed for. Global services live in one, whatever the signature says; other services
    /// do not know a caller in a region that is not enabled.
    fn region(&self, service: &Service, claim: &Claim) -> Result<Region, Refused> {
        if service.global {
            return Ok(Region::global());
        }
        match claim.region.parse() {
            Ok(region) if self.world.regions.contains(&region) => Ok(region),
            _ => Err(Refused::UnknownKey),
        }
    }

    /// Answers a call of a known caller, and logs it.
    fn known(
        &mut self,
        service: &'static Service,
        request_id: String,
        decoded: Decoded,
        caller: Caller,
        region: Region,
        origin: Origin,
    ) -> Outcome {
        let Decoded {
            operation,
            params,
            body,
        } = decoded;
        let list = LongList::default();
        let call = Call {
            operation: &operation,
            params: &params,
            body: &body,
            caller: &caller,
            region: &region,
            now: self.world.now(),
            long: &list,
        };
        let free = self
            .buckets
            .as_mut()
            .is_none_or(|b| b.take(service, &operation, &params, caller.account, &region));
        let (fault, answer) = if free {
            self.tried(service, &call)
        } else {
            (None, Err(throttled(service)))
        };
        let too_often = !free || matches!(fault, Some(Kind::Throttle));
        let end = match &answer {
            Ok(_) => End::Answered,
            Err(_) if too_often => End::Throttled,
            Err(_) => End::Failed,
        };
        self.tally.add(service.name, &operation, end);
        let mutating = service.operation(&operation).is_some_and(|o| o.mutating);
        let resources = if cloudtrail::is_management(service.name, &operation) {
            let made = answer.as_ref().ok().filter(|_| mutating);
            let own = resources::named(&self.world, service, &call);
            cloudtrail::of_call(own, &params, made)
        } else {
            Vec::new()
        };
        self.world.record(LoggedCall {
            time: self.world.now(),
            request_id: request_id.clone(),
            account: caller.account,
            region,
            service: service.name,
            operation: operation.clone(),
            caller_arn: caller.arn,
            principal_id: caller.user_id,
            access_key: caller.access_key,
            source_ip: origin.address,
            user_agent: origin.user_agent,
            mutating,
            error: answer.as_ref().err().map(|e| e.code.clone()),
            params,
            resources,
        });
        Outcome {
            service,
            operation,
            request_id,
            answer,
            long: list.take(),
            fault,
        }
    }

    /// Does the work, unless a fault is in its way.
    fn tried(&mut self, service: &Service, call: &Call) -> (Option<Kind>, Answer) {
        let (account, region) = (call.caller.account, call.region);
        let chain = self.faults.by_page().then(|| {
            let question = Question::asked(service.name, call);
            (question, self.chains.page(question, call.params))
        });
        let fault = self.faults.strike(&Asked {
            service: service.name,
            operation: call.operation,
            account,
            region,
            page: chain.and_then(|(_, page)| page),
        });
        if let Some(error) = fault.as_ref().and_then(|f| f.refusal(service)) {
            return (fault, Err(error));
        }
        let mut answer = self.work(service, call);
        if let (Some((question, page)), Ok(answer)) = (chain, &answer) {
            self.chains.follow(question, page, answer);
        }
        if let Some(fault) = &fault {
            fault.twist(call.params, &mut answer, call.long);
        }
        (fault, answer)
    }

    fn work(&mut self, service: &Service, call: &Call) -> Result<Value, ApiError> {
        authorize(&self.world, service, call)?;
        // A queue's messages come and go all the time, and no listing shows them.
        if service.name != "sqs" && service.operation(call.operation).is_some_and(|o| o.mutating) {
            self.world.touched();
        }
        (service.handle)(&mut self.world, call)
    }
}

/// The service that an unsigned request seems to be for, so that its refusal is in words that the client reads.
fn by_guess(request: &Request<Bytes>) -> Option<&'static Service> {
    if signature::header(request, "x-amz-target").is_some() {
        return by_name("organizations");
    }
    let host = request.uri().host().or_else(|| signature::header(request, "host"))?;
    by_name(host.split('.').next()?)
}
