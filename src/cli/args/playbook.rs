//! The arguments of `quell playbook`.

use std::path::PathBuf;

use clap::{Args, Subcommand};

/// `quell playbook`
#[derive(Clone, Debug, Args)]
pub struct PlaybookArgs {
    #[command(subcommand)]
    pub command: PlaybookCommand,
}

/// What can be done with playbooks.
#[derive(Clone, Debug, Subcommand)]
pub enum PlaybookCommand {
    /// List the playbooks at hand: the built-in ones and those of your own.
    List,
    /// Print a playbook: its steps, what to do and why.
    Show {
        /// Its name; `quell playbook list` names them.
        name: String,
    },
    /// Print a playbook as CACAO 2.0 JSON, for other tools.
    Export {
        /// Its name; `quell playbook list` names them.
        name: String,
    },
    /// Check playbooks, tables and scenarios; all at hand when no file is given. Faults are named with line and column.
    Lint {
        /// The files.
        #[arg(value_name = "FILE")]
        files: Vec<PathBuf>,
    },
}
