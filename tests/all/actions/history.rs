//! Who used something lately, by CloudTrail: in which regions that is looked up, and without what quell itself read.

use quell::action::{ActionName, Plan};
use quell::domain::{Region, ResourceKind};
use quell::range::services::cloudtrail::{Event, Who};

use crate::support::ground::{Ground, PROD, SEOUL, VIRGINIA};
use crate::support::room::with_room;

fn line(plan: &Plan, part: &str) -> String {
    let found = plan.draft.neighbours.iter().find(|line| line.contains(part));
    found
        .unwrap_or_else(|| panic!("{part}: {:?}", plan.draft.neighbours))
        .clone()
}

#[test]
fn what_quell_itself_read_is_left_out_and_that_is_said() {
    with_room(async || {
        let ground = Ground::new().await;
        let id = ground.instance("two");
        let request = ground.request(ActionName::StopInstance, ResourceKind::Instance, SEOUL, &id);
        let before = line(&ground.plan(&request).await.unwrap(), "CloudTrail");
        let after = line(&ground.plan(&request).await.unwrap(), "CloudTrail");
        for said in [&before, &after] {
            assert!(!said.contains("quell-read"), "{said}");
        }
        assert!(after.contains("Quell's own"), "{after}");
        assert!(after.contains("in the plan's region"), "{after}");
    });
}

/// A key is used wherever its thief likes; IAM and STS write down what they did in us-east-1.
#[test]
fn a_key_is_looked_up_in_every_region() {
    with_room(async || {
        let ground = Ground::new().await;
        let key = ground.key("deploy-bot", 0);
        for (region, name) in [(SEOUL, "seen-in-seoul"), (VIRGINIA, "seen-in-virginia")] {
            ground.range.with_world(|world| {
                let event = Event {
                    id: format!("11111111-2222-4333-8444-{:012}", name.len()),
                    time: world.clock.now() - jiff::SignedDuration::from_mins(5),
                    name: "GetCallerIdentity".to_owned(),
                    source: "sts.amazonaws.com".to_owned(),
                    who: Who {
                        name: name.to_owned(),
                        arn: format!("arn:aws:iam::{PROD}:user/{name}"),
                        access_key: Some(key.clone()),
                        ..Who::default()
                    },
                    read_only: true,
                    source_ip: "203.0.113.9".to_owned(),
                    user_agent: "aws-cli".to_owned(),
                    error: None,
                    request_id: "r".to_owned(),
                    params: serde_json::Value::Null,
                    resources: Vec::new(),
                    by_service: None,
                };
                let region: Region = region.parse().unwrap();
                let place = world.regional(&PROD.parse().unwrap(), &region).unwrap();
                place.cloudtrail.history.push(event);
            });
        }
        let request = ground.request(ActionName::DisableAccessKey, ResourceKind::AccessKey, VIRGINIA, &key);
        let said = line(&ground.plan(&request).await.unwrap(), "lately");
        for part in ["seen-in-seoul (1)", "seen-in-virginia (1)", VIRGINIA, SEOUL] {
            assert!(said.contains(part), "{part}: {said}");
        }
    });
}
