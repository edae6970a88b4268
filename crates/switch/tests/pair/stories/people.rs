//! What the people engine is told: who is logged in, and which calls belong into the history; and what it is lent.

use super::{ALICE, AUDIO, BOB, answer, operate, pairs, ring};
use crate::world::World;
use kandy_core::{
    Answer, Now, Query,
    people::{Address, CallRecord, Standing, Tell},
};

fn standings(world: &World, page: usize) -> Vec<Option<Standing>> {
    let told = world.pages[page].tells.iter();
    told.filter_map(|tell| if let Tell::Session { session } = tell { Some(session.clone()) } else { None }).collect()
}

fn records(world: &World, page: usize) -> Vec<CallRecord> {
    let told = world.pages[page].tells.iter();
    told.filter_map(|tell| if let Tell::Call { record } = tell { Some((**record).clone()) } else { None }).collect()
}

#[test]
fn a_login_is_told_once_and_so_is_its_end() {
    for (mut world, alice, _) in pairs() {
        let told = standings(&world, alice);
        assert_eq!(told.len(), 1, "{told:?}");
        let standing = told[0].clone().expect("logged in");
        assert_eq!((standing.login, standing.username.as_str(), standing.connected), (1, ALICE, true));
        assert!(["link", "uc"].contains(&standing.flavour) && standing.services.contains(&"call".to_owned()));
        world.act(alice, r#"{"type":"disconnect"}"#);
        world.run(1_000);
        assert_eq!(standings(&world, alice).last(), Some(&None));
        world.connect(alice);
        world.run(1_000);
        let again = standings(&world, alice).pop().flatten().expect("logged in again");
        assert!(again.connected && again.login > 1);
    }
}

#[test]
fn a_call_that_was_ended_belongs_into_both_histories() {
    for (mut world, alice, bob) in pairs() {
        ring(&mut world, alice, bob, AUDIO);
        answer(&mut world, alice, bob);
        world.run(5_000);
        operate(&mut world, alice, "end");
        world.run(1_000);
        let [a, b] = [alice, bob].map(|page| records(&world, page));
        assert_eq!((a.len(), b.len()), (1, 1));
        assert_eq!((a[0].direction, b[0].direction), ("outgoing", "incoming"));
        assert_eq!((a[0].own.number.as_str(), a[0].remote.number.as_str()), (ALICE, BOB));
        assert_eq!((b[0].own.number.as_str(), b[0].remote.number.as_str()), (BOB, ALICE));
        for record in [&a[0], &b[0]] {
            let (start, end) = (record.connected_time.expect("it was up"), record.end_time.expect("it is over"));
            assert!(record.start_time == Some(start) && end.0 - start.0 >= 5_000, "{record:?}");
        }
    }
}

#[test]
fn what_was_refused_is_no_missed_call_and_what_was_given_up_is_one() {
    for (what, who, direction) in [("reject", 1, "incoming"), ("end", 0, "missed")] {
        for (mut world, alice, bob) in pairs() {
            ring(&mut world, alice, bob, AUDIO);
            operate(&mut world, [alice, bob][who], what);
            world.run(1_000);
            let [a, b] = [alice, bob].map(|page| records(&world, page));
            assert_eq!((a.len(), b.len()), (1, 1), "{what}");
            assert_eq!((a[0].direction, b[0].direction), ("outgoing", direction), "{what}");
            assert!(b[0].connected_time.is_none() && b[0].start_time == b[0].end_time);
        }
    }
}

#[test]
fn what_was_ignored_or_forwarded_stands_in_no_history_of_the_callee() {
    for (what, destination) in [("ignore", ""), ("forward", r#","destination":"carol""#)] {
        for (mut world, alice, bob) in pairs() {
            ring(&mut world, alice, bob, AUDIO);
            let id = world.pages[bob].call().id.0;
            world.act(bob, &format!(r#"{{"type":"call.{what}","callId":"{id}"{destination}}}"#));
            world.run(1_000);
            assert_eq!(records(&world, bob), [], "{what}");
        }
    }
}

#[test]
fn addresses_are_lent_while_somebody_is_logged_in_and_tokens_go_to_our_server_alone() {
    for (mut world, alice, _) in pairs() {
        let lent = |world: &World, place: &str, path: &str| {
            let query = format!(r#"{{"type":"people.address","to":"{place}","path":"{path}"}}"#);
            let query = Query::from_json(&query).expect("a query");
            match world.pages[alice].client.query(Now(0), &query) {
                Answer::Address(address) => Some(address),
                _ => None,
            }
        };
        let uc = standings(&world, alice).pop().flatten().expect("logged in").flavour == "uc";
        let user = lent(&world, "user", "presence").expect("logged in");
        assert!(user.url.contains(&format!("/rest/version/1/user/{ALICE}/presence")), "{}", user.url);
        let shows = |address: &Address| {
            address.url.contains("token=") || address.headers.iter().any(|(name, _)| *name == "authorization")
        };
        assert!(shows(&user));
        let searched = lent(&world, "user", "directory?criteria=bob").expect("logged in");
        assert_eq!(searched.url.matches('?').count(), 1);
        assert!(!uc || searched.url.contains("?criteria=bob&token="));
        let version = if uc { "v2.0" } else { "1" };
        let events = lent(&world, "configured", "eventSubscription").expect("logged in").url;
        assert!(events.contains(&format!("/rest/version/{version}/user/{ALICE}/eventSubscription")), "{events}");
        // There is no such service beside a Link gateway.
        let threads = lent(&world, "service", "rm/threads").expect("logged in").url;
        assert!(!uc || threads.contains("/v2.0/rm/threads?token="), "{threads}");
        assert!(lent(&world, "server", "localization").is_some_and(|a| a.url.contains("/rest/version/1/localization")));
        let base = user.url.split("/rest/").next().expect("a base").to_owned();
        assert!(lent(&world, "url", &format!("{base}/file/7")).is_some_and(|a| shows(&a)));
        for foreign in [
            "https://files.example.net/f/1".to_owned(),
            format!("{base}.evil.example/f/1"),
            format!("{base}@evil.example/"),
        ] {
            let address = lent(&world, "url", &foreign).expect("logged in");
            assert_eq!((address.url.as_str(), address.headers.len()), (foreign.as_str(), 0));
        }
        world.act(alice, r#"{"type":"disconnect"}"#);
        world.run(1_000);
        assert_eq!(lent(&world, "user", "presence"), None);
    }
}
