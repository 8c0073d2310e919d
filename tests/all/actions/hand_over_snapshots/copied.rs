//! What cannot be shared is copied under a key that can be.

use super::*;

pub const COPIED: Case = Case {
    request: |ground| {
        take(ground, BOOT, Some("aws/ebs"));
        take(ground, DATA, None);
        request(ground, &[("kms-key", &key(ground, "shared"))])
    },
    calls: &["ec2:CopySnapshot", "ec2:CopySnapshot"],
    applied: copied,
    refusals: &[
        Refused {
            name: "another kind of target",
            spoil: |_, request| request.target = Resource::new(ResourceKind::Bucket, "payments"),
            kind: RefusalKind::WrongTarget,
            says: "a bucket, not an instance",
        },
        Refused {
            name: "no account",
            spoil: |_, request| {
                request.choices.remove("forensic-account");
            },
            kind: RefusalKind::BadChoice,
            says: "which account gets the snapshots",
        },
        Refused {
            name: "not an account",
            spoil: |_, request| choose(request, "forensic-account", "forensics"),
            kind: RefusalKind::BadChoice,
            says: "an AWS account id is 12 digits",
        },
        Refused {
            name: "the account that has them",
            spoil: |_, request| choose(request, "forensic-account", PROD),
            kind: RefusalKind::BadChoice,
            says: "is the account that the snapshots are in",
        },
        Refused {
            name: "a key's alias",
            spoil: |_, request| choose(request, "kms-key", "alias/\u{202e}shared"),
            kind: RefusalKind::BadChoice,
            says: "alias/⟨U+202E⟩shared is not the ARN of a key",
        },
        Refused {
            name: "a key of another region",
            spoil: |ground, request| {
                let there = key(ground, "shared").replace(SEOUL, VIRGINIA);
                choose(request, "kms-key", &there);
            },
            kind: RefusalKind::BadChoice,
            says: "names no key of account 333333333333 in ap-northeast-2",
        },
        Refused {
            name: "two keys of this place",
            spoil: |ground, request| {
                let both = format!("{}, {}", key(ground, "shared"), key(ground, "aws/ebs"));
                choose(request, "kms-key", &both);
            },
            kind: RefusalKind::BadChoice,
            says: "several of the keys are of account 333333333333 in ap-northeast-2",
        },
        Refused {
            name: "AWS's own key",
            spoil: |ground, request| choose(request, "kms-key", &key(ground, "aws/ebs")),
            kind: RefusalKind::BadChoice,
            says: "managed by AWS",
        },
        Refused {
            name: "a key that is off",
            spoil: |ground, request| choose(request, "kms-key", &key(ground, "off")),
            kind: RefusalKind::BadChoice,
            says: "is Disabled",
        },
        Refused {
            name: "no such key",
            spoil: |_, request| {
                let none = format!("arn:aws:kms:{SEOUL}:{PROD}:key/0ab12cd3-0000-4000-8000-000000000000");
                choose(request, "kms-key", &none);
            },
            kind: RefusalKind::Gone,
            says: "does not exist",
        },
        Refused {
            name: "a lock of no days",
            spoil: |_, request| choose(request, "lock-days", "0"),
            kind: RefusalKind::BadChoice,
            says: "0 is not a number of days",
        },
        Refused {
            name: "a lock that is longer than AWS has it",
            spoil: |_, request| choose(request, "lock-days", "36501"),
            kind: RefusalKind::BadChoice,
            says: "36501 is not a number of days",
        },
        Refused {
            name: "compliance for nobody knows how long",
            spoil: |_, request| choose(request, "lock-compliance", "yes"),
            kind: RefusalKind::BadChoice,
            says: "not for how long",
        },
        Refused {
            name: "taken for another incident",
            spoil: |_, request| "INC-8".clone_into(&mut request.incident),
            kind: RefusalKind::Gone,
            says: "no snapshot of",
        },
        Refused {
            name: "under way",
            spoil: |ground, _| {
                let now = ground.range.with_world(|world| world.now());
                // Of 30 seconds twelve are over.
                snapshot(ground, DATA, |s| s.started = now - jiff::SignedDuration::from_secs(12));
            },
            kind: RefusalKind::WrongTarget,
            says: "1 of 2 snapshots are complete: snap-0aaaaaaaaaaaaaaa2 is at 40 %.",
        },
        Refused {
            name: "nothing but what failed",
            spoil: |ground, _| {
                for id in [BOOT, DATA] {
                    snapshot(ground, id, |s| s.fault = Some("no".to_owned()));
                }
            },
            kind: RefusalKind::Gone,
            says: "no snapshot of",
        },
        Refused {
            name: "no key for what AWS lets nobody share",
            spoil: |_, request| {
                request.choices.remove("kms-key");
            },
            kind: RefusalKind::BadChoice,
            says: "snap-0aaaaaaaaaaaaaaa1 is encrypted with AWS's own key (aws/ebs)",
        },
        Refused {
            name: "no key for what is not encrypted",
            spoil: |ground, request| {
                request.choices.remove("kms-key");
                ground.meddle(SEOUL, |ec2| ec2.snapshots.remove(BOOT));
            },
            kind: RefusalKind::BadChoice,
            says: "snap-0aaaaaaaaaaaaaaa2 is not encrypted",
        },
    ],
    stale: &[
        Stale {
            name: "another was taken since",
            change: |ground, _| take(ground, "snap-0aaaaaaaaaaaaaaa3", None),
            says: "would now plan 3 calls; the confirmed plan has 2",
        },
        Stale {
            name: "the key was switched off",
            change: |ground, _| switch_off(ground, "shared"),
            says: "is Disabled",
        },
    ],
    undo: Undo::Refuses("there is nothing to take back"),
};

