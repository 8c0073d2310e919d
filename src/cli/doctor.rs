//! `quell doctor`: what can be reached, what cannot, and what to do about it.

use std::fmt::Write;

use super::desk::{self, Desk};
use super::exit::{Exit, Failure};
use super::out;
use crate::app::duty::Deed;
use crate::cloud::Cloud;
use crate::cloud::doctor::{self, Examined, Health, Notices};
use crate::runtime::{self, Shelf};

/// Prints what was looked at, one line each, with advice where there is some. Exit 3 when something cannot be seen or done.
pub fn run(desk: &Desk) -> Result<Exit, Failure> {
    let rules = desk.config.duty().rules;
    let notices = Notices {
        topic: desk.config.notify.topic.clone(),
        rule: rules
            .iter()
            .find(|rule| rule.deed == Deed::Notify)
            .map(|rule| rule.number),
    };
    let runtime = desk::runtime()?;
    let mut examined = runtime.block_on(doctor::examine(&desk.options(), &notices));
    examined.extend(runtime.block_on(kept_aside(desk)));
    let mut text = String::new();
    for part in &examined {
        let mark = match part.health {
            Health::Ok => "● ok     ",
            Health::Warning => "◐ warning",
            Health::Problem => "✗ problem",
        };
        let _ = writeln!(text, "{mark}  {:<12} {}", part.what, part.sentence);
        if !part.advice.is_empty() {
            let _ = writeln!(text, "{:24}→ {}", "", part.advice);
        }
    }
    out::result(text)?;
    let worst = examined.iter().map(|part| part.health).max();
    Ok(if worst == Some(Health::Problem) {
        Exit::Partial
    } else {
        Exit::Done
    })
}

/// What consoles of this workspace kept aside. A workspace that is not there yet keeps nothing, and none is made for it.
async fn kept_aside(desk: &Desk) -> Option<Examined> {
    let options = desk.options();
    let directory = desk.directory().ok().filter(|directory| directory.exists())?;
    options.queue.as_ref()?;
    // Where nobody is signed in, that has been said.
    let cloud = Cloud::connect(options.clone()).await.ok()?;
    runtime::kept_aside(&Shelf::Workspace(directory), &cloud, &options).await
}
