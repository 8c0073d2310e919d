//! How much memory a program and everything it started hold together, at the peak.

use std::fs;
use std::sync::Arc;
use std::sync::atomic::{AtomicBool, AtomicU64, Ordering};
use std::thread::JoinHandle;
use std::time::Duration;

const EVERY: Duration = Duration::from_millis(20);

/// Watches a process and its descendants until it is stopped.
pub struct Watch {
    stop: Arc<AtomicBool>,
    peak: Arc<AtomicU64>,
    thread: Option<JoinHandle<()>>,
}

impl Watch {
    pub fn of(process: u32) -> Self {
        let (stop, peak) = (Arc::new(AtomicBool::new(false)), Arc::new(AtomicU64::new(0)));
        let (stopped, highest) = (Arc::clone(&stop), Arc::clone(&peak));
        let thread = std::thread::spawn(move || {
            while !stopped.load(Ordering::Relaxed) {
                highest.fetch_max(of_tree(process), Ordering::Relaxed);
                std::thread::sleep(EVERY);
            }
        });
        Self {
            stop,
            peak,
            thread: Some(thread),
        }
    }

    /// In megabytes.
    pub fn peak(mut self) -> f64 {
        self.stop.store(true, Ordering::Relaxed);
        if let Some(thread) = self.thread.take() {
            thread.join().unwrap();
        }
        let kibibytes = u32::try_from(self.peak.load(Ordering::Relaxed)).unwrap();
        f64::from(kibibytes) * 1024.0 / 1e6
    }
}

/// In kibibytes. Asks of the family alone: a look at every process of the machine, fifty times a second, would take a good part of a
/// core from those who are measured.
fn of_tree(root: u32) -> u64 {
    let (mut held, mut family) = (0, vec![root]);
    while let Some(one) = family.pop() {
        let status = fs::read_to_string(format!("/proc/{one}/status")).unwrap_or_default();
        let line = status.lines().find_map(|line| line.strip_prefix("VmRSS:"));
        let resident = line.and_then(|line| line.split_whitespace().next()?.parse::<u64>().ok());
        held += resident.unwrap_or(0);
        for thread in fs::read_dir(format!("/proc/{one}/task"))
            .into_iter()
            .flatten()
            .flatten()
        {
            let children = fs::read_to_string(thread.path().join("children")).unwrap_or_default();
            family.extend(children.split_whitespace().filter_map(|id| id.parse::<u32>().ok()));
        }
    }
    held
}