fn copied(ground: &Ground, run: &Run) {
    let copies = copies(ground);
    let mut of: Vec<&str> = copies.iter().map(|c| c.tags["quell:copy-of"].as_str()).collect();
    of.sort_unstable();
    assert_eq!(of, [BOOT, DATA]);
    for copy in &copies {
        assert!(
            copy.encrypted && copy.kms_key == Some(key(ground, "shared")),
            "{copy:?}"
        );
        assert!(copy.shared.is_empty() && copy.lock.is_none(), "{copy:?}");
        for (tag, value) in [
            ("quell:incident", "INC-7"),
            ("quell:device", "/dev/xvda"),
            ("quell:volume", &boot_volume(ground)),
        ] {
            assert_eq!(copy.tags[tag], value);
        }
        assert!(!copy.tags.contains_key("team"), "the owner's tags stay the owner's");
    }
    let said = said(&run.plan);
    assert!(
        said.contains("first of two plans") && said.contains("Key used: no management event"),
        "{said}"
    );
}

/// The answer, which names the copy, is lost; the copy is found by what quell wrote on it.
#[test]
fn a_copy_whose_answer_was_lost_is_found() {
    with_room(async || {
        let ground = Ground::new().await;
        let plan = ground.plan(&(COPIED.request)(&ground)).await.unwrap();
        crate::actions::lost_answers::lose_the_answer(&ground, "CopySnapshot");
        let run = ground.apply(plan).await.unwrap();
        let words: Vec<&str> = run.outcomes.iter().map(quell::action::Outcome::word).collect();
        assert_eq!(words, ["unknown"]);
        let copy = ground.meddle(SEOUL, |ec2| {
            let made = |id: &&String| ![BOOT, DATA].contains(&id.as_str());
            let made: Vec<String> = ec2.snapshots.keys().filter(made).cloned().collect();
            assert_eq!(made.len(), 1);
            made[0].clone()
        });
        let checks = ground.verify(&run).await;
        assert_eq!(checks[0].verdict, Verdict::Verified, "{}", checks[0].expectation);
        assert_eq!(
            checks[0].found.as_deref(),
            Some(format!("found by its tags: {copy}").as_str())
        );
        // The other one was never asked for.
        assert!(
            matches!(checks[1].verdict, Verdict::Failed(_)),
            "{:?}",
            checks[1].verdict
        );
    });
}
