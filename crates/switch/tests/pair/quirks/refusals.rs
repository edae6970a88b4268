//! Logins and logouts that come to nothing, or come at the wrong time: what is said, and what is left.

use super::Player;
use crate::coverage::covers;

const CONNECT: &str =
    r#"{"type":"connect","credentials":{"username":"alice@example.com","password":"alice-password-1"}}"#;
const DISCONNECT: &str = r#"{"type":"disconnect"}"#;

/// 5.2: credentials of no known form. Nothing is asked.
#[test]
fn no_known_credentials() {
    for credentials in
        ["{}", "null", r#"{"username":"alice@example.com"}"#, r#"{"refreshToken":"t"}"#, r#"{"password":"p"}"#]
    {
        let mut player = Player::new("login");
        player.act("a", &format!(r#"{{"type":"connect","credentials":{credentials}}}"#));
        assert_eq!(player.pages[0].names(), ["auth:change", "auth:error authentication:1"], "{credentials}");
        assert_eq!((player.state("a"), player.sent.len()), ((false, false), 0));
        assert_eq!(player.query("a", "getConnection")["error"]["code"], "authentication:1");
        // The client is as good as new.
        player.play_to(14);
        assert_eq!(player.state("a"), (true, false));
        covers!("error authentication:1", "bad connect({})", "auth:error", "auth:error.error", "ConnectionState.error");
    }
}

/// 5.2: the socket cannot be opened. What nobody listens to is not left at the server.
#[test]
fn no_socket() {
    for (name, open, subscription) in
        [("login", 11, "sub-20b33e424c48c951"), ("login.link-uc", 7, "sub-8c9f773a5d48b8a5")]
    {
        let mut player = Player::new(name);
        player.play_to(open);
        player.leave_out(|_| true);
        // As often as configured: 5 times.
        for _ in 0..5 {
            assert_eq!(player.state("a"), (false, true));
            player.refuse_socket("a");
        }
        // Whether it still lives was asked after the first one, and is not answered before the end.
        player.answer("a", &format!("PUT subscription/{subscription}"), 200, DONE);
        player.answer("a", &format!("DELETE subscription/{subscription}"), 200, DONE);
        player.play(60_000);
        let heard = ["auth:change", "ws:change", "auth:error authentication:2"];
        assert_eq!(player.pages[0].names(), heard, "{name}");
        assert_eq!(player.state("a"), (false, false));
        covers!("error authentication:2");
    }
}

/// 5.3: the server does not delete the subscription, or does not revoke the token. The login is over all the same.
#[test]
fn logout_refused() {
    let refused = r#"{"subscribeResponse":{"statusCode":5}}"#;
    for (deleted, revoked, code) in [(refused, 200, "authentication:3"), (DONE, 403, "authentication:11")] {
        let mut player = Player::new("login");
        player.play_to(19);
        player.leave_out(|_| true);
        player.answer("a", "DELETE subscription/sub-20b33e424c48c951", 200, deleted);
        player.answer("a", "GET /v2.0/auth/revoke_token", revoked, r#"{"error":{"human":"No such token"}}"#);
        assert_eq!(player.names("a"), ["auth:change", "ws:change", &format!("auth:error {code}")]);
        assert_eq!(player.state("a"), (false, false));
        assert_eq!(player.query("a", "getUserInfo"), kandy_wire::parse("{}").unwrap());
        covers!(&format!("error {code}"), "disconnect");
    }
}

/// 5.6: services that the server does not change stay what they were.
#[test]
fn update_connection_refused() {
    let mut player = Player::new("link-update-connection.link-uc");
    player.play_to(14);
    player.leave_out(|_| true);
    player.answer("a", "PUT subscription/sub-a3d8fb50bb10bba0", 200, r#"{"subscribeResponse":{"statusCode":7}}"#);
    assert_eq!(player.names("a"), ["auth:error authentication:6"]);
    let services = kandy_wire::parse(r#"["call","IM","Presence"]"#).unwrap();
    assert_eq!(player.query("a", "getServices")["requested"], services);
    assert_eq!(player.state("a"), (true, false));
    // A login of the UC flavour has no such thing.
    let mut player = Player::new("login");
    player.play_to(14);
    player.act("a", r#"{"type":"updateConnection","services":["call"]}"#);
    assert_eq!((player.names("a").len(), player.proofs("a").len()), (0, 2));
    covers!("updateConnection", "updateConnection(connection)", "error authentication:6");
}

/// 5.2: `connect` while connected or connecting is said, and changes nothing.
#[test]
fn connect_twice() {
    for connected in [1, 14] {
        let mut player = Player::new("login");
        player.play_to(connected);
        let before = (player.pages[0].names(), player.state("a"), player.sent.len());
        player.act("a", CONNECT);
        let mut heard = before.0.clone();
        heard.push("auth:error NO_CODE".to_owned());
        assert_eq!((player.pages[0].names(), player.state("a"), player.sent.len()), (heard, before.1, before.2));
        player.play(0);
        assert_eq!(player.state("a"), (false, false));
        covers!("connect", "error NO_CODE");
    }
}

/// 5.3: `disconnect` without a login is one event; during a login it ends that, also one event.
#[test]
fn disconnect_early() {
    let mut player = Player::new("login");
    player.act("a", DISCONNECT);
    assert_eq!((player.pages[0].names().len(), player.state("a")), (1, (false, false)));
    player.play_to(1);
    player.leave_out(|_| true);
    player.act("a", DISCONNECT);
    assert_eq!(player.pages[0].names(), ["auth:change", "auth:change", "auth:change"]);
    assert_eq!(player.state("a"), (false, false));
    // The token that was asked for is nobody's.
    player.answer("a", "GET /v2.0/auth/mk_token", 200, r#"{"success":{"access_token":"t"}}"#);
    player.play(60_000);
    assert_eq!((player.pages[0].names().len(), player.sent.len()), (3, 1));
    covers!("disconnect");
}

/// 5.4: the server ends the login, which says so.
#[test]
fn gone() {
    for name in ["quirk-gone", "quirk-gone.link-uc"] {
        let mut player = Player::new(name);
        player.play(60_000);
        let last = player.heard_of("a", "auth:change").pop().unwrap();
        assert_eq!(last, r#"forced true reason "GONE""#, "{name}");
        assert_eq!(player.state("a"), (false, false));
        covers!("auth:change.reason", "auth:change.forced", "disconnectReasons.GONE");
    }
}

/// The server deleted the subscription.
const DONE: &str = r#"{"subscribeResponse":{"statusCode":0}}"#;
