//! Tokens: renewed, replaced, refused; and lives that no timer can count.

use kandy_wire::Value;

use super::Player;
use crate::coverage::covers;

/// Milliseconds between two renewals of a token, at least.
const RENEWAL: u64 = 30_000;

/// 5.5: the token is renewed in time; requests and the next socket have the new one (protocol §1.6, where the recorded client
/// keeps the old one).
#[test]
fn token_refresh() {
    let mut player = Player::today("token-refresh");
    player.play_to(14);
    let since = player.now;
    player.play_to(25);
    assert_eq!(player.now - since, RENEWAL);
    player.extend("a");
    player.play(0);
    player.told(&["a"]);
    let [old, new] = ["AT-c1a5c99714b03763c74148a5", "AT-b4572ffebbc2c8f311572f2d"];
    assert_eq!(player.socket_queries("a"), [format!("token={old}"), format!("token={new}")]);
    let wanted = [
        format!("POST subscription ?token={old}"),
        "GET refresh_token ?expires=304&token=RT-a023bac2d6d300f487c79430".to_owned(),
        format!("PUT subscription ?token={new}"),
    ];
    assert_eq!(player.proofs("a")[1..], wanted);
    let user = player.query("a", "getUserInfo");
    assert_eq!(user["accessToken"], new);
    assert_eq!(user["refreshToken"], "RT-a41fa5c830c7148112d6df98");
    covers!("connect(credentials.expires)", "UserInfo.accessToken", "UserInfo.refreshToken");
}

