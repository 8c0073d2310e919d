//! What a key can mean. Help, the command prompt and the config all speak of these names.

/// A command of the console.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub enum Command {
    Down,
    Up,
    PageDown,
    PageUp,
    Top,
    Bottom,
    Open,
    Back,
    NextPane,
    PreviousPane,
    Filter,
    Prompt,
    SearchNext,
    SearchPrevious,
    Help,
    Journal,
    Coverage,
    Refresh,
    Isolate,
    Snapshot,
    Revoke,
    Classify,
    Notify,
    Document,
    Undo,
    Choices,
    Verify,
    Tick,
    Playbook,
    Copy,
    CopyResource,
    Link,
    Sort,
    Reverse,
    Mark,
    Unmark,
    /// The saved view of this number, 1 to 9.
    View(u8),
    Split,
    Merge,
    Claim,
    Release,
    NoteFindings,
    Mute,
    Suspend,
    Quit,
}

/// Where a command means something. A key may mean one thing on the list and another beyond it.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Place {
    Anywhere,
    /// The list of incidents.
    List,
    /// Every other screen.
    Beyond,
}

impl Place {
    /// Whether a key could be meant for either of the two.
    #[must_use]
    pub fn overlaps(self, other: Self) -> bool {
        self == other || self == Self::Anywhere || other == Self::Anywhere
    }
}

