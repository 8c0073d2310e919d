//! Findings: what GuardDuty and Security Hub say, read without losing anything.
//!
//! Owns: one parser a format, the index that keeps them in order, the cache that keeps them on the disk, and the filter language.
//! Must never: do IO outside the cache, change AWS, or drop a finding because one of its fields has an unexpected type. The raw
//! bytes are kept exactly as AWS sent them.

pub mod asff;
pub mod cache;
mod compact;
pub mod copies;
pub mod event;
pub mod filter;
pub mod guardduty;
pub mod import;
pub mod incident;
pub mod index;
pub mod output;
pub mod page;
pub mod pages;
pub mod reason;
pub mod tags;
pub mod timeline;
pub mod version;

#[cfg(test)]
mod odd_tests;
mod reader;
#[cfg(test)]
pub mod samples;
mod unread;

use std::num::{NonZeroU16, NonZeroU32};

use bytes::Bytes;
use serde::{Deserialize, Serialize};

use crate::domain::{AccountId, Principal, Region, Resource, Severity, Time, Untrusted};
use version::Told;

/// Where a finding was read.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Hash, Serialize, Deserialize)]
#[serde(rename_all = "lowercase")]
pub enum Source {
    GuardDuty,
    SecurityHub,
    /// An SQS queue that EventBridge rules send events to.
    EventBridge,
}

impl Source {
    /// Every source.
    pub const ALL: [Self; 3] = [Self::GuardDuty, Self::SecurityHub, Self::EventBridge];
    /// Those that are read in each account and region.
    pub const REGIONAL: [Self; 2] = [Self::GuardDuty, Self::SecurityHub];

    /// As `quell findings` writes it.
    #[must_use]
    pub fn word(self) -> &'static str {
        match self {
            Self::GuardDuty => "guardduty",
            Self::SecurityHub => "securityhub",
            Self::EventBridge => "eventbridge",
        }
    }

    /// As people say it.
    #[must_use]
    pub fn name(self) -> &'static str {
        match self {
            Self::GuardDuty => "GuardDuty",
            Self::SecurityHub => "Security Hub",
            Self::EventBridge => "EventBridge",
        }
    }
}

/// One finding, reduced to what lists, filters and actions need. Everything else is in `raw`.
#[derive(Clone, Debug)]
pub struct Finding {
    /// The source's own id. Unique only together with source, account, region and, in Security Hub, the product.
    pub id: Untrusted,
    /// Its ARN, where the source gives one.
    pub arn: Option<Untrusted>,
    pub source: Source,
    /// The product inside Security Hub (`Security Hub`, `Inspector`, …), or the source's name.
    pub product: Untrusted,
    /// The product's ARN, in Security Hub alone. A provider gives its own findings their ids, so an id says which finding it is only
    /// together with the provider (`AwsSecurityFindingIdentifier`).
    pub product_arn: Option<Untrusted>,
    pub account: AccountId,
    pub region: Region,
    /// GuardDuty's finding type (`CryptoCurrency:EC2/BitcoinTool.B!DNS`), or the first ASFF type or the control's id.
    pub kind: Untrusted,
    pub severity: Severity,
    pub title: Untrusted,
    pub description: Untrusted,
    /// What it is about: the resource that a responder would act on.
    pub resource: Resource,
    /// Other resources that it names, in the order of the source.
    pub others: Vec<Resource>,
    pub principal: Principal,
    pub first_seen: Option<Time>,
    /// When it was updated, or the time that stands in for it where that cannot be read.
    pub updated_at: Option<Time>,
    /// Whether `updated_at` is the source's own time of update. A stand-in says nothing of which version is the later one.
    pub is_dated: bool,
    /// When what it says was known to be so.
    pub told: Told,
    /// Since when it is as bad as it is, in whole seconds since 1970, where it was less bad before; `worse_since` reads it.
    pub worsened: Option<NonZeroU32>,
    /// GuardDuty's `service.archived`; Security Hub's `RecordState` ARCHIVED or workflow `SUPPRESSED`/`RESOLVED`.
    pub archived: bool,
    /// How often it was seen, where the source counts; otherwise 1.
    pub count: u32,
    /// Security Hub's control (`S3.8`), where the finding is a control's result.
    pub control: Option<Untrusted>,
    /// Security Hub's workflow status: `NEW`, `NOTIFIED`, `SUPPRESSED`, `RESOLVED`.
    pub workflow: Option<Untrusted>,
    /// Security Hub's compliance status: `PASSED`, `FAILED`, `WARNING`, `NOT_AVAILABLE`.
    pub compliance: Option<Untrusted>,
    /// What could not be read as expected, in plain words; never a reason to drop the finding.
    pub doubts: Vec<String>,
    /// The id of the GuardDuty finding that this is Security Hub's copy of. Only where the product's ARN says so: Security Hub lets
    /// nobody else write findings under that ARN, while a product's name can be chosen.
    pub twin_of: Option<Untrusted>,
    /// How many pages its version of an event of AWS Health has, where that says it.
    pub pages: Option<NonZeroU16>,
    /// The ids of the findings that an attack sequence was made of.
    pub signals: Vec<Untrusted>,
    /// The first eight bytes of the SHA-256 of what AWS sent: two versions are the same one where these are equal.
    pub digest: u64,
}

/// A finding and its evidence. The index keeps the finding; the evidence goes to the cache.
#[derive(Clone, Debug)]
pub struct Seen {
    pub finding: Finding,
    /// The finding as AWS sent it, byte for byte. A part of the page that it came with, which it keeps in memory.
    pub raw: Bytes,
}

