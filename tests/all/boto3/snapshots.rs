//! Snapshots that quell handed over, as boto3 reads them, and AWS's rules for them by boto3's own hand.

use quell::action::{ActionName, Request};
use quell::domain::ResourceKind;
use serde_json::json;

use super::on_call;
use crate::support::desk::Desk;
use crate::support::ground::{PROD, SEOUL, SMALL, options};
use crate::support::python::Stranger;
use crate::support::room::with_room;
use crate::support::served::Served;

const FORENSIC: &str = "444455556666";
/// Somebody who may do anything in EC2, which quell's responder may not.
const OWNER: &str = r#"
[[user]]
name = "owner"
account = "prod"
created = "10d"
managed = ["AmazonEC2FullAccess"]

[[user.key]]
created = "10d"
last_used = "1d"
service = "ec2"
region = "ap-northeast-2"
"#;

#[test]
fn a_stranger_reads_what_quell_handed_over() {
    let served = Served::with("small", &format!("{SMALL}\n{OWNER}"));
    let (range, login) = (served.range.clone(), served.login.clone());
    let (instance, key, default, own) = range.with_world(|world| {
        let account = &world.accounts[&PROD.parse().unwrap()];
        let own = account.iam.users["owner"].keys[0].clone();
        let place = &account.regions[&SEOUL.parse().unwrap()];
        let two = |i: &&quell::range::services::ec2::model::Instance| i.tags.get("Name").is_some_and(|n| n == "two");
        let instance = place.ec2.instances.values().find(two).unwrap().id.clone();
        let arn = |alias: &str| format!("arn:aws:kms:{SEOUL}:{PROD}:key/{}", place.kms.aliases[alias]);
        (instance, arn("alias/shared"), arn("alias/aws/ebs"), own)
    });
    let owner = Stranger {
        access_key: own.id,
        secret_key: own.secret,
        ..on_call(&served)
    };

    let (target, chosen) = (instance.clone(), key.clone());
    with_room(async move || {
        let desk = Desk::open(options(&range, &login, &login.responder)).await;
        let take = desk.request(
            ActionName::SnapshotInstance,
            PROD,
            SEOUL,
            ResourceKind::Instance,
            &target,
        );
        let choices = [
            ("forensic-account", FORENSIC),
            ("kms-key", &chosen),
            ("lock-days", "30"),
        ];
        let hand_over = Request {
            action: ActionName::HandOverSnapshots,
            choices: choices.map(|(k, v)| (k.to_owned(), v.to_owned())).into(),
            ..take.clone()
        };
        for request in [&take, &hand_over, &hand_over] {
            let run = desk
                .apply(desk.plan(request).await.unwrap(), &mut |_| {})
                .await
                .unwrap();
            assert_eq!(run.trouble, None, "{}", request.action);
            range.with_world(|world| world.clock.advance(std::time::Duration::from_mins(5)));
        }
    });

    let found = on_call(&served).run("snapshots_stranger.py", &["kept", &instance, &key]);
    assert_eq!(found["taken"], json!(2));
    assert_eq!(found["keys"], json!([key.as_str()]));
    assert_eq!(found["shared"], json!([[FORENSIC], [FORENSIC]]));
    assert_eq!(found["locks"], json!([["governance", 30], ["governance", 30]]));
    assert_eq!(found["devices"], json!(["/dev/sdf", "/dev/xvda"]));
    let grant = json!([
        format!("arn:aws:iam::{FORENSIC}:root"),
        7,
        format!("quell-INC-7-{instance}-{FORENSIC}")
    ]);
    assert_eq!(found["grants"], json!([grant]));
    assert_eq!(found["reader shares"], "403 UnauthorizedOperation");
    assert_eq!(found["reader locks"], "403 UnauthorizedOperation");
    assert_eq!(found["reader grants"], "400 AccessDeniedException");

    let tried = owner.run("snapshots_stranger.py", &["rules", &instance, &key, &default]);
    let expected = json!({
        "under way": "400 IncorrectState", "unknown": "400 InvalidSnapshot.NotFound", "key without encryption": "400 InvalidParameterDependency",
        "without leave for the key": "403 UnauthorizedOperation", "bad key": "error",
        "share default": "400 OperationNotPermitted", "share with all": "400 OperationNotPermitted",
        "share with nobody": "400 InvalidParameterCombination", "share with a name": "400 InvalidUserID.Malformed",
        "shared": ["111122223333"], "unshared": [],
        "no days": "400 InvalidParameterCombination", "too many days": "400 InvalidParameterValue", "bad mode": "400 InvalidParameterValue",
        "cooling off": "compliance-cooloff", "by state": 1, "unlocked": "no error", "not locked": "400 IncorrectState",
        "for good": "compliance", "unlock for good": "400 OperationNotPermitted", "shorten": "400 OperationNotPermitted",
        "lengthen": 20, "dry run": "412 DryRunOperation",
    });
    for (what, value) in expected.as_object().unwrap() {
        assert_eq!(tried[what], *value, "{what}: {tried}");
    }
}
