//! The binary: reads the command line and hands over.

use std::process::ExitCode;

use clap::Parser;
use quell::cli::{self, Cli};

fn main() -> ExitCode {
    no_core_dump();
    many_files();
    cli::finish(cli::run(Cli::parse()))
}

/// Credentials are in this process's memory; a crash must not write them to the disk. Where the limit cannot be lowered, which no
/// system is known to refuse, there is nothing better to do than to go on.
fn no_core_dump() {
    let none = rustix::process::Rlimit {
        current: Some(0),
        maximum: Some(0),
    };
    let _ = rustix::process::setrlimit(rustix::process::Resource::Core, none);
}

/// A connection is an open file, and a thousand calls may be under way at once; systems allow 256 or 1,024 unless asked, though more
/// is there to be had. Where it is not, a call that finds no file left fails and is tried again.
fn many_files() {
    let limit = rustix::process::getrlimit(rustix::process::Resource::Nofile);
    let wanted = limit.maximum.map_or(FILES, |most| most.min(FILES));
    if limit.current.is_some_and(|current| current < wanted) {
        let more = rustix::process::Rlimit {
            current: Some(wanted),
            ..limit
        };
        let _ = rustix::process::setrlimit(rustix::process::Resource::Nofile, more);
    }
}

/// Enough for the feed's calls, the responder's, and the files of the journal and the cache.
const FILES: u64 = 4096;

#[cfg(test)]
mod tests {
    use super::no_core_dump;

    #[test]
    fn a_crash_writes_no_memory_to_the_disk() {
        no_core_dump();
        let limit = rustix::process::getrlimit(rustix::process::Resource::Core);
        assert_eq!((limit.current, limit.maximum), (Some(0), Some(0)));
    }
}
