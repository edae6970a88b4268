//! Every form of login, what each request shows of it, and the end.

use super::Player;
use crate::coverage::covers;

/// `alice@example.com` and `alice-auth` with her password, in base64.
const BASIC: &str = "authorization: basic YWxpY2VAZXhhbXBsZS5jb206YWxpY2UtcGFzc3dvcmQtMQ==";
const BASIC_AUTHNAME: &str = "authorization: basic YWxpY2UtYXV0aDphbGljZS1wYXNzd29yZC0x";

/// 5.2 and 5.3: the events, what an application can read meanwhile, and what is left of it.
#[test]
fn login() {
    let mut player = Player::new("login");
    player.play_to(7);
    assert_eq!(player.state("a"), (false, true));
    player.play_to(14);
    assert_eq!(player.state("a"), (true, false));
    assert_eq!(player.query("a", "getUserInfo")["username"], "alice@example.com");
    assert_eq!(player.query("a", "getUserInfo")["accessToken"], "AT-95226379cac7809b2fffdad9");
    assert_eq!(player.query("a", "getUserInfo")["refreshToken"], "RT-27721c87c619ffb265c8ec64");
    let services = r#"{"requested":["call","IM","Presence"],"received":["call","IM","Presence"],"missing":[],"status":"FULL",
        "services":{"call":true,"IM":true,"Presence":true}}"#;
    let services = kandy_wire::parse(services).unwrap();
    assert_eq!(player.query("a", "getServices"), services);
    assert_eq!(player.query("a", "getConnection")["subscription"], services);
    player.play_to(22);
    // The socket is closed before the subscription is deleted, and the login counts until all is done.
    assert_eq!((player.state("a"), player.closed.len()), ((true, true), 1));
    player.play(0);
    player.told(&["a"]);
    assert_eq!(player.state("a"), (false, false));
    assert_eq!(player.query("a", "getUserInfo"), kandy_wire::parse("{}").unwrap());
    assert_eq!(player.query("a", "getServices")["status"], "NONE");
    let token = "token=AT-95226379cac7809b2fffdad9";
    let wanted = [
        format!("GET mk_token {BASIC}"),
        format!("POST subscription ?{token}"),
        format!("DELETE subscription ?{token}"),
        format!("GET revoke_token ?{token}"),
    ];
    assert_eq!(player.proofs("a"), wanted);
    assert_eq!(player.socket_queries("a"), [token]);
    covers!(
        "connect",
        "connect(credentials)",
        "connect(credentials.username)",
        "connect(credentials.password)",
        "disconnect",
        "auth:change",
        "ws:change",
        "ws:change.platform",
        "getConnection",
        "ConnectionState.isConnected",
        "ConnectionState.isPending",
        "ConnectionState.subscription",
        "getUserInfo",
        "UserInfo.username",
        "UserInfo.accessToken",
        "UserInfo.refreshToken",
        "getServices",
        "ServicesInfo.requested",
        "ServicesInfo.received",
        "ServicesInfo.missing",
        "ServicesInfo.status",
        "ServicesInfo.services",
    );
}

/// The same by the Link flavour: the subscription is deleted before the socket is closed.
#[test]
fn login_link() {
    let mut player = Player::new("login.link-uc");
    player.play_to(17);
    assert_eq!((player.state("a"), player.closed.len()), ((true, true), 0));
    player.play(0);
    player.told(&["a"]);
    assert_eq!((player.state("a"), player.closed.len()), ((false, false), 1));
    assert_eq!(player.proofs("a"), [format!("POST subscription {BASIC}"), format!("DELETE subscription {BASIC}")]);
    assert_eq!(player.socket_queries("a"), [""]);
    covers!("connect(credentials.username)", "connect(credentials.password)", "disconnect", "ws:change.platform");
}

/// Protocol §4.1: a name and a password do not tell a user's devices apart; a session that the server names does.
#[test]
fn login_with_a_session() {
    let mut player = Player::new("login.link-uc");
    player.play_to(1);
    player.skip(6);
    let mut answer = player.skip(7)["body"].clone();
    answer["subscribeResponse"]["subscriptionParams"]["sessionId"] = "S-1".into();
    player.answer("a", "POST subscription", 200, &kandy_wire::encode(&answer));
    player.play(0);
    player.told(&["a"]);
    assert_eq!(player.proofs("a")[1], format!("DELETE subscription {BASIC} x-session: S-1"));
}

/// 5.2: a wrong password is said, and the client is as good as new.
#[test]
fn login_bad_password() {
    for (name, refused, code) in
        [("login-bad-password", 5, "authentication:9"), ("login-bad-password.link-uc", 7, "authentication:4")]
    {
        let mut player = Player::new(name);
        player.play_to(refused);
        assert_eq!(player.state("a"), (false, false), "{name}");
        assert_eq!(player.query("a", "getConnection")["error"]["code"], code);
        player.play(0);
        player.told(&["a"]);
        assert_eq!(player.state("a"), (true, false), "{name}");
        assert!(player.query("a", "getConnection")["error"].is_null());
        covers!("auth:error", "auth:error.error", "ConnectionState.error", &format!("error {code}"));
    }
}

