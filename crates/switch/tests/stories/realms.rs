//! Realms that do not know of each other. Each story is told twice, once about somebody of another realm who is online, says
//! so, and talks to somebody, and once about a name that nobody has: whoever asks must not see the difference, down to the
//! numbers of what they are told, and the other one must not hear of it.

use kandy_switch::UserKey;
use serde_json::{Value, json};

use crate::world::{Device, Flavour, World, kinds, reason, remote, session, text};

const ALL: [&str; 5] = ["call", "IM", "Presence", "event:dialog", "event:presence"];

/// Eve and dan of one realm, frank and gail of another one, who talk to each other.
struct Scene {
    world: World,
    eve: Device,
    dan: Device,
    frank: Device,
    gail: Device,
    /// Frank's session.
    talk: String,
}

/// Domains of eve and of frank. The last one in each case is not closed, if it is this one.
const OPEN: &str = "example.com";
const DIRECTIONS: [(&str, &str); 3] =
    [("acme.example", OPEN), (OPEN, "acme.example"), ("acme.example", "blue.example")];

fn device(world: &mut World, user: &str) -> Device {
    let mut device = world.subscribed_for(user, Flavour::Uc, &ALL);
    world.connect(&mut device);
    device
}

impl Scene {
    fn new(ours: &str, theirs: &str) -> Self {
        let mut world = World::new();
        for domain in ["acme.example", "blue.example", "cold.example"] {
            world.realms(|switch, now| switch.close_domain(now, domain));
        }
        for (user, name) in [("Eve", "Eve Evans"), ("Dan", "Dan Dorn")] {
            world.add(&format!("{user}@{ours}"), name);
        }
        for (user, name) in [("Frank", "Frank Fisher"), ("Gail", "Gail Gray")] {
            world.add(&format!("{user}@{theirs}"), name);
        }
        let mut come = |user: &str, domain: &str| device(&mut world, &format!("{user}@{domain}"));
        let (eve, dan) = (come("Eve", ours), come("Dan", ours));
        let (frank, gail) = (come("Frank", theirs), come("Gail", theirs));
        let (talk, _) = world.connected(&frank, &gail);
        says(&mut world, &frank, "active");
        let body = json!({"deviceToken": "phone", "service": ["call", "IM"]});
        assert_eq!(world.send(&frank, "POST", "push/apple/devices", &body).0, 200);
        world.records();
        Self { world, eve, dan, frank, gail, talk }
    }

    /// Everything that eve and dan heard, and what is kept of it.
    fn heard(&mut self) -> Vec<Value> {
        self.world.wait(1_000);
        let mut all = self.world.heard(&self.eve);
        all.extend(self.world.heard(&self.dan));
        all.extend(self.world.records().iter().map(|record| json!(format!("{record:?}"))));
        all
    }

    fn ask(&mut self, resource: &str, body: &Value) -> Value {
        let (status, body) = self.world.ask(&self.eve, "POST", resource, body);
        json!([status, body])
    }
}

fn says(world: &mut World, device: &Device, activity: &str) {
    let body = json!({"presenceRequest": {"status": "open", "activity": activity}});
    assert_eq!(world.ask(device, "POST", "presence", &body).0, 200);
}

/// Tells a story about frank and about nobody, and compares what comes of it.
fn alike(what: &str, story: impl Fn(&mut Scene, &str) -> Vec<Value>) {
    for (ours, theirs) in DIRECTIONS {
        let [frank, ghost] = ["frank", "ghost"].map(|name| {
            let mut scene = Scene::new(ours, theirs);
            let told = story(&mut scene, &format!("{name}@{theirs}"));
            for device in [&scene.frank, &scene.gail] {
                scene.world.silent(device);
            }
            assert!(scene.world.switch.pushes().is_empty());
            assert!(!told.is_empty());
            json!(told).to_string().replace(name, "somebody")
        });
        assert_eq!(frank, ghost, "{what}, of {ours} about {theirs}");
        assert!(!frank.to_lowercase().contains("frank"), "{what}, of {ours} about {theirs}: {frank}");
    }
}

