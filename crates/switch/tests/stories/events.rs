//! Event subscriptions: what is told of others' calls and presence (protocol §9.2).

use kandy_switch::Policy;
use serde_json::{Value, json};

use crate::world::{ACCOUNTS, Device, Flavour, World, subscribe, text};

/// One of them in a spelling of its own, which is kept.
const ALL: [&str; 5] = ["call", "IM", "Presence", "event:dialog", "EVENT:presence"];

fn listener(world: &mut World, user: &str) -> Device {
    let mut device = world.subscribed_for(user, Flavour::Uc, &ALL);
    world.connect(&mut device);
    device
}

fn wish(event: &str, users: &[&str]) -> Value {
    json!({"eventSubscriptionRequest": {"subscribeUserList": users, "clientCorrelator": "c", "eventType": event,
        "expires": 3600, "customParameters": [{"name": "X", "value": "1"}]}})
}

fn subscribed(world: &mut World, device: &Device, event: &str, users: &[&str]) -> String {
    let (status, body) = world.ask(device, "POST", "eventSubscription", &wish(event, users));
    assert_eq!((status, &body["eventSubscriptionResponse"]["expires"]), (200, &json!(3600)), "{body}");
    text(&body["eventSubscriptionResponse"]["sessionData"])
}

/// Event type, sender and document of each event that was told.
fn told(world: &mut World, device: &Device) -> Vec<(String, String, String)> {
    let heard = world.heard(device).into_iter().filter(|heard| heard["genericNotificationParams"].is_object());
    heard
        .map(|told| {
            let params = &told["genericNotificationParams"];
            (text(&told["eventType"]), text(&params["sender"]), text(&params["eventData"]))
        })
        .collect()
}

/// The states of the calls in each document.
fn states(told: &[(String, String, String)]) -> Vec<String> {
    let state = |part: &str| part.split("</state>").next().unwrap().to_owned();
    let states = |document: &str| document.split("<state>").skip(1).map(state).collect::<Vec<_>>().join("+");
    told.iter().map(|(_, _, document)| states(document)).collect()
}

