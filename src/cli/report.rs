//! `quell report`

use std::path::Path;

use super::args::{Globals, ReportArgs, ReportFormat, WhichJournal};
use super::exit::{Exit, Failure};
use super::{journal, out};
use crate::domain::Untrusted;
use crate::journal::write_private;
use crate::report;

/// Runs the command. A journal that does not verify gives no report.
pub fn run(globals: &Globals, args: &ReportArgs) -> Result<Exit, Failure> {
    let which = WhichJournal {
        path: args.journal.clone(),
        drill: args.drill.clone(),
    };
    let path = journal::locate(globals, &which)?;
    let report = compose(&path, &args.incident)?;
    let text = match args.format {
        ReportFormat::Md => report::markdown(&report),
        ReportFormat::Json => report
            .json()
            .map_err(|e| Failure::new(format!("the report cannot be written as JSON: {e}")))?,
    };
    match &args.out {
        None => out::result(&text)?,
        Some(file) => {
            write_private(file, text.as_bytes())
                .map_err(|e| Failure::new(format!("the report cannot be written to {}: {e}", file.display())))?;
            out::note(&format!("wrote {}", file.display()));
        }
    }
    Ok(Exit::Done)
}

/// The report of an incident from a journal's file.
pub fn compose(path: &Path, incident: &str) -> Result<report::Report, Failure> {
    let (_, found) = journal::read(path)?;
    if let Some(problem) = found.problems.first() {
        let problem = Untrusted::new(problem.to_string());
        return Err(
            Failure::new(format!("the journal {} is not consistent: {problem}", path.display()))
                .hint("A report of it would prove nothing. quell journal verify says how far it is sound."),
        );
    }
    report::report(&found, incident).ok_or_else(|| {
        let known = report::incidents(&found.records);
        let known: Vec<String> = known.into_iter().map(|id| Untrusted::new(id).shown()).collect();
        let hint = if known.is_empty() {
            "The journal has no incident.".to_owned()
        } else {
            format!("It has {}.", known.join(", "))
        };
        let asked = Untrusted::new(incident);
        Failure::new(format!("the journal {} has no incident {asked}", path.display())).hint(hint)
    })
}