#[test]
fn nobody_is_called() {
    alike("a call", |scene, target| {
        let session = scene.world.start(&scene.eve, target);
        let heard = scene.heard();
        assert_eq!((kinds(&heard[..1]), reason(&heard[0])), (vec!["callEnd"], (Some(404), true)));
        vec![json!(session), json!(heard)]
    });
}

#[test]
fn nobody_is_called_by_a_click() {
    alike("a click", |scene, target| {
        let wish = json!({"clickToCallRequest": {"callingParty": scene.eve.user, "calledParty": target}});
        let clicked = scene.world.send(&scene.eve, "POST", "clicktocall", &wish);
        assert_eq!(clicked.0, 200);
        let call = scene.world.one(&scene.eve, "call");
        assert_eq!(scene.world.control(&scene.eve, &session(&call), &json!({"type": "ringing"})), 200);
        assert_eq!(scene.world.answer(&scene.eve, &session(&call)), 200);
        let heard = scene.heard();
        assert_eq!(reason(&heard[0]), (Some(404), true));
        vec![clicked.1, call, json!(heard)]
    });
}

#[test]
fn a_call_is_not_forwarded() {
    alike("a forward", |scene, target| {
        scene.world.start(&scene.dan, &scene.eve.user.clone());
        let ours = scene.world.ring(&scene.eve);
        scene.world.wait(100);
        let wish = json!({"action": "forward", "address": target, "sessionData": ours});
        assert_eq!(scene.world.dispose(&scene.eve, &wish), 200);
        let heard = scene.heard();
        let end = heard.iter().find(|heard| heard["eventType"] == "callEnd").expect("dan hears of it");
        assert_eq!(reason(end), (Some(404), true));
        heard
    });
}

#[test]
fn a_call_is_not_transferred() {
    alike("a transfer", |scene, target| {
        let (theirs, ours) = scene.world.connected(&scene.eve, &scene.dan);
        assert_eq!(scene.world.control(&scene.eve, &theirs, &json!({"type": "transfer", "address": target})), 200);
        let heard = scene.heard();
        assert_eq!(kinds(&heard), ["sessionFail"]);
        scene.world.talk((&scene.eve, &theirs), (&scene.dan, &ours));
        heard
    });
}

#[test]
fn presence_is_not_told() {
    for action in ["get", "watch"] {
        alike(action, |scene, target| {
            let body = json!({"presenceWatcherRequest": {"userList": [target], "action": action}});
            let answered = scene.ask("presenceWatcher", &body);
            let first = scene.heard();
            assert_eq!(first[0]["presenceWatcherNotificationParams"]["status"], "closed");
            says(&mut scene.world, &scene.frank, "busy");
            let after = scene.heard();
            assert_eq!(after, [Value::Null; 0]);
            vec![answered, json!(first)]
        });
    }
}

#[test]
fn documents_tell_nothing() {
    for event in ["event:dialog", "event:presence"] {
        alike(event, |scene, target| {
            let body = json!({"eventSubscriptionRequest": {"subscribeUserList": [target], "clientCorrelator": "c",
                "eventType": event, "expires": 3600}});
            let answered = scene.ask("eventSubscription", &body);
            let first = scene.heard();
            let document = text(&first[0]["genericNotificationParams"]["eventData"]);
            assert!(!document.contains("<state>") && !document.contains("<basic>open"), "{document}");
            says(&mut scene.world, &scene.frank, "busy");
            assert_eq!(scene.world.end(&scene.frank, &scene.talk.clone()), 200);
            scene.world.wait(100);
            assert_eq!(kinds(&scene.world.heard(&scene.gail)), ["callEnd"]);
            let after: Vec<Value> = scene.heard().into_iter().filter(|heard| heard.is_object()).collect();
            assert_eq!(after, [Value::Null; 0]);
            let session = &answered[1]["eventSubscriptionResponse"]["sessionData"];
            let more = json!({"eventSubscriptionRequest": {"subscribeUserList": [target, "dan"], "eventType": event,
                "clientCorrelator": "c", "expires": 3600}});
            let (status, updated) =
                scene.world.ask(&scene.eve, "PUT", &format!("eventSubscription/{}", text(session)), &more);
            let again = scene.heard();
            assert_eq!(again.len(), 2);
            vec![answered, json!(first), json!([status, updated]), json!(again)]
        });
    }
}

