//! Recorded event traces of released clients, told again: the same calls of the API, and the same events in the same order
//! with the same payloads, but for the differences that [`meant`] lists.

use std::{collections::BTreeMap, path::Path};

use kandy_core::{TrackId, input::Kind};
use kandy_wire::Value;

use crate::world::World;

/// Events that are not compared: there is no call history yet, two have no fixed place among the others, and two are additions
/// (legacy-3x 7.5).
pub(crate) const LEFT_OUT: [&str; 6] = [
    "callHistory:change",
    "callHistoryCache:change",
    "notification:received",
    "devices:change",
    "call:error",
    "media:error",
];

#[test]
fn our_clients_tell_what_released_clients_told() {
    let folder = Path::new(concat!(env!("CARGO_MANIFEST_DIR"), "/../../tests/traces"));
    let mut files: Vec<_> = std::fs::read_dir(folder).unwrap().map(|file| file.unwrap().path()).collect();
    files.sort();
    let mut compared = 0;
    for path in &files {
        let name = path.file_stem().unwrap().to_string_lossy().into_owned();
        let trace = kandy_wire::parse(&std::fs::read_to_string(path).unwrap()).unwrap();
        compared += Telling::new(&trace).tell(&name);
    }
    println!("traces: {} files, {compared} events compared", files.len());
    assert!(files.len() >= 64 && compared >= 1_200, "{} files, {compared} events", files.len());
}

/// In the code of an application that asks for statistics.
const STATS: &str = "client.call.getStats(id)";

/// One trace and the world in which it is told again.
struct Telling<'a> {
    world: World,
    roles: Vec<(String, &'a Value)>,
    /// Recorded ids of calls by role, and what they are called here.
    ids: BTreeMap<(usize, String), String>,
}

impl<'a> Telling<'a> {
    fn new(trace: &'a Value) -> Self {
        let mut world = World::new(1);
        let mut roles = Vec::new();
        for (role, client) in trace["clients"].as_object().unwrap() {
            let link = client["kind"].as_str().unwrap().contains("link");
            let user = match client["user"].as_str().unwrap() {
                "alice@example.com" => "alice@example.com",
                "bob@example.com" => "bob@example.com",
                "carol@example.com" => "carol@example.com",
                other => panic!("who is {other}?"),
            };
            let page = world.page(user, if link { "1" } else { "v2.0" });
            world.pages[page].configure_semantics(client["config"]["call"]["sdpSemantics"].as_str().unwrap());
            roles.push((role.clone(), client));
        }
        Self { world, roles, ids: BTreeMap::new() }
    }

    /// Does what the applications did, and compares what they heard. Returns how many events were compared.
    fn tell(mut self, name: &str) -> usize {
        let mut steps: Vec<(u64, usize, &Value)> = Vec::new();
        for (page, (_, client)) in self.roles.iter().enumerate() {
            let trace = client["trace"].as_array().unwrap();
            let done =
                |e: &&Value| e.get("call").is_some() || e["run"].as_str().is_some_and(|code| code.contains(STATS));
            steps.extend(trace.iter().filter(done).map(|e| (e["t"].as_u64().unwrap(), page, e)));
        }
        steps.sort_by_key(|(t, ..)| *t);
        for (t, page, step) in steps {
            self.wait(name, t);
            self.act(page, step);
        }
        self.wait(name, u64::MAX);
        self.world.run(10_000);
        (0..self.roles.len()).map(|page| self.compare(name, page)).sum()
    }

    /// Waits until every page has heard what it had heard at that time in the recording.
    fn wait(&mut self, name: &str, t: u64) {
        // The recorded server asked the transferred party for an offer before the target had answered; ours leaves it in peace.
        let later = |page: &usize| name.starts_with("direct-transfer") && self.roles[*page].0 == "b" && t < u64::MAX;
        let counts =
            (0..self.roles.len()).map(|page| if later(&page) { 0 } else { self.recorded(name, page, t).len() });
        let counts: Vec<usize> = counts.collect();
        self.world.until(name, |w| counts.iter().zip(&w.pages).all(|(count, page)| heard(page).len() >= *count));
    }

