//! What carries quell's tags and is not what they say: whoever may tag could put a clean disk in the place of the evidence.

use super::*;

const FAKE: &str = "snap-0bbbbbbbbbbbbbbb1";

/// Something that passes for a copy of the first snapshot, but for what is spoilt.
fn forge(ground: &Ground, id: &str, spoil: impl FnOnce(&mut Snapshot)) {
    take(ground, id, Some("shared"));
    snapshot(ground, id, |s| {
        s.tags.insert("quell:copy-of".to_owned(), BOOT.to_owned());
        s.description = format!("quell INC-7 copy of {BOOT}");
        "vol-ffffffff".clone_into(&mut s.volume);
        spoil(s);
    });
}

#[test]
fn a_snapshot_that_is_tagged_as_a_copy_is_none() {
    type Spoil = fn(&mut Snapshot);
    let cases: [(&str, Spoil); 5] = [
        ("is described as \"backup\", not", |s| {
            "backup".clone_into(&mut s.description);
        }),
        ("is 8 GiB large and snap-0aaaaaaaaaaaaaaa1 is 30", |s| s.size = 8),
        ("is older than snap-0aaaaaaaaaaaaaaa1", |s| {
            s.started -= jiff::SignedDuration::from_hours(9);
        }),
        ("is not under the chosen key", |s| s.kms_key = None),
        ("which is none of those that were taken", |s| {
            s.tags.insert("quell:copy-of".to_owned(), "snap-\u{202e}".to_owned());
        }),
    ];
    with_room(async move || {
        for (says, spoil) in cases {
            let ground = Ground::new().await;
            let request = (COPIED.request)(&ground);
            forge(&ground, FAKE, spoil);
            let plan = ground.plan(&request).await.unwrap();
            assert_eq!(plan.draft.calls.len(), 2, "both are copied all the same: {says}");
            let said = said(&plan);
            assert!(
                said.contains(&format!("Passed over: {FAKE} ")) && said.contains(says),
                "{says}: {said}"
            );
            assert!(!said.contains('\u{202e}'));
        }
    });
}

#[test]
fn of_two_that_pass_for_the_copy_neither_is_taken() {
    with_room(async || {
        let ground = Ground::new().await;
        let request = (COPIED.request)(&ground);
        forge(&ground, FAKE, |_| {});
        forge(&ground, "snap-0bbbbbbbbbbbbbbb2", |_| {});
        let refusal = match ground.plan(&request).await {
            Err(NoPlan::Refused(refusal)) => refusal,
            other => panic!("{other:?}"),
        };
        assert_eq!(refusal.kind, RefusalKind::Unsafe);
        let says = format!("{FAKE} and snap-0bbbbbbbbbbbbbbb2 all pass for the copy of {BOOT}");
        assert!(refusal.why.contains(&says), "{refusal}");
    });
}

#[test]
fn another_disk_that_is_tagged_as_taken_is_not_handed_over() {
    with_room(async || {
        let ground = Ground::new().await;
        let request = (SHARED.request)(&ground);
        let (other, plain) = ("snap-0ccccccccccccccc1", "snap-0ccccccccccccccc2");
        take(&ground, other, Some("shared"));
        snapshot(&ground, other, |s| "vol-0eeeeeeeeeeeeeeee".clone_into(&mut s.volume));
        take(&ground, plain, Some("shared"));
        snapshot(&ground, plain, |s| s.description.clear());
        let plan = ground.plan(&request).await.unwrap();
        let said = said(&plan);
        for part in [
            format!("Passed over: {other} is of vol-0eeeeeeeeeeeeeeee, which "),
            format!("Passed over: {plain} has no description"),
        ] {
            assert!(said.contains(&part), "{part}: {said}");
        }
        ground.apply(plan).await.unwrap();
        for id in [other, plain] {
            assert!(snapshot(&ground, id, |s| s.shared.is_empty() && s.lock.is_none()));
        }
        for id in [BOOT, DATA] {
            assert!(snapshot(&ground, id, |s| s.shared.contains(FORENSIC)));
        }
    });
}

#[test]
fn where_the_instance_has_no_volume_left_that_is_said() {
    with_room(async || {
        let ground = Ground::new().await;
        let request = (SHARED.request)(&ground);
        let instance = ground.instance("two");
        ground.meddle(SEOUL, |ec2| {
            ec2.volumes
                .retain(|_, v| v.attachment.as_ref().is_none_or(|a| a.instance != instance));
        });
        let plan = ground.plan(&request).await.unwrap();
        assert!(said(&plan).contains("has no volume now"), "{}", said(&plan));
        assert_eq!(plan.draft.calls.len(), SHARED.calls.len());
    });
}
