//! Who signed a request, or why nobody did, in the words of the service that was asked.
//!
//! Owns: credentials and their refusal. Must never: say what a known caller may do.

use bytes::Bytes;
use http::Request;
use jiff::SignedDuration;

use super::call::{ApiError, Caller};
use super::services::{Protocol, Service};
use super::signature::{Claim, header};
use super::world::World;
use crate::domain::Time;

/// How far a request's date may be from the present (IAM User Guide: five minutes).
const SKEW: SignedDuration = SignedDuration::from_mins(5);

/// Why a request is refused before anybody looks at what it asks.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Refused {
    /// There is no signature, or one that cannot be read.
    Unsigned,
    /// The key is not known, is inactive, or came without its session token.
    UnknownKey,
    /// The signature is not the one that the key's secret makes.
    BadSignature,
    /// The session's time is over.
    SessionOver,
    /// The request was signed too long ago, or in the future.
    Stale,
}

impl Refused {
    /// The error as this service gives it.
    pub fn in_words_of(self, service: Option<&Service>) -> ApiError {
        const TOKEN: &str = "The security token included in the request is invalid";
        const SIGNATURE: &str = "The request signature we calculated does not match the signature you provided. \
            Check your AWS Secret Access Key and signing method. Consult the service documentation for details.";
        let Some(service) = service else {
            return ApiError::new(
                403,
                "MissingAuthenticationToken",
                "Request is missing Authentication Token",
            );
        };
        // JSON services answer 400; REST-JSON services answer 403 (AWS General Reference, "Common errors").
        let json = match service.protocol {
            Protocol::Query { .. } => None,
            Protocol::RestXml { .. } => return self.in_words_of_s3(),
            Protocol::Ec2 { .. } => return self.in_words_of_ec2(),
            Protocol::Json11 { .. } => Some(400),
            Protocol::Json10 { .. } | Protocol::RestJson { .. } => Some(403),
        };
        let (status, code, message) = match (self, json) {
            (Self::Unsigned, None) => (
                403,
                "MissingAuthenticationToken",
                "Request is missing Authentication Token",
            ),
            (Self::Unsigned, Some(s)) => (s, "MissingAuthenticationTokenException", "Missing Authentication Token"),
            (Self::UnknownKey, None) => (403, "InvalidClientTokenId", TOKEN),
            (Self::UnknownKey, Some(s)) => (s, "UnrecognizedClientException", TOKEN),
            (Self::BadSignature, None) => (403, "SignatureDoesNotMatch", SIGNATURE),
            (Self::BadSignature, Some(s)) => (s, "InvalidSignatureException", SIGNATURE),
            (Self::SessionOver, None) => (
                403,
                "ExpiredToken",
                "The security token included in the request is expired",
            ),
            (Self::SessionOver, Some(s)) => (
                s,
                "ExpiredTokenException",
                "The security token included in the request is expired",
            ),
            (Self::Stale, None) => (403, "SignatureDoesNotMatch", "Signature expired"),
            (Self::Stale, Some(s)) => (s, "InvalidSignatureException", "Signature expired"),
        };
        ApiError::new(status, code, message)
    }

    /// S3 API reference, "List of error codes".
    fn in_words_of_s3(self) -> ApiError {
        let (status, code, message) = match self {
            Self::Unsigned => (403, "AccessDenied", "Access Denied"),
            Self::UnknownKey => (
                403,
                "InvalidAccessKeyId",
                "The AWS Access Key Id you provided does not exist in our records.",
            ),
            Self::BadSignature => (
                403,
                "SignatureDoesNotMatch",
                "The request signature we calculated does not match the signature you provided. Check your key and signing method.",
            ),
            Self::SessionOver => (400, "ExpiredToken", "The provided token has expired."),
            Self::Stale => (
                403,
                "RequestTimeTooSkewed",
                "The difference between the request time and the current time is too large.",
            ),
        };
        ApiError::new(status, code, message)
    }