/// 5.2: a token that the application has.
#[test]
fn login_token() {
    let mut player = Player::new("login-token");
    player.play(0);
    player.told(&["a"]);
    let token = "token=AT-ec01630659db5ecb337f0190";
    let wanted =
        ["POST subscription", "DELETE subscription", "GET revoke_token"].map(|what| format!("{what} ?{token}"));
    assert_eq!(player.proofs("a"), wanted);
    assert_eq!(player.socket_queries("a"), [token]);
    covers!("connect(credentials.accessToken)");
}

/// 5.2: a refresh token, of which the first token is made.
#[test]
fn login_refresh_token() {
    let mut player = Player::new("login-refresh-token");
    player.play(0);
    player.told(&["a"]);
    let token = "?token=AT-0f551216ff4c07b120b7014d";
    let first = "GET refresh_token ?expires=3600&token=RT-0c1665247a837acf259e87e3".to_owned();
    assert_eq!(player.proofs("a"), [first, format!("POST subscription {token}")]);
    assert_eq!(player.query("a", "getUserInfo")["refreshToken"], "RT-6be90f7f115f6cff5a4dea93");
    covers!("connect(credentials.refreshToken)", "connect(credentials.expires)", "connect(credentials.username)");
}

/// Protocol §1.5: OAuth stands in a header, and in the address of the socket.
#[test]
fn login_oauth() {
    let mut player = Player::today("login-oauth");
    player.play_to(14);
    player.extend("a");
    player.play(0);
    player.told(&["a"]);
    let bearer = ["AT-12ebc3619a2cec0b89692f41", "AT-892c057d5e634a4a42f74cdc"];
    let [old, new] = bearer.map(|token| format!("authorization: Bearer {token}"));
    let wanted = [
        format!("POST subscription {old}"),
        format!("PUT subscription {new}"),
        format!("DELETE subscription {new}"),
        format!("GET revoke_token {new}"),
    ];
    assert_eq!(player.proofs("a"), wanted);
    assert_eq!(player.socket_queries("a"), [format!("access_token={}", bearer[0])]);
    covers!("connect(credentials.oauthToken)", "updateToken(credentials.oauthToken)");
}

/// Protocol §1.8: another name proves who it is; addresses have the user.
#[test]
fn link_login_authname() {
    let mut player = Player::new("link-login-authname.link-uc");
    player.play(0);
    player.told(&["a"]);
    assert_eq!(player.proofs("a"), [format!("POST subscription {BASIC_AUTHNAME}")]);
    assert!(player.last_sent("a").url.ends_with("/user/alice@example.com/subscription"));
    covers!("connect(credentials.authname)", "connect(credentials.username)");
}

/// Protocol §1.9: the token of the application's server once, and then the session.
#[test]
fn link_login_hmac() {
    let mut player = Player::today("link-login-hmac.link-uc");
    let session = player.entry_of(7)["body"]["subscribeResponse"]["subscriptionParams"]["sessionId"].clone();
    let session = session.as_str().expect("a session").to_owned();
    player.play(0);
    player.told(&["a"]);
    let wanted = [
        "POST subscription x-token: AT-e5895d0900595b25d4a87a81".to_owned(),
        format!("DELETE subscription x-session: {session}"),
    ];
    assert_eq!(player.proofs("a"), wanted);
    covers!("connect(credentials.hmacToken)");
}

/// Protocol §2.3: what is missing is told, and no error.
#[test]
fn services_partial() {
    let mut player = Player::new("services-partial");
    player.play(0);
    player.told(&["a"]);
    let services = r#"{"requested":["call","IM","Presence"],"received":["call","IM"],"missing":["Presence"],
        "status":"PARTIAL","services":{"call":true,"IM":true,"Presence":false}}"#;
    assert_eq!(player.query("a", "getServices"), kandy_wire::parse(services).unwrap());
    covers!("getServices", "ServicesInfo.missing", "ServicesInfo.status", "ServicesInfo.services");
}

/// 5.6: the services of a login that is up.
#[test]
fn link_update_connection() {
    let mut player = Player::new("link-update-connection.link-uc");
    player.play(0);
    player.told(&["a"]);
    assert_eq!(player.proofs("a")[1], format!("PUT subscription {BASIC}"));
    assert_eq!(player.query("a", "getServices")["requested"], kandy_wire::parse(r#"["call","IM"]"#).unwrap());
    assert_eq!(player.query("a", "getServices")["status"], "FULL");
    covers!("updateConnection", "updateConnection(connection)");
}
