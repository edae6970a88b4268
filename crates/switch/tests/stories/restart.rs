//! A switch that ends, and another one that goes on from what it wrote.

use kandy_switch::{Now, RestoreError};
use kandy_wire::session::RESUME;
use serde_json::{Value, json};

use crate::world::{ACCOUNTS, Flavour, World, basic, kinds, reason, session, subscribe, text};

#[test]
fn a_call_goes_on_over_a_restart() {
    let mut world = World::new();
    let (mut alice, mut bob) = (world.uc("alice"), world.device("bob", Flavour::Link));
    let (theirs, ours) = world.connected(&alice, &bob);
    world.wait(80_000);
    world.restart(ACCOUNTS, 60_000);
    world.wait(1_000);
    for (device, session) in [(&alice, &theirs), (&bob, &ours)] {
        assert_eq!(world.control(device, session, &json!({"type": "audit"})), 200, "it had no chance to audit before");
    }
    world.connect(&mut alice);
    world.connect(&mut bob);
    world.heard(&alice);
    world.heard(&bob);
    world.talk((&alice, &theirs), (&bob, &ours));
    world.wait(40_000);
    assert_eq!(world.end(&alice, &theirs), 200);
    assert_eq!(reason(&world.one(&bob, "callEnd")), (None, false));
    let again = world.start(&alice, "bob");
    assert_ne!(again, theirs);
    world.ring(&bob);
}

#[test]
fn what_waits_for_a_client_is_there_after_a_restart() {
    let mut world = World::new();
    world.supported.push(RESUME);
    let (alice, mut bob) = (world.uc("alice"), world.uc("bob"));
    world.start(&alice, "bob");
    let first = text(&world.one(&bob, "call")["eventId"]);
    world.disconnect(&bob);
    let second = world.start(&alice, "bob");
    world.restart(ACCOUNTS, 400_000);
    assert!(world.resume(&mut bob, &first), "the time of the restart does not count");
    let call = world.one(&bob, "call");
    assert!(text(&call["eventId"]) > first);
    assert_eq!(world.control(&bob, &session(&call), &json!({"type": "ringing"})), 200);
    let mut alice = alice;
    world.resume(&mut alice, "");
    world.wait(100);
    let heard = world.heard(&alice);
    assert_eq!(kinds(&heard), ["ringing"]);
    assert_eq!(session(&heard[0]), second);
}

#[test]
fn tokens_sessions_and_devices_are_good_after_a_restart() {
    let mut world = World::new();
    let (uc, link) = (world.uc("alice"), world.subscribed("carol", Flavour::Link));
    let (_, body) = world.send(&uc, "POST", "push/apple/devices", &json!({"deviceToken": "1", "service": ["call"]}));
    let registration = text(&body["appleDeviceRegistrationResponse"]["registration"]);
    world.restart(ACCOUNTS, 10_000);
    assert_eq!(world.send(&uc, "PUT", &uc.subscription.clone(), &subscribe(&["call"])).0, 200);
    let headers = [("x-session", link.session.clone())];
    let body = subscribe(&["call"]).to_string();
    assert_eq!(world.raw("PUT", &link.subscription, "", &headers, &body, "").0, 200);
    world.start(&link, "alice");
    assert_eq!(world.switch.pushes().len(), 1);
    assert_eq!(world.send(&uc, "DELETE", &registration, &Value::Null).0, 200);
    world.wait(3_590_000 - 1);
    assert_eq!(world.send(&uc, "PUT", &uc.subscription.clone(), &subscribe(&["call"])).0, 200);
    world.wait(1);
    assert_eq!(world.send(&uc, "PUT", &uc.subscription.clone(), &subscribe(&["call"])).0, 401, "as long as was said");
}

