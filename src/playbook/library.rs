//! The playbooks at hand, and which one an incident calls for.

use super::Playbook;
use crate::domain::{ResourceKind, SeverityLabel, SourceError};

macro_rules! built_in {
    ($($name:literal),+ $(,)?) => {
        [$((concat!($name, ".toml"), include_str!(concat!("../../playbooks/", $name, ".toml")))),+]
    };
}

/// The playbooks that are built in, by file name. The last one is for everything else.
pub const BUILT_IN: [(&str, &str); 3] = built_in!["leaked-key", "crypto-mining", "generic"];

/// The name of the playbook that is taken when no other fits.
pub const GENERIC: &str = "generic";

/// Playbooks, one of which fits every finding.
#[derive(Clone, Debug)]
pub struct Library {
    /// The built-in ones, then the user's own, of which a later one wins where two fit alike.
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

    /// Adds a playbook of the user's. One of the same name is replaced, the generic one too.
    pub fn add(&mut self, playbook: Playbook) {
        if playbook.name == GENERIC {
            self.generic = playbook;
            return;
        }
        self.special.retain(|old| old.name != playbook.name);
        self.special.push(playbook);
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
        other.name = "ours-too".to_owned();
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
        for (finding, kind, name) in [
            (
                "UnauthorizedAccess:IAMUser/MaliciousIPCaller.Custom",
                ResourceKind::AccessKey,
                "leaked-key",
            ),
            (
                "CryptoCurrency:EC2/BitcoinTool.B!DNS",
                ResourceKind::Instance,
                "crypto-mining",
            ),
            ("", ResourceKind::Other, "generic"),
        ] {
            assert_eq!(
                library.choose(finding, &[kind], SeverityLabel::High).name,
                name,
                "{finding}"
            );
        }
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
