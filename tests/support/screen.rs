//! A driver of the real binary in a pseudo-terminal: press keys, see the screen.
//!
//! Nothing here sleeps: whoever waits is woken by output. The deadline only turns a hang into a failure that shows the screen.

use std::io::{Read, Write};
use std::num::NonZeroU16;
use std::path::Path;
use std::sync::{Arc, Condvar, Mutex};
use std::time::{Duration, Instant};

use portable_pty::{Child, CommandBuilder, ExitStatus, MasterPty, PtySize, native_pty_system};

/// After this long without what is waited for, the test fails and shows the screen.
const DEADLINE: Duration = Duration::from_mins(1);

/// Begins an update with `h` after it, and ends one with `l`.
const UPDATE: &[u8] = b"\x1b[?2026";

/// What came out of the terminal so far.
struct Seen {
    parser: vt100::Parser,
    /// Every byte, for questions about the stream itself.
    bytes: Vec<u8>,
    /// When the first byte came, and when the last one did.
    first: Option<Instant>,
    last: Option<Instant>,
    closed: bool,
}

/// A terminal of this many columns and rows that nothing was written to.
pub fn terminal((columns, rows): (u16, u16)) -> vt100::Parser {
    vt100::Parser::new(cells(rows), cells(columns), 0)
}

fn cells(count: u16) -> NonZeroU16 {
    NonZeroU16::new(count).expect("a terminal has at least one row and column")
}

impl Seen {
    /// Whether a frame has come in half: a terminal that knows synchronized updates would not show it yet.
    fn is_between(&self) -> bool {
        let mut last = self.bytes.windows(UPDATE.len() + 1).rev();
        last.find(|bytes| bytes.starts_with(UPDATE))
            .is_some_and(|bytes| bytes.ends_with(b"h"))
    }
}

/// A running program and its terminal.
pub struct Screen {
    seen: Arc<(Mutex<Seen>, Condvar)>,
    keyboard: Box<dyn Write + Send>,
    master: Box<dyn MasterPty + Send>,
    child: Box<dyn Child + Send + Sync>,
    pub started: Instant,
}

#[allow(dead_code, reason = "tests and benchmarks use different parts of the driver")]
impl Screen {
    /// Starts a program in a terminal of this size. Of the environment it gets only what is given, and PATH.
    pub fn start(program: &Path, args: &[&str], env: &[(&str, &str)], (columns, rows): (u16, u16)) -> Self {
        let size = PtySize {
            rows,
            cols: columns,
            pixel_width: 0,
            pixel_height: 0,
        };
        let pair = native_pty_system()
            .openpty(size)
            .expect("a pseudo-terminal can be opened");
        let mut command = CommandBuilder::new(program);
        command.args(args);
        command.env_clear();
        command.env("PATH", std::env::var_os("PATH").unwrap_or_default());
        command.env("TERM", "xterm-256color");
        command.env("TZ", "Asia/Seoul");
        for (name, value) in env {
            command.env(name, value);
        }
        let mut output = pair.master.try_clone_reader().expect("the terminal can be read");
        let keyboard = pair.master.take_writer().expect("the terminal can be typed into");
        let seen = Arc::new((
            Mutex::new(Seen {
                parser: terminal((columns, rows)),
                bytes: Vec::new(),
                first: None,
                last: None,
                closed: false,
            }),
            Condvar::new(),
        ));
        let started = Instant::now();
        let child = pair.slave.spawn_command(command).expect("the program can be started");
        drop(pair.slave);
        let told = Arc::clone(&seen);
        std::thread::spawn(move || {
            let mut buffer = vec![0; 65536];
            loop {
                let read = output.read(&mut buffer).unwrap_or(0);
                // A test that failed while it looked needs no more output.
                let Ok(mut seen) = told.0.lock() else { return };
                if read == 0 {
                    seen.closed = true;
                } else {
                    seen.parser.process(&buffer[..read]);
                    seen.bytes.extend_from_slice(&buffer[..read]);
                    let now = Instant::now();
                    seen.first.get_or_insert(now);
                    seen.last = Some(now);
                }
                told.1.notify_all();
                if read == 0 {
                    return;
                }
            }
        });
        Self {
            seen,
            keyboard,
            master: pair.master,
            child,
            started,
        }
    }

    /// Types text or control characters.
    pub fn press(&mut self, keys: &str) {
        self.keyboard
            .write_all(keys.as_bytes())
            .expect("the program still listens");
        self.keyboard.flush().expect("the program still listens");
    }

    /// Waits until the screen shows the text, and gives the whole screen.
    pub fn see(&self, text: &str) -> String {
        self.wait(&format!("{text:?} on the screen"), |screen| screen.contains(text))
    }

    /// Waits until the screen no longer shows the text, and gives the whole screen.
    pub fn see_gone(&self, text: &str) -> String {
        self.wait(&format!("{text:?} gone from the screen"), |screen| {
            !screen.contains(text)
        })
    }

