//! Holds that are refused, meet, or look unlike a hold; a join.

use kandy_core::{Event, query::CallState};

use super::Player;

const OK: &str = r#"{"callControlResponse":{"statusCode":0}}"#;

/// The default configuration (7.9, "plan-b"): remote tracks are told as ended on hold and as new after it. The recorded browser
/// has no plan-b and loses them for good; ours live on, and end with the call.
#[test]
fn quirk_default_semantics() {
    let mut player = Player::new("quirk-default-semantics");
    player.play(10_000);
    let ended = "call:trackEnded callId id local false trackId".to_owned();
    let mut wanted = player.recorded("a");
    wanted.insert(wanted.len() - 1, ended.clone());
    player.heard("a", &wanted);
    let mut wanted = player.recorded("b");
    wanted.push(ended);
    player.heard("b", &wanted);
    player.nothing_left();
}

/// 7.9: a refused hold changes nothing, the remote tracks included, which the recorded client loses; a second attempt works.
#[test]
fn quirk_hold_refused() {
    let mut player = Player::new("quirk-hold-refused");
    player.play_to(65);
    let call = player.call("a");
    assert_eq!((call.state, call.local_hold, call.remote_tracks.len()), (CallState::Connected, Some(false), 1));
    assert_eq!(call.error.map(|error| error.code.to_string()).as_deref(), Some("26"));
    player.play(10_000);
    player.same(&["a", "b"]);
    player.nothing_left();
}

