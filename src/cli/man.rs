//! `quell man`

use clap::CommandFactory;

use super::args::Cli;
use super::exit::{Exit, Failure};
use super::out;

/// Runs the command.
pub fn run() -> Result<Exit, Failure> {
    let mut page = Vec::new();
    clap_mangen::Man::new(<Cli as CommandFactory>::command())
        .render(&mut page)
        .map_err(|error| Failure::new(format!("the manual page cannot be made: {error}")))?;
    out::result(page)?;
    Ok(Exit::Done)
}
