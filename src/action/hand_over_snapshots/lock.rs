//! The lock on what is handed over: put on, made longer or stronger. Must never: make one shorter or weaker, or lengthen for good what
//! was chosen to be held in governance mode.
//!
//! What counts is when a lock ends, not how long it was once made for. AWS lets a lock in governance mode be changed in every way, one in
//! compliance mode be lengthened alone, and one in its cooling-off period be changed and taken off (API reference, `LockSnapshot`).

use jiff::SignedDuration;

use super::super::answer::SnapshotLock;
use super::super::mutation::Mutation;
use super::super::plan::{Draft, PlannedCall, Undo};
use super::wish::Lock;
use crate::action::{EbsCall, EbsState, Expectation};
use crate::domain::{SnapshotId, Time};

/// So much less than was chosen is enough: this clock is not AWS's, and a plan that is made again a little later asks for nothing new.
const SLACK: SignedDuration = SignedDuration::from_hours(1);

/// Locks it as it was chosen at `now`, as far as what is there does not do.
pub fn hold(snapshot: &SnapshotId, wish: Lock, held: Option<&SnapshotLock>, now: Time, draft: &mut Draft) {
    let end = after(now, wish.days);
    let enough = end.checked_sub(SLACK).unwrap_or(end);
    let Some(held) = held else {
        call(snapshot, wish, (None, enough), None, draft);
        return;
    };
    let long = held.holds_until(enough);
    if held.is_compliance() == wish.compliance && !held.is_cooling_off() && long {
        return;
    }
    // Wished for is governance, and there is what is or will be stronger.
    if !wish.compliance && (held.is_compliance() || held.is_cooling_off()) {
        let short = if long {
            String::new()
        } else {
            ", which is shorter than was chosen; lengthen it with --with lock-compliance=yes, which nobody can take back".to_owned()
        };
        draft.warnings.push(format!(
            "{snapshot} is locked already ({}), and its lock stays as it is{short}.",
            held.shown()
        ));
        return;
    }
    // One that lasts longer already keeps its end.
    let end = held.expires.map_or(end, |there| there.max(end));
    call(snapshot, wish, (Some(end), enough), Some(held.shown()), draft);
}

fn call(
    snapshot: &SnapshotId,
    wish: Lock,
    (until, enough): (Option<Time>, Time),
    was: Option<String>,
    draft: &mut Draft,
) {
    let Lock { days, compliance } = wish;
    draft.expectations.push(Expectation::Ebs(EbsState::Locked {
        snapshot: snapshot.clone(),
        days,
        compliance,
        // What lasts longer than was chosen must go on doing so.
        until: Some(until.map_or(enough, |until| until.checked_sub(SLACK).unwrap_or(until))),
    }));
    draft.calls.push(PlannedCall {
        mutation: Mutation::Ebs(EbsCall::LockSnapshot {
            snapshot: snapshot.clone(),
            days,
            compliance,
            until,
        }),
        undo: if compliance { Undo::Irreversible } else { Undo::Kept },
        was,
    });
}

/// So many days on, in whole seconds as EC2 counts.
fn after(now: Time, days: i32) -> Time {
    let seconds = now.as_second() + i64::from(days) * 86_400;
    Time::from_second(seconds).unwrap_or(Time::MAX)
}
