//! `quell findings`: everything that can be read now, printed, with the gaps named.

use std::io::IsTerminal;
use std::path::PathBuf;
use std::sync::Arc;

use tokio::task::JoinHandle;

use super::args::{FindingsArgs, FindingsFormat};
use super::desk::{self, Desk};
use super::exit::{Exit, Failure};
use super::gaps;
use super::out;
use super::waiting::{self, Places};
use crate::cloud::{Everything, FeedEvent, feed};
use crate::domain::{AccountId, Time, Untrusted};
use crate::findings::filter::{Context, Filter};
use crate::findings::version::UNDECIDED;
use crate::findings::{Coverage, Finding, copies, index, output};
use crate::runtime::{Keeper, Shelf, files, queued};

/// The width of a table where standard output is no terminal: nothing is cut.
const UNBOUNDED: usize = usize::MAX;

/// Prints findings.
pub fn run(desk: &Desk, args: &FindingsArgs) -> Result<Exit, Failure> {
    let filter = match &args.filter {
        Some(text) => Filter::parse(text).map_err(|e| Failure::with(Exit::Usage, format!("--filter: {e}")))?,
        None => Filter::default(),
    };
    if filter.asks_incidents() {
        let why = "--filter: is:, owner: and incident: ask about incidents, which only the console knows; is:archived works here";
        return Err(Failure::with(Exit::Usage, why.to_owned()));
    }
    let (everything, misunderstood) = from_files(&args.from);
    let runtime = desk::runtime()?;
    let mut kept = None;
    let Everything {
        accounts,
        how,
        may_miss,
        mut findings,
        coverage,
    } = if args.from.is_empty() {
        let (read, rest) = runtime.block_on(read(desk))?;
        kept = rest;
        read
    } else {
        everything
    };
    let now = Time::now();
    let named = |id: &AccountId| {
        accounts
            .iter()
            .find(|a| a.id == *id)
            .map(|a| a.name.raw())
            .filter(|name| !name.is_empty())
    };
    let context = Context {
        now,
        account_name: &named,
        incident: &|_, _| false,
    };
    findings.retain(|f| filter.matches(f, &context));
    // The order leaves nothing open, so none has to be kept; a stable sort would take half as much memory again.
    findings.sort_unstable_by(index::by_urgency);
    let way = output::Way { how: &how, may_miss };
    let printed = print(args.format, (&findings, &coverage, way), &named, now);
    // The disk takes its time while the list is printed.
    if let Some(kept) = kept {
        runtime.block_on(until_kept(kept));
    }
    // Also when the reader of the output has left, as head does: a gap that is not named looks like no finding.
    let mut is_part = gaps::say(&coverage, &named) || misunderstood > 0;
    if may_miss {
        out::note(&how);
        is_part = true;
    }
    out::unless_left(printed)?;
    Ok(if is_part { Exit::Partial } else { Exit::Done })
}

/// Everything that is in the files, and how many entries were not understood, each of which is named on standard error.
fn from_files(paths: &[PathBuf]) -> (Everything, usize) {
    let (mut held, mut misunderstood) = (feed::Held::default(), 0);
    for path in paths {
        let imported = match files::read(path) {
            Ok(imported) => imported,
            Err(why) => {
                misunderstood += 1;
                out::note(&why);
                continue;
            }
        };
        misunderstood += imported.misunderstood;
        // Nothing is missing for it, so the exit code stays.
        for fault in imported.garbled.iter().chain(&imported.faults) {
            out::note(&fault.to_string());
        }
        if imported.misunderstood > imported.faults.len() {
            let more = imported.misunderstood - imported.faults.len();
            out::note(&format!(
                "{}: and {more} more entries",
                Untrusted::new(path.display().to_string())
            ));
        }
        held.merge(imported.findings);
    }
    if misunderstood > 0 {
        out::note(&match misunderstood {
            1 => "1 entry was not understood or is missing; it is not in the list.".to_owned(),
            n => format!("{n} entries were not understood or are missing; they are not in the list."),
        });
    }
    let mut findings = held.into_findings();
    for finding in &findings {
        if finding.doubts.iter().any(|doubt| doubt == UNDECIDED) {
            out::note(&format!("{}: {UNDECIDED}.", finding.id));
        }
    }
    copies::join(&mut findings);
    let everything = Everything {
        findings,
        ..Everything::default()
    };
    (everything, misunderstood)
}

/// Reads everything; what is kept of it for the next start may still be on its way to the disk.
async fn read(desk: &Desk) -> Result<(Everything, Option<JoinHandle<Option<String>>>), Failure> {
    let options = desk.options();
    let cloud = desk::connect(options.clone()).await?;
    let places = Arc::new(Places::default());
    let shelf = match desk.directory() {
        Ok(directory) => Some(Shelf::Workspace(directory)),
        Err(failure) => {
            out::note(&format!("What is read is not kept for the next start: {failure}"));
            None
        }
    };
    let queued = queued(shelf.as_ref(), &cloud, &options).await;
    let now = cloud.now();
    let (keeper, before, kept) = Keeper::begin(shelf, &cloud);
    let noted = Arc::clone(&places);
    let reading = feed::read_told(cloud, move |event| {
        if let FeedEvent::Coverage(row) = event {
            noted.note(row);
        }
        keeper.take(event);
    });
    // A task of its own: whatever comes would wake this thread otherwise, thousands of times.
    let reading = tokio::spawn(reading);
    let everything = waiting::watched(reading, &places).await;
    let mut everything = everything.map_err(|fault| Failure::new(format!("reading was cut short: {fault}")))?;
    // Without a cache nothing is known of before.
    let before = before.await.unwrap_or_default();
    let rows = std::mem::take(&mut everything.coverage).into_iter();
    everything.coverage = rows.map(|row| before.amended(row, now)).collect();
    if let Some(queued) = queued {
        everything.findings.extend(queued.findings);
        everything.coverage.push(queued.row);
    }
    Ok((everything, Some(kept)))
}

/// Waits until what was read is on the disk.
async fn until_kept(kept: JoinHandle<Option<String>>) {
    if let Some(why) = kept.await.unwrap_or_else(|fault| Some(fault.to_string())) {
        let why = Untrusted::new(why);
        out::note(&format!(
            "What was read is not kept for the next start, or not all of it: {why}"
        ));
    }
}

fn print<'n>(
    format: FindingsFormat,
    (findings, coverage, way): (&[Finding], &[Coverage], output::Way<'_>),
    named: &dyn Fn(&AccountId) -> Option<&'n str>,
    now: Time,
) -> Result<(), Failure> {
    out::stream(|out| match format {
        FindingsFormat::Json => output::json(out, findings, coverage, way),
        FindingsFormat::Jsonl => output::jsonl(out, findings),
        FindingsFormat::Csv => output::csv(out, findings),
        FindingsFormat::Table => {
            let terminal = std::io::stdout().is_terminal();
            let width = crossterm::terminal::size()
                .ok()
                .filter(|_| terminal)
                .map_or(UNBOUNDED, |(w, _)| usize::from(w));
            output::table(out, findings, width, named, now)
        }
    })
}
