//! Devices that are registered with a push service, and when they are woken.

use kandy_switch::{Now, Policy, Provider, Push};
use serde_json::{Value, json};

use crate::world::{Device, Flavour, World, kinds, reason, session, text};

fn wish(token: &str) -> Value {
    json!({"deviceToken": token, "bundleID": "com.example.app", "service": ["CALL", "IM", "nonsense"],
        "clientCorrelator": "device-1", "realm": "apps.example"})
}

fn register(world: &mut World, device: &Device, provider: &str, token: &str) -> String {
    let (status, body) = world.send(device, "POST", &format!("push/{provider}/devices/"), &wish(token));
    let registered = &body[format!("{provider}DeviceRegistrationResponse")];
    assert_eq!((status, &registered["statusCode"]), (200, &json!(0)), "{body}");
    assert_eq!(registered["subscriptionParams"]["service"], json!(["CALL", "IM"]), "the known ones");
    text(&registered["registration"])
}

/// The kinds of what was pushed, and to which devices.
fn pushed(world: &mut World) -> Vec<(String, String)> {
    let push = |push: Push| {
        let frame: Value = serde_json::from_str(&push.notification).unwrap();
        (push.device_token, text(&frame["notificationMessage"]["eventType"]))
    };
    world.switch.pushes().into_iter().map(push).collect()
}

fn told(token: &str, kind: &str) -> (String, String) {
    (token.to_owned(), kind.to_owned())
}

#[test]
fn a_registration_is_answered_kept_and_taken_back() {
    let mut world = World::new();
    let (alice, bob, caller) = (world.uc("alice"), world.uc("bob"), world.uc("carol"));
    let path = register(&mut world, &alice, "apple", "token-1");
    assert!(path.starts_with("/rest/version/1/user/alice@example.com/push/apple/devices/"), "{path}");
    world.disconnect(&alice);
    world.start(&caller, "alice");
    let push = world.switch.pushes().remove(0);
    assert_eq!((push.provider, push.device_token.as_str()), (Provider::Apple, "token-1"));
    assert_eq!((push.bundle_id.as_deref(), push.realm.as_deref()), (Some("com.example.app"), Some("apps.example")));
    assert_eq!(push.user, "alice@example.com");
    assert!(!format!("{push:?}").contains("token-1"));

    let (status, body) = world.send(&bob, "DELETE", &path, &Value::Null);
    assert_eq!((status, &body["statusCode"]), (403, &json!(27)), "at the top, where clients look");
    let theirs = path.replace("alice", "bob");
    assert_eq!(world.send(&bob, "DELETE", &theirs, &Value::Null).0, 404);
    let other = path.replace("apple", "google");
    assert_eq!(world.send(&alice, "DELETE", &other, &Value::Null).0, 404);
    let (status, body) = world.send(&alice, "DELETE", &path, &Value::Null);
    assert_eq!((status, body), (200, json!({"appleDeviceRegistrationResponse": {"statusCode": 0}})));
    let (status, body) = world.send(&alice, "DELETE", &path, &Value::Null);
    assert_eq!((status, &body["statusCode"]), (404, &json!(42)));
    world.start(&caller, "alice");
    assert_eq!(pushed(&mut world), []);
}

#[test]
fn registrations_that_make_no_sense_are_refused() {
    let mut world = World::new();
    let alice = world.uc("alice");
    let long = "x".repeat(1_025);
    let rows = [
        json!({"service": ["call"]}),
        json!({"deviceToken": "", "service": ["call"]}),
        json!({"deviceToken": 7, "service": ["call"]}),
        json!({"deviceToken": long, "service": ["call"]}),
        json!({"deviceToken": "x", "service": ["nonsense"]}),
        json!({"deviceToken": "x", "service": "call"}),
        json!({"deviceToken": "x", "service": ["call"], "realm": long}),
        json!({"deviceToken": "x", "service": ["call"], "bundleID": long}),
        json!({"deviceToken": "x", "service": ["call"], "clientCorrelator": long}),
    ];
    for row in rows {
        let (status, body) = world.send(&alice, "POST", "push/google/devices/", &row);
        assert_eq!((status, &body["googleDeviceRegistrationResponse"]["statusCode"]), (400, &json!(5)), "{row}");
    }
    for (resource, status) in [("push/nokia/devices/", 403), ("push/apple", 403), ("push/apple/devices/x/y", 403)] {
        assert_eq!(world.send(&alice, "POST", resource, &wish("x")).0, status, "{resource}");
    }
}

