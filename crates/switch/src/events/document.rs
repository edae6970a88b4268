//! The documents of the packages.

use kandy_wire::presence::{Presence, Status};
use serde::{Deserialize, Serialize};

use crate::CallId;

/// A call of a user, as far as others may know of it.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Serialize, Deserialize)]
pub(crate) struct Dialog {
    pub(crate) call: CallId,
    /// Whether the user called.
    pub(crate) outgoing: bool,
    pub(crate) state: DialogState,
}

/// How far a call is (RFC 4235 §3.7.1).
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Serialize, Deserialize)]
pub(crate) enum DialogState {
    /// Nobody was told that it rings.
    Trying,
    /// It rings.
    Early,
    /// They talk.
    Confirmed,
}

impl DialogState {
    fn name(self) -> &'static str {
        match self {
            Self::Trying => "trying",
            Self::Early => "early",
            Self::Confirmed => "confirmed",
        }
    }
}

/// All calls of a user (RFC 4235 §4).
pub(super) fn dialog_info(user: &str, version: u32, dialogs: &[Dialog]) -> String {
    let dialogs: String = dialogs
        .iter()
        .map(|dialog| {
            let (id, state) = (dialog.call.0, dialog.state.name());
            let direction = if dialog.outgoing { "initiator" } else { "recipient" };
            format!(r#"<dialog id="{id}" direction="{direction}"><state>{state}</state></dialog>"#)
        })
        .collect();
    let entity = escaped(user);
    format!(
        r#"<?xml version="1.0" encoding="UTF-8"?><dialog-info xmlns="urn:ietf:params:xml:ns:dialog-info" version="{version}" state="full" entity="sip:{entity}">{dialogs}</dialog-info>"#
    )
}

/// The presence of a user (RFC 3863 §4).
pub(super) fn pidf(user: &str, presence: &Presence) -> String {
    let entity = escaped(user);
    let basic = if presence.status == Status::Open { "open" } else { "closed" };
    let note = presence.note.as_ref().map(|note| format!("<note>{}</note>", escaped(note))).unwrap_or_default();
    format!(
        r#"<?xml version="1.0" encoding="UTF-8"?><presence xmlns="urn:ietf:params:xml:ns:pidf" entity="pres:{entity}"><tuple id="t"><status><basic>{basic}</basic></status></tuple>{note}</presence>"#
    )
}

/// Text that others wrote, as part of a document. Characters that XML does not know are left out (XML 1.0 §2.2).
fn escaped(text: &str) -> String {
    let known = |c: &char| !c.is_control() || "\t\n\r".contains(*c);
    text.chars().filter(known).fold(String::with_capacity(text.len()), |mut text, c| {
        match c {
            '<' => text.push_str("&lt;"),
            '>' => text.push_str("&gt;"),
            '&' => text.push_str("&amp;"),
            '"' => text.push_str("&quot;"),
            '\'' => text.push_str("&apos;"),
            c => text.push(c),
        }
        text
    })
}

#[cfg(test)]
mod tests {
    use kandy_wire::presence::Activity;

    use super::*;

    #[test]
    fn documents_say_what_is_known_and_nothing_that_was_written_gets_out_of_its_place() {
        let dialogs = [
            Dialog { call: CallId(7), outgoing: true, state: DialogState::Confirmed },
            Dialog { call: CallId(9), outgoing: false, state: DialogState::Early },
        ];
        assert!(dialog_info("o'b@x", 3, &dialogs).ends_with(
            r#" version="3" state="full" entity="sip:o&apos;b@x"><dialog id="7" direction="initiator"><state>confirmed</state></dialog><dialog id="9" direction="recipient"><state>early</state></dialog></dialog-info>"#
        ));
        let note = Some("</note>\u{1}&\"".into());
        let document = pidf("b@x", &Presence { status: Status::Open, activity: Activity::Other, note });
        assert!(document.contains("<basic>open</basic>"));
        assert!(document.ends_with("<note>&lt;/note&gt;&amp;&quot;</note></presence>"), "{document}");
        assert!(pidf("b@x", &Presence::UNKNOWN).ends_with("<basic>closed</basic></status></tuple></presence>"));
    }
}
