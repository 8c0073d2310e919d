//! Findings from files, in place of AWS.
//!
//! Owns: reading the files, and what is said of them. Must never: touch AWS or the network.

use std::fs::File;
use std::io::Read;
use std::path::{Path, PathBuf};
use std::sync::Arc;

use bytes::Bytes;
use tokio::sync::mpsc::UnboundedSender;

use super::evidence::{self, Evidence};
use crate::app::Event;
use crate::domain::{Time, Untrusted};
use crate::findings::cache::Batch;
use crate::findings::import::{self, Imported};

/// The largest file that is read: 100,000 findings with room to spare.
const MAX_FILE: u64 = 1024 * 1024 * 1024;
/// Findings that are handed over together.
const PAGE: usize = 300;

/// A file's content, or a sentence. `-` is standard input.
pub fn load(path: &Path) -> Result<Bytes, String> {
    let shown = Untrusted::new(path.display().to_string());
    let mut content = Vec::new();
    let read = if path == Path::new("-") {
        std::io::stdin().lock().take(MAX_FILE + 1).read_to_end(&mut content)
    } else {
        File::open(path).and_then(|file| file.take(MAX_FILE + 1).read_to_end(&mut content))
    };
    match read {
        Ok(length) if length as u64 > MAX_FILE => {
            Err(format!("{shown} is larger than {} GiB; split it", MAX_FILE >> 30))
        }
        Ok(_) => Ok(Bytes::from(content)),
        Err(error) => Err(format!("{shown} cannot be read: {error}")),
    }
}

/// Reads a file's findings, or says why it cannot be read.
pub fn read(path: &Path) -> Result<Imported, String> {
    let content = load(path)?;
    Ok(import::read(&path.display().to_string(), &content))
}

/// Hands over what is in the files, and says what they are. Waits for the disk.
pub fn tell(paths: &[PathBuf], now: Time, evidence: &Evidence, tell: &UnboundedSender<Event>) {
    let count = match paths.len() {
        1 => "1 file".to_owned(),
        n => format!("{n} files"),
    };
    let say = |told: String| drop(tell.send(Event::Offline(told)));
    say(format!("{count}, nothing is read from AWS"));
    let cache = match evidence::private(now) {
        Ok(cache) => cache,
        Err(error) => return drop(tell.send(Event::Fatal(error.to_string()))),
    };
    evidence.rest_on(Arc::clone(&cache));
    let (mut found, mut misunderstood, mut faults) = (0, 0, Vec::new());
    for path in paths {
        let imported = match read(path) {
            Ok(imported) => imported,
            Err(why) => {
                misunderstood += 1;
                faults.push(why);
                continue;
            }
        };
        if let Some(garbled) = &imported.garbled {
            let _ = tell.send(Event::Failed(garbled.to_string()));
        }
        found += imported.findings.len();
        misunderstood += imported.misunderstood;
        faults.extend(imported.faults.iter().map(ToString::to_string));
        for page in imported.findings.chunks(PAGE) {
            cache.keep(Batch::of(page), now);
            let page = page.iter().map(|seen| Arc::new(seen.finding.clone())).collect();
            if tell.send(Event::Findings(page)).is_err() {
                return;
            }
        }
        if let Some(trouble) = cache.trouble() {
            let _ = tell.send(Event::Failed(trouble));
        }
    }
    let mut told = format!("{count} with {found} findings, nothing is read from AWS");
    if misunderstood > 0 {
        let missing = match misunderstood {
            1 => "1 entry was not understood or is missing".to_owned(),
            n => format!("{n} entries were not understood or are missing"),
        };
        told = format!("{told}. {missing}");
        let _ = tell.send(Event::Failed(format!(
            "{missing}; the coverage screen lists what was not read"
        )));
        let _ = tell.send(Event::NotUnderstood {
            entries: faults,
            count: misunderstood,
        });
    }
    say(told);
}
