//! Accounts that come, change and go while others are in calls with them and watch them.

use kandy_switch::{AccountsError, Delivery, Now, SocketId, UserKey};
use serde_json::{Value, json};

use crate::world::{Device, Flavour, World, basic, kinds, password, reason, remote, session, subscribe, text};

const ALL: [&str; 5] = ["call", "IM", "Presence", "event:dialog", "event:presence"];

fn device(world: &mut World, user: &str, flavour: Flavour) -> Device {
    let mut device = world.subscribed_for(user, flavour, &ALL);
    world.connect(&mut device);
    device
}

fn says_open(world: &mut World, device: &Device) {
    let body = json!({"presenceRequest": {"status": "open", "activity": "active"}});
    assert_eq!(world.ask(device, "POST", "presence", &body).0, 200);
}

fn watches(world: &mut World, device: &Device, user: &str) {
    let body = json!({"presenceWatcherRequest": {"userList": [user], "action": "watch"}});
    assert_eq!(world.ask(device, "POST", "presenceWatcher", &body).0, 200);
    let body = |event: &str| {
        json!({"eventSubscriptionRequest": {"subscribeUserList": [user], "clientCorrelator": "c", "eventType": event,
            "expires": 3600}})
    };
    for event in ["event:dialog", "event:presence"] {
        assert_eq!(world.ask(device, "POST", "eventSubscription", &body(event)).0, 200);
    }
}

fn registers(world: &mut World, device: &Device, token: &str) {
    let body = json!({"deviceToken": token, "service": ["call", "IM"]});
    assert_eq!(world.send(device, "POST", "push/apple/devices", &body).0, 200);
}

/// A device rings that hears of other things as well; its session.
fn rings(world: &mut World, device: &Device) -> String {
    let heard = world.heard(device);
    let call = heard.iter().find(|heard| heard["eventType"] == "call").expect("a call");
    let ours = session(call);
    assert_eq!(world.control(device, &ours, &json!({"type": "ringing"})), 200);
    ours
}

/// The last presence that a device was told.
fn presence(heard: &[Value]) -> String {
    let told = heard.iter().rfind(|heard| heard["eventType"] == "presenceWatcher").expect("a presence");
    text(&told["presenceWatcherNotificationParams"]["status"])
}

/// The tables in which something is written of a user.
fn tables(world: &mut World, name: &str) -> Vec<String> {
    let saved = world.saved();
    let tables = saved.as_object().unwrap().iter();
    tables.filter(|(_, table)| table.to_string().contains(name)).map(|(table, _)| table.clone()).collect()
}

/// Nobody gets in any longer with what this device had.
fn is_out(world: &mut World, device: &Device) {
    let extend = world.send(device, "PUT", &device.subscription.clone(), &subscribe(&["call"]));
    match device.flavour {
        Flavour::Uc => assert_eq!((extend.0, &extend.1["subscribeResponse"]["statusCode"]), (404, &json!(39))),
        Flavour::Link => assert_eq!((extend.0, &extend.1["subscribeResponse"]["statusCode"]), (401, &json!(4))),
    }
    let session = [("x-session", device.session.clone())];
    let body = subscribe(&["call"]).to_string();
    let (status, body) = world.raw("PUT", &device.subscription, "", &session, &body, "");
    assert_eq!((status, &body["subscribeResponse"]["statusCode"]), (404, &json!(39)));
    for (method, resource) in [("POST", "subscription"), ("POST", "callControl"), ("POST", "push/apple/devices")] {
        assert_eq!(world.send(device, method, resource, &json!({})).0, 401, "{method} {resource}");
    }
    let query = format!("token={}", device.token);
    for path in ["/1/auth/refresh_token", "/1/auth/revoke_token"] {
        assert_eq!(world.raw("GET", path, &query, &[], "", "").0, 401);
    }
    let headers = [("authorization", basic(&device.user, &password(&device.user)))];
    assert_eq!(world.raw("GET", "/1/auth/mk_token", "", &headers, "", "").0, 401);
    let opened = world.switch.socket_opened(Now(world.now), SocketId(1 << 40), &device.channel, &query);
    assert_eq!(opened.map_err(|refusal| refusal.status), Err(404));
}

