//! A party that is no client of ours: a telephone on a desk, behind a server that is played by hand. What the page asks of that
//! server is written down, and answered at once, later, or with a refusal.

use std::collections::BTreeMap;

use kandy_core::{
    Input, OpId, TrackId,
    effect::{Direction, HttpRequest, Line, PeerAction, SdpKind},
    ids::StreamId,
    input::{HttpResponse, Kind, PeerFact, TrackInfo},
};
use kandy_wire::Value;

use crate::{fake_peer::FakePeer, world::World};

/// A request of a page about one of its calls.
#[derive(Debug, Clone)]
pub(crate) struct Asked {
    pub at: u64,
    /// `callStart`, `ringing`, …; `reject`, `forward`; `end`
    pub what: String,
    pub sdp: String,
    /// The telephone has taken it up.
    taken: bool,
}

/// The server's side of all calls of one page, in place of the switch.
#[derive(Debug, Default)]
pub(crate) struct Script {
    pub asked: Vec<Asked>,
    /// Requests of this kind are refused with this HTTP status and code.
    pub refuses: BTreeMap<&'static str, (u16, i64)>,
    /// Answers are kept back until [`World::answer_late`].
    pub keeps_back: bool,
    kept: Vec<(OpId, HttpResponse)>,
    calls: usize,
}

impl Script {
    /// The answer to a request about a call, unless it is kept back or is about something else.
    pub(crate) fn answer(&mut self, at: u64, op: OpId, request: &HttpRequest) -> Option<HttpResponse> {
        let body = kandy_wire::parse(request.body.as_deref().unwrap_or_default()).unwrap_or_default();
        let (control, disposition) = (&body["callControlRequest"], &body["callDispositionRequest"]);
        let text = |value: &Value| value.as_str().unwrap_or_default().to_owned();
        let what = match request.method {
            "DELETE" => "end".to_owned(),
            _ if control.is_object() => text(&control["type"]),
            _ => text(&disposition["action"]),
        };
        let (status, code) = self.refuses.get(what.as_str()).copied().unwrap_or((200, 0));
        let wrapper = if disposition.is_object() { "callDispositionResponse" } else { "callControlResponse" };
        let mut body = format!(r#"{{"{wrapper}":{{"statusCode":{code}"#);
        if what == "callStart" {
            self.calls += 1;
            body += &format!(r#","sessionData":"out-{}""#, self.calls);
        }
        self.asked.push(Asked { at, what, sdp: text(&control["sdp"]), taken: false });
        let response = HttpResponse {
            status,
            status_text: String::new(),
            content_type: Some("application/json".to_owned()),
            body: body + "}}",
        };
        if self.keeps_back {
            self.kept.push((op, response));
            return None;
        }
        Some(response)
    }
}

impl World {
    /// The server of this page's calls is played by hand from now on.
    pub(crate) fn play_server(&mut self, page: usize) {
        self.scripts.insert(page, Script::default());
    }

    pub(crate) fn script(&mut self, page: usize) -> &mut Script {
        self.scripts.get_mut(&page).unwrap()
    }

    /// How often a page asked for something.
    pub(crate) fn times_asked(&self, page: usize, what: &str) -> usize {
        self.scripts[&page].asked.iter().filter(|asked| asked.what == what).count()
    }

    /// The description in the last request of this kind.
    pub(crate) fn last(&self, page: usize, what: &str) -> String {
        self.scripts[&page].asked.iter().rfind(|asked| asked.what == what).unwrap().sdp.clone()
    }

    /// Gives the answers that were kept back.
    pub(crate) fn answer_late(&mut self, page: usize) {
        let kept = std::mem::take(&mut self.script(page).kept);
        self.script(page).keeps_back = false;
        for (op, response) in kept {
            self.later(page, Input::Http(op, Ok(response)));
        }
    }

    /// Notifies a page of something about a session. `more` are further members of the parameters, as JSON behind a comma.
    pub(crate) fn notify(&mut self, page: usize, event: &str, session: &str, sdp: Option<&str>, more: &str) {
        let sdp = sdp.map(|sdp| format!(r#","sdp":{}"#, Value::from(sdp))).unwrap_or_default();
        let id = self.number();
        let text = format!(
            r#"{{"notificationMessage":{{"eventType":"{event}","eventId":"{id}","time":{},
                "sessionParams":{{"sessionData":"{session}"{sdp}{more}}},
                "callNotificationParams":{{"callerName":"Desk","callerDisplayNumber":"desk@example.com",
                "remoteName":"Desk","remoteDisplayNumber":"desk@example.com"}}}}}}"#,
            self.now
        );
        self.down(page, text);
    }
}

/// A telephone in a call with a page.
#[derive(Debug)]
pub(crate) struct Phone {
    page: usize,
    pub session: String,
    peer: FakePeer,
    tracks: Vec<TrackInfo>,
    /// Kind and name of each line that was described.
    lines: Vec<(Kind, Option<String>)>,
}

impl Phone {
    /// A telephone with these media, that calls or will be called as this session.
    pub(crate) fn new(page: usize, session: &str, kinds: &[Kind]) -> Self {
        let seed = session.bytes().fold(7u64, |sum, b| sum.wrapping_mul(31).wrapping_add(u64::from(b)));
        let mut peer = FakePeer::new(seed);
        peer.act(&PeerAction::Open { ice_servers: Vec::new() });
        let track = |kind: &Kind| TrackInfo {
            id: TrackId(format!("{session}-{kind:?}")),
            stream: StreamId(session.to_owned()),
            kind: *kind,
            label: String::new(),
            muted: false,
        };
        let tracks: Vec<TrackInfo> = kinds.iter().map(track).collect();
        tracks.iter().for_each(|track| peer.learn(track));
        let lines = kinds.iter().map(|kind| (*kind, None)).collect();
        Self { page, session: session.to_owned(), peer, tracks, lines }
    }