#[test]
fn messages_have_no_such_receiver() {
    for (ours, theirs) in DIRECTIONS {
        let scene = Scene::new(ours, theirs);
        let eve = UserKey::of(&scene.eve.user);
        let find = |names: &[String]| scene.world.switch.find_receivers(names, &eve).map(|users| users.len());
        let of = |name: &str, domain: &str| format!("{name}@{domain}");
        assert_eq!(find(&["dan".to_owned(), of("sip:Eve", ours)]), Some(2));
        for name in ["frank", "ghost"] {
            assert_eq!(find(&[of(name, theirs)]), None);
            assert_eq!(find(&["dan".to_owned(), of(name, theirs)]), None);
        }
    }
}

/// Eve's realm is opened to that of frank and to that of zoe, which are not opened to each other.
fn between() -> (Scene, Device) {
    let mut scene = Scene::new("acme.example", OPEN);
    scene.world.realms(|switch, now| switch.open_pair(now, "acme.example", OPEN));
    scene.world.realms(|switch, now| switch.open_pair(now, "cold.example", "acme.example"));
    scene.world.add("zoe@cold.example", "Zoe Zander");
    let zoe = device(&mut scene.world, "zoe@cold.example");
    (scene, zoe)
}

#[test]
fn who_knows_both_does_not_bring_them_together() {
    // Eve knows both: she sends zoe on to frank, or zoe sends her on, who does not know him.
    for (way, is_by_eve) in [("forward", true), ("transfer", true), ("forward", false), ("transfer", false)] {
        let told = ["frank", "ghost"].map(|name| {
            let (mut scene, zoe) = between();
            let target = format!("{name}@{OPEN}");
            let (from, by) = if is_by_eve { (&zoe, &scene.eve) } else { (&scene.eve, &zoe) };
            let world = &mut scene.world;
            if way == "forward" {
                world.start(from, &by.user);
                let ours = world.ring(by);
                let wish = json!({"action": "forward", "address": target, "sessionData": ours});
                assert_eq!(world.dispose(by, &wish), 200);
            } else {
                let (_, ours) = world.connected(from, by);
                let wish = json!({"type": "transfer", "address": target});
                assert_eq!(world.control(by, &ours, &wish), 200);
            }
            let mut told = scene.heard();
            told.extend(scene.world.heard(&zoe));
            scene.world.silent(&scene.frank);
            json!(told).to_string().replace(name, "somebody")
        });
        if is_by_eve || way == "transfer" {
            assert_eq!(told[0], told[1], "{way}");
        } else {
            // Eve knows the name of whom she does not reach through zoe.
            assert_eq!(told[0].replace("Frank Fisher", "somebody").replace("Frank", "somebody"), told[1], "{way}");
        }
    }
    let (scene, zoe) = between();
    let find = |names: [&str; 2]| {
        let names = names.map(str::to_owned);
        scene.world.switch.find_receivers(&names, &UserKey::of(&scene.eve.user)).is_some()
    };
    assert!(find(["dan", "frank@example.com"]) && find(["dan", &zoe.user]));
    assert!(!find(["frank@example.com", &zoe.user]), "they would see each other's names");
}

#[test]
fn who_knows_both_does_not_connect_them_with_each_other() {
    let (mut scene, zoe) = between();
    let world = &mut scene.world;
    assert_eq!(world.end(&scene.frank, &scene.talk), 200);
    world.wait(100);
    world.heard(&scene.gail);
    let (one, franks) = world.connected(&scene.eve, &scene.frank);
    let (two, zoes) = world.connected(&scene.eve, &zoe);
    for (first, second) in [(&one, &two), (&two, &one)] {
        let consult = |other: &str| json!({"type": "transfer", "sessionData": other, "address": "sip:x"});
        let known = world.control_body(&scene.eve, first, &consult(second));
        assert_eq!(known.0, 404);
        assert_eq!(known, world.control_body(&scene.eve, first, &consult("nonsense")), "like no session at all");
    }
    world.talk((&scene.eve, &one), (&scene.frank, &franks));
    world.talk((&scene.eve, &two), (&zoe, &zoes));
    // In one realm it is served as ever.
    let (three, _) = world.connected(&scene.eve, &scene.dan);
    let consult = json!({"type": "transfer", "sessionData": two, "address": "sip:x"});
    assert_eq!(world.control(&scene.eve, &three, &consult), 200);
}

