//! Worlds for benchmarks: many accounts and many findings from a few lines of a scenario.
//!
//! Owns: how many, where, how bad and when; `guardduty` and `securityhub` make each finding's JSON. Must never: give two findings
//! one id, or depend on anything but the seed and the start of the drill.

mod guardduty;
mod securityhub;

use jiff::SignedDuration;
use rand_chacha::ChaCha8Rng;
use rand_chacha::rand_core::{Rng, SeedableRng};
use serde::Deserialize;
use serde_json::Value;
use toml::Spanned;

use super::build::Builder;
use super::error::Fault;
use super::ids::Ids;
use super::schema::{Account, File};
use crate::domain::{AccountId, Region, Time};
use crate::range::services::kept::Kept;
use crate::range::services::membership::Relationship;

/// The most accounts and findings that a scenario may ask for: more than any benchmark needs, less than any machine has memory for.
const MOST_ACCOUNTS: u32 = 5_000;
const MOST_FINDINGS: u32 = 200_000;
/// The id of the first made account.
const FIRST: u64 = 500_000_000_001;
/// Findings were last seen within so many days before the start.
const DAYS: u32 = 30;

/// `[bulk]` of a scenario.
#[derive(Clone, Debug, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct Bulk {
    /// Members beside those that the file names, called `member-0001` and so on. All have both services in all regions.
    #[serde(default)]
    pub accounts: Option<Spanned<u32>>,
    /// GuardDuty findings, over these members.
    #[serde(default)]
    pub guardduty: Option<Spanned<u32>>,
    /// Security Hub findings, over these members.
    #[serde(default)]
    pub securityhub: Option<Spanned<u32>>,
    #[serde(default)]
    pub spread: Spread,
    /// Whether the security account administers GuardDuty and Security Hub everywhere and sees these members' findings.
    #[serde(default)]
    pub administrator: bool,
}

/// Which regions the findings are in.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, Deserialize)]
#[serde(rename_all = "kebab-case")]
pub enum Spread {
    /// The same number in each.
    #[default]
    Even,
    /// All in the first one of the file.
    OneRegion,
}

/// How bad a finding is. Of a hundred, 1 is critical, 9 are high, 40 medium and 50 low.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
enum Grade {
    Critical,
    High,
    Medium,
    Low,
}

impl Grade {
    /// That of the so-many-th finding of a region.
    fn of(number: u32) -> Self {
        match number % 100 {
            0 => Self::Critical,
            1..10 => Self::High,
            10..50 => Self::Medium,
            _ => Self::Low,
        }
    }

    /// One of a few, by grade.
    fn choose<T>(self, of: &[(Self, T)], draw: &mut Draw) -> usize {
        let fitting: Vec<usize> = (0..of.len()).filter(|at| of[*at].0 == self).collect();
        fitting.get(draw.index(fitting.len())).copied().unwrap_or_default()
    }
}

/// The generator, seeded by the scenario.
struct Draw(ChaCha8Rng);

impl Draw {
    /// A number below the limit; 0 where that is 0.
    fn below(&mut self, limit: u32) -> u32 {
        self.0.next_u32() % limit.max(1)
    }

    fn index(&mut self, length: usize) -> usize {
        let limit = u32::try_from(length).unwrap_or(u32::MAX);
        usize::try_from(self.below(limit)).unwrap_or_default()
    }

    /// Up to 32 hex digits.
    fn hex(&mut self, digits: usize) -> String {
        let mut text = format!("{:016x}{:016x}", self.0.next_u64(), self.0.next_u64());
        text.truncate(digits);
        text
    }

    fn uuid(&mut self) -> String {
        let d = self.hex(32);
        format!("{}-{}-4{}-a{}-{}", &d[..8], &d[8..12], &d[13..16], &d[17..20], &d[20..])
    }

    /// A public address of the ranges that are kept for documentation (RFC 5737).
    fn address(&mut self) -> String {
        let net = ["192.0.2", "198.51.100", "203.0.113"][self.index(3)];
        format!("{net}.{}", self.below(250) + 3)
    }
}

/// Where, when and how bad: what a finding is made from.
struct Seed<'a> {
    account: AccountId,
    region: &'a Region,
    /// The detector of that account and region.
    detector: String,
    grade: Grade,
    first: Time,
    last: Time,
}

/// A count of the file, 0 where it is not given.
fn count(given: Option<&Spanned<u32>>, most: u32) -> Result<u32, Fault> {
    match given {
        Some(given) if *given.as_ref() > most => Err(Fault::at(given, format!("expected at most {most}"))),
        given => Ok(given.map_or(0, |g| *g.as_ref())),
    }
}