impl Command {
    /// Every command, in the order of the help screen.
    pub const ALL: &'static [Self] = &[
        Self::Down,
        Self::Up,
        Self::PageDown,
        Self::PageUp,
        Self::Top,
        Self::Bottom,
        Self::Open,
        Self::Back,
        Self::NextPane,
        Self::PreviousPane,
        Self::Filter,
        Self::Prompt,
        Self::SearchNext,
        Self::SearchPrevious,
        Self::Help,
        Self::Journal,
        Self::Coverage,
        Self::Refresh,
        Self::Copy,
        Self::CopyResource,
        Self::Link,
        Self::Sort,
        Self::Reverse,
        Self::Mark,
        Self::Unmark,
        Self::View(1),
        Self::View(2),
        Self::View(3),
        Self::View(4),
        Self::View(5),
        Self::View(6),
        Self::View(7),
        Self::View(8),
        Self::View(9),
        Self::Claim,
        Self::Release,
        Self::NoteFindings,
        Self::Classify,
        Self::Isolate,
        Self::Snapshot,
        Self::Revoke,
        Self::Notify,
        Self::Document,
        Self::Undo,
        Self::Split,
        Self::Merge,
        Self::Mute,
        Self::Suspend,
        Self::Quit,
    ];

    /// The name in the config and at the `:` prompt.
    #[must_use]
    pub fn name(self) -> &'static str {
        self.words().0
    }

    /// What it does, for the help screen.
    #[must_use]
    pub fn help(self) -> &'static str {
        self.words().1
    }

    fn words(self) -> (&'static str, &'static str) {
        match self {
            Self::Down => ("down", "next line"),
            Self::Up => ("up", "previous line"),
            Self::PageDown => ("page-down", "half a page down"),
            Self::PageUp => ("page-up", "half a page up"),
            Self::Top => ("top", "first line"),
            Self::Bottom => ("bottom", "last line"),
            Self::Open => ("open", "open what is selected, start the selected step"),
            Self::Back => (
                "back",
                "back to the screen before; on the list, to the filter it began with, then to none",
            ),
            Self::NextPane => ("next-pane", "next pane"),
            Self::PreviousPane => ("previous-pane", "previous pane"),
            Self::Filter => ("filter", "filter the list, search in a text"),
            Self::Prompt => ("prompt", "type a command by its name"),
            Self::SearchNext => ("search-next", "next place that matches the search"),
            Self::SearchPrevious => ("search-previous", "previous place that matches the search"),
            Self::Help => ("help", "this page"),
            Self::Journal => ("journal", "the journal"),
            Self::Coverage => ("coverage", "what could be read and what could not"),
            Self::Refresh => (
                "refresh",
                "read again now; on a plan, plan again from what is there now",
            ),
            Self::Isolate => ("isolate", "plan: stop the harm from growing"),
            Self::Snapshot => ("snapshot", "plan: keep the evidence"),
            Self::Revoke => ("revoke", "plan: take the credentials away"),
            Self::Classify => ("classify", "decide what kind of incident it is, and how severe"),
            Self::Notify => ("notify", "plan: tell the SNS topic"),
            Self::Document => ("document", "write the report from the journal"),
            Self::Undo => ("undo", "plan: undo what the selected step or record did"),
            Self::Choices => (
                "choices",
                "choose about the action that is planned; the plan is made again",
            ),
            Self::Tick => (
                "tick",
                "tick a step or box of the playbook as done, or take the tick away",
            ),
            Self::Playbook => ("playbook", "work the incident by another playbook"),
            Self::Verify => (
                "verify",
                "read back once more what a plan of the journal was to bring about",
            ),
            Self::Copy => ("copy", "copy the id of what is selected, by the terminal's clipboard"),
            Self::CopyResource => ("copy-resource", "copy the id of the resource that it is about"),
            Self::Link => ("link", "copy the link to it in AWS's console, and show it"),
            Self::Sort => ("sort", "sort the list by the next column"),
            Self::Reverse => ("reverse", "turn the list's order round"),
            Self::Mark => ("mark", "mark what is selected, or take its mark away"),
            Self::Unmark => ("unmark", "take all marks away"),
            Self::View(number) => VIEWS[usize::from(number.clamp(1, 9)) - 1],
            Self::Split => (
                "split",
                "make the marked findings an incident of their own; undo the last merge",
            ),
            Self::Merge => ("merge", "make the marked incidents one"),
            Self::Claim => ("claim", "work on the incident: the journal says so at once"),
            Self::Release => ("release", "stop working on the incident"),
            Self::NoteFindings => ("note-findings", "plan: note in Security Hub who works on the findings"),
            Self::Mute => ("mute", "no more sound on a new critical incident, or sound again"),
            Self::Suspend => ("suspend", "back to the shell; fg returns"),
            Self::Quit => ("quit", "leave"),
        }
    }

    /// Whether it can lead to a change, so that `watch` neither offers nor accepts it.
    #[must_use]
    pub fn changes(self) -> bool {
        match self {
            Self::Isolate
            | Self::Snapshot
            | Self::Revoke
            | Self::Classify
            | Self::Notify
            | Self::Document
            | Self::Claim
            | Self::Release
            | Self::NoteFindings
            | Self::Undo
            | Self::Choices
            | Self::Verify
            | Self::Tick
            | Self::Playbook
            | Self::Split
            | Self::Merge => true,
            Self::Down
            | Self::Up
            | Self::PageDown
            | Self::PageUp
            | Self::Top
            | Self::Bottom
            | Self::Open
            | Self::Back
            | Self::NextPane
            | Self::PreviousPane
            | Self::Filter
            | Self::Prompt
            | Self::SearchNext
            | Self::SearchPrevious
            | Self::Help
            | Self::Journal
            | Self::Coverage
            | Self::Refresh
            | Self::Copy
            | Self::CopyResource
            | Self::Link
            | Self::Sort
            | Self::Reverse
            | Self::Mark
            | Self::Unmark
            | Self::View(_)
            | Self::Mute
            | Self::Suspend
            | Self::Quit => false,
        }
    }

    /// Whether it acts on the rows that are marked.
    #[must_use]
    pub fn takes_rows(self) -> bool {
        matches!(
            self,
            Self::Claim | Self::Release | Self::NoteFindings | Self::Split | Self::Merge
        )
    }

    /// The command of this name.
    #[must_use]
    pub fn from_name(name: &str) -> Option<Self> {
        Self::ALL.iter().copied().find(|c| c.name() == name)
    }

    /// Where it means something.
    #[must_use]
    pub fn place(self) -> Place {
        match self {
            Self::Sort | Self::Reverse | Self::Mark | Self::Unmark | Self::View(_) => Place::List,
            Self::Snapshot | Self::Choices | Self::Verify | Self::Tick | Self::Playbook => Place::Beyond,
            Self::Down
            | Self::Up
            | Self::PageDown
            | Self::PageUp
            | Self::Top
            | Self::Bottom
            | Self::Open
            | Self::Back
            | Self::NextPane
            | Self::PreviousPane
            | Self::Filter
            | Self::Prompt
            | Self::SearchNext
            | Self::SearchPrevious
            | Self::Help
            | Self::Journal
            | Self::Coverage
            | Self::Refresh
            | Self::Isolate
            | Self::Revoke
            | Self::Classify
            | Self::Notify
            | Self::Document
            | Self::Undo
            | Self::Split
            | Self::Merge
            | Self::Copy
            | Self::CopyResource
            | Self::Link
            | Self::Claim
            | Self::Release
            | Self::NoteFindings
            | Self::Mute
            | Self::Suspend
            | Self::Quit => Place::Anywhere,
        }
    }
}

/// Names and help of the saved views; which ones there are is a matter of the configuration.
const VIEWS: [(&str, &str); 9] = [
    ("view-1", "the first saved view"),
    ("view-2", "the second saved view"),
    ("view-3", "the third saved view"),
    ("view-4", "the fourth saved view"),
    ("view-5", "the fifth saved view"),
    ("view-6", "the sixth saved view"),
    ("view-7", "the seventh saved view"),
    ("view-8", "the eighth saved view"),
    ("view-9", "the ninth saved view"),
];
