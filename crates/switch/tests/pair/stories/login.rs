//! Logins that are disturbed, and what the application changes in one that is up.

use kandy_core::{Event, Now, Query, query::Answer};

use super::{ALICE, AUDIO, BOB, LOGIN, answer, nothing_left, operate, pairs, ring, since_login};
use crate::{network::Weather, world::World};

/// Requests of this kind that were made, by method and the end of the path.
fn requests(world: &World, method: &str, part: &str) -> usize {
    world.requests.iter().filter(|request| request.starts_with(method) && request.contains(part)).count()
}

#[test]
fn c3_after_a_lost_connection_a_new_login_works() {
    for (mut world, alice, bob) in pairs() {
        world.weather.socket_refusal = 1_000;
        world.weather.request_loss = 1_000;
        world.cut(alice);
        world.run(120_000);
        assert_eq!(world.connection(alice), (false, false));
        assert_eq!(since_login(&world, alice).last().map(String::as_str), Some("auth:change LOST_CONNECTION"));
        world.weather = Weather::FINE;
        let before = world.pages[alice].names().len();
        world.connect(alice);
        world.until("alice is connected", |w| w.connection(alice) == (true, false));
        assert_eq!(world.pages[alice].names()[before..], LOGIN);
        ring(&mut world, alice, bob, AUDIO);
        answer(&mut world, alice, bob);
        operate(&mut world, alice, "end");
        nothing_left(&world);
    }
}

