//! What quell did in the organisation and in IAM Identity Center, and what a machine printed, as boto3 reads it.

use quell::action::ActionName;
use quell::domain::ResourceKind;
use serde_json::json;

use super::on_call;
use crate::actions::contain_identity_user::USER;
use crate::support::desk::Desk;
use crate::support::ground::{MANAGEMENT, PROD, SEOUL, SMALL, options};
use crate::support::room::with_room;
use crate::support::served::Served;

#[test]
fn a_stranger_reads_policies_assignments_and_groups() {
    let served = Served::with("small", SMALL);
    served
        .range
        .with_world(|world| world.identity_center = Some(crate::actions::identity_center()));
    let organization = || on_call(&served).run("org_stranger.py", &["organization", MANAGEMENT, PROD]);
    let center = || on_call(&served).run("org_stranger.py", &["center", MANAGEMENT, SEOUL, USER]);
    let (before, person) = (organization(), center());
    assert_eq!(before["root"], json!(["ENABLED"]));
    assert_eq!(before["on"], json!(["FullAWSAccess"]));
    assert_eq!(before["no policy"], "400 PolicyNotFoundException");
    assert_eq!(before["reader creates"], "400 AccessDeniedException");
    assert_eq!(person["groups"], 2);
    assert!(
        person["assignments"]
            .as_array()
            .unwrap()
            .contains(&json!([PROD, "USER"])),
        "{person}"
    );
    assert_eq!(person["no user"], "400 ResourceNotFoundException");
    assert_eq!(person["reader takes"], "400 AccessDeniedException");

    let (range, login) = (served.range.clone(), served.login.clone());
    with_room(async move || {
        let desk = Desk::open(options(&range, &login, &login.responder)).await;
        for (action, kind, target) in [
            (ActionName::ContainIdentityUser, ResourceKind::IdentityUser, USER),
            (ActionName::QuarantineAccount, ResourceKind::Account, PROD),
        ] {
            let request = desk.request(action, MANAGEMENT, SEOUL, kind, target);
            let run = desk.apply(desk.plan(&request).await.unwrap(), &mut |_| {}).await;
            assert_eq!(run.unwrap().trouble, None, "{action}");
        }
    });
    let (after, person) = (organization(), center());
    let on = after["on"].as_array().unwrap();
    assert_eq!(on.len(), 2, "{after}");
    assert!(
        after["effects"]
            .as_array()
            .unwrap()
            .iter()
            .all(|effect| effect == "Deny"),
        "{after}"
    );
    assert_eq!(after["targets"], json!([PROD]));
    assert_eq!(after["policies"].as_array().unwrap().len(), 3, "{after}");
    assert_eq!(person["groups"], 0);
    let left = person["assignments"].as_array().unwrap();
    assert!(left.iter().all(|assignment| assignment[1] == "GROUP"), "{person}");
}

#[test]
fn a_stranger_reads_what_a_machine_printed() {
    let served = Served::with("small", SMALL);
    let id = served.range.with_world(|world| {
        let place = world.regional(&PROD.parse().unwrap(), &SEOUL.parse().unwrap()).unwrap();
        let id = place.ec2.instances.keys().next().unwrap().clone();
        // As EC2 keeps it: Base64, which boto3 takes off.
        place.ec2.console.insert(id.clone(), "bG9naW46IHJvb3QK".to_owned());
        id
    });
    let said = on_call(&served).run("org_stranger.py", &["console", PROD, SEOUL, &id]);
    assert_eq!(
        said,
        json!({"instance": id, "output": "login: root\n", "no instance": "400 InvalidInstanceID.NotFound"})
    );
}
