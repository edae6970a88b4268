//! What the shell tells users on their channels, when a message counts as having arrived, and who may ask for what is stored.

use kandy_switch::{Family, Notice, Now, PeopleRoute, Policy, Request, Service, UserKey};
use kandy_wire::session::{MESSAGE_IDS, RESUME};
use serde_json::{Value, json};

use crate::world::{Device, Flavour, World, basic, subscribe, text};

fn message(id: u64) -> Notice {
    let link = json!({"eventType": "IM", "time": 5, "imnotificationParams": {"msgText": id.to_string()}});
    Notice { link, uc: Some(json!({"event": "im", "id": id.to_string()})), message: Some(id) }
}

fn ids(heard: &[Value]) -> Vec<String> {
    heard.iter().map(|notification| text(&notification["eventId"])).collect()
}

/// What is known to have arrived since the last look.
fn arrived(world: &mut World) -> Vec<(String, u64)> {
    world.switch.delivered().into_iter().map(|(user, id)| (user.as_str().to_owned(), id)).collect()
}

const BOB: &str = "bob@example.com";
const PING: &str = r#"{"message_type":"ping"}"#;

#[test]
fn every_subscription_with_the_service_hears_in_its_own_form() {
    let mut world = World::new();
    let (uc, link) = (world.uc("bob"), world.device("bob", Flavour::Link));
    let mut calls_only = world.subscribed_for("bob", Flavour::Link, &["call"]);
    world.connect(&mut calls_only);
    let alice = world.uc("alice");
    world.notify("bob", Service::Im, &message(7));
    assert_eq!(world.heard(&uc), [json!({"event": "im", "id": "7", "eventId": "7", "time": world.now})]);
    assert_eq!(
        world.heard(&link),
        [json!({"eventType": "IM", "eventId": "7", "time": 5, "imnotificationParams": {"msgText": "7"}})]
    );
    for other in [&calls_only, &alice] {
        world.silent(other);
    }
    world.notify("bob", Service::Im, &message(7));
    world.silent(&link);
    world.notify("bob", Service::Any, &Notice::new(json!({"eventType": "mwi"})));
    let ids: Vec<String> = [&uc, &link, &calls_only].map(|device| text(&world.one(device, "mwi")["eventId"])).into();
    assert!(ids.iter().all(|id| id.parse::<u64>().unwrap() > 1_000_000), "numbered like calls: {ids:?}");
    world.notify("nobody", Service::Im, &message(8));
}

#[test]
fn a_message_has_arrived_when_a_later_frame_shows_that_its_socket_lived() {
    let mut world = World::new();
    let bob = world.device("bob", Flavour::Link);
    world.notify("bob", Service::Im, &message(7));
    world.says(&bob, PING);
    assert_eq!(arrived(&mut world), [], "that may have crossed it");
    world.wait(2_000);
    world.notify("bob", Service::Im, &message(8));
    world.says(&bob, PING);
    assert_eq!(arrived(&mut world), [(BOB.to_owned(), 7)]);
    world.wait(2_000);
    world.switch.socket_heard(Now(world.now), kandy_switch::SocketId(bob.socket));
    assert_eq!(arrived(&mut world), [(BOB.to_owned(), 8)]);
    world.says(&bob, PING);
    assert_eq!(arrived(&mut world), [], "once");
}

#[test]
fn a_message_has_arrived_when_the_client_names_it_or_logs_out_after_it() {
    let mut world = World::new();
    world.supported.push(RESUME);
    let mut bob = world.device("bob", Flavour::Link);
    (7..=9).for_each(|id| world.notify("bob", Service::Im, &message(id)));
    world.disconnect(&bob);
    assert!(world.resume(&mut bob, "8"), "by the id of the message");
    assert_eq!(arrived(&mut world), [(BOB.to_owned(), 7), (BOB.to_owned(), 8)]);
    assert_eq!(ids(&world.heard(&bob)), ["9"]);
    // What is kept for a better proof counts as arrived by this one.
    world.wait(2_000);
    world.says(&bob, PING);
    assert_eq!(arrived(&mut world), [(BOB.to_owned(), 9)]);
    assert!(world.resume(&mut bob, "8"));
    assert_eq!(ids(&world.heard(&bob)), ["9"], "and is kept");

    for (wait, wanted) in [(0, 0), (2_000, 1)] {
        let bob = world.device("bob", Flavour::Link);
        world.notify("bob", Service::Im, &message(10 + wait));
        world.wait(wait);
        let path = bob.subscription.clone();
        assert_eq!(world.send(&bob, "DELETE", &path, &Value::Null).0, 200);
        assert_eq!(arrived(&mut world).len(), wanted, "after {wait} ms");
    }
}

