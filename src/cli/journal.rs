//! `quell journal verify` and `quell journal show`.

use std::fs;
use std::path::{Path, PathBuf};

use super::args::{Globals, JournalArgs, JournalCommand, JournalFormat, WhichJournal};
use super::exit::{Exit, Failure};
use super::out;
use crate::config::{Config, Workspace};
use crate::domain::Untrusted;
use crate::journal::{self, FILE_NAME, Record, Verification};

/// The largest journal that is read, in bytes.
const MAX_JOURNAL: u64 = 1 << 30;

/// Runs the command.
pub fn run(globals: &Globals, args: &JournalArgs) -> Result<Exit, Failure> {
    match &args.command {
        JournalCommand::Verify { which } => verify(&locate(globals, which)?),
        JournalCommand::Show { which, format } => show(&locate(globals, which)?, *format),
    }
}

/// The journal's file: the one that was named, or that of the workspace.
pub fn locate(globals: &Globals, which: &WhichJournal) -> Result<PathBuf, Failure> {
    if let Some(path) = &which.path {
        return Ok(if path.is_dir() {
            path.join(FILE_NAME)
        } else {
            path.clone()
        });
    }
    let config = Config::load(globals.config.as_deref())?;
    let endpoint = globals.endpoint();
    let here = endpoint.as_deref().map_or(Workspace::Live, Workspace::Endpoint);
    let workspace = which.drill.as_deref().map_or(here, Workspace::Drill);
    let directory = config.workspace(globals.data_dir.as_deref(), workspace)?;
    if which.drill.is_some() && globals.data_dir.is_none() {
        return Ok(last_drill(&directory).join(FILE_NAME));
    }
    Ok(directory.join(FILE_NAME))
}

/// Every drill has a directory of its own, named by when it began, so the last by name is the last that was run.
fn last_drill(scenario: &Path) -> PathBuf {
    let runs = fs::read_dir(scenario)
        .into_iter()
        .flatten()
        .flatten()
        .map(|entry| entry.path());
    let with_journal = runs.filter(|run| run.join(FILE_NAME).is_file());
    with_journal.max().unwrap_or_else(|| scenario.to_path_buf())
}

/// The journal's bytes and what reading them showed.
pub fn read(path: &Path) -> Result<(Vec<u8>, Verification), Failure> {
    let shown = path.display();
    let fail = |error: std::io::Error| match error.kind() {
        std::io::ErrorKind::NotFound => Failure::new(format!("there is no journal at {shown}"))
            .hint("Name its file or directory, or give --data-dir, or --drill SCENARIO for a drill's."),
        _ => Failure::new(format!("the journal {shown} cannot be read: {error}")),
    };
    let meta = fs::metadata(path).map_err(fail)?;
    if !meta.is_file() {
        return Err(Failure::new(format!("{shown} is not a plain file")));
    }
    if meta.len() > MAX_JOURNAL {
        let size = meta.len();
        return Err(Failure::new(format!(
            "{shown} is {size} bytes long; at most {MAX_JOURNAL} are read"
        )));
    }
    let bytes = fs::read(path).map_err(fail)?;
    let found = journal::verify(&bytes);
    Ok((bytes, found))
}

fn verify(path: &Path) -> Result<Exit, Failure> {
    let (_, found) = read(path)?;
    let mut lines = Vec::new();
    let mut line = |name: &str, value: &str| lines.push(format!("{name:<11} {value}\n"));
    line("journal", &Untrusted::new(path.display().to_string()).shown());
    line("records", &found.records.len().to_string());
    for (name, record) in [("first", found.records.first()), ("last", found.records.last())] {
        if let Some(record) = record {
            line(name, &format!("{} at {}", record.seq, record.time));
        }
    }
    if found.torn > 0 {
        let torn = found.torn;
        line(
            "torn",
            &format!(
                "{torn} bytes of an unfinished record after record {}; the next writer sets them aside",
                found.head.seq
            ),
        );
    }
    for record in journal::unsettled(&found.records) {
        let phrase = record.what.phrase();
        line(
            "unsettled",
            &format!(
                "record {} has no outcome: {phrase}; read the resource to know",
                record.seq
            ),
        );
    }
    if let Some(problem) = found.problems.first() {
        let place = Untrusted::new(problem.to_string()).shown();
        line(
            "sound up to",
            &format!("record {}, {}", found.head.seq, found.head.hash),
        );
        out::result(lines.concat())?;
        return Err(Failure::new(format!("NOT consistent: {place}"))
            .hint("What comes after this line proves nothing. Keep the file as it is."));
    }
    line("head", &found.head.hash);
    lines.push(
        "consistent, NOT anchored\nA chain on one disk cannot show that its tail was cut off or that it was rewritten whole: \
         compare the head with one that is kept elsewhere.\n"
            .to_owned(),
    );
    out::result(lines.concat())?;
    Ok(Exit::Done)
}

fn show(path: &Path, format: JournalFormat) -> Result<Exit, Failure> {
    let (bytes, found) = read(path)?;
    match format {
        JournalFormat::Json => out::result(&bytes)?,
        JournalFormat::Text => {
            let rows: Vec<String> = found.records.iter().map(row).collect();
            out::result(rows.concat())?;
        }
    }
    if let Some(problem) = found.problems.first() {
        return Err(Failure::new(format!(
            "the journal is NOT consistent: {}",
            Untrusted::new(problem.to_string())
        )));
    }
    if found.torn > 0 {
        out::note(&format!("{} bytes of an unfinished record follow", found.torn));
    }
    Ok(Exit::Done)
}

/// A record in one line, safe to show.
fn row(record: &Record) -> String {
    format!(
        "{:>5}  {:<20}  {}  {:<10}  {:<10}  {}\n",
        record.seq,
        record.time.strftime("%Y-%m-%dT%H:%M:%SZ").to_string(),
        Untrusted::new(record.who.as_str()),
        record
            .incident
            .as_deref()
            .map_or("-".to_owned(), |id| Untrusted::new(id).shown()),
        record.what.word(),
        record.what.phrase()
    )
}