#[test]
fn the_calls_of_a_user_are_told_as_they_go_on() {
    let mut world = World::new();
    let (alice, bob, carol) = (listener(&mut world, "alice"), world.uc("bob"), world.uc("carol"));
    subscribed(&mut world, &alice, "event:dialog", &["Bob@example.com"]);
    let first = told(&mut world, &alice);
    assert_eq!((&*first[0].0, &*first[0].1), ("event:dialog", "Bob@example.com"));
    assert_eq!(states(&first), [""]);
    let theirs = world.start(&carol, "bob");
    assert_eq!(states(&told(&mut world, &alice)), ["early"]);
    let ours = world.ring(&bob);
    assert_eq!(states(&told(&mut world, &alice)), [""; 0], "nothing new");
    world.answer(&bob, &ours);
    let talk = told(&mut world, &alice);
    assert_eq!(states(&talk), ["confirmed"]);
    assert!(talk[0].2.contains(r#"direction="recipient""#) && talk[0].2.contains(r#"version="2""#), "{}", talk[0].2);
    assert!(!talk[0].2.contains("carol"), "with whom is theirs alone");
    world.end(&carol, &theirs);
    assert_eq!(states(&told(&mut world, &alice)), [""]);
    world.wait(1_000);
    world.heard(&carol);
    let theirs = world.start(&bob, "carol");
    assert_eq!(states(&told(&mut world, &alice)), ["trying"]);
    world.ring(&carol);
    assert_eq!(states(&told(&mut world, &alice)), ["early"]);
    world.end(&bob, &theirs);
    assert_eq!(states(&told(&mut world, &alice)), [""]);
}

#[test]
fn presence_is_told_as_a_document_too() {
    let mut world = World::new();
    let (alice, bob) = (listener(&mut world, "alice"), world.uc("bob"));
    subscribed(&mut world, &alice, "EVENT:presence", &["bob@example.com"]);
    let first = told(&mut world, &alice);
    assert!(first[0].0 == "EVENT:presence" && first[0].2.contains("<basic>closed</basic>"), "{first:?}");
    let body = json!({"presenceRequest": {"status": "open", "activity": "other", "note": "<b>"}});
    assert_eq!(world.ask(&bob, "POST", "presence", &body).0, 200);
    let heard = told(&mut world, &alice);
    assert!(heard[0].2.contains("<basic>open</basic>") && heard[0].2.contains("&lt;b&gt;"), "{heard:?}");
}

#[test]
fn users_come_and_go_and_the_last_one_ends_it() {
    let mut world = World::new();
    let alice = listener(&mut world, "alice");
    let id = subscribed(&mut world, &alice, "event:dialog", &["bob@example.com"]);
    told(&mut world, &alice);
    let path = format!("eventSubscription/{id}");
    let update = |more: &[&str], fewer: &[&str]| {
        json!({"eventSubscriptionRequest": {"subscribeUserList": more, "unsubscribeUserList": fewer,
            "eventType": "event:dialog", "customParameters": []}})
    };
    let (status, body) = world.ask(&alice, "PUT", &path, &update(&["carol"], &[]));
    let answer = json!({"eventSubscriptionResponse": {"statusCode": 0, "expires": 3600, "sessionData": id}});
    assert_eq!((status, body), (200, answer));
    assert_eq!(told(&mut world, &alice).len(), 1, "of carol alone");
    assert_eq!(world.ask(&alice, "PUT", &path, &update(&[], &["Bob@example.com"])).0, 200);
    let (bob, carol) = (world.uc("bob"), world.uc("carol"));
    world.start(&bob, "bob");
    assert_eq!(told(&mut world, &alice).len(), 0);
    world.start(&carol, "bob");
    assert_eq!(told(&mut world, &alice).len(), 1);
    assert_eq!(world.ask(&alice, "PUT", &path, &update(&[], &["carol@example.com"])).0, 200);
    assert_eq!(world.ask(&alice, "PUT", &path, &update(&["carol"], &[])).0, 404, "it went with its last user");
    assert_eq!(world.ask(&alice, "DELETE", &path, &Value::Null).0, 404);
}

#[test]
fn an_event_subscription_lasts_as_long_as_it_is_refreshed_and_no_longer_than_its_client() {
    let mut world = World::new();
    let (alice, bob) = (listener(&mut world, "alice"), listener(&mut world, "bob"));
    let mut short = wish("event:dialog", &["carol@example.com"]);
    short["eventSubscriptionRequest"]["expires"] = json!(1);
    let (_, body) = world.ask(&alice, "POST", "eventSubscription", &short);
    assert_eq!(body["eventSubscriptionResponse"]["expires"], 60, "not shorter than is sensible");
    let path = format!("eventSubscription/{}", text(&body["eventSubscriptionResponse"]["sessionData"]));
    let refresh = json!({"eventSubscriptionRequest": {"eventType": "event:dialog"}});
    for _ in 0..3 {
        world.wait(50_000);
        assert_eq!(world.ask(&alice, "PUT", &path, &refresh).0, 200);
    }
    assert_eq!(world.ask(&bob, "PUT", &path, &refresh).0, 404, "somebody else's");
    assert_eq!(world.ask(&bob, "DELETE", &path, &Value::Null).0, 404);
    world.restart(ACCOUNTS, 1_000);
    assert_eq!(world.ask(&alice, "PUT", &path, &refresh).0, 200, "it goes on over a restart");
    world.wait(61_000);
    assert_eq!(world.ask(&alice, "PUT", &path, &refresh).0, 404);
    let id = subscribed(&mut world, &alice, "event:dialog", &["bob@example.com"]);
    let path = format!("eventSubscription/{id}");
    let fewer = subscribe(&["call", "EVENT:presence"]);
    assert_eq!(world.send(&alice, "PUT", &alice.subscription.clone(), &fewer).0, 200);
    assert_eq!(world.ask(&alice, "PUT", &path, &refresh).0, 404, "its service was given up");
}

#[test]
fn what_is_not_granted_or_too_much_is_refused() {
    let policy = Policy {
        users_per_event: 2,
        events_per_subscription: 2,
        events: vec!["event:dialog".into()],
        ..Policy::default()
    };
    let mut world = World::with(policy);
    let (alice, bob) = (listener(&mut world, "alice"), world.uc("bob"));
    let code = |(status, body): (u16, Value)| (status, body["eventSubscriptionResponse"]["statusCode"].clone());
    let post =
        |world: &mut World, device: &Device, body: &Value| code(world.ask(device, "POST", "eventSubscription", body));
    assert_eq!(post(&mut world, &bob, &wish("event:dialog", &["alice"])), (403, json!(39)));
    assert_eq!(post(&mut world, &alice, &wish("EVENT:presence", &["bob"])), (403, json!(39)), "policy");
    assert_eq!(post(&mut world, &alice, &wish("event:Dialog", &["bob"])), (403, json!(39)), "another spelling");
    assert_eq!(post(&mut world, &alice, &wish("call", &["bob"])), (403, json!(39)));
    assert_eq!(post(&mut world, &alice, &wish("event:dialog", &[])), (400, json!(37)));
    assert_eq!(post(&mut world, &alice, &wish("event:dialog", &[&"x".repeat(321)])), (400, json!(37)));
    assert_eq!(post(&mut world, &alice, &wish("event:dialog", &["a", "b", "c"])), (429, json!(37)));
    assert_eq!(post(&mut world, &alice, &json!({})), (400, json!(5)));
    let id = subscribed(&mut world, &alice, "event:dialog", &["a", "b"]);
    subscribed(&mut world, &alice, "event:dialog", &["a"]);
    assert_eq!(post(&mut world, &alice, &wish("event:dialog", &["a"])), (429, json!(37)));
    let path = format!("eventSubscription/{id}");
    assert_eq!(code(world.ask(&alice, "PUT", &path, &wish("event:dialog", &["b", "c"]))), (429, json!(37)));
    assert_eq!(code(world.ask(&alice, "DELETE", &path, &Value::Null)), (200, json!(0)));
}
