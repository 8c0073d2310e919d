//! What a capture of memory says beforehand and afterwards: its warnings, its hash, and the machine's own words.

use quell::action::{ActionName, Check, Plan, Request, Verdict};
use quell::domain::ResourceKind;
use quell::range::call::ApiError;
use quell::range::fault::{Fault, Kind};
use quell::runtime::NoPlan;

use super::capture_memory::{BUCKET, capture_runs, choose, request, seal};
use crate::support::ground::{Ground, PROD, SEOUL};
use crate::support::room::with_room;

/// Plans, applies, changes the world, and reads back to the end: the last check, and the plan's warnings.
async fn captured(ground: &Ground, request: &Request, then: impl FnOnce(&Ground)) -> (Check, Vec<String>) {
    let plan = ground.plan(request).await.unwrap();
    let warnings = plan.draft.warnings.clone();
    let run = ground.apply(plan).await.unwrap();
    assert_eq!(run.trouble, None);
    then(ground);
    let checks = ground.verify(&run).await;
    assert_eq!(checks.len(), 1);
    (checks.into_iter().next().unwrap(), warnings)
}

#[test]
fn the_hash_of_what_lies_in_the_bucket_is_kept_in_the_journal() {
    with_room(async || {
        let ground = Ground::new().await;
        let (check, warnings) = captured(&ground, &request(&ground), |_| {}).await;
        assert_eq!(check.verdict, Verdict::Verified);
        let found = check.found.clone().unwrap();
        ground.bucket(BUCKET, |bucket| {
            let (key, image) = bucket
                .objects
                .iter()
                .find(|(key, _)| key.starts_with("quell/INC-7/"))
                .unwrap();
            let hash = quell::journal::hash(&image.content);
            assert!(found.contains(&hash) && found.contains(key), "{found}");
            assert!(found.contains(&format!("{} bytes", image.content.len())), "{found}");
            let tool = quell::journal::hash(&bucket.objects["quell/tools/avml"].content);
            assert!(found.contains(&tool), "{found}");
        });
        let told = ground
            .records()
            .last()
            .map(|record| format!("{:?}", record.what))
            .unwrap();
        assert!(told.contains(&found), "{told}");
        let said = warnings.join("\n");
        for words in [
            "runs code as root",
            "can make it lie",
            "/var/tmp",
            "within 10 minutes",
            "/var/tmp/quell.* may still hold memory",
            "before isolate-instance",
            "No sha256",
        ] {
            assert!(said.contains(words), "{words}: {said}");
        }
        assert!(!said.contains("may not"), "the role may: {said}");
    });
}

/// The machine's word is not enough: the bucket is asked, wherever it is, and every time that the record is verified.
#[test]
fn an_image_that_is_not_in_the_bucket_is_not_verified() {
    with_room(async || {
        let ground = Ground::new().await;
        let run = ground
            .apply(ground.plan(&request(&ground)).await.unwrap())
            .await
            .unwrap();
        let verdict = async || ground.verify(&run).await[0].verdict.clone();
        assert_eq!(verdict().await, Verdict::Verified);

        ground.bucket(BUCKET, |bucket| bucket.region = "us-east-1".parse().unwrap());
        assert_eq!(verdict().await, Verdict::Verified, "S3 says where it is");
        ground.bucket(BUCKET, |bucket| bucket.region = SEOUL.parse().unwrap());

        let owner = PROD.parse().unwrap();
        ground.bucket(BUCKET, |bucket| bucket.owner = "444455556666".parse().unwrap());
        let Verdict::Unreadable(why) = verdict().await else {
            panic!("a bucket of others says nothing");
        };
        assert!(
            why.contains("the machine says so (") && why.contains("may not read it"),
            "{why}"
        );
        ground.bucket(BUCKET, |bucket| bucket.owner = owner);

        let image = |change: &dyn Fn(&mut quell::range::services::s3::Object)| {
            ground.bucket(BUCKET, |bucket| {
                let (_, image) = bucket
                    .objects
                    .iter_mut()
                    .find(|(key, _)| key.starts_with("quell/INC-7/"))
                    .unwrap();
                change(image);
            });
        };
        for (change, says) in [
            (
                &(|o: &mut quell::range::services::s3::Object| o.content.push(0)) as &dyn Fn(&mut _),
                "bytes in S3, and the machine says",
            ),
            (
                &|o: &mut quell::range::services::s3::Object| {
                    o.content.pop();
                    o.modified -= jiff::SignedDuration::from_hours(1);
                },
                "from before this was planned",
            ),
        ] {
            image(change);
            let Verdict::Failed(why) = verdict().await else {
                panic!("{says}");
            };
            assert!(why.contains(says), "{why}");
        }
        ground.bucket(BUCKET, |bucket| {
            bucket.objects.retain(|key, _| !key.starts_with("quell/INC-7/"));
        });
        let Verdict::Failed(why) = verdict().await else {
            panic!("it is gone");
        };
        assert!(why.contains("S3 has no such object"), "{why}");
    });
}

