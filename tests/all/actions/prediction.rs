//! What AWS says beforehand: dry runs of EC2's own and IAM's simulation, neither of which changes anything.

use quell::action::{Foresight, Oracle};
use quell::cloud;

use super::isolate_instance::request;
use crate::support::ground::{Ground, SEOUL};
use crate::support::room::with_room;

#[test]
fn a_plan_is_rehearsed_and_nothing_changes() {
    with_room(async || {
        let ground = Ground::new().await;
        let plan = ground.plan(&request(&ground, SEOUL, "two")).await.unwrap();
        let before = ground.state();
        let said = cloud::predict(&ground.cloud, &plan).await;
        assert_eq!(ground.state(), before, "a prediction changes nothing");
        assert_eq!(said.digest, plan.digest());
        let needed: Vec<&str> = plan.permissions();
        for permission in &needed {
            assert!(said.verdicts.contains_key(*permission), "{permission}: {said:?}");
        }
        let tags = &said.verdicts["ec2:ModifyInstanceAttribute"];
        assert_eq!(*tags, Foresight::Allowed { by: Oracle::DryRun });
        // The plan still holds after it: nothing that it rests on has moved.
        assert_eq!(ground.apply(plan).await.unwrap().trouble, None);
    });
}
