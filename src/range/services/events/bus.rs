//! The default bus of each account and region: an event comes in, and goes to the targets of every rule that it fits.
//!
//! Owns: an event's envelope and its way. Must never: forward an event a second time, as AWS does not.

use serde_json::{Value, json};

use super::pattern;
use crate::domain::{AccountId, Region, Time};
use crate::range::services::{guardduty, securityhub, sqs};
use crate::range::world::World;

/// What happened, without where.
#[derive(Clone, Debug)]
pub struct Event {
    /// A UUID.
    pub id: String,
    pub time: Time,
    pub source: String,
    pub detail_type: String,
    pub resources: Vec<String>,
    pub detail: Value,
}

impl Event {
    /// The event as EventBridge hands it on.
    fn enveloped(&self, account: AccountId, region: &Region) -> Value {
        json!({
            "version": "0",
            "id": self.id,
            "detail-type": self.detail_type,
            "source": self.source,
            "account": account,
            "time": format!("{:.0}", self.time),
            "region": region,
            "resources": self.resources,
            "detail": self.detail,
        })
    }
}

/// Sends an event to the default bus of an account and region.
pub fn emit(world: &mut World, account: AccountId, region: &Region, event: &Event) {
    let envelope = event.enveloped(account, region);
    for target in targets(world, account, region, &envelope) {
        match bus(&target) {
            // A forwarded event says where it came from, not where it is.
            Some((account, region)) => {
                for target in targets(world, account, &region, &envelope) {
                    sqs::deliver(world, &target, event.time, envelope.to_string());
                }
            }
            None => {
                sqs::deliver(world, &target, event.time, envelope.to_string());
            }
        }
    }
}

/// The ARNs that the rules of a bus send this event to.
fn targets(world: &World, account: AccountId, region: &Region, envelope: &Value) -> Vec<String> {
    let place = world.accounts.get(&account).and_then(|a| a.regions.get(region));
    let rules = place.map(|r| r.events.rules.values()).into_iter().flatten();
    rules
        .filter(|rule| rule.enabled && pattern::fits(&rule.pattern, Some(envelope)))
        .flat_map(|rule| rule.targets.values().cloned())
        .collect()
}

/// The account and region of a default bus, from its ARN.
fn bus(arn: &str) -> Option<(AccountId, Region)> {
    let ["arn", _, "events", region, account, "event-bus/default"] = arn.splitn(6, ':').collect::<Vec<_>>()[..] else {
        return None;
    };
    Some((account.parse().ok()?, region.parse().ok()?))
}

/// The accounts and regions that have rules, for only there an event is noticed.
fn listening(world: &World) -> Vec<(AccountId, Region)> {
    let mut places = Vec::new();
    for (account, all) in &world.accounts {
        for (region, regional) in &all.regions {
            if !regional.events.rules.is_empty() {
                places.push((*account, region.clone()));
            }
        }
    }
    places
}

/// Tells of a GuardDuty finding wherever a detector shows it ("Processing GuardDuty findings with EventBridge").
pub fn guardduty_finding(world: &mut World, account: AccountId, region: &Region, finding: &Value) {
    let mut event = None;
    for (bus, place) in listening(world) {
        let sees = place == *region && guardduty::shows(world, bus, region, account);
        if sees {
            let event = event.get_or_insert_with(|| Event {
                id: world.new_uuid(),
                time: world.now(),
                source: "aws.guardduty".to_owned(),
                detail_type: "GuardDuty Finding".to_owned(),
                resources: Vec::new(),
                detail: finding.clone(),
            });
            emit(world, bus, region, event);
        }
    }
}

/// Tells of a Security Hub finding, new or updated, wherever a hub shows it ("Security Hub Findings - Imported").
pub fn securityhub_finding(world: &mut World, account: AccountId, region: &Region, finding: &Value) {
    let mut event = None;
    for (bus, place) in listening(world) {
        if securityhub::shows(world, (bus, &place), (account, region)) {
            let event = event.get_or_insert_with(|| {
                let text = |name: &str| finding[name].as_str().unwrap_or_default();
                Event {
                    id: world.new_uuid(),
                    time: world.now(),
                    source: "aws.securityhub".to_owned(),
                    detail_type: "Security Hub Findings - Imported".to_owned(),
                    resources: vec![format!("{}/{}", text("ProductArn"), text("Id"))],
                    detail: json!({ "findings": [finding] }),
                }
            });
            emit(world, bus, &place, event);
        }
    }
}