#[test]
fn what_was_only_written_or_kept_has_not_arrived() {
    let mut world = World::new();
    let mut bob = world.subscribed("bob", Flavour::Link);
    world.notify("bob", Service::Im, &message(7));
    world.wait(10_000);
    world.connect(&mut bob);
    world.disconnect(&bob);
    world.wait(10_000);
    let path = bob.subscription.clone();
    world.send(&bob, "DELETE", &path, &Value::Null);
    assert_eq!(arrived(&mut world), []);
}

#[test]
fn a_newcomer_hears_what_was_missed_once_and_before_anything_new() {
    let mut world = World::new();
    let mut bob = world.subscribed("bob", Flavour::Link);
    assert_eq!(world.catch_up(&[message(3), message(4)]), [BOB]);
    assert_eq!(world.catch_up(&[message(9)]), [""; 0], "it is a newcomer once");
    world.notify("bob", Service::Im, &message(4));
    world.notify("bob", Service::Im, &message(5));
    world.connect(&mut bob);
    assert_eq!(ids(&world.heard(&bob)), ["3", "4", "5"]);
    world.subscribed_for("bob", Flavour::Link, &["call"]);
    assert_eq!(world.catch_up(&[message(6)]), [""; 0], "who has no messages misses none");
}

#[test]
fn after_a_restart_everybody_is_a_newcomer_who_knows_what_is_kept() {
    let mut world = World::new();
    let mut bob = world.device("bob", Flavour::Link);
    world.notify("bob", Service::Im, &message(3));
    world.restart(crate::world::ACCOUNTS, 1_000);
    assert_eq!(world.catch_up(&[message(3), message(4)]), [BOB]);
    world.connect(&mut bob);
    assert_eq!(ids(&world.heard(&bob)), ["3", "4"]);
}