/// Both hold at once, and the server tells one of them to wait (7.19, defect 2): the recorded client's hold stays pending for
/// ever and its user has to hold again; ours does so by itself after `retryAfter`, and in the end both flags are set on both
/// sides (7.9, rules 1 and 2, defect 1).
#[test]
fn quirk_hold_glare() {
    let mut player = Player::new("quirk-hold-glare");
    player.play_to(77);
    let call = player.call("a");
    assert_eq!((call.state, call.local_hold, call.remote_hold), (CallState::OnHold, Some(false), Some(true)));
    let since = player.now;
    // The user's second attempt is not needed; its request is.
    player.skip(78);
    player.play_to(79);
    assert!(player.now - since >= 1_900, "the server asked for two seconds");
    player.play_to(88);
    for role in ["a", "b"] {
        let call = player.call(role);
        let flags = (call.state, call.local_hold, call.remote_hold, call.local_op.is_none());
        assert_eq!(flags, (CallState::OnHold, Some(true), Some(true), true), "{role}");
    }
    // What the other side is called by whom: the recorded server names both parties to both (link protocol 4.4).
    assert_eq!(player.call("a").remote_participant.display_name.as_deref(), Some("Bob Baker"));
    assert_eq!(player.call("b").remote_participant.display_name.as_deref(), Some("Alice Archer"));
    player.play(10_000);
    player.same(&["a"]);
    // The recorded one never learns that the other side holds, too.
    let wanted = player.recorded("b").into_iter().map(|event| match event.contains("prevState") {
        true => event.replace(r#""remoteHold":false"#, r#""remoteHold":true"#),
        false => event,
    });
    player.heard("b", &wanted.collect::<Vec<_>>());
    player.nothing_left();
}

/// Both hold at once, and the server hands both offers on (7.19, defect 2): both recorded clients answer with an offer of their
/// own pending, and lose the call. Of ours the callee gives way, answers, and holds again; the caller takes up the callee's offer
/// when its own is answered. In the end both flags are set on both sides.
#[test]
fn quirk_hold_glare_naive() {
    let mut player = Player::new("quirk-hold-glare-naive");
    let (caller, callee) = ("call-aa750fd2e194f8a0aeb4", "call-c86b371385815b1bcc22");
    // The caller answers, too, but not before its own offer is answered.
    player.skip(72);
    player.skip(74);
    let mut callers_answer = player.skip(76)["body"].clone();
    let mut callees_offer = player.entry_of(69)["body"].clone();
    // Both offers are on their way before either is heard of.
    player.play_to(61);
    player.play_to(71);
    for role in ["a", "b"] {
        assert_eq!(player.call(role).state, CallState::Connected, "{role}");
    }
    player.play_to(75);
    let call = player.call("b");
    assert_eq!((call.state, call.local_hold, call.remote_hold), (CallState::OnHold, Some(false), Some(true)));
    player.play_to(77);
    player.answer("a", &format!("PUT callControl/callSessions/{caller} respondCallUpdate"), 200, OK);
    player.tell("b", &callers_answer);
    // The same offer of the callee once more, and the same answer.
    player.answer("b", &format!("PUT callControl/callSessions/{callee} startCallUpdate"), 200, OK);
    callees_offer["notificationMessage"]["eventId"] = "again-1".into();
    player.tell("a", &callees_offer);
    player.answer("a", &format!("PUT callControl/callSessions/{caller} respondCallUpdate"), 200, OK);
    callers_answer["notificationMessage"]["eventId"] = "again-2".into();
    player.tell("b", &callers_answer);
    for role in ["a", "b"] {
        let call = player.call(role);
        let flags = (call.state, call.local_hold, call.remote_hold, call.local_op.is_none());
        assert_eq!(flags, (CallState::OnHold, Some(true), Some(true), true), "{role}\n{}", player.report());
    }
    player.play(10_000);
    let held = ["call:stateChange", "call:stateChange"];
    assert_eq!(player.names("a")[4..6], held);
    assert_eq!(player.names("b")[3..5], held);
    player.nothing_left();
}

/// 7.9: `sendonly` is a hold, too; the other side's music does not end it, and neither does its end.
#[test]
fn quirk_sendonly_hold() {
    let mut player = Player::new("quirk-sendonly-hold");
    // After each offer of the other side: the state, whether it holds, and how many of its tracks are there.
    let held = |tracks| (CallState::OnHold, Some(true), tracks);
    let wanted = [
        (37, held(1)),
        (43, (CallState::Connected, Some(false), 1)),
        (49, held(0)),
        (56, held(1)),
        (61, held(0)),
        (68, (CallState::Connected, Some(false), 1)),
    ];
    for (n, state) in wanted {
        player.play_to(n);
        let call = player.call("b");
        assert_eq!((call.state, call.remote_hold, call.remote_tracks.len()), state, "after entry {n}");
    }
    player.play(10_000);
    let heard = [
        "call:receive",
        "call:newTrack local",
        "call:newTrack remote",
        "call:stateChange",
        "call:stateChange",
        "call:stateChange",
        "call:stateChange",
        "call:newTrack remote",
        "call:newTrack remote",
        "call:stateChange",
        "call:trackEnded local",
        "call:trackEnded remote",
        "call:stateChange",
    ];
    assert_eq!(player.names("b"), heard);
    player.nothing_left();
}

/// 7.17: the two calls become one, and end with a change of state, which the recorded client does not tell. The other two are
/// given a new connection in mid-call; at its end the recorded client forgets to tell the end of its own track (7.10).
#[test]
fn join() {
    for (name, joined) in [("join", 155), ("join.link-uc", 147)] {
        let mut player = Player::new(name);
        player.play_to(joined);
        let calls = player.pages[player.page("a")].calls();
        let states: Vec<CallState> = calls.iter().map(|call| call.state).collect();
        assert_eq!(states, [CallState::Ended, CallState::Ended, CallState::Connected]);
        let joined = &calls[2];
        assert_eq!(
            (joined.is_joined_call, joined.local_tracks.len(), joined.remote_tracks.len()),
            (Some(true), 1, 1),
            "{}",
            player.report()
        );
        assert_eq!(joined.remote_participant.display_number, "sip:bob@example.com,sip:carol@example.com");
        player.play(10_000);
        let reasons = player.pages[player.page("a")].events.iter().filter_map(|event| match event {
            Event::CallStateChange(change) => change.transition.as_ref()?.reason_text.clone(),
            _ => None,
        });
        assert_eq!(reasons.collect::<Vec<_>>(), ["Join Successful", "Join Successful"]);
        player.heard("a", &told_by_join(player.recorded("a")));
        for role in ["b", "c"] {
            let mut wanted = player.recorded(role);
            let end = wanted.iter().position(|event| event.contains("prevState")).unwrap();
            wanted.insert(end, "call:trackEnded callId id local true trackId".to_owned());
            player.heard(role, &wanted);
        }
        player.nothing_left();
    }
}

/// What the joining side is told beyond what was recorded: the change of state of each old call, between the ends of its own
/// and of the other side's track.
fn told_by_join(recorded: Vec<String>) -> Vec<String> {
    let held = r#"{"localHold":true,"remoteHold":false,"state":"On Hold"}"#;
    let change =
        format!(r#"call:stateChange callId previous {held} transition {{"reasonText":"…","statusCode":9906}}"#);
    let mut wanted = Vec::new();
    let mut missing = 2;
    for event in recorded {
        let own = event == "call:trackEnded callId id local true trackId" && missing > 0;
        wanted.push(event);
        if own {
            wanted.push(change.clone());
            missing -= 1;
        }
    }
    wanted
}