#[test]
fn c4_gone_is_told_once_also_while_logging_out() {
    for leaving in [false, true] {
        for (mut world, alice, _) in pairs() {
            let before = since_login(&world, alice).len();
            world.down(alice, r#"{"notificationMessage":{"eventType":"gone","eventId":"g1"}}"#.to_owned());
            if leaving {
                world.act(alice, r#"{"type":"disconnect"}"#);
            }
            world.run(60_000);
            let told = since_login(&world, alice).split_off(before);
            let ends = told.iter().filter(|name| name.starts_with("auth:change")).count();
            assert_eq!(ends, if leaving { 2 } else { 1 }, "{told:?}");
            // Whoever leaves need not hear it: the UC flavour closes its socket first.
            let expected = if leaving { "auth:change" } else { "auth:change GONE" };
            assert!(told.last().is_some_and(|name| name.starts_with(expected)), "{told:?}");
            assert!(!told.iter().any(|name| name.starts_with("auth:error")), "{told:?}");
            assert_eq!(world.connection(alice), (false, false));
        }
    }
}

#[test]
fn c5_a_login_without_a_socket_leaves_no_subscription_behind() {
    for version in ["1", "v2.0"] {
        let mut world = World::new(1);
        let alice = world.page(ALICE, version);
        world.weather.socket_refusal = 1_000;
        world.connect(alice);
        world.run(120_000);
        assert_eq!(since_error(&world, alice), "auth:error authentication:2");
        let (made, deleted) = (requests(&world, "POST", "/subscription"), requests(&world, "DELETE", "/subscription/"));
        assert_eq!((made, deleted), (1, 1), "{:?}", world.requests);
    }
}

fn since_error(world: &World, page: usize) -> String {
    world.pages[page].names().pop().unwrap()
}

#[test]
fn c6_of_several_logins_at_once_one_counts() {
    for version in ["1", "v2.0"] {
        let mut world = World::new(1);
        let alice = world.page(ALICE, version);
        world.connect(alice);
        world.connect(alice);
        world.run(1_000);
        world.connect(alice);
        world.run(1_000);
        let errors = world.pages[alice].names().iter().filter(|name| *name == "auth:error NO_CODE").count();
        assert_eq!((world.connection(alice), errors), ((true, false), 2));
        assert_eq!(requests(&world, "POST", "/subscription"), 1);
        // And of several logouts.
        for _ in 0..3 {
            world.act(alice, r#"{"type":"disconnect"}"#);
        }
        world.run(1_000);
        assert_eq!(world.connection(alice), (false, false));
        assert_eq!(requests(&world, "DELETE", "/subscription/"), 1);
    }
}

#[test]
fn c8_a_new_token_is_used_for_requests_and_for_the_next_socket() {
    let mut world = World::new(1);
    let alice = world.page(ALICE, "v2.0");
    world.connect(alice);
    world.until("alice is connected", |w| w.connection(alice) == (true, false));
    let other = world.page(ALICE, "v2.0");
    world.connect(other);
    world.until("the other is connected", |w| w.connection(other) == (true, false));
    let token = user_info(&world, other)["accessToken"].as_str().unwrap().to_owned();
    let before = world.pages[alice].names().len();
    world.act(alice, &format!(r#"{{"type":"updateToken","credentials":{{"accessToken":"{token}"}}}}"#));
    assert_eq!(world.pages[alice].names()[before..], ["auth:change"]);
    assert_eq!(user_info(&world, alice)["accessToken"], token.as_str());
    world.urls.clear();
    world.cut(alice);
    world.run(1);
    world.until("alice is back", |w| w.connection(alice) == (true, false));
    assert!(world.urls.iter().any(|url| url.starts_with("ws:") && url.contains(&token)), "{:?}", world.urls);
    world.make(alice, "bob", AUDIO);
    world.run(1_000);
    assert!(world.urls.iter().any(|url| url.contains("/callControl") && url.contains(&token)), "{:?}", world.urls);
}

fn user_info(world: &World, page: usize) -> serde_json::Value {
    match world.pages[page].client.query(Now(world.now), &Query::UserInfo) {
        Answer::UserInfo(info) => serde_json::to_value(info).unwrap(),
        other => panic!("a user, not {other:?}"),
    }
}

#[test]
fn c9_servers_that_are_configured_after_the_login_are_used_by_the_next_call() {
    for (mut world, alice, bob) in pairs() {
        let server =
            kandy_core::config::IceServer { urls: vec!["turn:relay.example.com".to_owned()], ..Default::default() };
        world.pages[alice].configure(|config| config.call.ice_servers = vec![server]);
        world.act(alice, r#"{"type":"disconnect"}"#);
        world.run(1_000);
        world.connect(alice);
        world.run(1_000);
        ring(&mut world, alice, bob, AUDIO);
        let used = &world.pages[alice].ice_servers;
        assert_eq!(used.len(), 1);
        assert!(used[0].urls == ["turn:relay.example.com"] && used[0].username.is_some(), "{used:?}");
    }
}

#[test]
fn calls_use_the_credentials_of_the_last_extension() {
    for (mut world, alice, bob) in pairs() {
        world.pages[alice].configure(|config| {
            let own = |username: Option<&str>| kandy_core::config::IceServer {
                urls: vec!["turn:relay.example.com".to_owned()],
                username: username.map(str::to_owned),
                credential: username.map(str::to_owned),
            };
            config.call.ice_servers = vec![own(None), own(Some("me"))];
        });
        world.act(alice, r#"{"type":"disconnect"}"#);
        world.run(1_000);
        world.connect(alice);
        world.run(1_000);
        let mut used = Vec::new();
        // A login, and the extension half an hour later.
        for _ in 0..2 {
            ring(&mut world, alice, bob, AUDIO);
            let [servers, own] = &world.pages[alice].ice_servers[..] else { panic!("{}", world.report()) };
            assert_eq!((servers.credential.as_deref(), own.username.as_deref()), (Some("relays"), Some("me")));
            used.push(servers.username.clone().unwrap());
            let id = world.pages[alice].call().id.0;
            world.on_call(alice, "end", &id);
            world.run(31 * 60_000);
        }
        let until = |username: &String| username.split(':').next().unwrap().parse::<u64>().unwrap();
        // Half of an hour after the login was through.
        let later = until(&used[1]) - until(&used[0]);
        assert!((1_800_000..1_801_000).contains(&later), "{used:?}");
        assert!(used.iter().all(|username| username.ends_with(":alice@example.com")), "{used:?}");
    }
}

#[test]
fn c10_a_logout_that_the_server_refuses_is_a_logout_all_the_same() {
    for (mut world, alice, _) in pairs() {
        // The server has forgotten the subscription, and nobody has noticed yet.
        world.forget();
        world.act(alice, r#"{"type":"disconnect"}"#);
        world.run(1_000);
        assert_eq!(world.connection(alice), (false, false));
        assert_eq!(user_info(&world, alice), serde_json::json!({}));
        let told = since_login(&world, alice);
        assert!(told.contains(&"auth:error authentication:3".to_owned()), "{told:?}");
        world.connect(alice);
        world.until("alice is connected", |w| w.connection(alice) == (true, false));
    }
}

#[test]
fn c11_notifications_that_are_odd_disturb_no_other() {
    for (mut world, alice, bob) in pairs() {
        for frame in [
            "{",
            "[]",
            "7",
            r#"{"notificationMessage":7}"#,
            r#"{"notificationMessage":{}}"#,
            r#"{"notificationMessage":{"eventType":"call","eventId":"1"}}"#,
            r#"{"notificationMessage":{"eventType":"call","eventId":"2","sessionParams":{"sessionData":"s"}}}"#,
            r#"{"notificationMessage":{"eventType":"call","eventId":"3","sessionParams":{"sessionData":"t","sdp":"x","sdpFormat":"compressed"}}}"#,
            r#"{"notificationMessage":{"eventType":"callEnd","eventId":"4","sessionParams":{"sessionData":"unknown"}}}"#,
            r#"{"notificationMessage":{"eventType":"somethingNew","eventId":"5"}}"#,
        ] {
            world.down(alice, frame.to_owned());
        }
        world.run(1_000);
        assert_eq!(world.connection(alice), (true, false));
        for call in world.pages[alice].live_calls() {
            world.on_call(alice, "end", &call.id.0);
        }
        world.run(10_000);
        ring(&mut world, alice, bob, AUDIO);
        answer(&mut world, alice, bob);
        operate(&mut world, bob, "end");
        nothing_left(&world);
    }
}

#[test]
fn a_description_that_is_packed_or_stands_elsewhere_is_had_before_anything_else_is_heard() {
    // zlib and base64 of a description without a section.
    let packed = "eJwrszXg5cq31VUwVDBS8PRT8AwwUTA0MtczAEJDXq5iW11erhJbAwWgKgDB0ghD";
    for (format, sdp) in [("compressed", packed), ("url", "/elsewhere")] {
        let mut world = World::new(1);
        let alice = world.page(ALICE, "1");
        world.connect(alice);
        world.until("alice is connected", |w| w.connection(alice) == (true, false));
        let before = world.pages[alice].events.len();
        let call = format!(
            r#"{{"notificationMessage":{{"eventType":"call","eventId":"1","sessionParams":{{"sessionData":"s","sdp":"{sdp}","sdpFormat":"{format}"}}}}}}"#
        );
        world.down(alice, call);
        world.down(alice, r#"{"notificationMessage":{"eventType":"somethingElse","eventId":"2"}}"#.to_owned());
        world.run(30_000);
        let ids: Vec<String> = world.pages[alice].events[before..]
            .iter()
            .filter_map(|event| match event {
                Event::NotificationReceived { payload, .. } => {
                    Some(payload["notificationMessage"]["eventId"].to_string())
                }
                _ => None,
            })
            .collect();
        assert_eq!(ids, [r#""1""#, r#""2""#], "{format}");
        if format == "url" {
            assert_eq!(requests(&world, "GET", "/elsewhere"), 1);
        }
    }
}

#[test]
fn services_are_changed_in_a_login_of_the_link_flavour_alone() {
    let mut world = World::new(1);
    let (link, uc) = (world.page(ALICE, "1"), world.page(BOB, "v2.0"));
    for page in [link, uc] {
        world.connect(page);
    }
    world.until("both are connected", |w| w.pages.iter().all(|p| p.is_connected() == (true, false)));
    for (page, told, services) in [(link, vec!["auth:change"], vec!["call", "IM"]), (uc, vec![], vec!["call"])] {
        let before = world.pages[page].names().len();
        world.act(page, r#"{"type":"updateConnection","services":["call","IM"]}"#);
        world.run(1_000);
        assert_eq!(world.pages[page].names()[before..], told);
        match world.pages[page].client.query(Now(world.now), &Query::Services) {
            Answer::Services(has) => assert_eq!(has.received, services),
            other => panic!("services, not {other:?}"),
        }
    }
    world.forget();
    world.act(link, r#"{"type":"updateConnection","services":["call"]}"#);
    world.run(1_000);
    assert!(world.pages[link].names().contains(&"auth:error authentication:6".to_owned()));
}

#[test]
fn checks_can_be_switched_off_and_on_again() {
    for (mut world, alice, _) in pairs() {
        world.act(alice, r#"{"type":"connection.enableConnectivityChecking","enable":false}"#);
        world.frames.clear();
        world.run(200_000);
        let checks = |world: &World| {
            world.frames.iter().filter(|(page, frame)| *page == alice && frame.contains("connCheck")).count()
        };
        assert_eq!(checks(&world), 0);
        world.act(alice, r#"{"type":"connection.enableConnectivityChecking","enable":true}"#);
        world.run(100_000);
        assert_eq!(checks(&world), 4, "at once, and every 30 s");
        assert_eq!(world.connection(alice), (true, false));
    }
}

#[test]
fn notifications_of_the_socket_can_be_switched_off_and_others_be_handed_in() {
    for (mut world, alice, bob) in pairs() {
        world.act(alice, r#"{"type":"notification.enableWebsocket","enable":false}"#);
        assert_eq!(since_login(&world, alice), ["notifications:change WEBSOCKET"]);
        let before = world.pages[alice].events.len();
        let notice = |id: &str| format!(r#"{{"notificationMessage":{{"eventType":"x","eventId":"{id}"}}}}"#);
        let received = |world: &World| {
            let events = world.pages[alice].events[before..].iter();
            events.filter(|event| matches!(event, Event::NotificationReceived { .. })).count()
        };
        world.down(alice, notice("1"));
        world.run(100);
        assert_eq!(received(&world), 0);
        for (channel, heard) in [("external", 1), ("EXTERNAL", 1), ("PUSH", 1), ("nonsense", 1)] {
            let json =
                format!(r#"{{"type":"notification.process","notification":{},"channel":"{channel}"}}"#, notice("2"));
            world.act(alice, &json);
            assert_eq!(received(&world), heard, "{channel}: once, whichever way it comes");
        }
        world.act(alice, r#"{"type":"notification.enableWebsocket","enable":true}"#);
        world.make(bob, "alice", AUDIO);
        world.until("it rings", |w| !w.pages[alice].live_calls().is_empty());
    }
}
