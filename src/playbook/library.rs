//! The playbooks at hand, and which one a finding calls for.

use super::Playbook;
use crate::domain::{ResourceKind, SourceError};

/// The playbooks that are built in, by file name. The last one is for everything else.
pub const BUILT_IN: [(&str, &str); 3] = [
    ("leaked-key.toml", include_str!("../../playbooks/leaked-key.toml")),
    ("crypto-mining.toml", include_str!("../../playbooks/crypto-mining.toml")),
    ("generic.toml", include_str!("../../playbooks/generic.toml")),
];

/// Playbooks, of which the last fits every finding.
#[derive(Clone, Debug)]
pub struct Library {
    special: Vec<Playbook>,
    generic: Playbook,
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
        })
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

    /// The playbook that fits a finding of this type on this resource most closely; the generic one when none does.
    #[must_use]
    pub fn choose(&self, finding: &str, resource: ResourceKind) -> &Playbook {
        self.special
            .iter()
            .filter_map(|playbook| Some((playbook.fits(finding, resource)?, playbook)))
            .max_by_key(|(closeness, _)| *closeness)
            .map_or(&self.generic, |(_, playbook)| playbook)
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::action::{ActionName, Step};

    #[test]
    fn the_built_in_playbooks_are_sound() {
        let library = Library::parse().unwrap();
        for (playbook, (file, _)) in library.iter().zip(BUILT_IN) {
            assert_eq!(format!("{}.toml", playbook.name), file);
            assert_eq!(playbook.stages.len(), Step::ALL.len());
            assert_eq!(library.get(&playbook.name), Some(playbook));
        }
        assert!(library.generic.findings.is_empty() && library.generic.resources.is_empty());
    }

    #[test]
    fn a_finding_gets_the_playbook_that_fits_best() {
        let library = Library::built_in();
        for (finding, resource, name) in [
            (
                "UnauthorizedAccess:IAMUser/MaliciousIPCaller.Custom",
                ResourceKind::AccessKey,
                "leaked-key",
            ),
            (
                "UnauthorizedAccess:IAMUser/InstanceCredentialExfiltration.OutsideAWS",
                ResourceKind::AccessKey,
                "leaked-key",
            ),
            (
                "CryptoCurrency:EC2/BitcoinTool.B!DNS",
                ResourceKind::Instance,
                "crypto-mining",
            ),
            ("Policy:S3/BucketPublicAccessGranted", ResourceKind::Bucket, "generic"),
            ("", ResourceKind::Other, "generic"),
        ] {
            assert_eq!(library.choose(finding, resource).name, name, "{finding}");
        }
    }

    #[test]
    fn every_action_stands_in_a_playbook() {
        let library = Library::built_in();
        for action in crate::action::ALL {
            let name: ActionName = action.name();
            assert!(
                library
                    .iter()
                    .any(|p| p.stage(action.step()).is_some_and(|s| s.actions.contains(&name))),
                "{name}"
            );
        }
    }
}
