//! Everything that the console knows.

use std::collections::{BTreeMap, BTreeSet};
use std::sync::Arc;

use crate::action::{ActionName, Choices};
use crate::domain::{AccountId, Arn, IncidentId, Time, Untrusted};
use crate::findings::FindingKey;
use crate::findings::incident::{Groups, Incident};
use crate::findings::index::Index;
use crate::journal::Record;
use crate::playbook::{Classification, Library};

use super::alert::Alerts;
use super::claim::Claims;
use super::clock::Answers;
use super::collecting::Collections;
use super::completing::Completing;
use super::coverage;
use super::duty::Duty;
use super::incident::IncidentScreen;
use super::input::LineEdit;
use super::keymap::KeyMap;
use super::list::List;
use super::plan::PlanScreen;
use super::prepared::Prepared;
use super::rules::Rules;
use super::scroll::Scroll;
use super::views::Look;

/// What the console may do, as the banner says it.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Mode {
    /// Looks only.
    Watch,
    /// Can change accounts.
    Respond,
    /// Can change the accounts of a made-up organisation.
    Drill,
}

impl Mode {
    /// The word in the banner.
    #[must_use]
    pub fn word(self) -> &'static str {
        match self {
            Self::Watch => "WATCH",
            Self::Respond => "RESPOND",
            Self::Drill => "DRILL",
        }
    }

    /// Whether steps that change something are offered.
    #[must_use]
    pub fn can_change(self) -> bool {
        match self {
            Self::Watch => false,
            Self::Respond | Self::Drill => true,
        }
    }
}

/// What is known before the first event.
#[derive(Clone, Debug)]
pub struct Start {
    pub mode: Mode,
    /// Where times are shown.
    pub zone: jiff::tz::TimeZone,
    pub now: Time,
    pub keys: KeyMap,
    /// The topic that notifications go to, if the config or the drill names one.
    pub topic: Option<Arn>,
    /// How soon to respond, by severity.
    pub classification: Classification,
    /// The guidance beside the steps.
    pub playbooks: Library,
    /// How the list looks to begin with.
    pub look: Look,
    /// Alerts and rules.
    pub duty: Duty,
    /// What the configuration chooses about actions.
    pub choices: BTreeMap<ActionName, Choices>,
    /// The organisation's management account, where the configuration names it.
    pub management: Option<AccountId>,
    /// Within how many seconds of each other findings become one incident.
    pub window: u32,
}

/// Who the console is, once AWS has said so.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Identity {
    pub arn: String,
    pub account: AccountId,
    /// Set where the endpoint is not AWS's own.
    pub endpoint: Option<String>,
    /// In one sentence, how accounts were found and which credentials are used.
    pub how: String,
}

/// The screens. Each is whole; none lies over another.
#[derive(Debug)]
pub enum Screen {
    List,
    Incident(Box<IncidentScreen>),
    Plan(Box<PlanScreen>),
    Journal(Scroll),
    Coverage(Scroll),
    Help(Scroll),
}

/// What the line at the bottom is used for while something is typed.
#[derive(Debug)]
pub enum Prompt {
    /// The list's filter. `before` comes back with Esc.
    Filter {
        line: LineEdit,
        before: String,
        error: Option<String>,
        completing: Completing,
    },
    /// A command by its name.
    Command { line: LineEdit, completing: Completing },
    /// A search in the finding's JSON.
    Search { line: LineEdit },
    /// What the coverage screen is narrowed to. `before` comes back with Esc.
    Coverage { line: LineEdit, before: String },
    /// What kind of incident it is, and how severe.
    Classify(Box<super::classifying::Classifying>),
    /// By which playbook an incident is worked.
    Playbook(Box<super::chosen::Choosing>),
    /// Whether to take incidents over from those who have them: y.
    TakeOver { held: Vec<super::claiming::Held> },
    /// Which of several targets a step is to act on.
    Target(Box<super::chooser::Choice>),
    /// What is chosen about the action that is planned.
    Choices(Box<super::choosing::Choosing>),
}

/// How a message is to be taken.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Tone {
    Good,
    Plain,
    Bad,
}

/// One sentence on the last line; the next key takes it away.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Message {
    pub text: String,
    pub tone: Tone,
}

