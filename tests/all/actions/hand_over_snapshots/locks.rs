//! What is left of a lock counts, not what it was made for.

use super::*;

/// The world begins on 1 March 2026, at midnight.
async fn locks(ground: &Ground, choices: &[(&str, &str)]) -> (Plan, Vec<String>) {
    let plan = ground.plan(&request(ground, choices)).await.unwrap();
    let calls = plan.draft.calls.iter();
    let calls = calls.filter(|c| c.mutation.permission() == "ec2:LockSnapshot");
    let phrases = calls.map(quell::action::PlannedCall::phrase).collect();
    (plan, phrases)
}

async fn proven(ground: &Ground, plan: Plan) {
    let run = ground.apply(plan).await.unwrap();
    assert_eq!(run.trouble, None);
    for check in ground.verify(&run).await {
        assert_eq!(check.verdict, Verdict::Verified, "{}", check.expectation);
    }
    let undo = ground.undo(run.seq).await.unwrap();
    assert!(said(&undo).contains("The locks stay on"));
}

const STRONG: &[(&str, &str)] = &[("lock-days", "30"), ("lock-compliance", "yes")];

#[test]
fn a_lock_is_made_stronger_and_longer_and_never_weaker() {
    with_room(async || {
        let ground = Ground::new().await;
        (SHARED.request)(&ground);
        lock(&ground, BOOT, 90, false);
        lock(&ground, DATA, 7, true);
        let (plan, calls) = locks(&ground, STRONG).await;
        let wanted = [
            format!(
                "{BOOT}: lock it until 2026-05-30T00:00:00Z in compliance mode (it was governance, until 2026-05-30T00:00:00Z)"
            ),
            format!(
                "{DATA}: lock it until 2026-03-31T00:00:00Z in compliance mode (it was compliance, until 2026-03-08T00:00:00Z)"
            ),
        ];
        assert_eq!(calls, wanted);
        assert_eq!(plan.draft.calls.last().unwrap().undo, Reversal::Irreversible);
        assert!(said(&plan).contains("nobody can take it off"));
        proven(&ground, plan).await;
    });
}

#[test]
fn of_a_long_lock_that_is_nearly_over_what_is_left_counts() {
    with_room(async || {
        let ground = Ground::new().await;
        (SHARED.request)(&ground);
        for id in [BOOT, DATA] {
            lock_since(&ground, id, (360, 365), false);
        }
        let (plan, calls) = locks(&ground, &[("lock-days", "300")]).await;
        assert_eq!(calls.len(), 2);
        let wanted =
            "lock it until 2026-12-26T00:00:00Z in governance mode (it was governance, until 2026-03-06T00:00:00Z)";
        assert!(calls[0].ends_with(wanted), "{calls:?}");
        // Somebody makes one short again: that it was locked for a year once is no proof.
        let run = ground.apply(plan).await.unwrap();
        lock_since(&ground, DATA, (360, 365), false);
        let checks = ground.verify(&run).await;
        let failed = Verdict::Failed("its lock is governance, until 2026-03-06T00:00:00Z.".to_owned());
        let bad: Vec<String> = checks
            .iter()
            .filter(|c| c.verdict == failed)
            .map(|c| c.expectation.to_string())
            .collect();
        assert_eq!(
            bad,
            [format!(
                "{DATA} is locked until 2026-12-25T23:00:00Z at least (governance)"
            )]
        );
        // What is as long as it is wished, but for the minutes since, is left alone.
        ground
            .range
            .with_world(|world| world.clock.advance(std::time::Duration::from_mins(10)));
        let (_, calls) = locks(&ground, &[("lock-days", "300")]).await;
        assert_eq!(calls.len(), 1, "{calls:?}");
        assert!(calls[0].starts_with(DATA), "{calls:?}");
    });
}

#[test]
fn a_lock_that_can_still_be_taken_off_is_not_compliance() {
    with_room(async || {
        let ground = Ground::new().await;
        (SHARED.request)(&ground);
        let now = ground.range.with_world(|world| world.now());
        for id in [BOOT, DATA] {
            lock(&ground, id, 90, true);
            let end = now + jiff::SignedDuration::from_hours(72);
            snapshot(&ground, id, |s| s.lock.as_mut().unwrap().cool_off = Some((72, end)));
        }
        // In governance mode was chosen: what is as strong as that stays, and what is shorter is told.
        let (plan, calls) = locks(&ground, &[("lock-days", "30")]).await;
        let stays = format!(
            "{BOOT} is locked already (compliance-cooloff, until 2026-05-30T00:00:00Z), and its lock stays as it is."
        );
        assert!(
            calls.is_empty() && said(&plan).contains(&stays),
            "{calls:?} {}",
            said(&plan)
        );
        let (plan, calls) = locks(&ground, &[("lock-days", "100")]).await;
        assert!(calls.is_empty(), "{calls:?}");
        assert!(
            said(&plan).contains("which is shorter than was chosen"),
            "{}",
            said(&plan)
        );

        let (plan, calls) = locks(&ground, STRONG).await;
        assert_eq!(calls.len(), 2, "{calls:?}");
        proven(&ground, plan).await;
        for id in [BOOT, DATA] {
            assert!(snapshot(&ground, id, |s| s.lock.as_ref().unwrap().cool_off.is_none()));
        }
    });
}
