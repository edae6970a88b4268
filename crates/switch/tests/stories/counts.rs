//! What operators are told.

use kandy_switch::{Counts, Step};
use serde_json::json;

use crate::world::{World, session};

#[test]
fn what_there_is_is_counted_and_calls_are_followed_by_one_number() {
    let mut world = World::new();
    assert_eq!(world.switch.counts(), Counts::default());
    let (alice, bob, carol) = (world.uc("alice"), world.uc("bob"), world.uc("carol"));
    world.disconnect(&carol);
    let before = Counts { logins: 3, subscriptions: 3, sockets: 2, ..Counts::default() };
    assert_eq!(world.switch.counts(), before);

    let theirs = world.start(&alice, "bob@example.com");
    let ours = session(&world.one(&bob, "call"));
    assert_eq!(world.switch.counts(), Counts { ringing: 1, ..before });
    let number = |world: &World, session: &str| {
        world.switch.call_number(&format!("/rest/version/1/user/x@example.com/callControl/callSessions/{session}"))
    };
    let call = number(&world, &theirs).unwrap();
    assert_eq!((number(&world, &ours), number(&world, "secret")), (Some(call), None));

    assert_eq!(world.control(&bob, &ours, &json!({"type": "ringing"})), 200);
    assert_eq!(world.answer(&bob, &ours), 200);
    assert_eq!(world.switch.counts(), Counts { connected: 1, ..before });
    assert_eq!(world.end(&bob, &ours), 200);
    assert_eq!(world.switch.counts(), before);
    assert_eq!(world.switch.steps(), [Step::Started, Step::Connected, Step::Ended].map(|step| (call, step)));
    assert_eq!(number(&world, &ours), Some(call), "also of a session that is over");

    let wish = json!({"clickToCallRequest": {"callingParty": alice.user, "calledParty": bob.user}});
    assert_eq!(world.send(&alice, "POST", "clicktocall", &wish).0, 200);
    assert_eq!(world.switch.counts(), Counts { asking: 1, ..before });
    let steps = world.switch.steps();
    assert!(matches!(*steps, [(other, Step::Started)] if other > call), "{steps:?}");
    assert_eq!(Step::Connected.word(), "connected");
}
