//! `quell doctor`: what can be reached, what cannot, and what to do about it.

use super::desk::{self, Desk};
use super::exit::{Exit, Failure};
use super::out;
use crate::cloud::doctor::{self, Health};

/// Prints what was looked at, one line each, with advice where there is some. Exit 3 when something cannot be seen or done.
pub fn run(desk: &Desk) -> Result<Exit, Failure> {
    let examined = desk::runtime()?.block_on(doctor::examine(&desk.options()));
    let mut text = String::new();
    for part in &examined {
        let mark = match part.health {
            Health::Ok => "● ok     ",
            Health::Warning => "◐ warning",
            Health::Problem => "✗ problem",
        };
        text.push_str(&format!("{mark}  {:<12} {}\n", part.what, part.sentence));
        if !part.advice.is_empty() {
            text.push_str(&format!("{:24}→ {}\n", "", part.advice));
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
