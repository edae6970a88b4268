//! Calls: begun, answered, given up, refused, forgotten.

use kandy_core::{Event, query::CallState};
use kandy_wire::Value;

use super::Player;

const OK: &str = r#"{"callControlResponse":{"statusCode":0}}"#;

/// 7.4 and decision "`callCancel` ends a ringing call at once": the recorded client rings for three more seconds and can be
/// answered in vain; ours is over, and `answer` says so (7.4, "Ended, others").
#[test]
fn quirk_answer_after_cancel() {
    let mut player = Player::new("quirk-answer-after-cancel");
    // The answer to a call that nobody makes any more, and its refusal.
    player.skip(64);
    player.skip(65);
    player.play(10_000);
    player.same(&["a"]);
    let heard = ["call:receive", "call:stateChange", "call:trackEnded remote", "call:stateChange call:6"];
    assert_eq!(player.names("b"), heard);
    player.nothing_left();
}

/// The same server with an answer that is on its way when `callCancel` comes: 4.8 loses its chance to try again and rings on
/// without media; ours learns from the refusal that the call is gone, and ends it (7.8, 7.19 "remote ends while …").
#[test]
fn quirk_answer_after_cancel_crossing() {
    let mut player = Player::new("quirk-answer-after-cancel");
    player.play_to(50);
    player.skip(57);
    player.skip(62);
    let id = player.call("b").id;
    player.act("b", &format!(r#"{{"type":"call.answer","callId":"{id}","media":{{"audio":true}}}}"#));
    player.play_to(56);
    let session = "call-f68f21589115e20f0299";
    player.tell("b", &notice("callCancel", session, "crossing"));
    player.play(10_000);
    player.same(&["a"]);
    let heard = [
        "call:receive",
        "call:newTrack local",
        "call:trackEnded local",
        "call:trackEnded remote",
        "call:stateChange 42",
    ];
    assert_eq!(player.names("b"), heard);
    player.nothing_left();
}

/// 7.20: "a 'not found' stops the auditing; the call stays Connected [BUG] → end it".
#[test]
fn quirk_audit_closed() {
    let mut player = Player::new("quirk-audit-closed");
    player.play_to(66);
    assert_eq!(player.call("a").state, CallState::Ended);
    assert_eq!(player.call("b").state, CallState::Connected);
    let heard = ["call:trackEnded local", "call:trackEnded remote", "call:stateChange 42"];
    assert_eq!(player.names("a")[4..], heard);
    // `end` of a call that is over says nothing and asks nothing (7.4, "Ended, end").
    player.skip(68);
    player.skip(69);
    player.play(1_000);
    assert_eq!(player.names("a")[4..], heard);
    let page = player.page("a");
    assert!(player.pages[page].live_tracks.is_empty() && player.pages[page].open_peers.is_empty());
}

/// Link protocol 4.4: notifications for sessions that the client does not know, which stop the recorded client's handlers, are
/// nothing to ours.
#[test]
fn quirk_cancel_unknown() {
    for name in ["quirk-cancel-unknown", "quirk-cancel-unknown.link-uc"] {
        let mut player = Player::new(name);
        player.play(10_000);
        player.same(&["a"]);
        let page = &player.pages[player.page("a")];
        assert!(page.calls().is_empty() && page.is_connected() == (true, false));
        // An answer without a description is worth a warning, the others are not.
        let loud: Vec<&String> = page.log.iter().filter(|line| line.starts_with("Error")).collect();
        assert!(loud.is_empty(), "{loud:?}");
    }
}

/// 7.19: what comes before the response to the request is kept by session id. The recorded caller loses the answer and is never
/// connected; ours is.
#[test]
fn quirk_early_answer() {
    let mut player = Player::new("quirk-early-answer");
    player.play_to(54);
    assert_eq!(player.call("a").state, CallState::Initiating);
    player.play(10_000);
    let heard = [
        "call:start",
        "call:stateChange",
        "call:newTrack remote",
        "call:stateChange",
        "call:trackEnded local",
        "call:trackEnded remote",
        "call:stateChange",
    ];
    assert_eq!(player.names("a"), heard);
    let states: Vec<CallState> = player.pages[player.page("a")].states.iter().map(|(_, _, to)| *to).collect();
    assert_eq!(states, [CallState::Initiated, CallState::Ringing, CallState::Connected, CallState::Ended]);
    player.same(&["b"]);
    player.nothing_left();
}

/// 7.19, as above: the recorded caller loses the ringing.
#[test]
fn quirk_early_ringing() {
    let mut player = Player::new("quirk-early-ringing");
    player.play_to(48);
    assert_eq!(player.call("a").state, CallState::Ringing);
    player.play(10_000);
    let states: Vec<CallState> = player.pages[player.page("a")].states.iter().map(|(_, _, to)| *to).collect();
    assert_eq!(states, [CallState::Initiated, CallState::Ringing, CallState::Connected, CallState::Ended]);
    player.same(&["b"]);
    player.nothing_left();
}

/// 7.6, defect 3: `end` before the server accepted the start leaves a zombie that rings. Ours has asked the server for nothing
/// yet, and never does.
#[test]
fn quirk_end_too_early() {
    let mut player = Player::new("quirk-end-too-early");
    player.play_to(34);
    player.act("a", MAKE);
    player.run(5);
    player.act("a", END);
    // The end of a call that the server has never heard of, the start of a call that is over, and all that followed.
    for n in [35, 38, 39, 43, 44, 46, 50, 51, 52] {
        player.skip(n);
    }
    player.play(10_000);
    assert_eq!(player.names("a"), ["call:trackEnded local", "call:stateChange"]);
    assert_eq!(player.call("a").state, CallState::Ended);
    assert!(player.names("b").is_empty());
    player.nothing_left();
}

/// The same, a little later: the start is on its way. It is ended at the server as soon as the session is known (7.6).
#[test]
fn quirk_end_too_early_with_the_start_on_its_way() {
    let mut player = Player::new("quirk-end-too-early");
    player.play_to(34);
    player.act("a", MAKE);
    for n in [35, 38, 39] {
        player.skip(n);
    }
    player.play_to(43);
    player.act("a", END);
    assert_eq!(player.call("a").state, CallState::Ended);
    player.play_to(46);
    player.answer("a", "DELETE callControl/callSessions/call-40be53c278ece0b8c7a5", 200, OK);
    player.play(1_000);
    player.tell("b", &notice("callEnd", "call-ffafa4a90919d47e0791", "late"));
    // The ringing of a call that is over is nothing to the caller.
    assert_eq!(player.names("a"), ["call:trackEnded local", "call:stateChange"]);
    assert_eq!(player.names("b"), ["call:receive", "call:stateChange ()", "call:trackEnded remote"]);
    player.nothing_left();
}

/// 7.2: a number without a domain gets the own one behind an `@`, which the recorded client forgets.
#[test]
fn quirk_number_without_domain() {
    let mut player = Player::new("quirk-number-without-domain");
    player.play_to(61);
    let remote = player.call("a").remote_participant;
    assert_eq!((remote.display_number.as_str(), remote.display_name.as_deref()), ("bob@example.com", Some("Bob")));
    player.play(10_000);
    player.same(&["a", "b"]);
    player.nothing_left();
}

/// 7.7: what the end says of itself. (What becomes of it in the call history comes with the call history.)
#[test]
fn quirk_reason_text() {
    let mut player = Player::new("quirk-reason-text");
    player.play(10_000);
    player.same(&["a", "b"]);
    let changes = player.pages[player.page("b")].events.iter().filter_map(|event| match event {
        Event::CallStateChange(change) => Some(serde_json::to_value(&change.transition).unwrap()),
        _ => None,
    });
    let wanted = [r#"{"statusCode":487,"reasonText":"Request cancelled"}"#, r#"{"prevState":"Ringing"}"#, "null"];
    let wanted: Vec<Value> = wanted.iter().map(|text| kandy_wire::parse(text).unwrap()).collect();
    assert_eq!(changes.map(without_nulls).collect::<Vec<_>>(), wanted);
    player.nothing_left();
}

/// A call given up while it rings, where the server says `callEnd` (7.4, 7.7).
#[test]
fn cancel_callend() {
    let mut player = Player::new("cancel-callend");
    player.play(10_000);
    player.same(&["a", "b"]);
    player.nothing_left();
}

/// A call without an offer (7.4, "Ringing (in, slow start)"): the answer is an offer, and both kinds of tracks are told, which
/// the recorded client does not do with its own.
#[test]
fn slow_start() {
    let mut player = Player::new("slow-start");
    player.play_to(30);
    let call = player.call("b");
    assert_eq!((call.is_slow_start, call.state), (Some(true), CallState::Connected));
    player.play(10_000);
    let mut wanted = player.recorded("b");
    let answered = wanted.iter().position(|event| event.starts_with("call:newTrack")).unwrap();
    wanted.insert(answered, "call:newTrack callId id local true trackId".to_owned());
    player.heard("b", &wanted);
    player.nothing_left();
}

/// 7.6, defects 4 and 21: a refused start is told by one change of state; the microphone is given back, and told of.
#[test]
fn call_unknown_user() {
    for name in ["call-unknown-user", "call-unknown-user.link-uc"] {
        let mut player = Player::new(name);
        player.play(10_000);
        let mut wanted = player.recorded("a");
        wanted.insert(wanted.len() - 1, "call:trackEnded callId id local true trackId".to_owned());
        player.heard("a", &wanted);
        player.nothing_left();
    }
}

/// 7.7: nobody is there.
#[test]
fn call_offline_user() {
    let mut player = Player::new("call-offline-user");
    player.play(10_000);
    player.same(&["a"]);
    player.nothing_left();
}

const MAKE: &str = r#"{"type":"call.make","callId":"00000001-0000-4000-8000-000000000000","destination":"bob@example.com",
    "media":{"audio":true}}"#;
const END: &str = r#"{"type":"call.end","callId":"00000001-0000-4000-8000-000000000000"}"#;

/// A notification about a session.
fn notice(kind: &str, session: &str, id: &str) -> Value {
    let text = format!(
        r#"{{"notificationMessage":{{"eventType":"{kind}","eventId":"{id}","sessionParams":{{"sessionData":"{session}"}}}}}}"#
    );
    kandy_wire::parse(&text).unwrap()
}

fn without_nulls(mut value: Value) -> Value {
    if let Some(members) = value.as_object_mut() {
        members.retain(|_, member| !member.is_null());
    }
    value
}
