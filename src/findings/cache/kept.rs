//! A finding, and what is known of a place, as they come out of the cache.

use std::num::NonZeroU32;

use bytes::Bytes;

use crate::domain::Time;
use crate::findings::version::Told;
use crate::findings::{Coverage, Finding, FindingKey, Place, Source, asff, event, guardduty};

/// A finding from the cache.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Kept {
    pub key: FindingKey,
    /// As AWS sent it.
    pub raw: Bytes,
    /// When it was last received.
    pub seen: Time,
    /// When what it says was last known to be so.
    pub told: Told,
    /// Since when an event's incident goes on; the latest event says only when itself was sent.
    pub first: Option<Time>,
    /// Since when it is as bad as it is, in seconds since 1970, where it was less bad before.
    pub worsened: Option<NonZeroU32>,
}

/// What is known of an account, region and source.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Known {
    /// As it was told last.
    pub row: Coverage,
    /// When that was.
    pub at: Time,
    /// When it was last complete, unless it was told to be off since.
    pub lit: Option<Time>,
}

impl Kept {
    /// Reads it again by its source's parser, with what is known of it besides.
    #[must_use]
    pub fn read(&self) -> Finding {
        let at = Place {
            account: self.key.account,
            region: self.key.region.clone(),
        };
        let mut finding = match self.key.source {
            Source::GuardDuty => guardduty::parse(&self.raw, &at),
            Source::SecurityHub => asff::parse(&self.raw, &at),
            Source::EventBridge => event::parse(&self.raw, &at),
        };
        // Its own time may be of a clock that is ahead; what is kept was held to when it was received.
        finding.not_after(self.told);
        finding.told = self.told;
        finding.worsened = self.worsened;
        finding.first_seen = self.first.or(finding.first_seen);
        finding
    }
}