#[test]
fn a_realm_that_opens_and_closes_is_told_to_who_watches() {
    let mut scene = Scene::new("acme.example", OPEN);
    let body = json!({"presenceWatcherRequest": {"userList": ["frank@example.com", "dan"], "action": "watch"}});
    scene.ask("presenceWatcher", &body);
    let body = json!({"eventSubscriptionRequest": {"subscribeUserList": ["frank@example.com"], "clientCorrelator": "c",
        "eventType": "event:dialog", "expires": 3600}});
    scene.ask("eventSubscription", &body);
    scene.heard();
    let seen = |scene: &mut Scene| {
        let told = |heard: &Value| match heard["eventType"].as_str() {
            Some("presenceWatcher") => text(&heard["presenceWatcherNotificationParams"]["status"]),
            _ => {
                let document = text(&heard["genericNotificationParams"]["eventData"]);
                document.matches("<state>").count().to_string() + &document.matches("Frank").count().to_string()
            }
        };
        scene.heard().iter().map(told).collect::<Vec<_>>()
    };
    scene.world.realms(|switch, now| switch.open_pair(now, "op.example", "Acme.example"));
    assert_eq!(seen(&mut scene), ["open", "11"], "of frank alone, once");
    scene.world.realms(|switch, now| switch.open_pair(now, "acme.example", OPEN));
    assert_eq!(seen(&mut scene), [""; 0], "that was open already");
    says(&mut scene.world, &scene.frank, "busy");
    assert_eq!(seen(&mut scene), ["open"]);
    scene.world.realms(|switch, now| switch.close_pair(now, OPEN, "acme.example"));
    assert_eq!(seen(&mut scene), ["closed", "00"]);
    says(&mut scene.world, &scene.frank, "active");
    assert_eq!(scene.world.end(&scene.frank, &scene.talk.clone()), 200);
    assert!(scene.heard().iter().all(|heard| heard.is_string()), "records of calls alone");
}

#[test]
fn calls_between_realms_that_part_end() {
    let (mut scene, zoe) = between();
    let world = &mut scene.world;
    let (one, _) = world.connected(&scene.eve, &zoe);
    let (two, dans) = world.connected(&scene.dan, &scene.eve);
    world.start(&scene.frank, &scene.dan.user.clone());
    let call = world.one(&scene.dan, "call");
    assert_eq!(remote(&call), "Frank@example.com");
    assert_eq!(call["callNotificationParams"]["remoteName"], "Frank Fisher");
    world.realms(|switch, now| switch.close_pair(now, "cold.example", "acme.example"));
    world.wait(100);
    let end = world.one(&scene.eve, "callEnd");
    assert_eq!((session(&end), reason(&end)), (one, (None, false)));
    assert_eq!(end["callNotificationParams"]["remoteName"], "Zoe Zander", "by the name that it had");
    assert_eq!(reason(&world.one(&zoe, "callEnd")), (None, false));
    world.silent(&scene.dan);
    // The domain of frank and gail becomes a realm of its own, to which the pair that names it still is open.
    world.realms(|switch, now| switch.close_domain(now, OPEN));
    world.silent(&scene.dan);
    world.realms(|switch, now| switch.close_pair(now, "acme.example", OPEN));
    world.wait(5_000);
    assert_eq!(reason(&world.one(&scene.dan, "callEnd")), (Some(487), false), "it rang");
    world.talk((&scene.dan, &two), (&scene.eve, &dans));
    world.silent(&scene.gail);
}