#[test]
fn devices_of_push_services_are_woken_for_messages() {
    let mut world = World::new();
    let bob = world.device("bob", Flavour::Link);
    let wish = json!({"deviceToken": "d", "service": ["IM"]});
    assert_eq!(world.send(&bob, "POST", "push/apple/devices/", &wish).0, 200);
    world.notify("bob", Service::Im, &message(7));
    assert!(world.switch.pushes().is_empty(), "somebody listens");
    world.disconnect(&bob);
    world.notify("bob", Service::Im, &message(8));
    let pushes = world.switch.pushes();
    assert_eq!(pushes.len(), 1);
    assert!(pushes[0].notification.contains(r#""eventId":"8""#), "{}", pushes[0].notification);
}

#[test]
fn a_client_that_gives_ids_is_told_that_they_are_used() {
    let mut world = World::new();
    let bob = world.subscribed("bob", Flavour::Link);
    for (tags, wanted) in [(json!([MESSAGE_IDS, "Other"]), json!([MESSAGE_IDS])), (json!(["Other"]), Value::Null)] {
        let mut wish = subscribe(&["IM"]);
        wish["subscribeRequest"]["supported"] = tags;
        let (_, body) = world.send(&bob, "POST", "subscription", &wish);
        assert_eq!(body["subscribeResponse"]["subscriptionParams"]["supported"], wanted);
    }
}

#[test]
fn whoever_asks_for_what_is_stored_is_the_user_of_the_path_or_of_the_credential() {
    let mut world = World::with(Policy::default());
    let (alice, bob) = (world.uc("alice"), world.uc("bob"));
    let own = "/rest/version/1/user/bob@example.com/instantmessage";
    let token = |device: &Device| format!("token={}", device.token);
    let (link, wrong) = (basic(BOB, "bob-pw"), basic(BOB, "no"));
    let session = bob.session.clone();
    type Row<'a> = (&'a str, &'a str, String, Vec<(&'a str, &'a str)>, Result<PeopleRoute, u16>);
    let rows: [Row<'_>; 11] = [
        ("POST", own, token(&bob), vec![], Ok(PeopleRoute::SendMessage)),
        ("POST", own, String::new(), vec![("authorization", &link)], Ok(PeopleRoute::SendMessage)),
        ("POST", own, String::new(), vec![("x-session", &session)], Ok(PeopleRoute::SendMessage)),
        ("POST", own, token(&alice), vec![], Err(403)),
        ("POST", own, String::new(), vec![], Err(401)),
        ("POST", own, String::new(), vec![("authorization", &wrong)], Err(401)),
        ("GET", own, token(&bob), vec![], Err(405)),
        ("GET", "/v2.0/rm/threads", token(&bob), vec![], Ok(PeopleRoute::Threads)),
        // These refusals have the status that released clients survive.
        ("GET", "/v2.0/rm/threads", String::new(), vec![], Err(200)),
        ("GET", "/v2.0/rm/file/h", String::new(), vec![], Err(401)),
        ("POST", "/rest/version/1/user/bob@example.com/subscription", token(&bob), vec![], Err(404)),
    ];
    for (method, path, query, headers, wanted) in rows {
        let request = Request { method, path, query: &query, headers: &headers, peer: "", body: "" };
        let identified = world.switch.identify(Now(world.now), &request);
        match (identified, wanted) {
            (Ok(identified), Ok(route)) => {
                assert_eq!((identified.user, identified.route), (UserKey::of(BOB), route), "{path} {query}");
            }
            (Err(refusal), Err(status)) => {
                assert_eq!(refusal.status, status, "{method} {path} {query}");
                let body: Value = serde_json::from_str(&refusal.body).unwrap();
                let wrapped = if path == own { "imResponse" } else { "error" };
                assert!(path.ends_with("subscription") || body.get(wrapped).is_some(), "{body}");
            }
            (identified, wanted) => panic!("{method} {path} {query}: {identified:?}, not {wanted:?}"),
        }
    }
    let request = Request { method: "POST", path: own, query: &token(&bob), headers: &[], peer: "", body: "" };
    let identified = world.switch.identify(Now(world.now), &request).unwrap();
    assert_eq!(identified.family, Family::Wrapped("imResponse"));
    assert_eq!(world.switch.request(Now(world.now), &request).status, 403, "the switch itself has no messages");
}

#[test]
fn messages_for_which_there_was_no_room_are_told_anew_and_in_order() {
    for flavour in [Flavour::Link, Flavour::Uc] {
        let mut world = World::with(Policy { queue_length: 4, ..Policy::default() });
        let mut bob = world.subscribed("bob", flavour);
        world.connect(&mut bob);
        world.catch_up(&[]);
        world.notify("bob", Service::Im, &message(1));
        world.wait(2_000);
        world.says(&bob, PING);
        world.disconnect(&bob);
        for id in 2..=7 {
            world.notify("bob", Service::Im, &message(id));
        }
        world.notify("bob", Service::Any, &Notice::new(json!({"eventType": "mwi"})));
        world.frames(&bob);
        world.connect(&mut bob);
        // The shell finds what has not arrived: all but the first.
        let missed: Vec<Notice> = (2..=7).map(message).collect();
        assert_eq!(world.catch_up(&missed), [BOB]);
        let heard = world.heard(&bob);
        let told: Vec<&Value> = heard.iter().filter(|notification| notification["eventType"] != "mwi").collect();
        let told: Vec<String> = told.iter().map(|notification| text(&notification["eventId"])).collect();
        // Only so many have room, whether there is a socket or not; each was written before the next one came.
        assert_eq!(told, ["2", "3", "4", "5", "6", "7"]);
        world.disconnect(&bob);
        world.connect(&mut bob);
        let again = world.catch_up(&[]);
        assert_eq!(again, [BOB], "what gave way unproven is looked up once more");
    }
}

#[test]
fn nobody_is_a_newcomer_because_of_a_short_loss() {
    let mut world = World::new();
    let mut bob = world.uc("bob");
    world.catch_up(&[]);
    world.disconnect(&bob);
    world.notify("bob", Service::Im, &message(1));
    world.connect(&mut bob);
    assert_eq!(world.catch_up(&[]), [""; 0]);
    assert_eq!(ids(&world.heard(&bob)), ["1"]);
}
