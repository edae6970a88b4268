//! What a recorded answer or notification has to do with ours: the same kind of thing, with the same members of the same
//! types, and the same values except for ids, times and sentences; and the list of differences that are meant.

use std::collections::{BTreeMap, BTreeSet};

use kandy_switch::Policy;
use serde_json::{Value, json};

/// A difference that is meant. Each must be met in some recording, or it is no difference.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord)]
pub(crate) enum Difference {
    /// The recorded server told both sides the same two names. Ours fills both pairs with the remote party's, so that
    /// either reading is right (protocol §4.4).
    RemoteInBothPairs,
    /// Ours says whom a call is for, which newer clients read.
    CalleeNumber,
    /// The recorded server was set to `callCancel` when the caller gave up. Ours says `callEnd` 487: released clients act
    /// on it at once, while `callCancel` makes them ring 3 s longer and leaves no missed call in their records
    /// (protocol §4.6.4).
    EndInsteadOfCancel,
    /// Ours gives TURN credentials, without which released clients use no ICE server at all (protocol §2.8).
    TurnCredentials,
    /// Ours gives every subscription the id by which `x-session` could name it (protocol §2.2).
    SessionId,
    /// The recorded server had a code in the refusal of a password, which no client reads (protocol §1.2).
    NoErrorCode,
    /// The recorded server repeated the members of the refusal outside of its wrapper; ours has them, with a sentence,
    /// inside (protocol §2.7 takes either).
    NoFlatRefusal,
    /// Pre-flights are answered for any origin, and without credentials, which no client sends (protocol §0.6).
    AnyOrigin,
    /// The recorded server gave no code when it closed a socket after log-out; ours says 1000, upon which newer clients
    /// do not try to come back (protocol §3.6).
    CloseCode,
    /// The recorded server said that TURN is active, which no client reads (protocol §2.2).
    TurnActive,
    /// The recorded server had the held party of a direct transfer make the offer. Ours asks the target, so that whoever
    /// is sent on keeps their call until the target has answered (protocol §4.6.12).
    TargetOffers,
    /// The recorded server joined calls; ours has no mixer yet and refuses it (protocol §4.2).
    NoMixer,
    /// The recorded server agreed to connect two others with each other, and did nothing. Ours rings the devices of the
    /// user who asks, and refuses everything else.
    OwnClicks,
    /// The recorded server refused a call to nobody. Ours accepts and ends it, because clients lose the reason of a refusal
    /// (protocol §4.6.5).
    AcceptedFirst,
    /// Ours numbers messages like all other notifications and says when they were written: by that clients resume, and show what
    /// came while they were away.
    NumberedMessages,
    /// Ours names the group of a message and who is in it, which released clients have no way to learn (protocol §7.3.5).
    GroupNamed,
    /// Ours tells in the answer to a message when it was sent, so that a client has one clock for all messages.
    When,
    /// Ours tells by which handle a file can be sent on, without which a forwarded file would have to be uploaded again.
    Handle,
    /// Ours counts what is unread, and names the messages up to which a thread goes and is read.
    Unread,
    /// The recorded server described JSON parts first, where they were sent first. Ours describes files first, because released
    /// clients take the first description for their file part (protocol §7.3.1).
    FilesFirst,
    /// The recorded server gave a code alone; ours has a sentence for people with it.
    Sentence,
    /// The recorded server had numbers in presence notifications whose meaning nobody knows (protocol §6.4, D13).
    NoPresenceNumbers,
    /// The recorded server told a presence that was asked for in its answer as well. Ours tells it by a notification alone
    /// (protocol §6.3).
    PresenceByNotice,
    /// Ours answers the removal of records with its wrapper, like everything else (protocol §0.7, G1).
    BodyInsteadOfNone,
    /// The recorded server invented an event. Ours tells the calls of the user, of each user who is added (protocol §9.2).
    DialogEvents,
    /// The recorded server said where its users live, which this one does not know.
    NoTimeZone,
    /// The recorded server was set to grant fewer services; ours has them all.
    AllServices,
    /// Ours tells how many messages there are in each notification, as the protocol describes it; the recorded server had other
    /// names for it (protocol §9.1, D19).
    MailboxCounts,
    /// The recorded server, where it was set to `callEnd` when the caller gave up, gave no code; ours says 487.
    CancelCode,
    /// The recorded server was set to send descriptions compressed or as addresses; ours sends them as they are.
    PlainSdp,
    /// The recorded server took any OAuth token. Ours knows no issuer of such tokens and takes its own alone, in the same places
    /// (protocol §1.5).
    NoForeignTokens,
    /// The recorded server granted a token life of 304 s where it was asked for. Ours grants 600 s at least, because released
    /// clients refresh 300 s before the end, and at once where there is no such moment (protocol §1.6).
    LongerTokenLife,
    /// The recorded server named the services and the life of a subscription that was extended. Ours says everything about it.
    WholeSubscription,
}

