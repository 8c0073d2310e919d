//! The command line: every command, option and help text.
//!
//! Owns: what may be typed. Must never: do anything about it.

mod playbook;

use std::path::PathBuf;

use clap::builder::{PossibleValue, PossibleValuesParser, TypedValueParser};
use clap::{Args, Parser, Subcommand, ValueEnum};

use super::{drill_serve, evidence};
use crate::action::{self, ActionName};
use crate::domain::{AccountId, IncidentId, Region};
pub use playbook::{PlaybookArgs, PlaybookCommand};

mod journal;
pub use journal::{JournalArgs, JournalCommand, JournalFormat, WhichJournal};

/// The scenario that a drill runs when none is named.
pub const DEFAULT_SCENARIO: &str = "leaked-key";

const EXAMPLES: &str = "\
Examples:
  quell                                     triage, read-only
  quell drill                               the same console on a made-up organisation; needs no AWS account
  quell findings --filter 'sev>=high'       print findings
  quell plan isolate-instance i-0ab12cd34ef567890 --account 222222222222 --region us-east-1 --out plan.json
  quell apply plan.json --confirm 9f3c21aa

Exit: 0 done, 1 failed, 2 usage, 3 answered in part, 4 refused, 5 outcome unknown.";

/// A terminal console for incident response on AWS.
///
/// Without a command: `quell watch`, which only reads.
#[derive(Clone, Debug, Parser)]
#[command(name = "quell", version, after_help = EXAMPLES, max_term_width = 100)]
pub struct Cli {
    #[command(flatten)]
    pub globals: Globals,
    #[command(subcommand)]
    pub command: Option<Command>,
}

impl Cli {
    /// The command, which is `watch` when none was typed.
    #[must_use]
    pub fn chosen(&self) -> Command {
        self.command
            .clone()
            .unwrap_or_else(|| Command::Watch(WatchArgs::default()))
    }
}

/// Options that every command takes.
#[derive(Clone, Debug, Default, Args)]
#[command(next_help_heading = "Options everywhere")]
pub struct Globals {
    /// The AWS profile to start from (also `AWS_PROFILE`).
    #[arg(long, global = true, value_name = "NAME")]
    pub profile: Option<String>,
    /// A region to look at; may be given several times, or as a list with commas.
    #[arg(long, global = true, value_name = "REGION", value_delimiter = ',')]
    pub region: Vec<Region>,
    /// An account to look at, 12 digits; may be given several times, or as a list with commas.
    #[arg(long, global = true, value_name = "ACCOUNT", value_delimiter = ',')]
    pub account: Vec<AccountId>,
    /// Another endpoint than AWS's own (also `AWS_ENDPOINT_URL`); it is named on the screen and in the journal.
    #[arg(long, global = true, value_name = "URL")]
    pub endpoint_url: Option<String>,
    /// The configuration file, in place of quell/config.toml in the user's configuration directory.
    #[arg(long, global = true, value_name = "FILE")]
    pub config: Option<PathBuf>,
    /// The directory for the journal of this call, in place of the workspace in the user's data directory.
    #[arg(long, global = true, value_name = "DIR")]
    pub data_dir: Option<PathBuf>,
    /// The colour theme, by name.
    #[arg(long, global = true, value_name = "NAME")]
    pub theme: Option<String>,
    /// No colours (also `NO_COLOR`).
    #[arg(long, global = true)]
    pub no_color: bool,
}

impl Globals {
    /// The endpoint that stands in for AWS's own, as far as it is said here or in the environment. One in a profile is seen only
    /// when AWS is reached; the journal refuses to mix it with another.
    #[must_use]
    pub fn endpoint(&self) -> Option<String> {
        let named = self.endpoint_url.clone();
        named
            .or_else(|| std::env::var("AWS_ENDPOINT_URL").ok())
            .filter(|url| !url.is_empty())
    }
}

