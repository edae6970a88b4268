//! The socket: checked, lost, opened again, given up; the subscription behind it, extended.

use super::Player;
use crate::coverage::covers;

/// 5.3: a client that logged out can log in again.
#[test]
fn reconnect() {
    for name in ["reconnect", "reconnect.link-uc"] {
        let mut player = Player::today(name);
        player.play(0);
        player.told(&["a", "b"]);
        assert_eq!((player.state("a"), player.state("b")), ((true, false), (true, false)), "{name}");
        // The message that came afterwards.
        assert_eq!(player.received("a").len(), 1, "{name}");
        covers!("connect", "disconnect", "notification:received", "notification:received.payload");
    }
}

/// 6, protocol §3.5: a socket that breaks is opened again, on the same channel, and what came meanwhile is heard.
#[test]
fn ws_drop() {
    for (name, broken, back) in [("ws-drop", 37, 48), ("ws-drop.link-uc", 33, 42)] {
        let mut player = Player::today(name);
        player.play_to(broken);
        let since = player.now;
        assert_eq!(player.state("a"), (false, true), "{name}");
        player.play_to(back);
        assert_eq!((player.state("a"), player.now - since), ((true, false), 0), "{name}");
        player.play(0);
        player.told(&["a", "b"]);
        let queries = player.socket_queries("a");
        assert_eq!((queries.len(), queries[0]), (2, queries[1]), "{name}");
        assert_eq!(player.received("a").len(), 1, "{name}");
        covers!("ws:change", "ws:change.platform", "config connectivity.autoReconnect", "notification:received");
    }
}

/// 5.4: after the last attempt the login is over; the same client can log in again.
#[test]
fn ws_lost() {
    let mut player = Player::new("ws-lost");
    player.play_to(19);
    player.refuse_socket("a");
    player.lose("a", "PUT subscription/sub-34992c6958e26881");
    let since = player.now;
    player.refuse_socket("a");
    let pause = player.now - since;
    assert!((225..=375).contains(&pause), "300 ms, by a quarter more or less: {pause}");
    assert_eq!(player.state("a"), (false, false));
    player.play(0);
    player.told(&["a"]);
    assert_eq!(player.state("a"), (true, false));
    covers!(
        "auth:change.reason",
        "disconnectReasons.LOST_CONNECTION",
        "config connectivity.reconnectLimit",
        "config connectivity.reconnectDelay",
    );
}

/// The call goes on without the socket; that it ended meanwhile is heard as soon as the socket is back.
#[test]
fn ws_drop_in_call() {
    let mut player = Player::new("ws-drop-in-call");
    player.play_to(61);
    assert_eq!(player.pages[0].live_calls().len(), 1);
    player.play(10_000);
    player.told(&["a", "b"]);
    player.nothing_left();
}

/// The same where the other side stays: the call is audited as soon as the socket is back, because something may have been missed.
#[test]
fn ws_drop_in_a_call_that_goes_on() {
    let mut player = Player::new("ws-drop-in-call");
    for n in [62, 63, 64, 73] {
        player.skip(n);
    }
    player.play_to(72);
    let since = player.now;
    player.answer("a", "PUT callControl/callSessions/call-051467ee2a247e3c4bb9 audit", 200, "{}");
    assert_eq!(player.now - since, 1_000);
    assert_eq!(player.pages[0].live_calls().len(), 1);
}

/// Protocol §3.4: the client asks, the server answers. An answer that stays away for one more interval is a loss.
#[test]
fn ws_pingpong() {
    let mut player = Player::new("ws-pingpong");
    player.play_to(14);
    let since = player.now;
    for (asked, answer) in [18, 20, 22, 24, 26].into_iter().enumerate() {
        player.until("a check", |player| player.said("a").len() == asked + 1);
        assert_eq!(player.now - since, asked as u64 * 1_000);
        player.play_to(answer);
    }
    assert!(player.said("a").iter().all(|frame| *frame == r#"{"connCheck":{"interval":1}}"#), "{:?}", player.said("a"));
    player.play(999);
    player.told(&["a"]);
    let state = player.query_with("a", r#"{"type":"connection.getSocketState","platform":"uc"}"#);
    assert_eq!(state["connected"], true);
    assert_eq!(state["pinging"], true);
    assert_eq!(state["platform"], "uc");
    assert_eq!(state["lastContact"], since + 4_000);
    // Two may be missed by the configuration; one is enough.
    player.run(1_000);
    assert!(player.closed.is_empty());
    player.run(1);
    assert_eq!((player.closed.len(), player.state("a")), (1, (false, true)));
    covers!(
        "config connectivity.method.type",
        "config connectivity.method.type = pingPong",
        "config connectivity.method.responsibleParty = client",
        "config connectivity.pingInterval",
        "config connectivity.maxMissedPings",
        "SocketState.connected",
        "SocketState.pinging",
        "SocketState.platform",
        "SocketState.lastContact",
    );
}

/// Protocol §3.4: the server asks, the client answers, and says nothing else.
#[test]
fn ws_server_ping() {
    let mut player = Player::new("ws-server-ping");
    player.play(0);
    player.told(&["a"]);
    assert_eq!(player.said("a"), [r#"{"connAck":{}}"#]);
    covers!("config connectivity.method.responsibleParty", "config connectivity.method.responsibleParty = server");
}

/// 5.5: the subscription is extended at half of its life, but not before 30 s; the socket is checked as often.
#[test]
fn resubscription() {
    for (name, open) in [("resubscription", 14), ("resubscription.link-uc", 10)] {
        let mut player = Player::new(name);
        player.play_to(open);
        let since = player.now;
        player.play(0);
        assert_eq!(player.now - since, 30_000, "{name}");
        player.told(&["a"]);
        let check = [r#"{"message_type":"ping"}"#, r#"{"connCheck":{"interval":30}}"#];
        assert_eq!(player.said("a"), [check, check].concat(), "{name}");
        covers!(
            "auth:resub",
            "auth:resub.attemptNum",
            "auth:resub.isFailure",
            "config authentication.subscription.expires",
            "config connectivity.method.type = keepAlive",
        );
    }
}

/// 5.5: a failure is said and tried again; the login goes on.
#[test]
fn resubscription_refused() {
    let mut player = Player::new("resubscription");
    player.play_to(14);
    let put = "PUT subscription/sub-3a7029fc377e0f5a";
    player.leave_out(|_| true);
    player.answer("a", put, 500, r#"{"subscribeResponse":{"statusCode":1}}"#);
    player.answer("a", put, 200, r#"{"subscribeResponse":{"statusCode":3}}"#);
    player.extend("a");
    player.extend("a");
    let heard: Vec<String> = player.heard_of("a", "auth:resub");
    let wanted = [
        r#"attemptNum 1 error "authentication:6" isFailure true"#,
        r#"attemptNum 2 error "authentication:6" isFailure true"#,
        "attemptNum 3 isFailure false",
        "attemptNum 1 isFailure false",
    ];
    assert_eq!(heard, wanted);
    assert_eq!(player.state("a"), (true, false));
    covers!("auth:resub.attemptNum", "auth:resub.isFailure", "auth:resub.error", "error authentication:6");
}
