//! From a finding's short form to the complete JSON that GuardDuty's `GetFindings` gives.
//!
//! Owns: when a finding appears and what it is about. The words of each type stand in `types`, the actions in `actions`, the
//! resources in `resources`.

mod actions;
mod resources;
mod sequence;
mod services;
mod types;

use jiff::SignedDuration;
use serde_json::{Value, json};

use super::build::{Builder, Home};
use super::error::Fault;
use super::schema::Finding;
use crate::domain::Time;
use crate::range::services::guardduty::{self, stamp};

/// What one finding is made from, once names have become things.
struct Facts<'a> {
    spec: &'a Finding,
    template: &'static types::Template,
    home: Home,
    /// The word that stands for the resource in titles: an id, a user's, a role's or a bucket's name.
    subject: String,
    resource: Value,
    /// The actor's access key and user name, where the resource has one.
    key: Option<(String, String)>,
    severity: f64,
    last_seen: Time,
    first_seen: Time,
    remote_ip: String,
    /// What derived details (ports, places) follow from.
    unique: String,
}

impl<'a> Builder<'a> {
    /// Findings that are there at the start are put in place, later ones in the world's queue.
    pub fn add_findings(&mut self) -> Result<(), Fault> {
        for (number, spec) in self.file.finding.iter().enumerate() {
            let copies = *spec.copies.as_ref();
            if copies == 0 {
                return Err(Fault::at(&spec.copies, "expected at least 1"));
            }
            for copy in 0..copies {
                self.add_finding(spec, number, usize::from(copy))?;
            }
        }
        Ok(())
    }

    fn add_finding(&mut self, spec: &'a Finding, number: usize, copy: usize) -> Result<(), Fault> {
        let facts = self.facts(spec, number, copy)?;
        let finding = self.finding(&facts);
        let home = facts.home;
        match spec.at {
            None => {
                if let Some(regional) = self.regional(&home.account, &home.region) {
                    regional.guardduty.put(finding);
                }
            }
            Some(moment) => {
                let Home { account, region, .. } = home;
                self.world.inject_at(self.start + moment.0, move |world| {
                    guardduty::appear(world, account, &region, &finding);
                });
            }
        }
        Ok(())
    }

    fn facts(&self, spec: &'a Finding, number: usize, copy: usize) -> Result<Facts<'a>, Fault> {
        let kind = spec.kind.as_ref();
        let template = types::template(kind).ok_or_else(|| {
            Fault::at(
                &spec.kind,
                format!("{kind:?} is not a GuardDuty finding type that drills know"),
            )
        })?;
        let account = *self.file.account_id(&spec.account)?;
        let region = self.file.region(&spec.region)?.clone();
        let detector = self
            .world
            .accounts
            .get(&account)
            .and_then(|a| a.regions.get(&region)?.guardduty.detector.as_ref())
            .ok_or_else(|| Fault::at(&spec.region, "GuardDuty is not enabled in this account and region"))?;
        let home = Home {
            account,
            region,
            id: detector.id.clone(),
        };
        let severity = match &spec.severity {
            None => template.severity,
            Some(given) if (1.0..=10.0).contains(given.as_ref()) => *given.as_ref(),
            Some(given) => return Err(Fault::at(given, "expected a severity from 1.0 to 10.0")),
        };
        if !template.takes(spec.resource.as_ref()) {
            return Err(Fault::at(
                &spec.resource,
                format!("findings of type {kind} are about another kind of resource"),
            ));
        }
        let (subject, resource, key) = self.resource(spec, &home, copy)?;
        let last_seen = match (spec.at, spec.age) {
            (Some(moment), _) => self.start + moment.0,
            (None, Some(age)) => self.ago(age),
            (None, None) => self.start,
        } - SignedDuration::from_secs(i64::try_from(copy).unwrap_or(0) * 7);
        let unique = format!("{number}/{copy}/{kind}/{subject}");
        let remote_ip = spec.remote_ip.clone().unwrap_or_else(|| self.ids.public_ip(&unique));
        Ok(Facts {
            spec,
            template,
            home,
            subject,
            resource,
            key,
            severity,
            last_seen,
            first_seen: last_seen - SignedDuration::from_secs(i64::from(spec.count.saturating_sub(1)) * 90),
            remote_ip,
            unique,
        })
    }

    fn finding(&self, facts: &Facts<'_>) -> Value {
        let Home {
            account,
            region,
            id: detector,
        } = &facts.home;
        let id = self.ids.hex("finding", &facts.unique, 32);
        let arn = format!("arn:aws:guardduty:{region}:{account}:detector/{detector}/finding/{id}");
        let words = |text: &str| {
            text.replace("{subject}", &facts.subject)
                .replace("{ip}", &facts.remote_ip)
                .replace("{account}", account.as_str())
        };
        let mut service = json!({
            "action": self.action(facts),
            "additionalInfo": {"value": "{}", "type": "default"},
            "archived": facts.spec.archived,
            "count": facts.spec.count,
            "detectorId": detector,
            "eventFirstSeen": stamp(facts.first_seen),
            "eventLastSeen": stamp(facts.last_seen),
            "resourceRole": if facts.template.inbound { "TARGET" } else { "ACTOR" },
            "serviceName": "guardduty",
        });
        let mut resource = facts.resource.clone();
        if facts.template.name.starts_with("AttackSequence:") {
            if let Some(fields) = service.as_object_mut() {
                fields.remove("action");
                fields.remove("resourceRole");
            }
            service["detection"] = json!({"sequence": self.sequence(facts)});
            resource = json!({"resourceType": "AttackSequence"});
        }
        json!({
            "accountId": account.as_str(),
            "arn": arn,
            "createdAt": stamp((facts.first_seen + SignedDuration::from_secs(240)).min(facts.last_seen)),
            "description": words(facts.template.description),
            "id": id,
            "partition": "aws",
            "region": region.as_str(),
            "resource": resource,
            "schemaVersion": "2.0",
            "service": service,
            "severity": facts.severity,
            "title": facts.spec.title.clone().unwrap_or_else(|| words(facts.template.title)),
            "type": facts.template.name,
            "updatedAt": stamp(facts.last_seen),
        })
    }
}
