//! The range's front door: one HTTP request in, one HTTP answer out.
//!
//! Owns: the order of things (due changes, credentials, decoding, faults, permission, the service, the log). Must never:
//! block on anything but the world's lock, or panic on what a stranger sends.

use std::sync::{Arc, Mutex, MutexGuard, PoisonError};

use bytes::Bytes;
use http::{Request, Response, header};
use serde_json::Value;

use super::authenticate::{Refused, authenticate};
use super::authorize::authorize;
use super::call::{Answer, ApiError, Call, Caller};
use super::fault::{Fault, Faults, Kind, throttled};
use super::services::{Service, by_name};
use super::signature::{self, Claim};
use super::wire::{self, Received};
use super::world::{LoggedCall, World};
use crate::domain::Region;

/// A world behind an AWS endpoint. Clones share the world.
#[derive(Clone, Debug)]
pub struct Range(Arc<Mutex<Inside>>);

#[derive(Debug)]
struct Inside {
    world: World,
    faults: Faults,
}

impl Range {
    /// Opens a range on this world.
    pub fn new(world: World) -> Self {
        Self(Arc::new(Mutex::new(Inside {
            world,
            faults: Faults::default(),
        })))
    }

    /// Looks at the world, or changes it, after the changes that are due.
    pub fn with_world<T>(&self, look: impl FnOnce(&mut World) -> T) -> T {
        let mut inside = self.lock();
        inside.world.apply_due();
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

    /// Answers a request; nothing where the answer is lost on its way, though the work was done.
    pub fn exchange(&self, request: &Request<Bytes>) -> Option<Response<Bytes>> {
        self.lock().exchange(request)
    }

    /// Answers a request, as [`Range::exchange`] does; a lost answer is that of a gateway that waited in vain.
    pub fn answer(&self, request: &Request<Bytes>) -> Response<Bytes> {
        self.exchange(request).unwrap_or_else(|| {
            let mut response = Response::default();
            *response.status_mut() = http::StatusCode::GATEWAY_TIMEOUT;
            response
        })
    }

    /// A panic elsewhere while the world was held does not close the door: no service leaves the world half-changed between
    /// two calls in a way that could hurt more than refusing everybody.
    fn lock(&self) -> MutexGuard<'_, Inside> {
        self.0.lock().unwrap_or_else(PoisonError::into_inner)
    }
}

impl Inside {
    fn exchange(&mut self, request: &Request<Bytes>) -> Option<Response<Bytes>> {
        self.world.apply_due();
        let request_id = self.world.new_uuid();
        let claim = signature::header(request, "authorization").and_then(Claim::parse);
        let service = claim.as_ref().and_then(|c| by_name(&c.service));
        let (Some(claim), Some(service)) = (claim, service) else {
            let spoken = by_guess(request);
            let error = Refused::Unsigned.in_words_of(spoken);
            return Some(wire::encode(
                spoken.unwrap_or(&super::services::sts::SERVICE),
                "",
                &Err(error),
                &request_id,
            ));
        };
        let refuse = |error: ApiError| Some(wire::encode(service, "", &Err(error), &request_id));
        let region = match self.region(service, &claim) {
            Ok(region) => region,
            Err(refused) => return refuse(refused.in_words_of(Some(service))),
        };
        let caller = match authenticate(&mut self.world, &claim, request) {
            Ok(caller) => caller,
            Err(refused) => return refuse(refused.in_words_of(Some(service))),
        };
        let received = Received {
            method: request.method(),
            path: request.uri().path(),
            query: request.uri().query().unwrap_or_default(),
            target: signature::header(request, "x-amz-target"),
            body: request.body(),
        };
        let decoded = match wire::decode(service, &received) {
            Ok(decoded) => decoded,
            Err(error) => return refuse(error),
        };
        let fault = self
            .faults
            .strike(service.name, &decoded.operation, &caller.account, &region);
        let answer = self.work(
            service,
            &decoded.operation,
            &decoded.params,
            &caller,
            &region,
            fault.as_ref(),
        );
        let mut response = wire::encode(service, &decoded.operation, &answer, &request_id);
        self.log(service, request_id, decoded, caller, region, answer);
        match fault {
            Some(Kind::DropReply) => None,
            Some(Kind::CutBody(bytes)) => {
                response.body_mut().truncate(bytes);
                response.headers_mut().remove(header::CONTENT_LENGTH);
                Some(response)
            }
            Some(Kind::Throttle | Kind::Error(_)) | None => Some(response),
        }
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

    fn work(
        &mut self,
        service: &Service,
        operation: &str,
        params: &Value,
        caller: &Caller,
        region: &Region,
        fault: Option<&Kind>,
    ) -> Answer {
        match fault {
            Some(Kind::Throttle) => return Err(throttled(service)),
            Some(Kind::Error(error)) => return Err(error.clone()),
            Some(Kind::CutBody(_) | Kind::DropReply) | None => {}
        }
        let call = Call {
            operation,
            params,
            caller,
            region,
            now: self.world.now(),
        };
        authorize(&self.world, service, &call)?;
        (service.handle)(&mut self.world, &call)
    }

    fn log(
        &mut self,
        service: &Service,
        request_id: String,
        decoded: wire::Decoded,
        caller: Caller,
        region: Region,
        answer: Answer,
    ) {
        let mutating = service.operation(&decoded.operation).is_some_and(|o| o.mutating);
        self.world.log.push(LoggedCall {
            time: self.world.now(),
            request_id,
            account: caller.account,
            region,
            service: service.name,
            operation: decoded.operation,
            caller_arn: caller.arn,
            access_key: caller.access_key,
            mutating,
            error: answer.err().map(|e| e.code),
            params: decoded.params,
        });
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