    fn act(&mut self, page: usize, step: &Value) {
        let args = &step["args"];
        let media = |at: usize| kandy_wire::encode(&args[at]);
        // What the application did in code of its own: the last thing in it is to ask for statistics.
        match step["call"].as_str().unwrap_or("call.getStats") {
            "connect" if args[0]["password"] == "not-the-password" => {
                let json = r#"{"type":"connect","credentials":{"username":"alice@example.com","password":"wrong"}}"#;
                self.world.act(page, json);
            }
            "connect" => self.world.connect(page),
            "disconnect" => self.world.act(page, r#"{"type":"disconnect"}"#),
            "call.make" => {
                let to = args[0].as_str().unwrap();
                let id = self.world.make_with(page, to, &media(1), &media(2));
                self.ids.insert((page, step["result"].as_str().unwrap().to_owned()), id);
            }
            "call.answer" => {
                let (id, media, options) = (self.id(page, &args[0]), media(1), media(2));
                let json = format!(r#"{{"type":"call.answer","callId":"{id}","media":{media},"options":{options}}}"#);
                self.world.act(page, &json);
            }
            what @ ("call.forward" | "call.directTransfer") => {
                let (id, to) = (self.id(page, &args[0]), &args[1]);
                self.world.act(page, &format!(r#"{{"type":"{what}","callId":"{id}","destination":{to}}}"#));
            }
            "call.consultativeTransfer" => {
                let (id, other) = (self.id(page, &args[0]), self.id(page, &args[1]));
                let json = format!(r#"{{"type":"call.consultativeTransfer","callId":"{id}","otherCallId":"{other}"}}"#);
                self.world.act(page, &json);
            }
            "call.replaceTrack" => {
                let (id, track, media) = (self.id(page, &args[0]), self.picture(page), media(2));
                let json =
                    format!(r#"{{"type":"call.replaceTrack","callId":"{id}","trackId":"{track}","media":{media}}}"#);
                self.world.act(page, &json);
            }
            "call.sendDTMF" => {
                let (id, tone) = (self.id(page, &args[0]), &args[1]);
                self.world.act(page, &format!(r#"{{"type":"call.sendDTMF","callId":"{id}","tone":{tone}}}"#));
            }
            "call.getStats" => {
                let id = self.id(page, &args[0]);
                let track = match args[1].as_str() {
                    None => String::new(),
                    Some("no-such-track") => r#","trackId":"no-such-track""#.to_owned(),
                    Some(_) => format!(r#","trackId":"{}""#, self.sound(page)),
                };
                self.world.act(page, &format!(r#"{{"type":"call.getStats","callId":"{id}"{track}}}"#));
            }
            what @ ("media.muteTracks" | "media.unmuteTracks") => {
                let track = self.sound(page);
                self.world.act(page, &format!(r#"{{"type":"{what}","trackIds":["{track}"]}}"#));
            }
            "call.addMedia" => {
                let id = self.id(page, &args[0]);
                self.world.act(page, &format!(r#"{{"type":"call.addMedia","callId":"{id}","media":{}}}"#, media(1)));
            }
            "call.removeMedia" => {
                let (id, tracks) = (self.id(page, &args[0]), self.tracks(page, &args[1]));
                self.world.act(page, &format!(r#"{{"type":"call.removeMedia","callId":"{id}","tracks":{tracks}}}"#));
            }
            what @ ("call.end" | "call.reject" | "call.ignore" | "call.hold" | "call.unhold") => {
                let id = self.id(page, &args[0]);
                self.world.act(page, &format!(r#"{{"type":"{what}","callId":"{id}"}}"#));
            }
            // Where tracks are shown tells nothing.
            "media.renderTracks" | "media.removeTracks" => {}
            other => panic!("{other} is not known here"),
        }
    }

    /// The track that a page removes: its picture. There is one in each of these recordings.
    fn tracks(&self, page: usize, recorded: &Value) -> String {
        assert_eq!(recorded.as_array().unwrap().len(), 1);
        format!(r#"["{}"]"#, self.picture(page))
    }

    fn picture(&self, page: usize) -> TrackId {
        self.local(page, Kind::Video)
    }

    fn sound(&self, page: usize) -> TrackId {
        self.local(page, Kind::Audio)
    }

    fn local(&self, page: usize, kind: Kind) -> TrackId {
        self.world.pages[page].live_tracks.values().find(|track| track.kind == kind).unwrap().id.clone()
    }

    /// What a recorded call is called here: a call that came in is the last one that did.
    fn id(&mut self, page: usize, recorded: &Value) -> String {
        let key = (page, recorded.as_str().unwrap().to_owned());
        let incoming = || self.world.pages[page].calls().pop().expect("a call that came in").id.0;
        self.ids.entry(key).or_insert_with(incoming).clone()
    }

    /// The recorded events of a page up to a time, in the form in which they are compared.
    fn recorded(&self, name: &str, page: usize, until: u64) -> Vec<Said> {
        let (role, client) = &self.roles[page];
        let mut ended: Vec<&Value> = Vec::new();
        let mut all: Vec<Said> = Vec::new();
        for entry in client["trace"].as_array().unwrap() {
            let (Some(kind), true) = (entry["type"].as_str(), entry["t"].as_u64().unwrap() <= until) else { continue };
            let payload = &entry["args"][0];
            // After a hold, released clients tell each end of a remote track twice (api-behaviour 7.10).
            let again = kind == "call:trackEnded" && ended.contains(&&payload["trackId"]);
            if again || LEFT_OUT.contains(&kind) {
                continue;
            }
            // Released clients forget to tell the end of their own track where a transfer has replaced the connection, and that of
            // a track that took another's place.
            let ending =
                entry["callObject"]["state"] == "Ended" || entry["callObject"]["localOp"]["operation"] == "END";
            let call = payload["callId"].as_str().unwrap_or_default().to_owned();
            let own =
                |(of, words): &Said| *of == call && words.contains("call:trackEnded") && words.contains("local true");
            let forgotten = (name.contains("-transfer") && payload["local"] != true && !all.iter().any(own))
                || (name == "replace-track" && role == "a" && kind == "call:trackEnded" && payload["local"] == true);
            if ending && forgotten {
                all.push((call.clone(), "call:trackEnded callId id local true trackId".to_owned()));
            }
            if kind == "call:trackEnded" {
                ended.push(&payload["trackId"]);
            }
            let words = words(kind, payload);
            let again = !ending && all.iter().any(|(_, said)| *said == words);
            all.extend(meant(name, role, words, again).into_iter().map(|words| (call.clone(), words)));
        }
        all
    }

    fn compare(&self, name: &str, page: usize) -> usize {
        let wanted = by_call(self.recorded(name, page, u64::MAX));
        let told = by_call(heard(&self.world.pages[page]));
        assert_eq!(told, wanted, "{name}, {}\n{}", self.roles[page].0, self.world.report());
        told.len()
    }
}

/// What is said, with the call that it is said of.
pub(crate) type Said = (String, String);

/// The order between events of different calls is nobody's promise (api-behaviour 24): what is said of one call stands together,
/// in the order in which the calls are first spoken of.
pub(crate) fn by_call(said: Vec<Said>) -> Vec<String> {
    let mut calls: Vec<&String> = Vec::new();
    for (call, _) in &said {
        if !calls.contains(&call) {
            calls.push(call);
        }
    }
    let of = |wanted: &String| said.iter().filter(|(call, _)| call == wanted).map(|(_, words)| words.clone()).collect();
    calls.iter().flat_map(|call| -> Vec<String> { of(call) }).collect()
}

/// The deliberate differences: what a recorded event is here. `again`: these words were recorded before,
/// and the call goes on.
fn meant(name: &str, role: &str, event: String, again: bool) -> Vec<String> {
    let scenario = name.split('.').next().unwrap_or_default();
    match (scenario, role) {
        // The recorded server withdraws a call by `callCancel`, or `callEnd` without a reason; ours says 487.
        ("cancel" | "cancel-callend" | "turn-credentials", "b") if event.starts_with("call:stateChange") => {
            let (start, _) = event.split_once(" transition ").unwrap_or((&event, ""));
            vec![[start, r#" transition {"prevState":"Ringing","statusCode":487}"#].concat()]
        }
        // Ours rings the target of a direct transfer without an offer: its answer is one, and the other side's tracks come with
        // the answer to that.
        ("direct-transfer", "c") if event.contains(r#""state":"Ringing""#) => {
            let previous = r#"previous {"localHold":false,"remoteHold":false,"state":"Ringing"} transition {}"#;
            let track = "call:newTrack callId id local false trackId".to_owned();
            vec![track, format!("call:stateChange callId {previous}")]
        }
        // The recorded server refuses the start; ours takes it and says 404, as the quick-start expects (legacy-3x 8).
        ("call-unknown-user", "a") if event.starts_with("call:stateChange") => {
            let previous = r#"previous {"localHold":false,"remoteHold":false,"state":"Initiated"}"#;
            vec![
                "call:start callId".to_owned(),
                "call:trackEnded callId id local true trackId".to_owned(),
                format!(r#"call:stateChange callId {previous} transition {{"reasonText":"…","statusCode":404}}"#),
            ]
        }
        // A released client that holds does not see that the other side holds, too, and calls itself connected when it resumes
        // first (api-behaviour 7.9).
        ("hold-by-both", "a") if again && event.contains(r#"{"localHold":true,"remoteHold":false,"#) => {
            vec![event.replace(r#""remoteHold":false"#, r#""remoteHold":true"#)]
        }
        ("hold-by-both", "a") if again && event.contains(r#""state":"Connected"}"#) => {
            vec![event.replace(r#""remoteHold":false,"state":"Connected""#, r#""remoteHold":true,"state":"On Hold""#)]
        }
        // Released clients say nothing when the other side removes a track (api-behaviour 7.12); it comes back here.
        ("remove-media", "b") if event.starts_with("call:newTrack") && event.contains("local false") => {
            vec![event.replace("call:newTrack", "call:trackEnded"), event]
        }
        _ => vec![event],
    }
}

/// What a page heard, in the form in which it is compared.
pub(crate) fn heard(page: &crate::page::Page) -> Vec<Said> {
    let events = page.events.iter().map(|event| serde_json::to_value(event).unwrap());
    events
        .filter(|event| !LEFT_OUT.contains(&event["type"].as_str().unwrap()))
        .map(|event| {
            let call = event["payload"]["callId"].as_str().unwrap_or_default().to_owned();
            (call, words(event["type"].as_str().unwrap(), &event["payload"]))
        })
        .collect()
}

/// Name of an event, the members of its payload, and the values of those that do not differ from run to run. A member that is
/// undefined counts as absent; of texts for people only that they are there is compared.
pub(crate) fn words(kind: &str, payload: &Value) -> String {
    let members = payload.as_object().into_iter().flatten().filter(|(_, value)| !value.is_null());
    let mut text = kind.to_owned();
    for (key, value) in members {
        match key.as_str() {
            // Additions for applications of the older style (legacy-3x 7.5).
            "state" | "joinedCalls" => {}
            "callId" | "id" | "trackId" | "mediaId" | "newTrackId" | "oldTrack" | "result" => {
                text += &format!(" {key}")
            }
            "tracks" => text += &format!(" {} tracks", value.as_array().unwrap().len()),
            "error" => text += &format!(" error {}", value["code"]),
            "transition" => {
                let mut transition = value.clone();
                if let Some(reason) = transition.get_mut("reasonText") {
                    *reason = Value::from("…");
                }
                text += &format!(" transition {transition}");
            }
            "previous" => {
                let mut previous = value.clone();
                if let Some(members) = previous.as_object_mut() {
                    members.retain(|_, value| !value.is_null());
                }
                text += &format!(" previous {previous}");
            }
            _ => text += &format!(" {key} {value}"),
        }
    }
    // An event without a transition has none to compare.
    if kind == "call:stateChange" && !text.contains(" transition ") {
        text += " transition {}";
    }
    text
}