#[test]
fn no_token_is_in_what_is_written_and_all_are_good_after_it() {
    let mut world = World::new();
    let (uc, link) = (world.uc("alice"), world.subscribed("carol", Flavour::Link));
    let headers = [("authorization", basic("bob@example.com", "bob-pw"))];
    let made = world.raw("GET", "/1/auth/mk_token", "", &headers, "", "").1;
    let refresh = text(&made["success"]["refresh_token"]);
    let refreshed = world.raw("GET", "/1/auth/refresh_token", &format!("token={refresh}"), &[], "", "").1;
    let access = [&made, &refreshed].map(|made| text(&made["success"]["access_token"]));
    let again = text(&refreshed["success"]["refresh_token"]);
    let written = world.switch.save(Now(world.now));
    for secret in access.iter().chain([&uc.token, &refresh, &again, &uc.session, &link.session]) {
        assert!(!secret.is_empty() && !written.contains(secret.as_str()), "{secret}");
    }
    assert!(written.contains(link.channel.rsplit('/').next().unwrap()), "which is told again");
    world.restart(ACCOUNTS, 10_000);
    let path = "/rest/version/1/user/bob@example.com/subscription";
    for token in &access {
        let body = subscribe(&["call"]).to_string();
        assert_eq!(world.raw("POST", path, &format!("token={token}"), &[], &body, "").0, 200);
    }
    for token in [&refresh, &again] {
        assert_eq!(world.raw("GET", "/1/auth/refresh_token", &format!("token={token}"), &[], "", "").0, 200);
    }
    let stolen: Value = serde_json::from_str(&written).unwrap();
    for fingerprint in stolen["tokens"]["access"].as_object().unwrap().keys() {
        let body = subscribe(&["call"]).to_string();
        assert_eq!(world.raw("POST", path, &format!("token={fingerprint}"), &[], &body, "").0, 401);
    }
    let (status, body) = world.send(&uc, "PUT", &uc.subscription.clone(), &subscribe(&["call"]));
    let params = &body["subscribeResponse"]["subscriptionParams"];
    assert_eq!((status, params["notificationChannel"].as_str()), (200, Some(&*uc.channel)));
    assert_eq!(params["sessionId"], Value::Null, "it was told once");
}

#[test]
fn users_who_have_no_account_any_longer_are_logged_out() {
    let mut world = World::new();
    let (mut alice, bob) = (world.uc("alice"), world.uc("bob"));
    let (theirs, _) = world.connected(&alice, &bob);
    let accounts: Vec<Value> = serde_json::from_str(ACCOUNTS).unwrap();
    let others: Vec<&Value> = accounts.iter().filter(|account| account["user"] != "bob@example.com").collect();
    world.restart(&serde_json::to_string(&others).unwrap(), 5_000);
    let (status, body) = world.send(&bob, "PUT", &bob.subscription.clone(), &subscribe(&["call"]));
    assert_eq!((status, &body["subscribeResponse"]["statusCode"]), (404, &json!(39)));
    assert_eq!(world.send(&bob, "POST", "subscription", &subscribe(&["call"])).0, 401);
    world.connect(&mut alice);
    let heard = world.heard(&alice);
    assert_eq!((kinds(&heard).last(), session(heard.last().unwrap())), (Some(&"callEnd"), theirs));
}

#[test]
fn what_a_switch_did_not_write_is_not_read() {
    let mut fresh = World::new().switch;
    let before = fresh.save(Now(0));
    let mut world = World::new();
    let (alice, bob) = (world.uc("alice"), world.uc("bob"));
    world.connected(&alice, &bob);
    let text = world.switch.save(Now(world.now));
    let mut other: Value = serde_json::from_str(&text).unwrap();
    other["version"] = json!(2);
    assert_eq!(fresh.restore(Now(0), &other.to_string()), Err(RestoreError::Version));
    for nonsense in ["", "{}", "[]", r#"{"version":3}"#] {
        assert!(matches!(fresh.restore(Now(0), nonsense), Err(RestoreError::Malformed(_))), "{nonsense}");
    }
    let half: String = text.chars().take(text.len() / 2).collect();
    assert!(matches!(fresh.restore(Now(0), &half), Err(RestoreError::Malformed(_))));
    assert_eq!(fresh.save(Now(0)), before, "nothing has changed");
}
