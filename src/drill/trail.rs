//! CloudTrail's history of the time before the drill, and of what happens in it without a call.

use super::build::Builder;
use super::error::Fault;
use super::schema::{self, Name};
use crate::domain::AccountId;
use crate::range::services::cloudtrail::{Event, Who};
use crate::range::services::iam::Role;

/// An event that says no address comes from the office.
const OFFICE: &str = crate::range::call::Origin::OFFICE;

impl Builder<'_> {
    /// Puts the events into the history of their account and region; later ones wait in the world's queue.
    pub fn add_trail(&mut self) -> Result<(), Fault> {
        for (number, spec) in self.file.trail.iter().enumerate() {
            let account = *self.file.account_id(&spec.account)?;
            let region = self.file.region(&spec.region)?.clone();
            let who = self.who(account, spec)?;
            let count = *spec.count.as_ref();
            if count == 0 {
                return Err(Fault::at(&spec.count, "expected a count of at least 1"));
            }
            for copy in 0..count {
                // The last of them is at the time that is given, the others each a minute before the next.
                let before = jiff::SignedDuration::from_mins(i64::from(count - 1 - copy));
                let time = self.time(spec.age, spec.at) - before;
                let unique = format!("trail/{number}/{copy}");
                let event = Event {
                    id: self.ids.uuid(&unique),
                    time,
                    name: spec.name.clone(),
                    source: format!("{}.amazonaws.com", spec.source),
                    who: who.clone(),
                    read_only: spec.read_only.unwrap_or_else(|| reads(&spec.name)),
                    source_ip: spec.ip.clone().unwrap_or_else(|| OFFICE.to_owned()),
                    user_agent: spec.agent.clone(),
                    error: spec.error.clone(),
                    request_id: self.ids.uuid(&format!("{unique}/request")),
                    params: spec.parameters.clone(),
                    resources: spec.resource.iter().map(|r| (r.kind.clone(), r.name.clone())).collect(),
                    by_service: None,
                };
                let region = region.clone();
                self.happen(time, move |world| {
                    if let Ok(place) = world.regional(&account, &region) {
                        place.cloudtrail.history.push(event);
                    }
                });
            }
        }
        Ok(())
    }

    /// The user with its first key, or the role with a session's.
    fn who(&self, account: AccountId, spec: &schema::TrailEvent) -> Result<Who, Fault> {
        let iam = &self.world.accounts[&account].iam;
        let missing = |kind: &str, name: &Name| {
            Fault::at(name, format!("no {kind} of that account is called {:?}", name.as_ref()))
        };
        match (&spec.user, &spec.role, &spec.person) {
            (Some(name), None, None) if name.as_ref() == "root" => Ok(Who {
                name: "root".to_owned(),
                arn: format!("arn:aws:iam::{account}:root"),
                principal_id: account.to_string(),
                ..Who::default()
            }),
            (Some(name), None, None) => {
                let user = iam.users.get(name.as_ref()).ok_or_else(|| missing("user", name))?;
                Ok(Who {
                    name: user.name.clone(),
                    arn: iam.arn("user", &user.path, &user.name),
                    principal_id: user.id.clone(),
                    access_key: user.keys.first().map(|key| key.id.clone()),
                    source_identity: None,
                })
            }
            (None, Some(name), None) => {
                let role = iam.roles.get(name.as_ref()).ok_or_else(|| missing("role", name))?;
                let session = match &spec.session {
                    None => "session",
                    Some(name) => match self.instances.get(name.as_str()).and_then(|all| all.first()) {
                        Some(instance) => instance.id.as_str(),
                        None => name.as_str(),
                    },
                };
                Ok(self.session(account, role, session))
            }
            (None, None, Some(name)) => {
                let role = self
                    .person(account, name.as_ref())
                    .ok_or_else(|| missing("person", name))?;
                Ok(self.session(account, role, name.as_ref()))
            }
            _ => Err(Fault::at(
                &spec.account,
                "an event needs either a \"user\", a \"role\" or a \"person\"",
            )),
        }
    }

    fn session(&self, account: AccountId, role: &Role, session: &str) -> Who {
        Who {
            name: session.to_owned(),
            arn: format!("arn:aws:sts::{account}:assumed-role/{}/{session}", role.name),
            principal_id: format!("{}:{session}", role.id),
            // The same as a finding about the session shows.
            access_key: Some(self.ids.unique("ASIA", &format!("{account}/{}/{session}", role.name))),
            source_identity: None,
        }
    }
}

/// Whether an operation of this name only reads.
fn reads(name: &str) -> bool {
    let prefixes = ["Assume", "Decrypt", "Describe", "Get", "Head", "List", "Lookup"];
    prefixes.iter().any(|prefix| name.starts_with(prefix))
}
