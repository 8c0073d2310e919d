//! The playbooks at hand, and which one an incident calls for.

use super::Playbook;
use crate::domain::{ResourceKind, SeverityLabel, SourceError};

macro_rules! built_in {
    ($($name:literal),+ $(,)?) => {
        [$((concat!($name, ".toml"), include_str!(concat!("../../playbooks/", $name, ".toml")))),+]
    };
}

/// The playbooks that are built in, by file name. The last one is for everything else.
pub const BUILT_IN: [(&str, &str); 14] = built_in![
    "leaked-key",
    "instance-credentials",
    "crypto-mining",
    "backdoor",
    "brute-force",
    "suspicious-iam",
    "privilege-escalation",
    "public-bucket",
    "ransom-s3",
    "malicious-function",
    "database-login",
    "root-use",
    "eks-pod",
    "generic",
];

/// The name of the playbook that is taken when no other fits.
pub const GENERIC: &str = "generic";

/// Playbooks, one of which fits every finding.
#[derive(Clone, Debug)]
pub struct Library {
    /// The built-in ones, then the user's own, of which a later one wins where two fit alike.
    special: Vec<Playbook>,
    generic: Playbook,
    left_out: Vec<String>,
}

impl Library {
    /// The built-in playbooks.
    #[must_use]
    pub fn built_in() -> Self {
        Self::parse().expect("the built-in playbooks are parsed by a test")
    }

    fn parse() -> Result<Self, SourceError> {
        let [special @ .., (file, text)] = &BUILT_IN;
        let special: Result<Vec<_>, _> = special.iter().map(|(file, text)| Playbook::parse(file, text)).collect();
        Ok(Self {
            special: special?,
            generic: Playbook::parse(file, text)?,
            left_out: Vec::new(),
        })
    }

    /// Adds a playbook of the user's. One of the same name is replaced, the generic one too.
    pub fn add(&mut self, playbook: Playbook) {
        if playbook.name == GENERIC {
            self.generic = playbook;
            return;
        }
        self.special.retain(|old| old.name != playbook.name);
        self.special.push(playbook);
    }

    /// Notes that a playbook of the user's is missing here, and why, safe to show.
    pub fn leave_out(&mut self, why: impl Into<String>) {
        self.left_out.push(why.into());
    }

    /// Why playbooks of the user's are missing here.
    #[must_use]
    pub fn left_out(&self) -> &[String] {
        &self.left_out
    }

    /// Every playbook, the generic one last.
    pub fn iter(&self) -> impl Iterator<Item = &Playbook> {
        self.special.iter().chain([&self.generic])
    }

    /// The playbook of this name.
    #[must_use]
    pub fn get(&self, name: &str) -> Option<&Playbook> {
        self.iter().find(|playbook| playbook.name == name)
    }

