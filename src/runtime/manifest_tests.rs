use std::fs;
use std::os::unix::fs::{PermissionsExt, symlink};

use super::*;

fn filled(workspace: &Path) -> (PathBuf, String) {
    let at: Time = "2026-03-01T10:00:00Z".parse().unwrap();
    let mut filling = Filling::begin(workspace, "q-1a2b3c4d", at).unwrap();
    let mut files = Vec::new();
    for (call, body) in [
        ("ec2:DescribeInstances", "<A></A>"),
        ("ec2:DescribeInstances", "<B/>"),
        ("x/../y", "{}"),
    ] {
        let (file, size, sha256) = filling.add(call, body.as_bytes()).unwrap();
        files.push(Entry {
            file,
            size,
            sha256,
            call: call.to_owned(),
            of: "i-0ab12cd34ef567890\u{1b}[2J".into(),
            account: "333333333333".parse().unwrap(),
            region: "ap-northeast-2".parse().unwrap(),
            at,
            request_id: None,
        });
    }
    let directory = filling.directory().to_path_buf();
    let manifest = Manifest {
        version: MANIFEST_VERSION,
        incident: "q-1a2b3c4d".to_owned(),
        collected_at: at,
        by: "arn:aws:iam::222222222222:user/oncall-1".to_owned(),
        notes: Vec::new(),
        files,
        gaps: Vec::new(),
    };
    let hash = filling.end(&manifest).unwrap();
    (directory, hash)
}

#[test]
fn what_was_written_holds_and_is_its_owners_alone() {
    let home = tempfile::tempdir().unwrap();
    let (directory, hash) = filled(home.path());
    assert!(
        directory.ends_with("evidence/q-1a2b3c4d/20260301T100000.000Z"),
        "{}",
        directory.display()
    );
    let checked = verify(&directory).unwrap();
    assert_eq!((checked.faults, checked.manifest_sha256), (Vec::new(), hash));
    let names: Vec<&str> = checked.manifest.files.iter().map(|f| f.file.as_str()).collect();
    assert_eq!(
        names,
        [
            "ec2-DescribeInstances-0001.xml",
            "ec2-DescribeInstances-0002.xml",
            "x-..-y-0001.json"
        ]
    );
    let mode = |path: &Path| fs::metadata(path).unwrap().permissions().mode() & 0o777;
    assert_eq!((mode(&directory), mode(directory.parent().unwrap())), (0o700, 0o700));
    assert!(
        fs::read_dir(&directory)
            .unwrap()
            .all(|f| mode(&f.unwrap().path()) == 0o600)
    );
    let again = Filling::begin(home.path(), "q-1a2b3c4d", "2026-03-01T10:00:00Z".parse().unwrap()).unwrap();
    assert!(
        again.directory().ends_with("20260301T100000.000Z-2"),
        "{}",
        again.directory().display()
    );
}

#[test]
fn every_change_of_a_file_is_found() {
    type Spoil = fn(&Path);
    let cases: [(Spoil, &str); 5] = [
        (
            |d| fs::write(d.join("ec2-DescribeInstances-0001.xml"), "<C></C>").unwrap(),
            "0001.xml is not as it was",
        ),
        (
            |d| fs::write(d.join("ec2-DescribeInstances-0002.xml"), "<B/> ").unwrap(),
            "has 5 bytes, and had 4",
        ),
        (
            |d| fs::remove_file(d.join("x-..-y-0001.json")).unwrap(),
            "x-..-y-0001.json cannot be read",
        ),
        (
            |d| fs::write(d.join("more.txt"), "").unwrap(),
            "more.txt is not in the manifest",
        ),
        (
            |d| {
                let file = d.join("ec2-DescribeInstances-0001.xml");
                fs::rename(&file, d.join("../aside")).unwrap();
                symlink(d.join("../aside"), &file).unwrap();
            },
            "0001.xml cannot be read",
        ),
    ];
    for (change, says) in cases {
        let home = tempfile::tempdir().unwrap();
        let (directory, _) = filled(home.path());
        change(&directory);
        let faults = verify(&directory).unwrap().faults;
        assert!(faults.len() == 1 && faults[0].contains(says), "{faults:?}, not {says}");
    }
}

#[test]
fn a_link_in_the_way_is_refused() {
    let home = tempfile::tempdir().unwrap();
    symlink("/", home.path().join("evidence")).unwrap();
    let at: Time = "2026-03-01T10:00:00Z".parse().unwrap();
    let refused = Filling::begin(home.path(), "q-1a2b3c4d", at).unwrap_err();
    assert_eq!(refused.kind(), io::ErrorKind::PermissionDenied);
}

#[test]
fn a_manifest_cannot_lead_out_of_its_directory() {
    let home = tempfile::tempdir().unwrap();
    let (directory, _) = filled(home.path());
    let path = directory.join(MANIFEST);
    let text = fs::read_to_string(&path).unwrap();
    fs::write(&path, text.replace("x-..-y-0001.json", "../../../../etc/passwd")).unwrap();
    let faults = verify(&directory).unwrap().faults;
    assert!(faults[0].contains("may not name such a file"), "{faults:?}");
}
