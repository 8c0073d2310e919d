//! Applying what a rule of the configuration confirmed.
//!
//! Owns: keeping it away from the plan that may be on the screen. Must never: confirm anything.

use std::sync::Arc;

use tokio::sync::mpsc::{self, UnboundedSender};

use super::hand::Hand;
use crate::action::Confirmed;
use crate::app::Event;

/// Applies a rule's notification beside whatever is on the screen: of what is told on the way, the records go to the console, and the
/// end as `Event::RuleDone`. The plan screen hears nothing of it.
pub async fn apply<H: Hand>(hand: Arc<H>, confirmed: Confirmed, tell: UnboundedSender<Event>) {
    let (own, mut told) = mpsc::unbounded_channel();
    let applying = tokio::spawn(hand.apply(confirmed, own));
    let mut trouble =
        Some("A part of quell failed while a rule notified; the journal says how far it came.".to_owned());
    while let Some(event) = told.recv().await {
        match event {
            Event::ApplyRefused { why } => trouble = Some(why.join(" ")),
            Event::CallsEnded { trouble: why } => trouble = why,
            recorded @ Event::Recorded(_) => drop(tell.send(recorded)),
            // Each of these is in a record, too, or belongs to a screen that there is none of.
            Event::ApplyBegan { .. }
            | Event::CallSent { .. }
            | Event::CallAnswered { .. }
            | Event::Checked { .. }
            | Event::Failed(_)
            | Event::Key(..)
            | Event::Paste(_)
            | Event::Wheel(_)
            | Event::Resize(..)
            | Event::Tick(_)
            | Event::Idle
            | Event::Presumed(_)
            | Event::Withdrawn(_)
            | Event::Identified(_)
            | Event::Accounts(_)
            | Event::Fatal(_)
            | Event::Offline(_)
            | Event::NotUnderstood { .. }
            | Event::Findings(_)
            | Event::Uncovered(..)
            | Event::Coverage(_)
            | Event::Round
            | Event::RuleDone { .. }
            | Event::Way { .. }
            | Event::Evidence { .. }
            | Event::Earlier { .. }
            | Event::EarlierEvent { .. }
            | Event::Read { .. }
            | Event::Predicted(_)
            | Event::Reported { .. }
            | Event::Collected { .. }
            | Event::Organization(_) => {}
        }
    }
    // A fault of the task has been told as one already; it ends the channel.
    drop(applying.await);
    drop(tell.send(Event::RuleDone { trouble }));
}