    /// EC2 API reference, "Error codes for the Amazon EC2 API".
    fn in_words_of_ec2(self) -> ApiError {
        match self {
            Self::Unsigned => ApiError::new(
                401,
                "AuthFailure",
                "AWS was not able to authenticate the request: access credentials are missing",
            ),
            Self::UnknownKey | Self::BadSignature => ApiError::new(
                401,
                "AuthFailure",
                "AWS was not able to validate the provided access credentials",
            ),
            Self::SessionOver | Self::Stale => ApiError::new(400, "RequestExpired", "Request has expired."),
        }
    }
}

/// The caller whose key signed the request. The last use of a long-term key, or of a session's role, is noted.
pub fn authenticate(world: &mut World, claim: &Claim, request: &Request<Bytes>) -> Result<Caller, Refused> {
    let now = world.now();
    let (secret, caller) = match world.sessions.get(&claim.access_key) {
        Some(session) => {
            if header(request, "x-amz-security-token") != Some(&session.token) {
                return Err(Refused::UnknownKey);
            }
            if session.expires <= world.client_now() {
                return Err(Refused::SessionOver);
            }
            (session.secret.clone(), session.caller())
        }
        None => long_term(world, claim).ok_or(Refused::UnknownKey)?,
    };
    if !claim.verify(request, &secret) {
        return Err(Refused::BadSignature);
    }
    if let Some(wall) = world.clock.wall() {
        let signed = header(request, "x-amz-date")
            .and_then(signing_time)
            .ok_or(Refused::Stale)?;
        if signed.duration_since(wall).abs() > SKEW {
            return Err(Refused::Stale);
        }
    }
    note_use(world, claim, &caller, now);
    Ok(caller)
}

fn long_term(world: &World, claim: &Claim) -> Option<(String, Caller)> {
    world.accounts.values().find_map(|account| {
        let (user, key) = account.iam.key(&claim.access_key)?;
        let caller = Caller {
            account: account.id,
            arn: account.iam.arn("user", &user.path, &user.name),
            user_id: user.id.clone(),
            access_key: key.id.clone(),
        };
        key.active.then(|| (key.secret.clone(), caller))
    })
}

fn note_use(world: &mut World, claim: &Claim, caller: &Caller, now: Time) {
    let key = world
        .accounts
        .get_mut(&caller.account)
        .and_then(|a| a.iam.key_mut(&claim.access_key));
    let used = super::services::iam::LastUsed {
        time: now,
        service: claim.service.clone(),
        region: claim.region.clone(),
    };
    if let Some(key) = key {
        key.last_used = Some(used);
    } else if let Some(session) = world.sessions.get(&claim.access_key)
        && let Some(account) = world.accounts.get_mut(&session.account)
        && let Some(role) = account.iam.roles.get_mut(&session.role)
    {
        role.last_used = Some(used);
    }
}

/// `20260301T120000Z`
fn signing_time(text: &str) -> Option<Time> {
    let moment = jiff::civil::DateTime::strptime("%Y%m%dT%H%M%SZ", text).ok()?;
    Some(moment.to_zoned(jiff::tz::TimeZone::UTC).ok()?.timestamp())
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::range::services::by_name;

    #[test]
    fn every_service_refuses_in_its_own_words() {
        for (service, unknown, signature, over) in [
            ("sts", "InvalidClientTokenId", "SignatureDoesNotMatch", "ExpiredToken"),
            ("ec2", "AuthFailure", "AuthFailure", "RequestExpired"),
            (
                "guardduty",
                "UnrecognizedClientException",
                "InvalidSignatureException",
                "ExpiredTokenException",
            ),
            (
                "organizations",
                "UnrecognizedClientException",
                "InvalidSignatureException",
                "ExpiredTokenException",
            ),
        ] {
            let code = |refused: Refused| refused.in_words_of(by_name(service)).code;
            assert_eq!(code(Refused::UnknownKey), unknown);
            assert_eq!(code(Refused::BadSignature), signature);
            assert_eq!(code(Refused::SessionOver), over);
        }
    }

    #[test]
    fn signing_times() {
        assert_eq!(
            signing_time("20260301T120000Z").unwrap().to_string(),
            "2026-03-01T12:00:00Z"
        );
        assert_eq!(signing_time("2026"), None);
    }
}