impl Seen {
    /// Reads a finding from a page.
    pub fn read(raw: Bytes, parse: impl FnOnce(&[u8]) -> Finding) -> Self {
        Self {
            finding: parse(&raw),
            raw,
        }
    }

    /// The same, with when it was known to be so.
    #[must_use]
    pub fn told(mut self, told: Told) -> Self {
        self.finding.told = told;
        self
    }

    /// The same, of a message that its queue received at this time. The time of an application's event is what the host that sent it
    /// had on its clock: nothing that it says was so later than when the message was received.
    #[must_use]
    pub fn not_after(mut self, received: Time) -> Self {
        self.finding.not_after(Told::by_event(Some(received)));
        self
    }
}

/// Where a page was read. Used when a finding itself does not say.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Place {
    pub account: AccountId,
    pub region: Region,
}

/// What makes two findings the same one: updates replace, they do not add.
#[derive(Clone, Debug, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub struct FindingKey {
    pub source: Source,
    pub account: AccountId,
    pub region: Region,
    /// The product's ARN, in Security Hub alone. None there too where the finding does not say it, and in what was written down before
    /// it was a part of the key.
    pub product: Option<Untrusted>,
    pub id: Untrusted,
}

impl FindingKey {
    /// As it was written down before the product was a part of it.
    #[must_use]
    pub fn without_product(self) -> Self {
        Self { product: None, ..self }
    }
}

impl Finding {
    /// When the source itself says that this version was made, where that can be read.
    #[must_use]
    pub fn version(&self) -> Option<Time> {
        self.updated_at.filter(|_| self.is_dated)
    }

    /// Whether its times are when the queue received it, because its own cannot be read.
    #[must_use]
    pub fn is_timed_by_queue(&self) -> bool {
        self.source == Source::EventBridge && !self.is_dated && self.updated_at.is_some()
    }

    /// Holds an operational incident's times to when its event was received, which stands in for them where they cannot be read.
    fn not_after(&mut self, received: Told) {
        let (Source::EventBridge, Some(latest)) = (self.source, received.sent()) else {
            return;
        };
        // Where its own time cannot be read, it happened before it was received, and its clock has to run.
        self.first_seen = Some(self.first_seen.map_or(latest, |at| at.min(latest)));
        self.updated_at = Some(self.updated_at.map_or(latest, |at| at.min(latest)));
        if self.told.sent().is_none_or(|at| at > latest) {
            self.told = received;
        }
    }

    /// Since when it is as bad as it is, where it was less bad before.
    #[must_use]
    pub fn worse_since(&self) -> Option<Time> {
        Time::from_second(i64::from(self.worsened?.get())).ok()
    }

    /// Whether it is a control's result: a weakness, and nothing that happened.
    #[must_use]
    pub fn is_weakness(&self) -> bool {
        self.control.is_some() || self.compliance.is_some()
    }

    /// What it is, and what else says so. GuardDuty's types say what it is; ASFF's and those of events say only which family it is
    /// of, and the title says it.
    fn names(&self) -> (&Untrusted, &Untrusted) {
        match self.source {
            Source::SecurityHub | Source::EventBridge if !self.title.raw().is_empty() => (&self.title, &self.kind),
            Source::GuardDuty | Source::SecurityHub | Source::EventBridge => (&self.kind, &self.title),
        }
    }

    /// What it is, by the name that people know it by.
    #[must_use]
    pub fn headline(&self) -> &Untrusted {
        self.names().0
    }

    /// What stands below the headline: the title or the type, whichever the headline is not.
    #[must_use]
    pub fn subline(&self) -> &Untrusted {
        self.names().1
    }

    /// The key under which the index keeps it.
    #[must_use]
    pub fn key(&self) -> FindingKey {
        FindingKey {
            source: self.source,
            account: self.account,
            region: self.region.clone(),
            product: self.product_arn.clone(),
            id: self.id.clone(),
        }
    }
}

/// What is known of one account-region-source.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct Coverage {
    pub account: AccountId,
    pub region: Region,
    pub source: Source,
    pub state: CoverageState,
    /// The account that it is read through, such as a delegated administrator, where it is not the account itself.
    #[serde(skip_serializing_if = "Option::is_none", default)]
    pub via: Option<AccountId>,
    /// In plain words, where the state is not `complete`.
    pub error: Option<String>,
}

/// How much of a source was read.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Hash, Serialize, Deserialize)]
#[serde(rename_all = "lowercase")]
pub enum CoverageState {
    /// Not answered yet. Never printed by `quell findings`: it waits.
    Reading,
    /// Every page arrived and every listed id was returned.
    Complete,
    /// Something arrived, something did not.
    Partial,
    /// AWS refused the caller.
    Refused,
    /// The service is not enabled there.
    Disabled,
    /// It was complete once; the last refresh failed.
    Stale,
}

impl CoverageState {
    /// The word in tables and JSON.
    #[must_use]
    pub fn word(self) -> &'static str {
        match self {
            Self::Reading => "reading",
            Self::Complete => "complete",
            Self::Partial => "partial",
            Self::Refused => "refused",
            Self::Disabled => "disabled",
            Self::Stale => "stale",
        }
    }

    /// Whether a reader of the list should know that something may be missing. A service that nobody enabled hides nothing.
    #[must_use]
    pub fn is_gap(self) -> bool {
        match self {
            Self::Complete | Self::Disabled => false,
            Self::Reading | Self::Partial | Self::Refused | Self::Stale => true,
        }
    }
}
