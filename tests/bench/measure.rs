//! Measuring one program in a pseudo-terminal.

use std::fs;
use std::path::PathBuf;
use std::time::Duration;

use super::screen::Screen;

const SIZE: (u16, u16) = (120, 36);
/// How often each program is started.
pub const STARTS: usize = 7;
/// How many keys are pressed.
pub const KEYS: usize = 400;
/// No output for so long: what came before is over, and what comes next is the answer to the next key.
const QUIET: Duration = Duration::from_millis(15);
/// How long a start may go on drawing after its screen is complete.
const SETTLED: Duration = Duration::from_millis(300);

/// A program to measure.
pub struct Subject {
    pub program: PathBuf,
    pub arguments: Vec<String>,
    pub environment: Vec<(String, String)>,
    /// What its first complete screen shows.
    pub complete: &'static str,
}

/// What was measured. Milliseconds and megabytes.
pub struct Figures {
    first_byte: f64,
    first_screen: f64,
    key_median: f64,
    key_99: f64,
    resident: f64,
    peak: f64,
}

impl Figures {
    /// What, its unit and its value.
    pub fn rows(&self) -> [(&'static str, &'static str, f64); 6] {
        [
            ("start → first byte", "ms", self.first_byte),
            ("start → first screen with everything read", "ms", self.first_screen),
            ("key → frame, median", "ms", self.key_median),
            ("key → frame, 99th percentile", "ms", self.key_99),
            ("resident memory", "MB", self.resident),
            ("peak memory", "MB", self.peak),
        ]
    }
}

impl Subject {
    fn start(&self) -> Screen {
        let arguments: Vec<&str> = self.arguments.iter().map(String::as_str).collect();
        let environment: Vec<(&str, &str)> = self
            .environment
            .iter()
            .map(|(name, value)| (name.as_str(), value.as_str()))
            .collect();
        Screen::start(&self.program, &arguments, &environment, SIZE)
    }

    /// Starts it several times, and then presses keys on the last.
    pub fn measure(&self) -> Figures {
        let (mut bytes, mut screens) = (Vec::new(), Vec::new());
        let mut last = None;
        for _ in 0..STARTS {
            // The one before ends first, so that two never share the processor.
            drop(last.take());
            let screen = self.start();
            screen.see(self.complete);
            screens.push(screen.started.elapsed());
            bytes.push(screen.first_byte().expect("it has drawn"));
            last = Some(screen);
        }
        let mut screen = last.expect("it was started");
        screen.quiet(SETTLED);
        let mut keys = Vec::new();
        for key in 0..KEYS {
            screen.quiet(QUIET);
            // Down and up again, so that each key moves the cursor.
            keys.push(screen.answer_time(if key % 40 < 20 { "j" } else { "k" }));
        }
        let process = screen.pid().expect("it runs");
        Figures {
            first_byte: percentile(&mut bytes, 50),
            first_screen: percentile(&mut screens, 50),
            key_median: percentile(&mut keys, 50),
            key_99: percentile(&mut keys, 99),
            resident: megabytes(process, "VmRSS:"),
            peak: megabytes(process, "VmHWM:"),
        }
    }
}

/// In milliseconds.
fn percentile(times: &mut [Duration], percent: usize) -> f64 {
    times.sort();
    times[times.len() * percent / 100].as_secs_f64() * 1000.0
}

/// A line of the process's status. Linux alone has it.
fn megabytes(process: u32, field: &str) -> f64 {
    let status = fs::read_to_string(format!("/proc/{process}/status")).unwrap_or_default();
    let kibibytes = status
        .lines()
        .find_map(|line| line.strip_prefix(field)?.split_whitespace().next()?.parse::<f64>().ok());
    kibibytes.map_or(f64::NAN, |count| count * 1024.0 / 1e6)
}