    /// Calls the page, in words of its own, and waits until it rings there.
    pub(crate) fn call(&mut self, world: &mut World, words: impl Fn(String) -> String) {
        let offer = words(self.describe(&[Direction::SendRecv; 2]));
        self.ring(world, Some(&offer));
    }

    /// Calls the page without an offer, and waits until it rings there.
    pub(crate) fn call_slowly(&mut self, world: &mut World) {
        self.ring(world, None);
    }

    fn ring(&mut self, world: &mut World, offer: Option<&str>) {
        let before = world.times_asked(self.page, "ringing");
        world.notify(self.page, "call", &self.session, offer, "");
        let page = self.page;
        world.until("it rings", |w| w.times_asked(page, "ringing") > before);
        world.run(20);
    }

    /// The page's user answers; the telephone takes the answer.
    pub(crate) fn is_answered(&mut self, world: &mut World, media: &str) {
        let id = world.pages[self.page].call().id;
        world.act(self.page, &format!(r#"{{"type":"call.answer","callId":"{id}","media":{media}}}"#));
        let answer = self.said(world, "callAnswer");
        self.take(SdpKind::Answer, &answer);
    }

    /// Takes the page's call, or its answer without an offer of ours, in words of its own.
    pub(crate) fn pick_up(&mut self, world: &mut World, what: &str, words: impl Fn(String) -> String) {
        let offer = self.said(world, what);
        let answer = words(self.reply(&offer, &[Direction::SendRecv; 2]));
        world.notify(self.page, "respondCallUpdate", &self.session, Some(&answer), "");
        world.run(50);
    }

    /// Offers its lines with these directions, in words of its own. Returns what the page answered.
    pub(crate) fn offer(
        &mut self,
        world: &mut World,
        directions: &[Direction],
        words: impl Fn(String) -> String,
    ) -> String {
        let offer = words(self.describe(directions));
        world.notify(self.page, "startCallUpdate", &self.session, Some(&offer), "");
        let answer = self.said(world, "respondCallUpdate");
        world.run(50);
        self.take(SdpKind::Answer, &answer);
        answer
    }

    /// Asks the page for an offer, and answers that with these directions. Returns the page's offer.
    pub(crate) fn ask(&mut self, world: &mut World, directions: &[Direction]) -> String {
        world.notify(self.page, "startCallUpdate", &self.session, None, "");
        let offer = self.said(world, "respondCallUpdate");
        let answer = self.reply(&offer, directions);
        world.notify(self.page, "respondCallUpdate", &self.session, Some(&answer), "");
        world.run(50);
        offer
    }

    /// Answers the page's next offer in mid-call.
    pub(crate) fn agree(&mut self, world: &mut World, directions: &[Direction], words: impl Fn(String) -> String) {
        let offer = self.said(world, "startCallUpdate");
        let answer = words(self.reply(&offer, directions));
        world.notify(self.page, "respondCallUpdate", &self.session, Some(&answer), "");
        world.run(50);
    }

    /// Waits for the page's next request of this kind and takes its description.
    fn said(&self, world: &mut World, what: &str) -> String {
        let page = self.page;
        let next = move |asked: &Asked| asked.what == what && !asked.taken;
        world.until(what, |w| w.scripts[&page].asked.iter().any(next));
        let asked = world.script(page).asked.iter_mut().find(|asked| next(asked)).unwrap();
        asked.taken = true;
        asked.sdp.clone()
    }

    /// An offer of its lines with these directions.
    pub(crate) fn describe(&mut self, directions: &[Direction]) -> String {
        let lines = self.wanted(directions);
        let offer = made(self.peer.act(&PeerAction::Offer { op: OpId(1), lines, ice_restart: false, gather: 0 }));
        self.learn(&offer);
        offer
    }

    /// Its answer to an offer.
    fn reply(&mut self, offer: &str, directions: &[Direction]) -> String {
        self.take(SdpKind::Offer, offer);
        let lines = self.wanted(directions);
        made(self.peer.act(&PeerAction::Answer { op: OpId(1), lines, gather: 0 }))
    }

    fn take(&mut self, kind: SdpKind, sdp: &str) {
        self.learn(sdp);
        let facts = self.peer.act(&PeerAction::ApplyRemote { op: OpId(1), kind, sdp: sdp.to_owned() });
        assert!(matches!(facts.first(), Some(PeerFact::Applied { .. })), "{facts:?}\n{sdp}");
    }

    fn learn(&mut self, sdp: &str) {
        let kind = |section: &str| if section.starts_with("audio") { Kind::Audio } else { Kind::Video };
        let mid = |section: &str| section.lines().find_map(|line| line.strip_prefix("a=mid:").map(str::to_owned));
        self.lines = sdp.split("\r\nm=").skip(1).map(|section| (kind(section), mid(section))).collect();
    }

    fn wanted(&self, directions: &[Direction]) -> Vec<Line> {
        let track = |kind: Kind| self.tracks.iter().find(|track| track.kind == kind).map(|track| track.id.clone());
        let line = |((kind, mid), direction): (&(Kind, Option<String>), &Direction)| Line {
            mid: mid.clone(),
            kind: *kind,
            track: track(*kind),
            direction: *direction,
        };
        self.lines.iter().zip(directions).map(line).collect()
    }
}

fn made(facts: Vec<PeerFact>) -> String {
    match facts.into_iter().next() {
        Some(PeerFact::Made { sdp, .. }) => sdp,
        other => panic!("a description, not {other:?}"),
    }
}