/// A lost answer is no failure: the capture may run for two hours. A refusal is one.
#[test]
fn a_capture_is_watched_though_the_answer_to_its_sending_was_lost() {
    with_room(async || {
        for (kind, word, says) in [
            (Kind::DropReply, "verified", ""),
            (
                Kind::Error(ApiError::new(403, "AccessDeniedException", "Not today.")),
                "failed",
                "AWS refused the call",
            ),
        ] {
            let ground = Ground::new().await;
            let plan = ground.plan(&request(&ground)).await.unwrap();
            ground.range.fail(Fault {
                service: Some("ssm".to_owned()),
                operation: Some("SendCommand".to_owned()),
                times: 1,
                kind,
                ..Fault::default()
            });
            let run = ground.apply(plan).await.unwrap();
            ground.range.heal();
            assert!(run.trouble.is_some());
            let checks = ground.verify(&run).await;
            assert_eq!(checks[0].verdict.word(), word, "{checks:?}");
            assert!(checks[0].detail().contains(says), "{checks:?}");
        }
    });
}

/// Without an id the command is looked for in a list, and a list that cannot be read for a moment does not end the watch.
#[test]
fn a_list_that_cannot_be_read_for_a_moment_does_not_end_the_watch() {
    with_room(async || {
        let ground = Ground::new().await;
        let plan = ground.plan(&request(&ground)).await.unwrap();
        let fault = |operation: &str, kind| Fault {
            service: Some("ssm".to_owned()),
            operation: Some(operation.to_owned()),
            times: 1,
            kind,
            ..Fault::default()
        };
        ground.range.fail(fault("SendCommand", Kind::DropReply));
        let run = ground.apply(plan).await.unwrap();
        assert!(run.trouble.is_some());
        ground.range.fail(fault("ListCommandInvocations", Kind::Internal));
        let wait = std::time::Duration::from_mins(5);
        let looks = ground
            .looks(&run, || ground.range.with_world(|world| world.clock.advance(wait)))
            .await;
        let words: Vec<&str> = looks.iter().map(|checks| checks[0].verdict.word()).collect();
        assert_eq!(words.first(), Some(&"pending"), "{looks:?}");
        assert_eq!(words.last(), Some(&"verified"), "{looks:?}");
        assert!(looks[0][0].detail().contains("is read again"), "{looks:?}");
    });
}

#[test]
fn what_the_machine_may_not_do_is_said_before_and_its_own_words_after() {
    with_room(async || {
        let ground = Ground::new().await;
        ground.range.with_world(|world| {
            let account = world.accounts.get_mut(&PROD.parse().unwrap()).unwrap();
            account.iam.roles.get_mut("managed-role").unwrap().grants.inline.clear();
        });
        let (check, warnings) = captured(&ground, &request(&ground), |_| {}).await;
        let said = warnings.join("\n");
        for words in [
            "may not read s3://acme-evidence/quell/tools/avml",
            "may not write s3://acme-evidence/quell/INC-7/",
        ] {
            assert!(said.contains(words), "{said}");
        }
        let Verdict::Failed(why) = check.verdict else {
            panic!("{check:?}")
        };
        assert!(why.contains("ended as Failed") && why.contains("AccessDenied"), "{why}");
        assert_eq!(check.found, None);
    });
}

#[test]
fn another_tool_than_the_one_that_was_chosen_is_not_run() {
    with_room(async || {
        let ground = Ground::new().await;
        let mut request = request(&ground);
        choose(&mut request, "sha256", &"0".repeat(64));
        let (check, warnings) = captured(&ground, &request, |_| {}).await;
        assert!(!warnings.join("\n").contains("No sha256"));
        let Verdict::Failed(why) = check.verdict else {
            panic!("{check:?}")
        };
        assert!(why.contains("the SHA-256 of the tool is"), "{why}");
    });
}

#[test]
fn an_isolation_before_the_agent_begins_is_a_delivery_that_timed_out() {
    with_room(async || {
        let ground = Ground::new().await;
        let id = ground.instance("managed");
        let (check, _) = captured(&ground, &request(&ground), |ground| seal(ground, &id)).await;
        let Verdict::Failed(why) = check.verdict else {
            panic!("{check:?}")
        };
        assert!(why.contains("DeliveryTimedOut"), "{why}");
    });
}

#[test]
fn a_machine_without_a_role_and_a_bucket_of_others_are_told_apart() {
    with_room(async || {
        let ground = Ground::new().await;
        let mut request = request(&ground);
        choose(&mut request, "bucket", "acme-billing");
        let plan = ground.plan(&request).await.unwrap();
        assert!(
            plan.draft
                .warnings
                .iter()
                .any(|w| w.contains("make sure that it is yours"))
        );
        ground.meddle(SEOUL, |ec2| {
            ec2.instances.get_mut(request.target.id.raw()).unwrap().profile = None;
        });
        let Err(NoPlan::Refused(refusal)) = ground.plan(&request).await else {
            panic!("there is nothing to upload with");
        };
        assert!(refusal.why.contains("no instance profile"), "{refusal}");
    });
}

#[test]
fn a_plan_that_would_end_a_capture_says_so() {
    with_room(async || {
        for action in [
            ActionName::IsolateInstance,
            ActionName::StopInstance,
            ActionName::ReplaceInstanceProfile,
        ] {
            let ground = Ground::new().await;
            let id = ground.instance("managed");
            let request = ground.request(action, ResourceKind::Instance, SEOUL, &id);
            let warned = |plan: &Plan| {
                plan.draft
                    .warnings
                    .iter()
                    .any(|w| w.contains("Its memory is still being captured"))
            };
            assert!(!warned(&ground.plan(&request).await.unwrap()), "{action}");
            capture_runs(&ground, &id);
            let plan = ground.plan(&request).await.unwrap();
            assert!(warned(&plan), "{action}: {:?}", plan.draft.warnings);
        }
    });
}
