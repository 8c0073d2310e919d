//! The binary: reads the command line and hands over.

use std::process::ExitCode;

use clap::Parser;
use quell::cli::{self, Cli};

fn main() -> ExitCode {
    cli::finish(cli::run(Cli::parse()))
}
