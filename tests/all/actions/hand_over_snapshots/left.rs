//! What an undo leaves is told.

use super::*;

const LATER: &str = "snap-0ddddddddddddddd1";

#[test]
fn an_undo_tells_which_shares_and_grants_it_leaves() {
    with_room(async || {
        let ground = Ground::new().await;
        let request = (SHARED.request)(&ground);
        let first = ground.apply(ground.plan(&request).await.unwrap()).await.unwrap();
        // A second hand-over rests on the first one's grant, and makes none of its own.
        take(&ground, LATER, Some("shared"));
        let plan = ground.plan(&request).await.unwrap();
        assert!(
            plan.draft
                .calls
                .iter()
                .all(|c| c.mutation.permission() != "kms:CreateGrant")
        );
        let second = ground.apply(plan).await.unwrap();
        // The account passed on what it has, to a role of its own.
        let own = format!("arn:aws:iam::{FORENSIC}:role/examiner");
        let created = ground.range.with_world(|world| world.now());
        let id = in_kms(&ground, |kms| {
            let id = kms.aliases["alias/shared"].clone();
            let grant = kms::Grant {
                id: "a".repeat(64),
                name: Some("own\u{202e}".to_owned()),
                created,
                grantee: own.clone(),
                retiring: None,
                operations: vec!["Decrypt".to_owned()],
            };
            kms.keys.get_mut(&id).unwrap().grants.insert(grant.id.clone(), grant);
            id
        });
        let kept = format!(
            "Account {FORENSIC} keeps grant {} on key {id} ({own}: Decrypt, named own",
            "a".repeat(64)
        );

        let undo = ground.undo(first.seq).await.unwrap();
        let told = said(&undo);
        let share = format!(
            "{LATER} of {} stays shared with account {FORENSIC}",
            ground.instance("two")
        );
        for part in [
            share.as_str(),
            &format!("it needs the grant on key {id} that this takes back"),
            &kept,
            &format!("Grant {} on key {id}, which account", "a".repeat(64)),
        ] {
            assert!(told.contains(part), "{part}: {told}");
        }
        assert!(
            !told.contains(&format!("{BOOT} of")),
            "what this takes back is not left: {told}"
        );
        assert!(!told.contains('\u{202e}'));

        // The second has no grant to take back: that the first's stays is told.
        let undo = ground.undo(second.seq).await.unwrap();
        let told = said(&undo);
        assert!(
            told.contains(&format!("on key {id} (arn:aws:iam::{FORENSIC}:root: ")),
            "{told}"
        );
        assert!(told.contains(&kept) && told.contains(&format!("{BOOT} of")), "{told}");
        assert!(!told.contains("it needs the grant"), "{told}");
        let run = ground.apply(undo).await.unwrap();
        assert_eq!(run.trouble, None);
        assert!(snapshot(&ground, BOOT, |s| s.shared.contains(FORENSIC)));
        assert!(snapshot(&ground, LATER, |s| s.shared.is_empty()));
    });
}