    /// The playbook that fits a finding of this type on these resources most closely; the generic one when none does.
    #[must_use]
    pub fn choose(&self, finding: &str, kinds: &[ResourceKind], severity: SeverityLabel) -> &Playbook {
        self.special
            .iter()
            .filter_map(|playbook| Some((playbook.fits(finding, kinds, severity)?, playbook)))
            .max_by_key(|(closeness, _)| *closeness)
            .map_or(&self.generic, |(_, playbook)| playbook)
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::action::{ActionName, Step};
    use crate::playbook::{Situation, Standing};

    #[test]
    fn the_built_in_playbooks_are_sound() {
        let library = Library::parse().unwrap();
        for (playbook, (file, _)) in library.iter().zip(BUILT_IN) {
            assert_eq!(format!("{}.toml", playbook.name), file);
            assert_eq!(library.get(&playbook.name), Some(playbook));
            for phase in Step::ALL {
                assert!(
                    playbook.in_phase(phase).next().is_some(),
                    "{file} has no {}",
                    phase.word()
                );
            }
        }
        assert_eq!(library.generic.name, GENERIC);
        assert_eq!(
            library.generic.fits("", &[], SeverityLabel::Low),
            Some((0, false, false))
        );
    }

    #[test]
    fn a_users_playbook_takes_the_place_of_the_one_with_its_name() {
        let mut library = Library::built_in();
        let count = library.iter().count();
        for name in ["leaked-key", "generic"] {
            let mut own = library.get(name).unwrap().clone();
            own.title = "Ours".to_owned();
            library.add(own);
            assert_eq!(library.get(name).unwrap().title, "Ours");
        }
        assert_eq!(library.iter().count(), count);
        assert_eq!(library.choose("", &[], SeverityLabel::Low).title, "Ours");
        // Of two that fit alike the user's own is taken.
        let mut other = library.get("crypto-mining").unwrap().clone();
        "ours-too".clone_into(&mut other.name);
        library.add(other);
        let chosen = library.choose(
            "CryptoCurrency:EC2/BitcoinTool.B",
            &[ResourceKind::Instance],
            SeverityLabel::High,
        );
        assert_eq!(chosen.name, "ours-too");
    }

    #[test]
    fn a_finding_gets_the_playbook_that_fits_best() {
        let library = Library::built_in();
        for (finding, name) in [
            ("UnauthorizedAccess:IAMUser/MaliciousIPCaller.Custom", "leaked-key"),
            ("UnauthorizedAccess:IAMUser/TorIPCaller", "leaked-key"),
            ("CredentialAccess:IAMUser/CompromisedCredentials", "leaked-key"),
            ("AttackSequence:IAM/CompromisedCredentials", "leaked-key"),
            (
                "UnauthorizedAccess:IAMUser/InstanceCredentialExfiltration.OutsideAWS",
                "instance-credentials",
            ),
            (
                "UnauthorizedAccess:IAMUser/ResourceCredentialExfiltration.OutsideAWS",
                "instance-credentials",
            ),
            ("UnauthorizedAccess:EC2/MetadataDNSRebind", "instance-credentials"),
            ("CryptoCurrency:EC2/BitcoinTool.B!DNS", "crypto-mining"),
            ("Impact:EC2/BitcoinDomainRequest.Reputation", "crypto-mining"),
            ("CryptoCurrency:Lambda/BitcoinTool.B", "malicious-function"),
            ("Backdoor:EC2/C&CActivity.B!DNS", "backdoor"),
            ("Execution:EC2/MaliciousFile", "backdoor"),
            ("Trojan:Runtime/DropPoint", "backdoor"),
            ("AttackSequence:EC2/CompromisedInstanceGroup", "backdoor"),
            ("UnauthorizedAccess:EC2/SSHBruteForce", "brute-force"),
            ("Impact:EC2/WinRMBruteForce", "brute-force"),
            ("Recon:EC2/PortProbeUnprotectedPort", "brute-force"),
            ("UnauthorizedAccess:IAMUser/ConsoleLoginSuccess.B", "suspicious-iam"),
            ("Stealth:IAMUser/CloudTrailLoggingDisabled", "suspicious-iam"),
            ("Discovery:IAMUser/AnomalousBehavior", "suspicious-iam"),
            ("PrivilegeEscalation:IAMUser/AnomalousBehavior", "privilege-escalation"),
            ("Persistence:IAMUser/AnomalousBehavior", "privilege-escalation"),
            ("Policy:S3/BucketPublicAccessGranted", "public-bucket"),
            ("Stealth:S3/ServerAccessLoggingDisabled", "public-bucket"),
            ("Exfiltration:S3/AnomalousBehavior", "public-bucket"),
            ("Impact:S3/AnomalousBehavior.Delete", "ransom-s3"),
            ("AttackSequence:S3/CompromisedData", "ransom-s3"),
            ("Backdoor:Lambda/C&CActivity.B", "malicious-function"),
            (
                "CredentialAccess:RDS/AnomalousBehavior.SuccessfulBruteForce",
                "database-login",
            ),
            ("Policy:IAMUser/RootCredentialUsage", "root-use"),
            ("Policy:IAMUser/ShortTermRootCredentialUsage", "root-use"),
            ("PrivilegeEscalation:Kubernetes/PrivilegedContainer", "eks-pod"),
            ("Execution:Kubernetes/ExecInKubeSystemPod", "eks-pod"),
            ("PrivilegeEscalation:Runtime/RuncContainerEscape", "eks-pod"),
            ("AttackSequence:EKS/CompromisedCluster", "eks-pod"),
            ("Software and Configuration Checks/Vulnerabilities/CVE", "generic"),
            ("", "generic"),
        ] {
            let chosen = library.choose(finding, &[ResourceKind::Other], SeverityLabel::High);
            assert_eq!(chosen.name, name, "{finding}");
        }
    }

    #[test]
    fn an_incident_of_any_severity_comes_to_its_report() {
        for playbook in Library::built_in().iter() {
            for severity in crate::playbook::classify::SEVERITIES {
                let situation = Situation {
                    severity,
                    incident_type: None,
                    subtype: None,
                    findings: Vec::new(),
                    kinds: vec![ResourceKind::Instance, ResourceKind::AccessKey],
                };
                let mut done: Vec<String> = Vec::new();
                loop {
                    let standings = playbook.standings(&situation, |step| done.contains(&step.id));
                    let ready = standings.iter().position(|s| *s == Standing::Ready);
                    let Some(ready) = ready else { break };
                    done.push(playbook.steps()[ready].id.clone());
                }
                let standings = playbook.standings(&situation, |step| done.contains(&step.id));
                assert!(!standings.contains(&Standing::Waiting), "{} {severity}", playbook.name);
                assert_eq!(done.first().map(String::as_str), Some("classify"));
                assert_eq!(
                    done.last().map(String::as_str),
                    Some("document"),
                    "{} {severity}",
                    playbook.name
                );
            }
        }
    }

    #[test]
    fn the_generic_playbook_branches_by_severity() {
        let library = Library::built_in();
        let generic = library.get(GENERIC).unwrap();
        for (severity, beside) in [
            (
                SeverityLabel::Critical,
                vec!["isolate-now", "tell-leadership", "collect-evidence"],
            ),
            (SeverityLabel::High, vec!["secure-accounts", "tell-team"]),
            (SeverityLabel::Medium, vec!["standard-response"]),
            (SeverityLabel::Low, vec!["log-and-monitor"]),
        ] {
            let situation = Situation {
                severity,
                incident_type: None,
                subtype: None,
                findings: Vec::new(),
                kinds: Vec::new(),
            };
            let standings = generic.standings(&situation, |step| step.id == "classify");
            let ready = generic.steps().iter().zip(standings);
            let ready: Vec<&str> = ready
                .filter(|(_, standing)| *standing == Standing::Ready)
                .map(|(step, _)| step.id.as_str())
                .collect();
            assert_eq!(ready, beside);
        }
    }

    #[test]
    fn the_readme_shows_a_playbook_that_is_read() {
        let readme = include_str!("../../README.md");
        let mut shown = readme.split("```toml\n").filter_map(|block| block.split("```").next());
        let playbook = Playbook::parse("README.md", shown.find(|block| block.contains("[[step]]")).unwrap());
        assert_eq!(playbook.unwrap().steps().len(), 4);
    }

    /// Where one of several is enough, each must be enough by itself. What closes to the public, ends sessions of a bucket's reader or
    /// takes policies away leaves something standing that another of them would not.
    #[test]
    fn what_leaves_a_way_open_is_never_one_of_several() {
        let library = Library::built_in();
        let several = library
            .iter()
            .flat_map(|p| p.steps().iter().filter(|step| step.any).map(move |s| (p, s)));
        let mut looked_at = 0;
        for (playbook, step) in several {
            looked_at += 1;
            let has = |action: ActionName| step.actions.contains(&action);
            let place = format!("{} {}", playbook.name, step.id);
            assert!(
                !(has(ActionName::LockBucket) && has(ActionName::BlockBucketPublic)),
                "{place}"
            );
            assert!(!has(ActionName::DetachUserPolicies), "{place}");
        }
        assert!(looked_at > 3, "{looked_at}");
        let (_, lock) = library.get("ransom-s3").unwrap().step("lock").unwrap();
        assert_eq!(lock.actions, [ActionName::LockBucket]);
    }

    #[test]
    fn every_action_stands_in_a_playbook() {
        let library = Library::built_in();
        for action in crate::action::ALL {
            let name: ActionName = action.name();
            let stands = |p: &Playbook| p.steps().iter().any(|s| s.actions.contains(&name));
            assert!(library.iter().any(stands), "{name}");
        }
    }
}
