//! A command through moto's Systems Manager. Its known gaps: it has neither `DescribeInstanceInformation` nor
//! `ListCommandInvocations`, so that no plan can be made and this sends a call of a plan that was not; every command has ended well
//! as soon as it is sent, and has printed nothing, which quell does not take for a capture.

use std::sync::Arc;

use quell::action::{
    ActionName, CaptureTool, Confirmed, Draft, Expectation, Facts, Made, MemoryCapture, Mutation, Outcome, Plan,
    PlannedCall, SsmCall, SsmState, Undo, Verdict,
};
use quell::cloud::{self, ConnectOptions};
use quell::domain::ResourceKind;
use quell::journal::Writer;
use quell::runtime::NoPlan;

use super::{OTHER, REGION};
use crate::support::desk::Desk;
use crate::support::moto::Moto;
use crate::support::room::with_room;

#[test]
fn a_command_is_sent_whole_and_its_silence_is_no_capture() {
    with_room(async || {
        let moto = Moto::start();
        let stranger = moto.stranger(REGION);
        let made = stranger.run("on_moto.py", &["make_instance"]);
        let instance = made["instance"].as_str().unwrap();
        stranger.run("memory_on_moto.py", &["make_bucket"]);
        // What moto does not know it answers as a server that failed; nothing is won by asking again.
        let options = ConnectOptions {
            attempts: 1,
            ..moto.options(REGION)
        };
        let desk = Desk::open(options).await;
        let mut request = desk.request(
            ActionName::CaptureMemory,
            OTHER,
            REGION,
            ResourceKind::Instance,
            instance,
        );
        request.choices.insert("bucket".to_owned(), "acme-evidence".to_owned());
        let Err(NoPlan::Refused(refusal)) = desk.plan(&request).await else {
            panic!("moto knows no agents");
        };
        assert!(
            refusal.to_string().contains("ssm:DescribeInstanceInformation"),
            "{refusal}"
        );

        let capture = MemoryCapture {
            tool: CaptureTool::Avml,
            source: "s3://acme-evidence/quell/tools/avml".parse().unwrap(),
            sha256: None,
            image: "s3://acme-evidence/quell/INC-7/memory.lime".parse().unwrap(),
            comment: "quell memory 20260301T120000Z INC-7".to_owned(),
        };
        let expectation = Expectation::Ssm(SsmState::MemoryCaptured {
            instance: instance.parse().unwrap(),
            call: 0,
            image: capture.image.clone(),
            owner: None,
            comment: capture.comment.clone(),
            since: request.at,
            planned: request.at,
        });
        let draft = Draft {
            calls: vec![PlannedCall {
                mutation: Mutation::Ssm(SsmCall::SendCommand {
                    instance: instance.parse().unwrap(),
                    capture: capture.clone(),
                }),
                undo: Undo::Kept,
                was: None,
            }],
            expectations: vec![expectation.clone()],
            ..Draft::default()
        };
        let plan = Plan::new(request.clone(), draft, Facts::default());
        let session = desk.cloud.responder(&plan).await.unwrap();
        let directory = tempfile::tempdir().unwrap();
        let journal = directory.path().join("journal");
        let mut writer = Writer::open(&journal, &desk.cloud.identity().arn.to_string(), desk.cloud.now()).unwrap();
        let digest = plan.digest().to_string();
        let confirmed = Confirmed::by_digest(plan, &digest, desk.cloud.now()).unwrap();
        let (mut underway, _) = writer.begin(confirmed, desk.cloud.now()).unwrap();
        let now = desk.cloud.now();
        let (permit, _) = writer.intent(&mut underway, now, now).unwrap();
        let (_receipt, outcome) = cloud::send(&session, permit, &Made::new()).await;
        let Outcome::Applied { made, .. } = outcome else {
            panic!("{outcome:?}");
        };

        let sent = stranger.run("memory_on_moto.py", &["show_command", &made["command"]]);
        assert_eq!(sent["instances"], serde_json::json!([instance]), "{sent}");
        assert_eq!(sent["document"], "AWS-RunShellScript");
        assert_eq!(sent["comment"], capture.comment.as_str());
        assert_eq!(sent["timeout"], MemoryCapture::DELIVERY);
        let lines: Vec<&str> = sent["lines"]
            .as_array()
            .unwrap()
            .iter()
            .filter_map(|l| l.as_str())
            .collect();
        assert_eq!(lines, capture.script(), "every line of the script, as it is");

        let made: Made = [(0, made)].into();
        let queries = expectation.queries(&made);
        let read = cloud::answers(&Arc::clone(&desk.cloud), &request.account, &request.region, &queries).await;
        let Verdict::Failed(why) = expectation.check(&Facts::from(read), &made) else {
            panic!("nothing was captured");
        };
        assert!(why.contains("did not say the SHA-256"), "{why}");
    });
}
