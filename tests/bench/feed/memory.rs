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

/// In kibibytes.
fn of_tree(root: u32) -> u64 {
    let mut parents = Vec::new();
    for entry in fs::read_dir("/proc").into_iter().flatten().flatten() {
        let Some(id) = entry.file_name().to_str().and_then(|n| n.parse::<u32>().ok()) else {
            continue;
        };
        let status = fs::read_to_string(entry.path().join("status")).unwrap_or_default();
        let field = |name: &str| {
            let line = status.lines().find_map(|l| l.strip_prefix(name))?;
            line.split_whitespace().next()?.parse::<u64>().ok()
        };
        parents.push((id, field("PPid:").unwrap_or(0), field("VmRSS:").unwrap_or(0)));
    }
    let mut family = vec![u64::from(root)];
    let mut at = 0;
    while at < family.len() {
        let children = parents.iter().filter(|(_, parent, _)| *parent == family[at]);
        family.extend(children.map(|(id, ..)| u64::from(*id)).collect::<Vec<_>>());
        at += 1;
    }
    let held = parents.iter().filter(|(id, ..)| family.contains(&u64::from(*id)));
    held.map(|(.., kibibytes)| kibibytes).sum()
}
