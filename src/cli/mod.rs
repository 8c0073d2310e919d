//! The command line's rooms: one file a command, each a function from typed arguments to an exit.
//!
//! Owns: arguments, exit codes, printing, and putting the concrete parts together. Must never: decide what an
//! action does, or print outside `out`.

mod apply;
pub mod args;
pub mod completions;
mod console;
mod desk;
mod doctor;
mod drill;
mod drill_serve;
pub mod evidence;
pub mod exit;
mod findings;
mod gaps;
pub mod journal;
mod library;
pub mod man;
pub mod out;
mod plan;
mod planfile;
pub mod playbook;
pub mod report;
mod stage;
mod undo;
mod waiting;

use std::process::ExitCode;

pub use args::{Cli, Command, Globals};
pub use exit::{Exit, Failure};

/// Runs the command that was typed.
pub fn run(cli: Cli) -> Result<Exit, Failure> {
    let command = cli.chosen();
    let globals = cli.globals;
    let desk = || desk::Desk::open(globals.clone());
    match command {
        Command::Watch(args) => console::watch(&desk()?, &args),
        Command::Respond => console::respond_live(&desk()?),
        Command::Drill(args) => drill::run(&desk()?, &args),
        Command::Findings(args) => findings::run(&desk()?, &args),
        Command::Plan(args) => plan::run(&desk()?, &args),
        Command::Apply(args) => apply::run(&desk()?, &args),
        Command::Undo(args) => undo::run(&desk()?, &args),
        Command::Evidence(args) => evidence::run(&desk()?, &args),
        Command::Doctor => doctor::run(&desk()?),
        Command::Journal(args) => journal::run(&globals, &args),
        Command::Report(args) => report::run(&globals, &args),
        Command::Playbook(args) => playbook::run(&desk()?, &args),
        Command::Completions { shell } => completions::run(shell),
        Command::Man => man::run(),
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
