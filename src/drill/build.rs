//! From a file to a world: the order in which things are made, and the names by which later ones find earlier ones.

use std::collections::BTreeMap;

use super::error::Fault;
use super::forensic::Forensic;
use super::ids::Ids;
use super::schema::{self, File, Name};
use crate::domain::{AccountId, Region, Time};
use crate::range::clock::Clock;
use crate::range::services::guardduty::Detector;
use crate::range::world::{Regional, World};

/// Where something is.
#[derive(Clone, Debug)]
pub struct Home {
    pub account: AccountId,
    pub region: Region,
    pub id: String,
}

/// A world in the making.
pub struct Builder<'a> {
    pub file: &'a File,
    pub ids: Ids,
    pub world: World,
    /// The drill's first moment.
    pub start: Time,
    pub vpcs: BTreeMap<&'a str, Home>,
    /// By VPC name and subnet name.
    pub subnets: BTreeMap<(&'a str, &'a str), String>,
    /// By VPC name and group name.
    pub groups: BTreeMap<(&'a str, &'a str), String>,
    pub instances: BTreeMap<&'a str, Vec<Home>>,
}

impl File {
    /// The id of an account by its name.
    pub fn account_id(&self, name: &Name) -> Result<&AccountId, Fault> {
        self.account
            .iter()
            .find(|account| account.name.as_ref() == name.as_ref())
            .map(|account| &account.id)
            .ok_or_else(|| {
                let known: Vec<&str> = self.account.iter().map(|a| a.name.as_ref().as_str()).collect();
                Fault::at(
                    name,
                    format!(
                        "no account is called {:?}; expected one of {}",
                        name.as_ref(),
                        known.join(", ")
                    ),
                )
            })
    }

    /// Checks that a region is one of the scenario's.
    pub fn region<'a>(&self, region: &'a toml::Spanned<Region>) -> Result<&'a Region, Fault> {
        if self.regions.contains(region.as_ref()) {
            return Ok(region.as_ref());
        }
        let known: Vec<&str> = self.regions.iter().map(Region::as_str).collect();
        Err(Fault::at(
            region,
            format!(
                "{} is not a region of this scenario; expected one of {}",
                region.as_ref(),
                known.join(", ")
            ),
        ))
    }
}

impl<'a> Builder<'a> {
    pub fn new(file: &'a File, clock: Clock) -> Result<Self, Fault> {
        let management = *file.account_id(&file.management)?;
        let security = *file.account_id(&file.security)?;
        if file.regions.is_empty() {
            return Err(Fault {
                span: 0..0,
                message: "expected at least one region in \"regions\"".to_owned(),
            });
        }
        Ok(Self {
            file,
            ids: Ids::new(file.seed),
            start: clock.now(),
            world: World::new(file.seed, clock, &file.regions, management, security),
            vpcs: BTreeMap::new(),
            subnets: BTreeMap::new(),
            groups: BTreeMap::new(),
            instances: BTreeMap::new(),
        })
    }

    /// Makes everything, in the order in which things name one another.
    pub fn build(mut self) -> Result<World, Fault> {
        for account in &self.file.account {
            self.add_account(account)?;
        }
        self.add_administrators()?;
        // What it names is looked for when somebody logs in; a name that leads nowhere is told before.
        Forensic::of(self.file, self.ids)?;
        self.add_identities()?;
        self.add_identity_center()?;
        self.add_topics()?;
        self.add_keys()?;
        self.add_buckets()?;
        self.add_functions()?;
        self.add_networks()?;
        self.add_databases()?;
        self.add_secrets()?;
        self.add_instances()?;
        self.add_agents();
        self.add_traffic()?;
        self.add_findings()?;
        self.add_controls()?;
        self.add_queues()?;
        self.add_rules()?;
        self.add_events()?;
        self.add_messages()?;
        self.add_trail()?;
        self.add_bulk()?;
        Ok(self.world)
    }

    fn add_account(&mut self, account: &'a schema::Account) -> Result<(), Fault> {
        let name = account.name.as_ref();
        let email = format!("aws+{name}@acme.example");
        if self.world.accounts.contains_key(&account.id) {
            return Err(Fault::at(
                &account.name,
                format!("the account id {} is already taken", account.id),
            ));
        }
        self.world.add_account(account.id, name, &email, &account.ou);
        let enabled = self.start - jiff::SignedDuration::from_hours(24 * 400);
        let named = [
            &account.guardduty_off,
            &account.guardduty_suspended,
            &account.securityhub_off,
        ];
        for region in named.into_iter().flatten() {
            self.file.region(region)?;
        }
        let off = |list: &[toml::Spanned<Region>], region: &Region| list.iter().any(|r| r.as_ref() == region);
        for region in &self.file.regions {
            let detector = self.ids.hex("detector", &format!("{}/{region}", account.id), 32);
            let Some(regional) = self.regional(&account.id, region) else {
                continue;
            };
            if !off(&account.guardduty_off, region) {
                regional.guardduty.detector = Some(Detector {
                    id: detector,
                    created: enabled,
                    enabled: !off(&account.guardduty_suspended, region),
                });
            }
            if !off(&account.securityhub_off, region) {
                regional.securityhub.enabled = Some(enabled);
            }
        }
        Ok(())
    }

    /// What an account has in a region. Present for every account and region that passed the checks.
    pub fn regional(&mut self, account: &AccountId, region: &Region) -> Option<&mut Regional> {
        self.world.accounts.get_mut(account)?.regions.get_mut(region)
    }

    /// The moment that lies an age back.
    pub fn ago(&self, age: super::values::Age) -> Time {
        self.start - age.0
    }
}