    /// Waits until the screen is as wanted, and gives it.
    pub fn wait(&self, what: &str, wanted: impl Fn(&str) -> bool) -> String {
        let begun = Instant::now();
        let mut seen = self.seen.0.lock().expect("the reader did not panic");
        loop {
            let contents = seen.parser.screen().contents();
            if !seen.is_between() && wanted(&contents) {
                return contents;
            }
            let left = DEADLINE.saturating_sub(begun.elapsed());
            assert!(
                !seen.closed && !left.is_zero(),
                "waited for {what}; the screen is:\n{contents}"
            );
            seen = self
                .seen
                .1
                .wait_timeout(seen, left)
                .expect("the reader did not panic")
                .0;
        }
    }

    /// Whether the screen comes to show the text this soon. For keys that the program may rightly have dropped.
    pub fn shows_within(&self, text: &str, soon: Duration) -> bool {
        let begun = Instant::now();
        let mut seen = self.seen.0.lock().expect("the reader did not panic");
        loop {
            if !seen.is_between() && seen.parser.screen().contents().contains(text) {
                return true;
            }
            let left = soon.saturating_sub(begun.elapsed());
            if seen.closed || left.is_zero() {
                return false;
            }
            seen = self
                .seen
                .1
                .wait_timeout(seen, left)
                .expect("the reader did not panic")
                .0;
        }
    }

    /// The screen as it is.
    pub fn contents(&self) -> String {
        self.seen
            .0
            .lock()
            .expect("the reader did not panic")
            .parser
            .screen()
            .contents()
    }

    /// Whether the program is on the alternate screen, and whether it hides the cursor.
    pub fn modes(&self) -> (bool, bool) {
        let seen = self.seen.0.lock().expect("the reader did not panic");
        (
            seen.parser.screen().alternate_screen(),
            seen.parser.screen().hide_cursor(),
        )
    }

    /// Every byte so far.
    pub fn bytes(&self) -> Vec<u8> {
        self.seen.0.lock().expect("the reader did not panic").bytes.clone()
    }

    /// From the start to the first byte.
    pub fn first_byte(&self) -> Option<Duration> {
        let first = self.seen.0.lock().expect("the reader did not panic").first?;
        Some(first.duration_since(self.started))
    }

    /// Types, and waits for the first output after it.
    pub fn answer_time(&mut self, keys: &str) -> Duration {
        let before = self.bytes().len();
        let pressed = Instant::now();
        self.press(keys);
        let mut seen = self.seen.0.lock().expect("the reader did not panic");
        while seen.bytes.len() == before && !seen.closed {
            let (next, timeout) = self
                .seen
                .1
                .wait_timeout(seen, DEADLINE)
                .expect("the reader did not panic");
            assert!(!timeout.timed_out(), "no answer to {keys:?}");
            seen = next;
        }
        pressed.elapsed()
    }

    /// Waits until nothing has come out for this long.
    pub fn quiet(&self, for_so_long: Duration) {
        let mut seen = self.seen.0.lock().expect("the reader did not panic");
        loop {
            let (next, timeout) = self
                .seen
                .1
                .wait_timeout(seen, for_so_long)
                .expect("the reader did not panic");
            seen = next;
            if timeout.timed_out() || seen.closed {
                return;
            }
        }
    }

    /// Makes the terminal larger or smaller.
    pub fn resize(&self, columns: u16, rows: u16) {
        self.seen
            .0
            .lock()
            .expect("the reader did not panic")
            .parser
            .screen_mut()
            .set_size(cells(rows), cells(columns));
        let size = PtySize {
            rows,
            cols: columns,
            pixel_width: 0,
            pixel_height: 0,
        };
        self.master.resize(size).expect("the terminal can be resized");
    }

    /// The process id.
    pub fn pid(&self) -> Option<u32> {
        self.child.process_id()
    }

    /// Waits until the program has ended, and for the last of its output.
    pub fn end(mut self) -> (ExitStatus, Vec<u8>) {
        let begun = Instant::now();
        let mut seen = self.seen.0.lock().expect("the reader did not panic");
        while !seen.closed {
            let left = DEADLINE.saturating_sub(begun.elapsed());
            assert!(
                !left.is_zero(),
                "the program has not ended; the screen is:\n{}",
                seen.parser.screen().contents()
            );
            seen = self
                .seen
                .1
                .wait_timeout(seen, left)
                .expect("the reader did not panic")
                .0;
        }
        let bytes = seen.bytes.clone();
        drop(seen);
        (self.child.wait().expect("the program can be waited for"), bytes)
    }
}

impl Drop for Screen {
    fn drop(&mut self) {
        // Nothing may be left running, whatever a test did.
        drop(self.child.kill());
    }
}