#[test]
fn a_user_has_a_bound_of_devices_and_each_counts_once() {
    let mut world = World::with(Policy { devices_per_user: 2, ..Policy::default() });
    let (alice, caller) = (world.uc("alice"), world.uc("carol"));
    let first = register(&mut world, &alice, "apple", "1");
    register(&mut world, &alice, "google", "1");
    assert_eq!(register(&mut world, &alice, "apple", "1"), first, "the same device again");
    register(&mut world, &alice, "google", "2");
    world.disconnect(&alice);
    world.start(&caller, "alice");
    assert_eq!(pushed(&mut world), [told("1", "call"), told("2", "call")], "Google's first one gave way");
    assert_eq!(world.send(&alice, "DELETE", &first, &Value::Null).0, 200);
}

#[test]
fn a_push_goes_out_when_nobody_listens() {
    let mut world = World::new();
    let (alice, caller) = (world.uc("alice"), world.uc("carol"));
    let mut other = world.device("alice", Flavour::Link);
    register(&mut world, &alice, "apple", "1");
    let (status, _) =
        world.send(&alice, "POST", "push/google/devices", &json!({"deviceToken": "2", "service": ["im"]}));
    assert_eq!(status, 200, "a device that wants no calls");
    world.disconnect(&alice);
    world.start(&caller, "alice");
    assert_eq!(pushed(&mut world), [], "one device listens");
    world.disconnect(&other);
    world.start(&caller, "alice");
    assert_eq!(pushed(&mut world), [told("1", "call"), told("1", "call")], "one for each session");
    world.heard(&other);
    world.connect(&mut other);
    assert_eq!(kinds(&world.heard(&other)), ["call", "call"], "and both wait for the socket");
    world.start(&caller, "bob");
    assert_eq!(pushed(&mut world), [], "for alice only");
}

#[test]
fn a_device_that_was_woken_has_the_call_or_is_told_of_its_end() {
    let mut world = World::new();
    let (mut alice, caller) = (world.uc("alice"), world.uc("carol"));
    register(&mut world, &alice, "apple", "1");
    world.disconnect(&alice);
    world.start(&caller, "alice");
    let push: Value = serde_json::from_str(&world.switch.pushes().remove(0).notification).unwrap();
    world.connect(&mut alice);
    let offer = world.one(&alice, "call");
    assert_eq!(offer, push["notificationMessage"], "the same, under the same id");
    let ours = session(&offer);
    assert_eq!(world.control(&alice, &ours, &json!({"type": "ringing"})), 200);
    assert_eq!(world.answer(&alice, &ours), 200);
    world.wait(100);
    world.frames(&caller);
    assert_eq!(pushed(&mut world), []);

    world.disconnect(&alice);
    let theirs = world.start(&caller, "alice");
    assert_eq!(pushed(&mut world), [told("1", "call")]);
    assert_eq!(world.end(&caller, &theirs), 200);
    let ends: Vec<Value> =
        world.switch.pushes().iter().map(|p| serde_json::from_str(&p.notification).unwrap()).collect();
    let end = &ends[0]["notificationMessage"];
    assert_eq!((ends.len(), &end["eventType"], reason(end)), (1, &json!("callEnd"), (Some(487), false)));
    assert!(end["eventId"].is_string());
    world.connect(&mut alice);
    world.wait(5_000);
    assert_eq!(world.heard(&alice), [offer], "what is not proven, and nothing of the call that was taken back");
    assert_eq!(pushed(&mut world), [], "nobody is told twice");
}

#[test]
fn a_call_that_nobody_took_up_is_taken_back_from_the_device() {
    let mut world = World::new();
    let (alice, caller) = (world.uc("alice"), world.uc("carol"));
    register(&mut world, &alice, "google", "1");
    world.disconnect(&alice);
    world.start(&caller, "alice");
    world.wait(10_000);
    assert_eq!(pushed(&mut world), [told("1", "call"), told("1", "callEnd")]);
    assert_eq!(reason(&world.one(&caller, "callEnd")), (Some(480), true));
}

#[test]
fn a_forced_logout_forgets_the_devices() {
    let mut world = World::new();
    let (alice, caller) = (world.uc("alice"), world.uc("carol"));
    register(&mut world, &alice, "apple", "1");
    assert_eq!(world.switch.log_out(Now(world.now), "alice@example.com"), 3);
    world.subscribed("alice", Flavour::Uc);
    world.start(&caller, "alice");
    assert_eq!(pushed(&mut world), []);
}