/// What to do.
#[derive(Clone, Debug, Subcommand)]
pub enum Command {
    /// Read-only triage; cannot change anything. The same as no command.
    #[command(
        after_help = "Examples:\n  quell watch --region us-east-1\n  quell watch --from findings.json events.jsonl"
    )]
    Watch(WatchArgs),
    /// Triage, playbooks and confirmed actions.
    Respond,
    /// The same console on a made-up organisation inside this process.
    #[command(
        after_help = "Examples:\n  quell drill\n  quell drill leaked-key --seed 7 --speed 10\n  \
                            quell drill serve --port 4600"
    )]
    Drill(DrillArgs),
    /// Print findings.
    #[command(after_help = "Examples:\n  quell findings --filter 'sev>=high account:prod'\n  \
                            quell findings --format json | jq '.findings[0]'\n\n\
                            Exit 3 means that some account or region could not be read; each is named.")]
    Findings(FindingsArgs),
    /// Print a plan as JSON without acting; its digest names it.
    #[command(
        after_help = "Examples:\n  quell plan isolate-instance i-0ab12cd34ef567890 --account 222222222222 \
                            --region us-east-1 --out plan.json\n  quell plan disable-access-key AKIAIOSFODNN7EXAMPLE \
                            --account 222222222222"
    )]
    Plan(PlanArgs),
    /// Carry out a plan that `plan` or `undo` wrote.
    #[command(after_help = "Example:\n  quell apply plan.json --confirm 9f3c21aa\n\n\
                            Facts are read again first; when they are no longer those of the plan, nothing is done (exit 4).")]
    Apply(ApplyArgs),
    /// Print a plan that undoes what a journal record did; apply it like any other.
    #[command(after_help = "Example:\n  quell undo 12 --out undo.json && quell apply undo.json --confirm DIGEST")]
    Undo(UndoArgs),
    /// Check or list the journal.
    Journal(JournalArgs),
    /// Print the report of an incident, from the journal alone.
    #[command(after_help = "Example:\n  quell report q-1a2b3c4d --out report.md")]
    Report(ReportArgs),
    /// Collect everything that AWS says of an incident into files with hashes; changes nothing.
    #[command(after_help = evidence::EXAMPLES)]
    Evidence(evidence::EvidenceArgs),
    /// Say who the caller is, and which accounts and regions can be reached.
    Doctor,
    /// List, show or check playbooks.
    Playbook(PlaybookArgs),
    /// Print a completion script for a shell.
    #[command(after_help = "Example:\n  quell completions bash > ~/.local/share/bash-completion/completions/quell")]
    Completions {
        /// The shell.
        shell: clap_complete::Shell,
    },
    /// Print the manual page, in roff.
    #[command(after_help = "Example:\n  quell man | man -l -")]
    Man,
}

/// `quell watch`
#[derive(Clone, Debug, Default, Args)]
pub struct WatchArgs {
    /// Look at exported findings in place of AWS: what the APIs answer, EventBridge events, ASFF, as JSON or JSON lines.
    #[arg(long, value_name = "FILE", num_args = 1..)]
    pub from: Vec<PathBuf>,
}

/// `quell drill`
#[derive(Clone, Debug, Args)]
#[command(args_conflicts_with_subcommands = true)]
pub struct DrillArgs {
    #[command(subcommand)]
    pub command: Option<DrillCommand>,
    #[command(flatten)]
    pub play: PlayArgs,
}

/// What else can be done with drills.
#[derive(Clone, Debug, Subcommand)]
pub enum DrillCommand {
    /// List the scenarios.
    List,
    /// Serve the range on a loopback port, for `quell respond`, the AWS CLI or boto3.
    #[command(after_help = drill_serve::EXAMPLES)]
    Serve {
        #[command(flatten)]
        play: PlayArgs,
        /// The port; 0 takes a free one.
        #[arg(long, value_name = "N", default_value_t = 0)]
        port: u16,
        #[command(flatten)]
        weather: drill_serve::Weather,
    },
}

/// How a scenario is run.
#[derive(Clone, Debug, Args)]
pub struct PlayArgs {
    /// The scenario: a name of `quell drill list`, or a scenario file.
    #[arg(value_name = "SCENARIO", default_value = DEFAULT_SCENARIO)]
    pub scenario: String,
    /// The seed of the made-up world, in place of the scenario's own: the same seed gives the same world.
    #[arg(long, value_name = "N")]
    pub seed: Option<u64>,
    /// How many times faster than real time the scenario's clock runs.
    #[arg(long, value_name = "N", default_value_t = 1, value_parser = clap::value_parser!(u32).range(1..=1000))]
    pub speed: u32,
}

/// `quell findings`
#[derive(Clone, Debug, Args)]
pub struct FindingsArgs {
    /// How they are printed.
    #[arg(long, value_enum, default_value_t = FindingsFormat::Table)]
    pub format: FindingsFormat,
    /// Only findings that match, in the console's filter language: 'sev>=high account:prod type~Crypto !archived'.
    #[arg(long, value_name = "QUERY")]
    pub filter: Option<String>,
    /// Print exported findings in place of AWS's: what the APIs answer, EventBridge events, ASFF, as JSON or JSON lines; - is
    /// standard input. Exit 3 if anything was not understood.
    #[arg(long, value_name = "FILE", num_args = 1..)]
    pub from: Vec<PathBuf>,
}

