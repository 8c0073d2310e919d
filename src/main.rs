//! The binary: reads the command line and hands over.

use std::process::ExitCode;

use clap::Parser;
use quell::cli::{self, Cli, Failure};

fn main() -> ExitCode {
    let cli = Cli::parse();
    let ended = cli::offline(&cli).unwrap_or_else(|_| {
        Err(Failure::new(
            "this command needs the console, which is not built into this binary",
        ))
    });
    cli::finish(ended)
}