/// 5.5, 5.4: where the renewal is refused, a password helps; where that is refused, too, the login ends as by `disconnect`.
#[test]
fn token_refresh_refused() {
    let refused = r#"{"error":{"code":"ERR_AUTH","human":"No such token"}}"#;
    for helped in [true, false] {
        let mut player = Player::new("token-refresh");
        player.play_to(14);
        player.leave_out(|_| true);
        player.answer("a", "GET /v2.0/auth/refresh_token", 401, refused);
        if helped {
            let made = r#"{"success":{"access_token":"AT-made","refresh_token":"RT-made","expires":304}}"#;
            player.answer("a", "GET /v2.0/auth/mk_token", 200, made);
            player.extend("a");
            assert_eq!(player.names("a"), ["auth:change"]);
            assert_eq!(player.query("a", "getUserInfo")["accessToken"], "AT-made");
        } else {
            player.answer("a", "GET /v2.0/auth/mk_token", 401, refused);
            player.answer("a", "DELETE subscription/sub-f6589d113976921e", 200, GONE);
            player.answer("a", "GET /v2.0/auth/revoke_token", 200, r#"{"success":true}"#);
            assert_eq!(player.names("a"), ["auth:change", "ws:change", "auth:change"]);
        }
        assert_eq!(player.state("a"), (helped, false));
    }
}

/// 5.5: a server that is asked too often, or cannot just now, is asked again, with the same refresh token; the login goes on.
#[test]
fn token_refresh_put_off() {
    let made = r#"{"success":{"access_token":"AT-made","refresh_token":"RT-made","expires":304}}"#;
    for status in [408, 425, 429, 500, 503] {
        let mut player = Player::new("token-refresh");
        player.play_to(14);
        player.leave_out(|_| true);
        player.answer("a", "GET /v2.0/auth/refresh_token", status, "");
        let since = player.now;
        player.answer("a", "GET /v2.0/auth/refresh_token", 200, made);
        assert_eq!(player.now - since, RENEWAL, "{status}");
        assert_eq!(player.names("a"), ["auth:change"], "{status}");
        assert_eq!(player.query("a", "getUserInfo")["accessToken"], "AT-made", "{status}");
        assert_eq!(player.state("a"), (true, false), "{status}");
    }
}

/// 5.6: another token from now on.
#[test]
fn update_token() {
    let mut player = Player::today("update-token");
    player.play_to(17);
    player.extend("a");
    player.play(0);
    player.told(&["a"]);
    let new = "AT-24be25f6c6150245d524e88d";
    assert_eq!(player.proofs("a").last().unwrap(), &format!("PUT subscription ?token={new}"));
    let user = player.query("a", "getUserInfo");
    assert_eq!(user["accessToken"], new);
    assert_eq!(user["username"], "alice@example.com");
    // The token alone counts: the user stays the one who logged in.
    player.act("a", r#"{"type":"updateToken","credentials":{"username":"bob@example.com","accessToken":"AT-newer"}}"#);
    assert_eq!(player.query("a", "getUserInfo")["accessToken"], "AT-newer");
    assert_eq!(player.query("a", "getUserInfo")["username"], "alice@example.com");
    assert!(player.last_sent("a").url.contains("/user/alice@example.com/"));
    covers!(
        "updateToken",
        "updateToken(credentials)",
        "updateToken(credentials.username)",
        "updateToken(credentials.accessToken)",
    );
}

/// 5.6: no login of the UC flavour, no event.
#[test]
fn update_token_where_there_is_none() {
    for name in ["login", "login.link-uc"] {
        let mut player = Player::new(name);
        let link = name.contains("link");
        player.play_to(if link { 10 } else { 0 });
        let before = player.pages[0].names();
        player.act("a", r#"{"type":"updateToken","credentials":{"accessToken":"AT-new"}}"#);
        assert_eq!(player.pages[0].names(), before, "{name}");
        assert!(!player.proofs("a").iter().any(|proof| proof.contains("AT-new")));
        covers!("updateToken");
    }
}

/// Hazards of the recorded client, which asks without end: a life shorter than the margin, and one longer than a timer of the
/// browser can count. Ours asks at most every 30 s, and long before the end.
#[test]
fn quirk_token_lifetimes() {
    let mut player = Player::new("quirk-token-lifetimes");
    // The first two renewals of the short life, and the first one of the long life.
    let kept = ["a-7", "a-9", "a-142"];
    let renewal = |entry: &Value| entry["path"].as_str().is_some_and(|path| path.ends_with("refresh_token"));
    player.leave_out(|entry| renewal(entry) && !kept.iter().any(|id| entry["id"] == *id));
    player.play_to(13);
    for n in [22, 27] {
        let since = player.now;
        player.play_to(n);
        assert_eq!(player.now - since, RENEWAL, "entry {n}");
        player.extend("a");
    }
    player.play_to(357);
    let since = player.now;
    // One check of the socket every 30 s is all that is heard of it for 29 days.
    player.patience = 2_600_000_000;
    player.play_to(365);
    assert_eq!(player.now - since, (2_592_000 - 300) * 1000);
    // The subscription is extended meanwhile, and asked for with the new token.
    player.extend("a");
    player.extend("a");
    player.play(0);
    let heard = player.names("a");
    assert!(!heard.iter().any(|name| name.contains("error")), "{heard:?}");
    assert_eq!(player.state("a"), (false, false));
}

/// The same of a subscription: it is extended at half of its life, and not before.
#[test]
fn quirk_subscription_lifetime() {
    let mut player = Player::new("quirk-subscription-lifetime");
    player.play_to(14);
    player.patience = 2_600_000_000;
    // The token of the login lives for an hour; the next one for a year. With it the subscription is extended.
    let made = r#"{"success":{"access_token":"AT-made","refresh_token":"RT-made","expires":31536000}}"#;
    player.answer("a", "GET /v2.0/auth/refresh_token", 200, made);
    player.extend("a");
    let since = player.now;
    player.play_to(21);
    assert_eq!(player.now - since, 5_000_000 * 1000 / 2);
    player.leave_out(|_| true);
    player.play(1_000);
    assert_eq!(player.names("a"), ["auth:change", "auth:resub"]);
}

/// The server deleted the subscription.
const GONE: &str = r#"{"subscribeResponse":{"statusCode":0}}"#;