/// The formats of `quell findings`.
#[derive(Clone, Copy, Debug, PartialEq, Eq, ValueEnum)]
pub enum FindingsFormat {
    /// For people.
    Table,
    /// One object: findings and coverage.
    Json,
    /// One finding a line.
    Jsonl,
    /// For spreadsheets; cells that would be formulas are made harmless.
    Csv,
}

/// `quell plan`
#[derive(Clone, Debug, Args)]
pub struct PlanArgs {
    /// What to do.
    #[arg(value_name = "ACTION", value_parser = action_parser())]
    pub action: ActionName,
    /// The id, name or ARN that AWS uses: i-…, AKIA…, a topic's ARN.
    pub target: String,
    /// Where to write the plan, in place of standard output.
    #[arg(long, value_name = "FILE")]
    pub out: Option<PathBuf>,
    /// The incident that this is done for.
    #[arg(long, value_name = "ID", value_parser = incident_id)]
    pub incident: Option<IncidentId>,
    /// The message to send; for notify-sns.
    #[arg(long, value_name = "TEXT")]
    pub message: Option<String>,
    /// Choose something about the action, for example --with subnet-acl or --with session=NAME; may be repeated.
    #[arg(long = "with", value_name = "CHOICE[=VALUE]", value_parser = choice)]
    pub with: Vec<(String, String)>,
}

/// A choice and its value; without one it is `yes`.
fn choice(text: &str) -> Result<(String, String), String> {
    let (name, value) = text.split_once('=').unwrap_or((text, "yes"));
    if name.is_empty() {
        return Err("give the choice's name, and = with its value where it takes one".to_owned());
    }
    Ok((name.to_owned(), value.to_owned()))
}

/// `quell apply`
#[derive(Clone, Debug, Args)]
pub struct ApplyArgs {
    /// The plan's file.
    #[arg(value_name = "PLAN")]
    pub plan: PathBuf,
    /// The plan's digest, at least its first 8 hex digits, as read from the plan by a person.
    #[arg(long, value_name = "DIGEST", required = true)]
    pub confirm: String,
}

/// `quell undo`
#[derive(Clone, Debug, Args)]
pub struct UndoArgs {
    /// The journal's sequence number of the plan to undo; `quell journal show` lists them.
    #[arg(value_name = "SEQ")]
    pub seq: u64,
    /// Where to write the plan, in place of standard output.
    #[arg(long, value_name = "FILE")]
    pub out: Option<PathBuf>,
}

/// `quell report`
#[derive(Clone, Debug, Args)]
pub struct ReportArgs {
    /// The incident, such as q-1a2b3c4d.
    #[arg(value_name = "INCIDENT")]
    pub incident: String,
    /// How it is written.
    #[arg(long, value_enum, default_value_t = ReportFormat::Md)]
    pub format: ReportFormat,
    /// Where to write it, in place of standard output. Only its owner can read it; a file that is there already is replaced.
    #[arg(long, value_name = "FILE")]
    pub out: Option<PathBuf>,
    /// From the journal of this drill.
    #[arg(long, value_name = "SCENARIO")]
    pub drill: Option<String>,
    /// From this journal file.
    #[arg(long, value_name = "FILE", conflicts_with = "drill")]
    pub journal: Option<PathBuf>,
}

/// The formats of `quell report`.
#[derive(Clone, Copy, Debug, PartialEq, Eq, ValueEnum)]
pub enum ReportFormat {
    /// Markdown.
    Md,
    /// One JSON object.
    Json,
}

fn action_parser() -> impl TypedValueParser<Value = ActionName> {
    let names = action::ALL
        .iter()
        .map(|a| PossibleValue::new(a.name().as_str()).help(about(*a)));
    PossibleValuesParser::new(names).try_map(|typed| ActionName::from_typed(&typed).ok_or("there is no such action"))
}

/// What an action does, and what can be chosen about it: nobody guesses the names of choices.
fn about(action: &dyn action::Action) -> String {
    let choices: Vec<&str> = action.choices().iter().map(|choice| choice.name).collect();
    match choices.as_slice() {
        [] => action.summary().to_owned(),
        names => format!("{} --with knows {}.", action.summary(), names.join(", ")),
    }
}

/// Incident ids go into tags and session names, so nothing but their shape is taken.
pub(super) fn incident_id(text: &str) -> Result<IncidentId, String> {
    let shaped = text
        .strip_prefix("q-")
        .is_some_and(|rest| rest.len() == 8 && rest.bytes().all(|b| b.is_ascii_digit() || (b'a'..=b'f').contains(&b)));
    if shaped {
        Ok(text.to_owned())
    } else {
        Err("an incident looks like q-1a2b3c4d".to_owned())
    }
}

#[cfg(test)]
mod tests;
