//! The command line's rooms: one file a command, each a function from typed arguments to an exit.
//!
//! Owns: arguments, exit codes, printing, and the commands that need neither AWS nor a screen. Must never: decide what an
//! action does, or print outside `out`.

pub mod args;
pub mod completions;
pub mod exit;
pub mod journal;
pub mod man;
pub mod out;
pub mod playbook;
pub mod report;

use std::process::ExitCode;

pub use args::{Cli, Command, Globals};
pub use exit::{Exit, Failure};

/// Runs a command that needs neither AWS nor a screen. The others come back as they were.
pub fn offline(cli: &Cli) -> Result<Result<Exit, Failure>, Command> {
    match cli.chosen() {
        Command::Journal(args) => Ok(journal::run(&cli.globals, &args)),
        Command::Report(args) => Ok(report::run(&cli.globals, &args)),
        Command::Playbook(args) => Ok(playbook::run(&args)),
        Command::Completions { shell } => Ok(completions::run(shell)),
        Command::Man => Ok(man::run()),
        online @ (Command::Watch
        | Command::Respond
        | Command::Drill(_)
        | Command::Findings(_)
        | Command::Plan(_)
        | Command::Apply(_)
        | Command::Undo(_)
        | Command::Doctor) => Err(online),
    }
}

/// Says why a command stopped, if it did, and gives the process its exit code.
#[must_use]
pub fn finish(ended: Result<Exit, Failure>) -> ExitCode {
    let exit = ended.unwrap_or_else(|failure| {
        if !failure.what.is_empty() {
            out::note(&format!("quell: {failure}"));
        }
        failure.exit
    });
    exit.into()
}
