//! What may be typed of `quell journal`.

use std::path::PathBuf;

use clap::{Args, Subcommand, ValueEnum};

/// `quell journal`
#[derive(Clone, Debug, Args)]
pub struct JournalArgs {
    #[command(subcommand)]
    pub command: JournalCommand,
}

/// What can be done with a journal.
#[derive(Clone, Debug, Subcommand)]
pub enum JournalCommand {
    /// Check the hash chain, and name what is torn or unsettled. Exit 1 when the chain does not hold.
    Verify {
        #[command(flatten)]
        which: WhichJournal,
    },
    /// List the records, one a line.
    Show {
        #[command(flatten)]
        which: WhichJournal,
        /// How they are printed; json gives the lines as they are in the file.
        #[arg(long, value_enum, default_value_t = JournalFormat::Text)]
        format: JournalFormat,
    },
}

/// Which journal is meant: by default that of the live workspace.
#[derive(Clone, Debug, Default, Args)]
pub struct WhichJournal {
    /// The journal's file, or the directory that it is in.
    #[arg(value_name = "PATH", conflicts_with = "drill")]
    pub path: Option<PathBuf>,
    /// The journal of this drill.
    #[arg(long, value_name = "SCENARIO")]
    pub drill: Option<String>,
}

/// The formats of `quell journal show`.
#[derive(Clone, Copy, Debug, PartialEq, Eq, ValueEnum)]
pub enum JournalFormat {
    /// For people.
    Text,
    /// The raw lines.
    Json,
}
