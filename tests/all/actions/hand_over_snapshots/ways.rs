//! From the first plan to the second, and what is there already.

use super::*;

async fn refusal(ground: &Ground, request: &Request) -> String {
    match ground.plan(request).await {
        Err(NoPlan::Refused(refusal)) => refusal.to_string(),
        other => panic!("{other:?}"),
    }
}

#[test]
fn what_was_copied_is_handed_over_when_it_is_complete_and_what_failed_is_copied_anew() {
    with_room(async || {
        let ground = Ground::new().await;
        let first = (COPIED.request)(&ground);
        // The key goes off as the first copy is asked for: AWS takes the call, and the copy comes to nothing.
        let run = ground.apply(ground.plan(&first).await.unwrap()).await.unwrap();
        let failed = copies(&ground)[0].id.clone();
        snapshot(&ground, &failed, |s| {
            s.fault = Some("Given key ID is not accessible".to_owned());
        });

        let waits = refusal(&ground, &first).await;
        assert!(
            waits.contains("2 of 3 snapshots are complete") && waits.contains("is at 0 %"),
            "{waits}"
        );
        let checks = ground.verify(&run).await;
        let verdicts: Vec<&Verdict> = checks.iter().map(|c| &c.verdict).collect();
        let failure = Verdict::Failed(format!(
            "{failed} is in the state error: Given key ID is not accessible"
        ));
        assert!(
            verdicts.contains(&&failure) && verdicts.contains(&&Verdict::Verified),
            "{verdicts:?}"
        );

        let again = ground.plan(&first).await.unwrap();
        assert_eq!(again.draft.calls.len(), 1);
        assert!(
            said(&again).contains(&format!("{failed} is in the state error")),
            "{}",
            said(&again)
        );
        let run = ground.apply(again).await.unwrap();
        ground.verify(&run).await;

        let second = ground.plan(&first).await.unwrap();
        let run = ground.apply(second).await.unwrap();
        assert_eq!(run.trouble, None);
        for check in ground.verify(&run).await {
            assert_eq!(check.verdict, Verdict::Verified, "{}", check.expectation);
        }
        for copy in copies(&ground) {
            assert_eq!(copy.shared.contains(FORENSIC), copy.id != failed, "{copy:?}");
        }
        for id in [BOOT, DATA] {
            assert!(
                snapshot(&ground, id, |s| s.shared.is_empty()),
                "what was taken stays at home"
            );
        }
        assert!(refusal(&ground, &first).await.contains("already"));
        // Copies stay when the shares are taken back.
        let undo = ground.undo(run.seq).await.unwrap();
        ground.apply(undo).await.unwrap();
        assert!(copies(&ground).len() == 3 && copies(&ground).iter().all(|c| c.shared.is_empty()));
    });
}

#[test]
fn who_has_them_already_is_named() {
    with_room(async || {
        let ground = Ground::new().await;
        let request = (SHARED.request)(&ground);
        snapshot(&ground, BOOT, |s| s.shared.insert("666677778888".to_owned()));
        give(&ground, &["Decrypt"], false);
        let plan = ground.plan(&request).await.unwrap();
        // Somebody's grant does not allow enough, and would go with whoever made it.
        assert_eq!(plan.draft.calls[0].mutation.permission(), "kms:CreateGrant");
        let said = said(&plan);
        for part in [
            format!("{BOOT} is shared already with 666677778888."),
            format!("arn:aws:iam::{FORENSIC}:root (Decrypt)"),
        ] {
            assert!(said.contains(&part), "{part}: {said}");
        }
        let run = ground.apply(plan).await.unwrap();
        let undo = ground.undo(run.seq).await.unwrap();
        ground.apply(undo).await.unwrap();
        let left = in_kms(&ground, |kms| kms.keys[&kms.aliases["alias/shared"]].grants.len());
        assert_eq!(left, 1, "somebody's grant stays");
        assert!(snapshot(&ground, BOOT, |s| s.shared.iter().eq(["666677778888"])));
    });
}

#[test]
fn the_account_is_named_where_it_is_of_the_organisation_and_its_digits_are_typed() {
    with_room(async || {
        let ground = Ground::new().await;
        let mut request = (SHARED.request)(&ground);
        let plan = ground.plan(&request).await.unwrap();
        let doubt = format!("ACCOUNT {FORENSIC} IS NOT KNOWN TO BE OF YOUR ORGANISATION: compare every digit");
        assert!(plan.draft.warnings[0].starts_with(&doubt), "{}", said(&plan));
        assert_eq!(plan.typed_confirmation(), "6666");
        let (digest, now) = (plan.digest(), ground.cloud.now());
        let habit = ground.instance("two");
        let habit = &habit[habit.len() - 4..];
        assert!(Confirmed::at_screen(plan.clone(), &digest, habit, now).is_err());
        assert!(Confirmed::at_screen(plan.clone(), &digest, "6666", now).is_ok());
        let run = ground.apply(plan).await.unwrap();
        let undo = ground.undo(run.seq).await.unwrap();
        assert_eq!(undo.typed_confirmation(), habit, "who takes back lets nobody in");

        choose(&mut request, "forensic-account", SECURITY);
        let plan = ground.plan(&request).await.unwrap();
        let known = format!("Account {SECURITY} is security of your organisation.");
        assert_eq!(plan.draft.warnings[0], known);
        assert_eq!(plan.typed_confirmation(), "2222");
        let closed = SECURITY.parse().unwrap();
        ground
            .range
            .with_world(|world| world.organization.closed.insert(closed));
        let plan = ground.plan(&request).await.unwrap();
        assert!(plan.draft.warnings[1].contains("is SUSPENDED"), "{}", said(&plan));
    });
}

/// An organisation names a key of each of its accounts and regions once; the plan takes the one of its own place.
#[test]
fn of_the_keys_of_many_places_the_one_of_this_place_is_taken() {
    with_room(async || {
        let ground = Ground::new().await;
        let mut request = (COPIED.request)(&ground);
        let here = request.choices["kms-key"].clone();
        let there = here.replace(SEOUL, VIRGINIA);
        let alone = ground.plan(&request).await.unwrap();
        choose(&mut request, "kms-key", &format!("{there}, {here}"));
        let plan = ground.plan(&request).await.unwrap();
        assert_eq!(plan.draft.calls, alone.draft.calls);
    });
}