/// All of them.
pub(crate) const ALL: [Difference; 33] = {
    use Difference::*;
    [
        RemoteInBothPairs,
        CalleeNumber,
        EndInsteadOfCancel,
        TurnCredentials,
        SessionId,
        NoErrorCode,
        NoFlatRefusal,
        AnyOrigin,
        CloseCode,
        TurnActive,
        TargetOffers,
        NoMixer,
        OwnClicks,
        AcceptedFirst,
        NumberedMessages,
        GroupNamed,
        Handle,
        When,
        Unread,
        FilesFirst,
        Sentence,
        NoPresenceNumbers,
        PresenceByNotice,
        BodyInsteadOfNone,
        DialogEvents,
        NoTimeZone,
        AllServices,
        MailboxCounts,
        CancelCode,
        PlainSdp,
        NoForeignTokens,
        LongerTokenLife,
        WholeSubscription,
    ]
};

/// Members whose values are free: ids, secrets, times, sentences.
const FREE: [&str; 26] = [
    "recordId",
    "startTime",
    "duration",
    "resourceLocation",
    "id",
    "messageId",
    "group",
    "Attach",
    "url",
    "when",
    "lastreceived",
    "lastpull",
    "access_token",
    "refresh_token",
    "subscription",
    "notificationChannel",
    "sessionData",
    "sessionId",
    "registration",
    "eventId",
    "time",
    "human",
    "reason",
    "reasonText",
    "username",
    "password",
];

/// Members whose recorded values come back in later messages of the client.
const IDS: [&str; 9] = [
    "access_token",
    "refresh_token",
    "subscription",
    "notificationChannel",
    "sessionData",
    "sessionId",
    "registration",
    "id",
    "recordId",
];
/// What handles of files begin with; other handles are users.
const FILE: &str = "file-";

/// Compares, and learns which live id stands for which recorded one.
#[derive(Default)]
pub(crate) struct Comparison {
    pub(crate) ids: BTreeMap<String, String>,
    pub(crate) met: BTreeSet<Difference>,
}

impl Comparison {
    /// Compares a notification that `receiver` got.
    pub(crate) fn notification(&mut self, receiver: &str, recorded: &Value, live: &Value, place: &str) {
        let mut wanted = recorded.clone();
        let message = &mut wanted["notificationMessage"];
        if message["eventType"] == "callCancel" {
            self.met.insert(Difference::EndInsteadOfCancel);
            message["eventType"] = json!("callEnd");
            message["sessionParams"]["statusCode"] = json!(487);
        }
        if let Some(parties) = message.get_mut("callNotificationParams") {
            if parties["remoteDisplayNumber"] == receiver {
                parties["remoteName"] = parties["callerName"].clone();
                parties["remoteDisplayNumber"] = parties["callerDisplayNumber"].clone();
            } else {
                parties["callerName"] = parties["remoteName"].clone();
                parties["callerDisplayNumber"] = parties["remoteDisplayNumber"].clone();
            }
            self.met.insert(Difference::RemoteInBothPairs);
        }
        if let Some(params) = message.get_mut("presenceWatcherNotificationParams").and_then(Value::as_object_mut)
            && [params.remove("type"), params.remove("state")].iter().any(Option::is_some)
        {
            self.met.insert(Difference::NoPresenceNumbers);
        }
        if let Some(params) = message.get_mut("genericNotificationParams") {
            let ours = &live["notificationMessage"]["genericNotificationParams"];
            assert!(
                ours["eventData"].as_str().is_some_and(|document| document.contains("dialog-info")),
                "{place}: {ours}"
            );
            *params = ours.clone();
            self.met.insert(Difference::DialogEvents);
        }
        self.values(&wanted, live, place);
    }

    /// Compares the body of a response.
    pub(crate) fn response(&mut self, recorded: &Value, live: &Value, place: &str) {
        let mut wanted = recorded.clone();
        if let Some(members) = wanted.as_object_mut()
            && members.len() > 1
            && let Some(refusal) = members.get("subscribeResponse").cloned()
        {
            self.met.insert(Difference::NoFlatRefusal);
            wanted = json!({ "subscribeResponse": refusal });
            wanted["subscribeResponse"]["reason"] = recorded["reason"].clone();
        }
        if let Some(error) = wanted.get_mut("error").and_then(Value::as_object_mut)
            && live["error"].get("code").is_none()
            && error.remove("code").is_some()
        {
            self.met.insert(Difference::NoErrorCode);
        }
        let shortest = Policy::default().token_life_range.0 / 1_000;
        if let Some(life) = wanted.pointer_mut("/success/expires")
            && life.as_u64().is_some_and(|seconds| seconds < shortest)
        {
            self.met.insert(Difference::LongerTokenLife);
            *life = json!(shortest);
        }
        if let Some(params) = wanted.pointer_mut("/subscribeResponse/subscriptionParams").and_then(Value::as_object_mut)
            && params.remove("turnActive").is_some()
        {
            self.met.insert(Difference::TurnActive);
        }
        if wanted.as_object_mut().is_some_and(|members| members.remove("presenceContact").is_some()) {
            self.met.insert(Difference::PresenceByNotice);
        }
        if let Some(profile) = wanted.get_mut("userProfileData").and_then(Value::as_object_mut)
            && [profile.remove("timezone"), profile.remove("locale")].iter().any(Option::is_some)
        {
            self.met.insert(Difference::NoTimeZone);
        }
        self.values(&wanted, live, place);
    }

