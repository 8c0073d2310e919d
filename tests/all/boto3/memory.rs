//! The range's Systems Manager as a stranger sees it, and what quell sent through it.

use std::time::Duration;

use quell::action::ActionName;
use quell::domain::ResourceKind;
use serde_json::json;

use super::on_call;
use crate::support::desk::Desk;
use crate::support::ground::{PROD, SEOUL, SMALL, options};
use crate::support::room::with_room;
use crate::support::served::Served;

#[test]
fn a_stranger_sends_commands_and_reads_what_quell_sent() {
    let served = Served::with("small", SMALL);
    let later = |seconds| {
        served
            .range
            .with_world(|world| world.clock.advance(Duration::from_secs(seconds)));
    };
    let machine = served.range.with_world(|world| {
        let place = world.regional(&PROD.parse().unwrap(), &SEOUL.parse().unwrap()).unwrap();
        place.ssm.agents.keys().next().unwrap().clone()
    });
    let run = |arguments: &[&str]| on_call(&served).run("memory_stranger.py", arguments);
    let found = run(&["agents", &machine]);
    let expected = json!({
        "agents": [[machine, "Online", "Linux"]], "filtered": [machine], "old filter": [machine], "none": [],
        "bad filter": "400 InvalidFilterKey", "bad size": "400 ValidationException",
        "no document": "400 InvalidDocument", "no instance": "400 InvalidInstanceId", "no commands": "400 InvalidParameters",
        "unknown parameter": "400 InvalidParameters", "twice": "400 DuplicateInstanceId",
        "windows": "no error", "reader": "400 AccessDeniedException", "no command": "400 InvocationDoesNotExist",
    });
    assert_eq!(found, expected);

    let sent = run(&["send", &machine]);
    let id = sent["id"].as_str().unwrap();
    assert_eq!(
        (&sent["status"], &sent["document"]),
        (&json!("Pending"), &json!("AWS-RunShellScript"))
    );
    later(10);
    let ended = run(&["invocation", id, &machine]);
    assert_eq!(
        ended,
        json!({"status": "Success", "code": 0, "output": "", "error": ""}),
        "nothing was run"
    );

    let (range, login, target) = (served.range.clone(), served.login.clone(), machine.clone());
    with_room(async move || {
        let desk = Desk::open(options(&range, &login, &login.responder)).await;
        let mut request = desk.request(ActionName::CaptureMemory, PROD, SEOUL, ResourceKind::Instance, &target);
        request.choices.insert("bucket".to_owned(), "acme-evidence".to_owned());
        let run = desk.apply(desk.plan(&request).await.unwrap(), &mut |_| {}).await;
        assert_eq!(run.unwrap().trouble, None);
    });
    later(5);
    let listed = run(&["captures", &machine]);
    let [capture] = listed.as_array().unwrap().as_slice() else {
        panic!("{listed}");
    };
    assert_eq!(capture["status"], "InProgress");
    later(300);
    let ended = run(&["invocation", capture["id"].as_str().unwrap(), &machine]);
    assert_eq!(
        (&ended["status"], &ended["code"]),
        (&json!("Success"), &json!(0)),
        "{ended}"
    );
    let hash = served.range.with_world(|world| {
        let objects = &world.s3.buckets["acme-evidence"].objects;
        let image = objects.iter().find(|(key, _)| key.starts_with("quell/INC-7/")).unwrap();
        quell::journal::hash(&image.1.content)
    });
    let last = ended["output"].as_str().unwrap().lines().last().unwrap();
    assert_eq!(last, format!("image-sha256 {hash}"));
}