#[test]
fn who_goes_in_a_call_is_forced_out_in_order_and_nothing_of_theirs_stays() {
    let mut world = World::new();
    let (alice, carol) = (world.uc("alice"), device(&mut world, "carol", Flavour::Link));
    let (uc, link) = (device(&mut world, "bob", Flavour::Uc), device(&mut world, "bob", Flavour::Link));
    watches(&mut world, &carol, "bob");
    watches(&mut world, &uc, "alice");
    says_open(&mut world, &uc);
    registers(&mut world, &link, "phone");
    let theirs = world.start(&alice, "bob");
    let ours = rings(&mut world, &uc);
    assert_eq!(kinds(&world.heard(&link)).last(), Some(&"call"));
    assert_eq!(world.answer(&uc, &ours), 200);
    world.wait(100);
    assert_eq!(presence(&world.heard(&carol)), "open");
    world.records();

    let removed = world.switch.remove_account(Now(world.now), &UserKey::of("bob@example.com"));
    assert_eq!((removed.sessions, removed.calls), (2, 1));
    let deliveries = world.switch.deliveries();
    let place = |wanted: &dyn Fn(&Delivery) -> bool| deliveries.iter().position(wanted).expect("a delivery");
    let frame = |socket: u64, kind: &'static str| move |delivery: &Delivery| matches!(delivery, Delivery::Frame { socket: to, text } if to.0 == socket && text.contains(kind));
    let closed = |of: u64| move |delivery: &Delivery| matches!(delivery, Delivery::Close { socket, code: 1000 } if socket.0 == of);
    let ended = place(&frame(alice.socket, "callEnd"));
    for socket in [uc.socket, link.socket] {
        let gone = place(&frame(socket, r#""eventType":"gone""#));
        assert!(ended < gone && gone < place(&closed(socket)));
    }
    assert!(place(&frame(carol.socket, r#""status":"closed""#)) > place(&closed(uc.socket)));
    let gone = deliveries.iter().filter_map(|delivery| match delivery {
        Delivery::Frame { text, .. } if text.contains(r#""gone""#) => Some(text),
        _ => None,
    });
    assert!(gone.clone().count() == 2 && gone.clone().all(|text| !text.contains("retryAfter")));
    let end = deliveries.iter().find(|delivery| frame(alice.socket, "callEnd")(delivery));
    let Some(Delivery::Frame { text, .. }) = end else { panic!() };
    let end = serde_json::from_str::<Value>(text).unwrap()["notificationMessage"].clone();
    assert_eq!((reason(&end), text_of(&end)), ((None, false), (theirs, "Bob Baker".to_owned())));

    let records = world.switch.facts();
    assert!(format!("{records:?}").contains("remote_name: \"Bob Baker\""), "alice has a record");
    assert!(!format!("{records:?}").contains("Call(CallRecord { user: UserKey(\"bob"), "and bob none");
    for device in [&uc, &link] {
        is_out(&mut world, device);
    }
    assert_eq!(tables(&mut world, "phone"), [""; 0]);
    let theirs = tables(&mut world, "bob@example.com");
    assert!(theirs.iter().all(|table| ["board", "calls", "events", "owed", "subscriptions"].contains(&&**table)));
    // What is left belongs to others: the watches of carol, what she was told, and the call of alice that has ended.
    world.wait(3_000);
    for device in [&alice, &carol] {
        world.says(device, r#"{"connCheck":{"interval":30}}"#);
    }
    world.wait(120_000);
    assert_eq!(world.send(&carol, "DELETE", &carol.subscription.clone(), &Value::Null).0, 200);
    assert_eq!(tables(&mut world, "bob"), [""; 0]);
    assert_eq!(world.remove("bob@example.com"), (0, 0));
}

fn text_of(end: &Value) -> (String, String) {
    (session(end), text(&end["callNotificationParams"]["remoteName"]))
}

#[test]
fn a_call_that_rings_at_who_goes_ends_and_their_phone_falls_silent() {
    let mut world = World::new();
    let (alice, bob) = (world.uc("alice"), world.uc("bob"));
    registers(&mut world, &bob, "phone");
    world.disconnect(&bob);
    world.start(&alice, "bob");
    let pushed = world.switch.pushes();
    assert!(pushed.len() == 1 && pushed[0].notification.contains(r#""eventType":"call""#));
    world.wait(100);
    assert_eq!(world.remove("bob@example.com"), (1, 1));
    assert_eq!(reason(&world.one(&alice, "callEnd")), (Some(480), true));
    let pushed = world.switch.pushes();
    assert!(pushed.len() == 1 && pushed[0].notification.contains("callEnd"), "it would ring on");
    assert_eq!(tables(&mut world, "phone"), [""; 0]);
    assert_eq!(world.records().len(), 1, "of alice alone");
    world.start(&alice, "bob");
    world.wait(100);
    assert_eq!(reason(&world.one(&alice, "callEnd")), (Some(404), true), "there is nobody of that name");
    assert!(world.switch.pushes().is_empty());
}

#[test]
fn a_call_that_rings_at_two_devices_of_who_goes_ends_once() {
    let mut world = World::new();
    let alice = world.uc("alice");
    let (one, two) = (world.uc("bob"), world.device("bob", Flavour::Link));
    world.start(&alice, "bob");
    world.ring(&one);
    world.ring(&two);
    world.wait(100);
    assert_eq!(kinds(&world.heard(&alice)), ["ringing"]);
    assert_eq!(world.remove("bob@example.com"), (2, 1));
    assert_eq!(reason(&world.one(&alice, "callEnd")), (Some(480), true));
    for device in [&one, &two] {
        assert_eq!(kinds(&world.heard(device)), ["gone"]);
        assert!(world.closed.contains(&(device.socket, 1000)));
        is_out(&mut world, device);
    }
}

#[test]
fn who_is_called_by_somebody_who_goes_missed_the_call() {
    let mut world = World::new();
    let (alice, bob) = (world.uc("alice"), world.uc("bob"));
    let (_, ours) = world.ringing(&bob, &alice);
    world.records();
    assert_eq!(world.remove("bob@example.com"), (1, 1));
    world.wait(100);
    let end = world.one(&alice, "callEnd");
    assert_eq!((reason(&end), session(&end)), ((Some(487), false), ours));
    assert_eq!(remote(&end), "bob@example.com");
    let records = world.records();
    assert_eq!((records.len(), records[0].user.as_str(), &*records[0].remote_name), {
        (1, "alice@example.com", "Bob Baker")
    });
}

#[test]
fn a_transfer_by_somebody_who_goes_ends_for_both_others() {
    let mut world = World::new();
    let (alice, bob, carol) = (world.uc("alice"), world.uc("bob"), world.uc("carol"));
    let (theirs, _) = world.connected(&bob, &alice);
    let body = json!({"type": "transfer", "address": "carol"});
    assert_eq!(world.control(&bob, &theirs, &body), 200);
    world.one(&carol, "call");
    world.wait(100);
    assert_eq!(world.remove("bob@example.com"), (1, 1));
    world.wait(5_000);
    assert_eq!(reason(&world.one(&alice, "callEnd")), (None, false));
    assert_eq!(reason(&world.one(&carol, "callEnd")), (Some(487), false));
}

#[test]
fn who_is_not_there_goes_quietly_and_may_come_again_as_somebody_new() {
    let mut world = World::new();
    let carol = device(&mut world, "carol", Flavour::Uc);
    watches(&mut world, &carol, "dave");
    world.add("dave@example.com", "Dave One");
    assert_eq!(world.remove("Dave@example.com"), (0, 0));
    world.add("dave@example.com", "Dave One");
    let first = device(&mut world, "dave", Flavour::Uc);
    says_open(&mut world, &first);
    assert_eq!(presence(&world.heard(&carol)), "open");
    world.remove("dave@example.com");
    assert_eq!(presence(&world.heard(&carol)), "closed");
    world.add("dave@example.com", "Dave Two");
    is_out_of_tokens(&mut world, &first);
    let second = device(&mut world, "dave", Flavour::Uc);
    world.silent(&second);
    world.start(&carol, "dave");
    world.ring(&second);
    says_open(&mut world, &second);
    assert_eq!(presence(&world.heard(&carol)), "open", "who watches a name sees whoever has it");
}

/// The password of the one before is that of the next one here, so only the tokens tell them apart.
fn is_out_of_tokens(world: &mut World, device: &Device) {
    assert_eq!(world.send(device, "POST", "subscription", &subscribe(&["call"])).0, 401);
    assert_eq!(world.send(device, "PUT", &device.subscription.clone(), &subscribe(&["call"])).0, 404);
}

#[test]
fn names_that_change_are_shown_from_then_on() {
    let mut world = World::new();
    let (alice, bob) = (world.uc("alice"), world.uc("bob"));
    let account = |user: &str| serde_json::from_value(json!({"user": user, "displayName": "Robert"})).unwrap();
    let now = Now(world.now);
    assert_eq!(world.switch.change_account(now, account("eve@example.com")), Err(AccountsError::Nobody));
    assert_eq!(world.switch.add_account(now, account("bob@example.com")), Err(AccountsError::Taken(1)));
    let (_, ours) = world.ringing(&bob, &alice);
    world.switch.change_account(now, account("Bob@example.com")).unwrap();
    assert_eq!(world.answer(&alice, &ours), 200);
    world.wait(100);
    world.heard(&bob);
    assert_eq!(world.send(&bob, "PUT", &bob.subscription.clone(), &subscribe(&["call"])).0, 200, "is still in");
    let call = world.start(&bob, "alice");
    let call = (call, world.one(&alice, "call"));
    assert_eq!(call.1["callNotificationParams"]["remoteName"], "Robert");
    assert_eq!(remote(&call.1), "Bob@example.com");
}

#[test]
fn a_thousand_accounts_that_come_and_go_leave_nothing() {
    let mut world = World::new();
    // Numbers and times go on; everything else is a table.
    let rest = |world: &mut World| {
        let mut saved = world.saved();
        for number in ["version", "at", "last_id", "last_event"] {
            saved.as_object_mut().unwrap().remove(number);
        }
        saved
    };
    let before = rest(&mut world);
    let user = |number: usize| format!("user{number}@acme.example");
    let mut last: Option<Device> = None;
    for number in 0..1_000 {
        world.add(&user(number), "Somebody");
        let now = device(&mut world, &user(number), if number % 2 == 0 { Flavour::Uc } else { Flavour::Link });
        registers(&mut world, &now, "phone");
        says_open(&mut world, &now);
        watches(&mut world, &now, &user(number + 1));
        if let Some(last) = last.replace(now.clone()) {
            world.start(&last, &now.user);
            let ours = rings(&mut world, &now);
            if number % 3 == 0 {
                assert_eq!(world.answer(&now, &ours), 200);
            }
            let click = json!({"clickToCallRequest": {"callingParty": last.user, "calledParty": now.user}});
            assert_eq!(world.send(&last, "POST", "clicktocall", &click).0, 200);
            assert_eq!(world.remove(&last.user).0, 1);
        }
        world.wait(10);
        world.switch.pushes();
    }
    let left: Vec<usize> =
        rest(&mut world).as_object().unwrap().values().map(|table| table.to_string().len()).collect();
    assert!(left.iter().sum::<usize>() < 500_000, "{left:?}: what is remembered of a thousand logins, and one user");
    assert_eq!(world.remove(&user(999)).0, 1);
    assert_eq!(tables(&mut world, "acme.example"), [""; 0]);
    world.wait(3_600_000);
    assert_eq!(rest(&mut world), before);
}
