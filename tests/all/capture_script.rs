//! The script that captures memory, run by a shell: with a tool that writes a file, and an AWS CLI and a `df` that are scripts, too.

use std::fs;
use std::os::unix::fs::PermissionsExt as _;
use std::path::Path;
use std::process::{Command, Output};

use quell::action::{CaptureTool, MemoryCapture};

/// Copies files in a directory as `aws s3 cp` copies objects, and writes down what it was called with.
const AWS: &str = r#"#!/bin/sh
echo "$@" >>"$BUCKETS/calls"
while [ "$1" != --metadata ] && [ "$#" -gt 2 ]; do shift; done
[ "$1" != --metadata ] || shift 2
place() { case "$1" in s3://*) echo "$BUCKETS/${1#s3://}" ;; *) echo "$1" ;; esac; }
mkdir -p "$(dirname "$(place "$2")")"
cp "$(place "$1")" "$(place "$2")"
"#;
const TOOL: &str = "#!/bin/sh\necho reading >&2\nprintf 'the memory' >\"$1\"\n";

struct Machine(tempfile::TempDir);

impl Machine {
    /// A machine with so many KiB free in `/var/tmp`.
    fn new(free: &str) -> Self {
        let home = tempfile::tempdir().unwrap();
        let path = home.path();
        for directory in ["bin", "buckets/acme-evidence/quell/tools"] {
            fs::create_dir_all(path.join(directory)).unwrap();
        }
        let df = format!("#!/bin/sh\necho Filesystem\necho \"/dev/xvda 1 1 {free} 1% /\"\n");
        for (name, text) in [("aws", AWS), ("df", &df), ("insmod", INSMOD), ("rmmod", RMMOD)] {
            let program = path.join("bin").join(name);
            fs::write(&program, text).unwrap();
            fs::set_permissions(&program, fs::Permissions::from_mode(0o755)).unwrap();
        }
        for tool in ["avml", "lime.ko"] {
            fs::write(path.join("buckets/acme-evidence/quell/tools").join(tool), TOOL).unwrap();
        }
        Self(home)
    }

    fn buckets(&self) -> std::path::PathBuf {
        self.0.path().join("buckets")
    }

    fn run(&self, capture: &MemoryCapture, path: &str) -> Output {
        let own = self.0.path().join("bin");
        let mut shell = Command::new("/bin/sh");
        shell.args(["-c", &capture.script().join("\n")]).env_clear();
        shell.env("PATH", format!("{}:{path}", own.display()));
        shell.env("BUCKETS", self.buckets()).output().unwrap()
    }
}

/// A module that is loaded writes the image, as `LiME` does; one that cannot be unloaded says so the first time.
const INSMOD: &str =
    "#!/bin/sh\nimage=${2#path=}\nprintf 'the memory' >\"${image%% *}\"\necho insmod >>\"$BUCKETS/calls\"\n";
const RMMOD: &str = "#!/bin/sh\necho \"rmmod $1\" >>\"$BUCKETS/calls\"\n[ ! -e \"$BUCKETS/stuck\" ] || { rm \"$BUCKETS/stuck\"; exit 1; }\n";

fn capture(sha256: Option<String>) -> MemoryCapture {
    MemoryCapture {
        tool: CaptureTool::Avml,
        source: "s3://acme-evidence/quell/tools/avml".parse().unwrap(),
        sha256: sha256.map(|text| text.parse().unwrap()),
        image: "s3://acme-evidence/quell/INC-7/memory.lime".parse().unwrap(),
        comment: String::new(),
    }
}

/// What scripts of these tests left behind in `/var/tmp`; others' is not theirs.
fn left(called: &str) -> bool {
    let words = called.split_whitespace();
    let mut directories = words.filter_map(|word| Path::new(word).parent().filter(|p| p.starts_with("/var/tmp")));
    directories.any(Path::exists)
}

#[test]
fn it_uploads_what_the_tool_wrote_and_says_its_hash_last() {
    let machine = Machine::new("999999999999");
    let tool = quell::journal::hash(TOOL.as_bytes());
    let ran = machine.run(&capture(Some(tool.clone())), "/usr/bin:/bin");
    let errors = String::from_utf8_lossy(&ran.stderr);
    assert!(ran.status.success(), "{errors}");
    assert!(errors.contains("reading"), "what the tool says is kept apart: {errors}");
    let image = machine.buckets().join("acme-evidence/quell/INC-7/memory.lime");
    assert_eq!(fs::read(image).unwrap(), b"the memory");
    let hash = quell::journal::hash(b"the memory");
    let said = String::from_utf8(ran.stdout).unwrap();
    assert_eq!(
        said,
        format!("tool-sha256 {tool}\nimage-size 10\nimage-sha256 {hash}\n")
    );
    let calls = fs::read_to_string(machine.buckets().join("calls")).unwrap();
    assert_eq!(calls.lines().count(), 2, "{calls}");
    assert!(
        calls.contains(&format!("--metadata sha256={hash},tool-sha256={tool}")),
        "{calls}"
    );
    assert!(calls.contains("/var/tmp/quell."), "{calls}");
    assert!(!left(&calls), "nothing is left on the machine: {calls}");
}

#[test]
fn the_module_does_not_stay_loaded() {
    let lime = MemoryCapture {
        tool: CaptureTool::Lime,
        source: "s3://acme-evidence/quell/tools/lime.ko".parse().unwrap(),
        ..capture(None)
    };
    for (stuck, code, unloads) in [(false, 0, 1), (true, 1, 2)] {
        let machine = Machine::new("999999999999");
        if stuck {
            fs::write(machine.buckets().join("stuck"), "").unwrap();
        }
        let ran = machine.run(&lime, "/usr/bin:/bin");
        let errors = String::from_utf8_lossy(&ran.stderr);
        assert_eq!(ran.status.code(), Some(code), "{errors}");
        let calls = fs::read_to_string(machine.buckets().join("calls")).unwrap();
        assert_eq!(calls.matches("insmod").count(), 1, "{calls}");
        assert_eq!(calls.matches("rmmod lime").count(), unloads, "{calls}");
        assert!(!left(&calls), "nothing is left on the machine: {calls}");
    }
}

#[test]
fn it_stops_where_something_is_missing_or_not_as_chosen() {
    let run = |machine: &Machine, sha256: Option<String>, path: &str, says: &str| {
        let ran = machine.run(&capture(sha256), path);
        let errors = String::from_utf8_lossy(&ran.stderr).into_owned();
        assert_eq!(ran.status.code(), Some(1), "{errors}");
        assert!(errors.contains(says), "{errors}");
        assert!(ran.stdout.is_empty(), "nothing is said that could be taken for a hash");
        assert!(!machine.buckets().join("acme-evidence/quell/INC-7").exists());
        assert!(!errors.contains("reading"), "the tool was not run: {errors}");
    };
    let machine = Machine::new("999999999999");
    let hash = quell::journal::hash(TOOL.as_bytes());
    run(
        &machine,
        Some("0".repeat(64)),
        "/usr/bin:/bin",
        &format!("quell: the SHA-256 of the tool is {hash}"),
    );
    run(
        &Machine::new("1000"),
        None,
        "/usr/bin:/bin",
        "quell: /var/tmp has 1000 KiB free",
    );
    run(&machine, None, "/nowhere", "is not on this machine");
    fs::remove_file(machine.buckets().join("acme-evidence/quell/tools/avml")).unwrap();
    run(&machine, None, "/usr/bin:/bin", "avml");
}