/// The whole state.
#[derive(Debug)]
pub struct State {
    pub mode: Mode,
    pub zone: jiff::tz::TimeZone,
    pub keys: KeyMap,
    pub topic: Option<Arn>,
    pub classification: Classification,
    pub playbooks: Library,
    pub now: Time,
    /// Columns and rows of the terminal.
    pub size: (u16, u16),
    /// How many lines the text on the screen can be scrolled. Only whoever draws knows how it wraps, and sets it after a frame.
    pub furthest: usize,
    pub identity: Option<Identity>,
    /// Who it was last time, where the cache's findings are shown before AWS has said who it is now.
    pub presumed: Option<Identity>,
    /// What is read in place of AWS, where that is so.
    pub offline: Option<String>,
    /// Why nothing can be read at all, where that is so.
    pub fatal: Option<String>,
    pub account_names: BTreeMap<AccountId, Untrusted>,
    /// What could be read and what could not.
    pub coverage: coverage::Book,
    pub index: Index,
    /// Which findings are one incident.
    pub groups: Groups,
    /// Which incidents somebody responded to.
    pub answers: Answers,
    pub list: List,
    /// Saved views, columns and order of the list.
    pub look: Look,
    /// The screen on top is the last; there is always one.
    pub screens: Vec<Screen>,
    pub prompt: Option<Prompt>,
    pub message: Option<Message>,
    /// The journal's records, oldest first.
    pub journal: Vec<Record>,
    /// Who works on what, as those records say.
    pub claims: Claims,
    /// Incidents whose claim or release is being written by this console.
    pub claiming: BTreeSet<IncidentId>,
    pub duty: Duty,
    /// What the configuration chooses about actions.
    pub choices: BTreeMap<ActionName, Choices>,
    /// The organisation's management account, which calls about accounts and Identity Center go to: what the configuration names, else
    /// what AWS says.
    pub management: Option<AccountId>,
    pub alerts: Alerts,
    pub rules: Rules,
    pub prepared: Prepared,
    pub collections: Collections,
    /// When this console began; what the journal has from before is not told as news.
    pub since: Time,
    /// The number of the next read, so that late answers to an earlier one are told apart.
    pub next_read: u64,
    /// Whether a plan is being applied; only one at a time.
    pub applying: bool,
    /// Whether quitting was asked for while calls were being sent; the second time it is done.
    pub leaving: bool,
}

impl State {
    /// A console before anything was read.
    #[must_use]
    pub fn new(start: Start) -> Self {
        let left_out = start.playbooks.left_out();
        let left_out = (!left_out.is_empty()).then(|| Message {
            text: format!("A playbook of yours is left out: {}", left_out.join("; ")),
            tone: Tone::Bad,
        });
        Self {
            mode: start.mode,
            zone: start.zone,
            keys: start.keys,
            topic: start.topic,
            classification: start.classification,
            playbooks: start.playbooks,
            now: start.now,
            size: (80, 24),
            furthest: 0,
            identity: None,
            presumed: None,
            offline: None,
            fatal: None,
            account_names: BTreeMap::new(),
            coverage: coverage::Book::default(),
            index: Index::new(),
            groups: Groups::new(start.window),
            answers: Answers::default(),
            list: List::default(),
            look: start.look,
            screens: vec![Screen::List],
            prompt: None,
            message: left_out,
            journal: Vec::new(),
            claims: Claims::default(),
            claiming: BTreeSet::new(),
            duty: start.duty,
            alerts: Alerts::default(),
            choices: start.choices,
            management: start.management,
            rules: Rules::default(),
            prepared: Prepared::default(),
            collections: Collections::default(),
            since: start.now,
            next_read: 0,
            applying: false,
            leaving: false,
        }
    }

    /// The screen that is seen.
    #[must_use]
    pub fn screen(&self) -> &Screen {
        self.screens.last().unwrap_or(&Screen::List)
    }

    /// The incident of this name: one that the journal knows, or one of whose findings gives it.
    #[must_use]
    pub fn incident(&self, id: &str) -> Option<Arc<Incident>> {
        let group = self.groups.named(id, &self.index)?;
        Some(self.groups.incident(group, &self.index))
    }

    /// The incident that a finding is in.
    #[must_use]
    pub fn incident_of(&self, finding: &FindingKey) -> Option<Arc<Incident>> {
        let slot = self.index.slot_of(finding)?;
        Some(self.groups.incident(self.groups.of(slot), &self.index))
    }

    /// The name of an account where it is known, else its number; safe to show.
    #[must_use]
    pub fn account_label(&self, id: &AccountId) -> String {
        match self.account_names.get(id) {
            Some(name) if !name.is_empty() => name.shown(),
            _ => id.to_string(),
        }
    }

    /// Puts a sentence on the last line.
    pub fn say(&mut self, tone: Tone, text: impl Into<String>) {
        self.message = Some(Message {
            text: text.into(),
            tone,
        });
    }

    /// A number for a new read.
    pub fn read_number(&mut self) -> u64 {
        self.next_read += 1;
        self.next_read
    }
}

/// A moment as the responder's own clock would show it, with its date and zone.
#[must_use]
pub fn local(at: Time, zone: &jiff::tz::TimeZone) -> String {
    at.to_zoned(zone.clone()).strftime("%Y-%m-%d %H:%M:%S %Z").to_string()
}
