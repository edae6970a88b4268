//! Notifications and the ways on which they come; descriptions that come packed, or by reference; devices for push.

use kandy_wire::Value;

use super::Player;
use crate::coverage::covers;

/// 18: a device is registered, and deregistered; the address has the version as it is configured.
#[test]
fn push() {
    for (name, version) in [("push", "v2.0"), ("push.link-uc", "1")] {
        let mut player = Player::new(name);
        player.play(0);
        player.told(&["a"]);
        let path =
            format!("http://gateway.example:80/rest/version/{version}/user/alice@example.com/push/google/devices/");
        assert!(player.last_sent("a").url.starts_with(&path), "{name}");
        covers!(
            "notification.registerPush",
            "notification.registerPush(params)",
            "notification.registerPush(params.deviceToken)",
            "notification.registerPush(params.services)",
            "notification.registerPush(params.pushProvider)",
            "notification.registerPush(params.clientCorrelator)",
            "notification.deregisterPush",
            "notifications:change",
            "notifications:change.channel",
            "config notifications.realm",
            "config notifications.bundleId",
        );
    }
}

/// 18: what the server refuses, and what cannot be asked for, is said; the next attempt is free.
#[test]
fn push_refused() {
    let mut player = Player::new("push");
    let register = |provider: &str| {
        format!(
            r#"{{"type":"notification.registerPush","deviceToken":"t","services":["call"],"pushProvider":"{provider}","clientCorrelator":"c"}}"#
        )
    };
    player.act("a", &register("google"));
    player.play_to(14);
    player.leave_out(|_| true);
    player.act("a", r#"{"type":"notification.deregisterPush"}"#);
    player.act("a", &register("fridge"));
    player.act("a", &register("Apple"));
    player.act("a", &register("Apple"));
    player.answer("a", "POST push/apple/devices/", 403, r#"{"appleDeviceRegistrationResponse":{"statusCode":4}}"#);
    player.act("a", &register("Apple"));
    player.answer("a", "POST push/apple/devices/", 200, r#"{"appleDeviceRegistrationResponse":{"statusCode":3}}"#);
    player.play(0);
    let refused = r#"channel "PUSH" error "NO_CODE""#;
    // Nobody was logged in; nothing was registered; no such provider; one at a time; the server said no, twice.
    assert_eq!(player.heard_of("a", "notifications:error"), [refused; 6]);
    assert!(player.heard_of("a", "notifications:change").is_empty());
    covers!("notifications:error", "notifications:error.channel", "notifications:error.error");
}

/// 18: notifications of a channel that is switched off are dropped, those that come another way are not, and none is taken twice.
#[test]
fn ways_of_notifications() {
    let mut player = Player::new("push");
    let notice = |id: &str| {
        let text = format!(r#"{{"notificationMessage":{{"eventType":"test","eventId":"{id}"}}}}"#);
        kandy_wire::parse(&text).unwrap()
    };
    let process = |id: &str, channel: &str| {
        let notice = notice(id);
        format!(r#"{{"type":"notification.process","notification":{notice},"channel":"{channel}"}}"#)
    };
    let enable = |on: bool| format!(r#"{{"type":"notification.enableWebsocket","enable":{on}}}"#);
    player.play_to(14);
    player.tell("a", &notice("1"));
    player.act("a", &process("1", "EXTERNAL"));
    player.act("a", &enable(false));
    player.tell("a", &notice("2"));
    player.act("a", &process("3", "WEBSOCKET"));
    player.act("a", &process("4", "EXTERNAL"));
    player.act("a", &process("5", "PUSH"));
    player.act("a", &process("6", "PIGEON"));
    player.act("a", &enable(true));
    player.play_to(22);
    player.act("a", &process("7", "push"));
    player.tell("a", &notice("7"));
    player.play_to(28);
    player.act("a", &process("8", "PUSH"));
    player.tell("a", &notice("9"));
    // For whom it is meant is no matter here (18): a client has one flavour.
    for (id, platform) in [("10", "link"), ("11", "uc")] {
        let named = process(id, "EXTERNAL").replace(r#""channel""#, &format!(r#""platform":"{platform}","channel""#));
        player.act("a", &named);
    }
    let ids: Vec<&Value> = player.received("a").iter().map(|frame| &frame["notificationMessage"]["eventId"]).collect();
    assert_eq!(ids, ["1", "4", "7", "9", "10", "11"]);
    let (websocket, push) = (r#"channel "WEBSOCKET""#, r#"channel "PUSH""#);
    assert_eq!(player.heard_of("a", "notifications:change"), [websocket, websocket, push, push]);
    covers!(
        "notification.process",
        "notification.process(notification)",
        "notification.process(channel)",
        "notification.process(platform)",
        "notification.enableWebsocket",
        "notification.enableWebsocket(enable)",
        "notifications:change.channel",
        "notification:received",
        "notification:received.payload",
    );
}

/// 10 and protocol §3.8: as many ids are remembered as the application wants.
#[test]
fn ids_that_are_remembered() {
    let mut player = Player::new("push");
    player.pages[0].configure(|config| config.notifications.id_cache_length = 2);
    player.play_to(14);
    for id in ["1", "2", "1", "3", "1"] {
        let text = format!(r#"{{"notificationMessage":{{"eventType":"test","eventId":"{id}"}}}}"#);
        player.tell("a", &kandy_wire::parse(&text).unwrap());
    }
    let ids: Vec<&Value> = player.received("a").iter().map(|frame| &frame["notificationMessage"]["eventId"]).collect();
    assert_eq!(ids, ["1", "2", "3", "1"]);
    covers!("config notifications.idCacheLength");
}

/// Protocol §9.4: the description is packed, or stands elsewhere and is fetched first. The call is the same.
#[test]
fn sdp_formats() {
    for name in ["sdp-format-compressed", "sdp-format-url"] {
        let mut player = Player::new(name);
        player.play(10_000);
        player.told(&["a", "b"]);
        player.nothing_left();
        for role in ["a", "b"] {
            let page = &player.pages[player.page(role)];
            let loud = page.log.iter().filter(|line| line.starts_with("Warn") || line.starts_with("Error"));
            assert_eq!(loud.count(), 0, "{name}: {:?}", page.log);
        }
    }
}
