//! Who administers GuardDuty and Security Hub across the scenario's accounts.

use super::build::Builder;
use super::error::Fault;
use super::schema::Mode;
use crate::domain::{AccountId, Time};
use crate::range::services::membership::Relationship;
use crate::range::services::securityhub::{Aggregator, LinkingMode};

impl Builder<'_> {
    /// Administrators with every other account as their member: enabled where the service is on, only known where it is off.
    pub fn add_administrators(&mut self) -> Result<(), Fault> {
        let file = self.file;
        self.world.organization.empty_pages = file.empty_account_pages;
        let since = self.start - jiff::SignedDuration::from_hours(24 * 400);
        if let Some(name) = &file.guardduty_administrator {
            let administrator = *file.account_id(name)?;
            self.world
                .organization
                .delegate("guardduty.amazonaws.com", administrator);
            self.add_members(administrator, since, true);
        }
        if let Some(name) = &file.securityhub_administrator {
            let administrator = *file.account_id(name)?;
            self.world
                .organization
                .delegate("securityhub.amazonaws.com", administrator);
            self.add_members(administrator, since, false);
        }
        self.add_aggregator()
    }

    fn add_members(&mut self, administrator: AccountId, since: Time, guardduty: bool) {
        let others: Vec<AccountId> = self
            .world
            .accounts
            .keys()
            .copied()
            .filter(|id| *id != administrator)
            .collect();
        for region in &self.file.regions {
            for other in &others {
                let on = self.regional(other, region).is_some_and(|place| {
                    if guardduty {
                        place.guardduty.detector.is_some()
                    } else {
                        place.securityhub.enabled.is_some()
                    }
                });
                let relationship = if on {
                    Relationship::Enabled
                } else {
                    Relationship::Created
                };
                if let Some(place) = self.regional(&administrator, region) {
                    let members = if guardduty {
                        &mut place.guardduty.members
                    } else {
                        &mut place.securityhub.members
                    };
                    members.put(*other, relationship, since);
                }
            }
        }
    }

    fn add_aggregator(&mut self) -> Result<(), Fault> {
        let Some(spec) = &self.file.aggregator else {
            return Ok(());
        };
        let home = self.file.region(&spec.region)?;
        let Some(name) = &self.file.securityhub_administrator else {
            return Err(Fault::at(
                &spec.region,
                "an aggregator needs a \"securityhub_administrator\"",
            ));
        };
        let administrator = *self.file.account_id(name)?;
        let mut regions = std::collections::BTreeSet::new();
        for region in &spec.regions {
            regions.insert(self.file.region(region)?.clone());
        }
        let aggregator = Aggregator {
            id: self.ids.uuid("finding-aggregator"),
            mode: match spec.mode {
                Mode::AllRegions => LinkingMode::AllRegions,
                Mode::AllRegionsExceptSpecified => LinkingMode::AllRegionsExceptSpecified,
                Mode::SpecifiedRegions => LinkingMode::SpecifiedRegions,
            },
            regions,
        };
        let hub = self.regional(&administrator, home).map(|r| &mut r.securityhub);
        let hub = hub.filter(|hub| hub.enabled.is_some());
        let hub = hub.ok_or_else(|| Fault::at(&spec.region, "the administrator has no hub in this region"))?;
        hub.aggregator = Some(aggregator);
        Ok(())
    }
}
