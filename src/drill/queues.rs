//! Queues, the rules that fill them, and what happens besides findings.

use std::collections::BTreeMap;

use super::build::Builder;
use super::error::Fault;
use super::schema::Name;
use super::values::{Age, Moment};
use crate::domain::{AccountId, Time};
use crate::range::services::events::bus::{Event, emit};
use crate::range::services::events::{Rule, bus_arn, is_sound};
use crate::range::services::sqs;
use crate::range::services::sqs::queue::Queue;
use crate::range::world::World;

impl Builder<'_> {
    /// Empty queues.
    pub fn add_queues(&mut self) -> Result<(), Fault> {
        for spec in &self.file.queue {
            let account = *self.file.account_id(&spec.account)?;
            let region = self.file.region(&spec.region)?;
            let queue = Queue::new(self.start);
            if let Some(place) = self.regional(&account, region) {
                place.sqs.queues.insert(spec.name.as_ref().clone(), queue);
            }
        }
        Ok(())
    }

    /// The ARNs of the queues that each account has.
    pub fn queue_arns(&self) -> Result<BTreeMap<AccountId, Vec<String>>, Fault> {
        let mut arns: BTreeMap<AccountId, Vec<String>> = BTreeMap::new();
        for spec in &self.file.queue {
            let account = *self.file.account_id(&spec.account)?;
            arns.entry(account).or_default().push(self.queue_arn(&spec.name)?);
        }
        Ok(arns)
    }

    fn queue_arn(&self, name: &Name) -> Result<String, Fault> {
        let mut all = self.file.queue.iter();
        let spec = all.find(|queue| queue.name.as_ref() == name.as_ref());
        let spec = spec.ok_or_else(|| Fault::at(name, format!("no queue is called {:?}", name.as_ref())))?;
        let account = self.file.account_id(&spec.account)?;
        let region = self.file.region(&spec.region)?;
        Ok(format!("arn:aws:sqs:{region}:{account}:{}", name.as_ref()))
    }

    /// EventBridge rules.
    pub fn add_rules(&mut self) -> Result<(), Fault> {
        for spec in &self.file.rule {
            let account = *self.file.account_id(&spec.account)?;
            let region = self.file.region(&spec.region)?;
            if !is_sound(spec.pattern.as_ref()) {
                return Err(Fault::at(
                    &spec.pattern,
                    "expected an event pattern such as { source = [\"aws.guardduty\"] }",
                ));
            }
            let target = match (&spec.queue, &spec.bus) {
                (Some(queue), None) => self.queue_arn(queue)?,
                (None, Some(other)) => {
                    let there = match &spec.bus_region {
                        None => region,
                        Some(other) => self.file.region(other)?,
                    };
                    bus_arn(*self.file.account_id(other)?, there)
                }
                _ => return Err(Fault::at(&spec.name, "a rule needs either a \"queue\" or a \"bus\"")),
            };
            let rule = Rule {
                pattern: spec.pattern.as_ref().clone(),
                enabled: true,
                targets: [("target".to_owned(), target)].into(),
            };
            if let Some(place) = self.regional(&account, region) {
                place.events.rules.insert(spec.name.as_ref().clone(), rule);
            }
        }
        Ok(())
    }

    /// Events that happened before the start are delivered already; later ones wait in the world's queue.
    pub fn add_events(&mut self) -> Result<(), Fault> {
        for (number, spec) in self.file.event.iter().enumerate() {
            let account = *self.file.account_id(&spec.account)?;
            let region = self.file.region(&spec.region)?.clone();
            let time = self.time(spec.age, spec.at);
            let event = Event {
                id: self.ids.uuid(&format!("event/{number}/{}", spec.detail_type)),
                time,
                source: spec.source.clone(),
                detail_type: spec.detail_type.clone(),
                resources: spec.resources.clone(),
                detail: spec.detail.clone(),
            };
            self.happen(time, move |world| emit(world, account, &region, &event));
        }
        Ok(())
    }

    /// Messages that are put into a queue as they are.
    pub fn add_messages(&mut self) -> Result<(), Fault> {
        for spec in &self.file.message {
            let arn = self.queue_arn(&spec.queue)?;
            let (time, body) = (self.time(spec.age, spec.at), spec.body.clone());
            self.happen(time, move |world| {
                sqs::deliver(world, &arn, time, body);
            });
        }
        Ok(())
    }

    /// The moment that an entry names.
    pub fn time(&self, age: Option<Age>, at: Option<Moment>) -> Time {
        match (at, age) {
            (Some(moment), _) => self.start + moment.0,
            (None, Some(age)) => self.ago(age),
            (None, None) => self.start,
        }
    }

    /// Makes a change now, or at its time.
    pub fn happen(&mut self, time: Time, change: impl FnOnce(&mut World) + Send + 'static) {
        if time > self.start {
            self.world.inject_at(time, change);
        } else {
            change(&mut self.world);
        }
    }
}