    fn values(&mut self, recorded: &Value, live: &Value, place: &str) {
        match (recorded, live) {
            (Value::Object(theirs), Value::Object(ours)) => {
                for (name, value) in theirs {
                    let place = format!("{place}.{name}");
                    let ours = ours.get(name).unwrap_or_else(|| panic!("{place} is missing"));
                    self.member(name, value, ours, &place);
                }
                for name in ours.keys().filter(|name| !theirs.contains_key(*name)) {
                    self.met.insert(match name.as_str() {
                        "turnCredentials" => Difference::TurnCredentials,
                        "sessionId" => Difference::SessionId,
                        "calleeDisplayNumber" => Difference::CalleeNumber,
                        "eventId" | "time" if theirs.contains_key("event") => Difference::NumberedMessages,
                        "group" | "handles" if theirs.contains_key("event") => Difference::GroupNamed,
                        "unread" | "lastid" | "readid" if theirs.contains_key("lastmsg") => Difference::Unread,
                        "when" if theirs.contains_key("messageId") || theirs.contains_key("id") => Difference::When,
                        "read" if theirs.contains_key("dir") => Difference::Unread,
                        "handle" if theirs.contains_key("mime") => Difference::Handle,
                        "localization" | "notificationChannel" if theirs.contains_key("notificationType") => {
                            Difference::WholeSubscription
                        }
                        "reason" if theirs.contains_key("statusCode") => Difference::Sentence,
                        _ => panic!("{place}.{name} was not recorded"),
                    });
                }
            }
            (Value::Array(theirs), Value::Array(ours)) => {
                assert_eq!(theirs.len(), ours.len(), "{place}");
                for (at, (theirs, ours)) in theirs.iter().zip(ours).enumerate() {
                    self.values(theirs, ours, &format!("{place}[{at}]"));
                }
            }
            (theirs, ours) => assert_eq!(theirs, ours, "{place}"),
        }
    }

    fn member(&mut self, name: &str, recorded: &Value, live: &Value, place: &str) {
        let file = name == "handle" && recorded.as_str().is_some_and(|handle| handle.starts_with(FILE));
        if !FREE.contains(&name) && !file {
            return self.values(recorded, live, place);
        }
        let same_type = std::mem::discriminant(recorded) == std::mem::discriminant(live);
        assert!(same_type && live != "", "{place} is {live}, not like {recorded}");
        if let (true, Some(theirs), Some(ours)) = (file || IDS.contains(&name), recorded.as_str(), live.as_str()) {
            let known = self.ids.insert(theirs.to_owned(), ours.to_owned());
            assert!(known.is_none_or(|known| known == ours), "{place}: two sessions for one");
        }
    }
}

mod tests {
    use super::*;

    #[test]
    fn a_comparison_notices() {
        let recorded = json!({"notificationMessage": {"eventType": "callEnd", "eventId": "7", "time": 1,
            "sessionParams": {"sessionData": "c-1", "statusCode": 603, "reasonText": "No"},
            "callNotificationParams": {"callerName": "A", "callerDisplayNumber": "a@x", "remoteName": "B",
                "remoteDisplayNumber": "b@x"}}});
        let mut live = recorded.clone();
        live["notificationMessage"]["callNotificationParams"]["callerName"] = json!("B");
        live["notificationMessage"]["callNotificationParams"]["callerDisplayNumber"] = json!("b@x");
        let mut comparison = Comparison::default();
        comparison.notification("a@x", &recorded, &live, "good");
        assert_eq!(comparison.ids["c-1"], "c-1");

        type Spoil = fn(&mut Value);
        let rows: [(&str, Spoil); 6] = [
            ("another event", |v| v["notificationMessage"]["eventType"] = json!("callCancel")),
            ("another code", |v| v["notificationMessage"]["sessionParams"]["statusCode"] = json!(487)),
            ("a code of another type", |v| v["notificationMessage"]["sessionParams"]["statusCode"] = json!("603")),
            ("the own name", |v| v["notificationMessage"]["callNotificationParams"]["callerName"] = json!("A")),
            ("no words", |v| v["notificationMessage"]["sessionParams"]["reasonText"] = Value::Null),
            ("something more", |v| v["notificationMessage"]["more"] = json!(1)),
        ];
        for (what, spoil) in rows {
            let mut spoiled = live.clone();
            spoil(&mut spoiled);
            let compare = || Comparison::default().notification("a@x", &recorded, &spoiled, what);
            assert!(std::panic::catch_unwind(compare).is_err(), "{what} must be noticed");
        }
    }
}
