//! Completing what is typed: the candidates, and going through them with Tab.

use std::collections::BTreeSet;

use super::claim::short_name;
use super::clock;
use super::input::LineEdit;
use super::state::State;
use super::typed;
use crate::domain::{ResourceKind, Untrusted};
use crate::findings::filter::{Completion, Values, complete};

/// Rows whose values are offered: the first ones are the ones that are worked on.
const ROWS: usize = 200;

/// What could stand in place of the word at the cursor, and which of it does.
#[derive(Clone, Debug, Default)]
pub struct Completing {
    found: Vec<Completion>,
    /// The candidate that was taken last.
    taken: Option<usize>,
    /// The line as it was typed, which comes again after the last candidate.
    typed: LineEdit,
}

impl Completing {
    /// The words that are offered, as they may be shown, and which of them was taken.
    pub fn candidates(&self) -> (impl ExactSizeIterator<Item = String>, Option<usize>) {
        let labels = self.found.iter().map(|c| Untrusted::new(c.label.as_str()).shown());
        (labels, self.taken)
    }

    /// For a filter that is being typed.
    #[must_use]
    pub fn filter(state: &State, line: &LineEdit) -> Self {
        let found = complete(line.text(), line.before().chars().count(), &values(state));
        Self {
            found: found.into_iter().filter(|c| c.text != line.text()).collect(),
            taken: None,
            typed: line.clone(),
        }
    }

    /// For a command that is being typed.
    #[must_use]
    pub fn command(state: &State, line: &LineEdit) -> Self {
        let found = typed::candidates(state, line.text());
        Self {
            found: found.into_iter().filter(|c| c.text != line.text()).collect(),
            taken: None,
            typed: line.clone(),
        }
    }

    /// Whether the only candidate was taken and something follows it, so that what may follow is to be offered now.
    #[must_use]
    pub fn goes_on(&self) -> bool {
        matches!((self.found.as_slice(), self.taken), ([only], Some(_)) if only.label.ends_with([':', '~', '=', '<', '>', ' ']))
    }

    /// Puts the next candidate into the line, or the one before; after the last comes what was typed.
    pub fn step(&mut self, line: &mut LineEdit, forward: bool) {
        let n = self.found.len();
        if n == 0 {
            return;
        }
        self.taken = match (self.taken, forward) {
            (None, true) => Some(0),
            (None, false) => Some(n - 1),
            (Some(at), true) => Some(at + 1).filter(|at| *at < n),
            (Some(at), false) => at.checked_sub(1),
        };
        *line = match self.taken.and_then(|at| self.found.get(at)) {
            Some(candidate) => LineEdit::at(&candidate.text, candidate.cursor),
            None => self.typed.clone(),
        };
    }
}

/// Values that were seen: every account and region, and what the first rows name. A value whose shown form is
/// another than its own could not be typed, so it is not offered.
fn values(state: &State) -> Values {
    let plain = |text: &Untrusted| Some(text.raw().to_owned()).filter(|raw| *raw == text.shown());
    let named = state.account_names.iter().map(|(id, name)| {
        let name = plain(name).filter(|name| !name.is_empty());
        name.unwrap_or_else(|| id.to_string())
    });
    let (mut types, mut owners) = (BTreeSet::new(), BTreeSet::new());
    let (mut users, mut keys) = (BTreeSet::new(), BTreeSet::new());
    let (mut resources, mut addresses) = (BTreeSet::new(), BTreeSet::new());
    for row in state.rows(0, ROWS) {
        let lead = row.lead();
        types.extend(plain(&lead.kind));
        users.extend(lead.principal.name.as_ref().and_then(plain));
        keys.extend(lead.principal.access_key.as_ref().and_then(plain));
        addresses.extend(lead.principal.remote_ip.as_ref().and_then(plain));
        for resource in std::iter::once(&lead.resource).chain(&lead.others) {
            resources.extend(plain(&resource.id));
            if resource.kind == ResourceKind::AccessKey {
                keys.extend(plain(&resource.id));
            }
        }
        if let Some(incident) = state.incident_of(&row.lead().key())
            && let Some((who, _)) = clock::work(&incident, &state.claims).owner
        {
            owners.insert(short_name(&who));
        }
    }
    Values {
        accounts: named.collect(),
        regions: state.coverage.regions().map(ToString::to_string).collect(),
        types: types.into_iter().collect(),
        owners: owners.into_iter().collect(),
        users: users.into_iter().collect(),
        keys: keys.into_iter().collect(),
        resources: resources.into_iter().collect(),
        addresses: addresses.into_iter().collect(),
    }
}