impl Bulk {
    /// The same with a few findings: enough to check a scenario by building it, without the time that all of them take.
    pub fn sample(&mut self) {
        for given in [&mut self.guardduty, &mut self.securityhub].into_iter().flatten() {
            *given.as_mut() = (*given.as_ref()).min(100);
        }
    }
}

/// Writes the members into the file as if its author had, so that all else is made for them as for any account. Checks the counts.
pub fn add_accounts(file: &mut File) -> Result<(), Fault> {
    let Some(bulk) = &file.bulk else { return Ok(()) };
    for given in [&bulk.guardduty, &bulk.securityhub] {
        count(given.as_ref(), MOST_FINDINGS)?;
    }
    for number in 0..count(bulk.accounts.as_ref(), MOST_ACCOUNTS)? {
        let id = format!("{}", FIRST + u64::from(number));
        let Ok(id) = id.parse() else { continue };
        file.account.push(Account {
            id,
            name: Spanned::new(0..0, format!("member-{:04}", number + 1)),
            ou: "Workloads".to_owned(),
            guardduty_off: Vec::new(),
            guardduty_suspended: Vec::new(),
            securityhub_off: Vec::new(),
        });
    }
    Ok(())
}

/// A finding with its text, which is written before anybody asks: who reads so many is measured by it.
fn written(finding: Value) -> Kept {
    let finding = Kept::from(finding);
    finding.text();
    finding
}

impl Builder<'_> {
    /// The administrator and the findings of `[bulk]`.
    pub fn add_bulk(&mut self) -> Result<(), Fault> {
        let Some(bulk) = &self.file.bulk else { return Ok(()) };
        let members = count(bulk.accounts.as_ref(), MOST_ACCOUNTS)?;
        let (duty, hub) = (
            count(bulk.guardduty.as_ref(), MOST_FINDINGS)?,
            count(bulk.securityhub.as_ref(), MOST_FINDINGS)?,
        );
        let given = [&bulk.guardduty, &bulk.securityhub].into_iter().flatten().next();
        if let (0, Some(given)) = (members, given) {
            return Err(Fault::at(
                given,
                "findings need \"accounts\" to be in; expected at least 1",
            ));
        }
        let ids: Vec<AccountId> = self.file.account[self.file.account.len() - members as usize..]
            .iter()
            .map(|account| account.id)
            .collect();
        if bulk.administrator {
            self.administer(&ids);
        }
        let mut draw = Draw(ChaCha8Rng::seed_from_u64(self.file.seed));
        for number in 0..duty {
            let seed = self.seed(&ids, bulk.spread, number, &mut draw);
            let finding = guardduty::finding(&seed, &mut draw);
            let (account, region) = (seed.account, seed.region.clone());
            if let Some(regional) = self.regional(&account, &region) {
                regional.guardduty.put(written(finding));
            }
        }
        for number in 0..hub {
            let seed = self.seed(&ids, bulk.spread, number, &mut draw);
            let finding = securityhub::finding(&seed, &mut draw);
            let (account, region) = (seed.account, seed.region.clone());
            if let Some(regional) = self.regional(&account, &region) {
                regional.securityhub.put(written(finding));
            }
        }
        Ok(())
    }

    fn administer(&mut self, members: &[AccountId]) {
        let (security, since) = (self.world.security, self.start);
        for principal in ["guardduty.amazonaws.com", "securityhub.amazonaws.com"] {
            self.world.organization.delegate(principal, security);
        }
        for region in &self.file.regions {
            let Some(regional) = self.regional(&security, region) else {
                continue;
            };
            for member in members {
                regional.guardduty.members.put(*member, Relationship::Enabled, since);
                regional.securityhub.members.put(*member, Relationship::Enabled, since);
            }
        }
    }

    fn seed(&self, members: &[AccountId], spread: Spread, number: u32, draw: &mut Draw) -> Seed<'_> {
        let regions = u32::try_from(self.file.regions.len()).unwrap_or(1);
        let (region, nth) = match spread {
            Spread::Even => (number % regions, number / regions),
            Spread::OneRegion => (0, number),
        };
        let region = &self.file.regions[usize::try_from(region).unwrap_or_default()];
        let account = members[draw.index(members.len())];
        let last = self.start - SignedDuration::from_secs(i64::from(draw.below(DAYS * 86_400)));
        Seed {
            account,
            region,
            detector: Ids::new(self.file.seed).hex("detector", &format!("{account}/{region}"), 32),
            grade: Grade::of(nth),
            first: last - SignedDuration::from_secs(i64::from(draw.below(86_400))),
            last,
        }
    }
}
