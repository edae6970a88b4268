use std::{collections::BTreeMap, rc::Rc};

use kandy_core::{
    Input, OpId, PeerId,
    config::IceServer,
    effect::{Direction, Line, PeerAction, SdpKind},
    input::{ConnectionState, Kind, PeerFact, RemoteLine, TrackFact, TrackInfo},
};
use kandy_wasm::web::{peers::Peers, tracks::Tracks};
use wasm_bindgen::JsValue;
use wasm_bindgen_test::{console_log, wasm_bindgen_test};

use crate::{
    script::{self, Run, Script},
    world::{Replaced, Reports, local_tracks, local_tracks_reporting, of_kind, window},
};

/// One side: its connections, its local tracks, and what it reports.
struct Side {
    peers: Peers,
    tracks: Rc<Tracks>,
    local: Vec<TrackInfo>,
    reports: Reports,
    id: PeerId,
}

impl Side {
    async fn new(name: &str) -> Self {
        let (report, mut reports) = Reports::new();
        let (tracks, local) = local_tracks_reporting(report.clone(), &mut reports).await;
        Self { peers: Peers::new(report, tracks.clone()), tracks, local, reports, id: PeerId::from(name) }
    }

    /// With tracks that report elsewhere.
    fn with(name: &str, tracks: Rc<Tracks>, local: Vec<TrackInfo>) -> Self {
        let (report, reports) = Reports::new();
        Self { peers: Peers::new(report, tracks.clone()), tracks, local, reports, id: PeerId::from(name) }
    }

    fn act(&self, action: PeerAction) {
        self.peers.act(self.id.clone(), action);
    }

    fn open(&self) {
        self.act(PeerAction::Open { ice_servers: Vec::new() });
    }

    /// The next fact that is no change of the connection state.
    async fn fact(&mut self) -> PeerFact {
        let wanted = |input: &Input| match input {
            Input::Peer(_, PeerFact::Connection(_)) => None,
            Input::Peer(_, fact) => Some(fact.clone()),
            _ => None,
        };
        self.reports.find(wanted).await
    }

    async fn failure(&mut self) -> String {
        match self.fact().await {
            PeerFact::Failed { name, .. } => name,
            other => panic!("{other:?}"),
        }
    }

    async fn made(&mut self) -> String {
        match self.fact().await {
            PeerFact::Made { sdp, .. } => sdp,
            other => panic!("{other:?}"),
        }
    }

    async fn applied(&mut self) -> Vec<RemoteLine> {
        match self.fact().await {
            PeerFact::Applied { lines, .. } => lines,
            other => panic!("{other:?}"),
        }
    }

    fn lines(&self, kinds: &[Kind], mids: &[Option<String>]) -> Vec<Line> {
        let line = |(kind, mid): (&Kind, &Option<String>)| Line {
            mid: mid.clone(),
            kind: *kind,
            track: Some(of_kind(&self.local, *kind).id),
            direction: Direction::SendRecv,
        };
        kinds.iter().zip(mids).map(line).collect()
    }

    fn offer(&self, op: u64, kinds: &[Kind]) -> PeerAction {
        let lines = self.lines(kinds, &vec![None; kinds.len()]);
        PeerAction::Offer { op: OpId(op), lines, ice_restart: false, gather: 3_000 }
    }

    async fn connected(&mut self) {
        let up = |input: &Input| {
            matches!(input, Input::Peer(_, PeerFact::Connection(ConnectionState::Connected))).then_some(())
        };
        self.reports.find(up).await;
    }
}

/// Calls from `a` to `b`, until both have applied everything; returns what each hears of the other.
async fn call(a: &mut Side, b: &mut Side, kinds: &[Kind]) -> [Vec<RemoteLine>; 2] {
    a.open();
    a.act(a.offer(1, kinds));
    let offer = a.made().await;
    b.open();
    b.act(PeerAction::ApplyRemote { op: OpId(1), kind: SdpKind::Offer, sdp: offer });
    let heard = b.applied().await;
    let mids: Vec<_> = heard.iter().map(|line| line.mid.clone()).collect();
    let lines = b.lines(kinds, &mids);
    b.act(PeerAction::Answer { op: OpId(2), lines, gather: 3_000 });
    let answer = b.made().await;
    a.act(PeerAction::ApplyRemote { op: OpId(2), kind: SdpKind::Answer, sdp: answer });
    [a.applied().await, heard]
}

#[wasm_bindgen_test]
async fn real_connections_follow_the_scripts_of_the_fake() {
    let locals = [local_tracks().await, local_tracks().await];
    let scripts = script::read(include_str!("../peer-scripts.json"));
    assert!(scripts.len() >= 14, "{} scripts were read", scripts.len());
    let mut wrong = Vec::new();
    for script in &scripts {
        let sides = ["a", "b"].into_iter().zip(&locals);
        let sides =
            sides.map(|(name, (tracks, local))| (name.to_owned(), Side::with(name, tracks.clone(), local.clone())));
        wrong.extend(play(script, sides.collect()).await);
    }
    console_log!("{} scripts on real peer connections", scripts.len());
    assert!(wrong.is_empty(), "{}", wrong.join("\n"));
}

async fn play(script: &Script, mut sides: BTreeMap<String, Side>) -> Vec<String> {
    let mut run = Run::default();
    let mut wrong = Vec::new();
    for (n, step) in script.steps.iter().enumerate() {
        let side = sides.get_mut(&step.peer).unwrap();
        let action = run.action(step, |kind| of_kind(&side.local, kind).id);
        side.act(action.clone());
        let facts = if step.gives == "nothing" {
            side.reports
                .rest()
                .await
                .into_iter()
                .filter_map(|i| if let Input::Peer(_, f) = i { Some(f) } else { None })
                .collect()
        } else {
            vec![side.fact().await]
        };
        let found = (run.outcome(step, &action, &facts), side.peers.signaling_state(&side.id));
        if found != (step.gives.clone(), step.state.clone()) {
            wrong.push(format!(
                "{}, step {n}: {found:?}, not {:?}: {facts:?}",
                script.name,
                (&step.gives, &step.state)
            ));
        }
    }
    wrong
}

#[wasm_bindgen_test]
async fn two_connections_of_one_page_connect_and_media_flows() {
    let (mut a, mut b) = (Side::new("a").await, Side::new("b").await);
    let [by_a, by_b] = call(&mut a, &mut b, &[Kind::Audio, Kind::Video]).await;
    for (heard, far) in [(&by_a, &b), (&by_b, &a)] {
        assert_eq!(heard.iter().map(|l| l.track.kind).collect::<Vec<_>>(), [Kind::Audio, Kind::Video]);
        for line in heard {
            assert_eq!(line.track.stream, far.local[0].stream, "the stream keeps its id");
        }
    }
    let flows = |kind: Kind, lines: &[RemoteLine]| {
        let id = lines.iter().find(|line| line.track.kind == kind).unwrap().track.id.clone();
        move |input: &Input| matches!(input, Input::Track(of, TrackFact::Muted(false)) if *of == id).then_some(())
    };
    a.connected().await;
    b.connected().await;
    b.reports.find(flows(Kind::Video, &by_b)).await;
}

#[wasm_bindgen_test]
async fn a_table_that_hears_its_own_tracks_tells_them_apart() {
    let (tracks, local) = local_tracks().await;
    let mut a = Side::with("a", tracks.clone(), local.clone());
    let mut b = Side::with("b", tracks.clone(), local.clone());
    let [by_a, by_b] = call(&mut a, &mut b, &[Kind::Audio]).await;
    let mut ids = vec![of_kind(&local, Kind::Audio).id, by_a[0].track.id.clone(), by_b[0].track.id.clone()];
    ids.sort();
    ids.dedup();
    assert_eq!(ids.len(), 3, "{ids:?}");
    a.act(PeerAction::Close);
    b.act(PeerAction::Close);
    assert!(tracks.get(&by_a[0].track.id).is_none() && tracks.get(&by_b[0].track.id).is_none(), "remote tracks go");
    assert!(local.iter().all(|info| tracks.get(&info.id).is_some()), "local tracks stay");
}

#[wasm_bindgen_test]
async fn a_description_without_streams_gives_each_track_one() {
    let (mut a, mut b) = (Side::new("a").await, Side::new("b").await);
    a.open();
    a.act(a.offer(1, &[Kind::Audio, Kind::Video]));
    let offer = a.made().await;
    let bare: String = offer.lines().filter(|l| !l.contains("msid")).flat_map(|l| [l, "\r\n"]).collect();
    b.open();
    b.act(PeerAction::ApplyRemote { op: OpId(1), kind: SdpKind::Offer, sdp: bare });
    let heard = b.applied().await;
    assert_eq!(heard.len(), 2);
    for line in heard {
        let (track, stream) = b.tracks.get(&line.track.id).unwrap();
        assert_eq!(stream.get_track_by_id(&track.id()), Some(track), "it can be shown");
        assert_eq!(stream.id(), line.track.stream.0);
    }
}

#[wasm_bindgen_test]
async fn operations_come_one_after_the_other() {
    let mut a = Side::new("a").await;
    a.open();
    a.act(a.offer(1, &[Kind::Audio]));
    a.act(PeerAction::Rollback { op: OpId(2) });
    a.act(PeerAction::Answer { op: OpId(3), lines: Vec::new(), gather: 10 });
    let mut told = Vec::new();
    for _ in 0..3 {
        told.push(match a.fact().await {
            PeerFact::Made { op, .. } => ("made", op.0),
            PeerFact::Done { op } => ("done", op.0),
            PeerFact::Failed { op, .. } => ("failed", op.0),
            other => panic!("{other:?}"),
        });
    }
    assert_eq!(told, [("made", 1), ("done", 2), ("failed", 3)]);
}

#[wasm_bindgen_test]
async fn too_many_operations_are_refused() {
    let mut a = Side::new("a").await;
    a.open();
    for op in 0..33 {
        a.act(PeerAction::Rollback { op: OpId(op) });
    }
    let PeerFact::Failed { op, name, .. } = a.fact().await else { panic!("a refusal") };
    assert_eq!((op.0, name.as_str()), (32, "OperationError"));
    for n in 0..32 {
        let PeerFact::Failed { op, name, .. } = a.fact().await else { panic!("a failure") };
        assert_eq!((op.0, name.as_str()), (n, "InvalidStateError"));
    }
}

#[wasm_bindgen_test]
async fn closing_drops_what_runs_and_what_waits() {
    let mut a = Side::new("a").await;
    a.open();
    a.act(a.offer(1, &[Kind::Audio]));
    a.act(PeerAction::Rollback { op: OpId(2) });
    a.act(PeerAction::Close);
    assert!(a.reports.rest().await.is_empty());
    a.open();
    a.act(a.offer(3, &[Kind::Audio]));
    a.made().await;
    let Side { peers, mut reports, .. } = a;
    drop(peers);
    assert!(reports.rest().await.is_empty());
}

#[wasm_bindgen_test]
async fn gathering_is_bounded() {
    let mut a = Side::new("a").await;
    let silent = IceServer { urls: vec!["stun:192.0.2.1:3478".to_owned()], ..IceServer::default() };
    a.act(PeerAction::Open { ice_servers: vec![silent] });
    let lines = a.lines(&[Kind::Audio], &[None]);
    a.act(PeerAction::Offer { op: OpId(1), lines, ice_restart: false, gather: 300 });
    let before = js_sys::Date::now();
    let sdp = a.made().await;
    assert!(js_sys::Date::now() - before < 3_000.0, "a server that is silent is not waited for");
    assert!(sdp.contains("a=ice-ufrag:"));
}

#[wasm_bindgen_test]
async fn restarting_ice_makes_new_credentials() {
    let (mut a, mut b) = (Side::new("a").await, Side::new("b").await);
    let [heard, _] = call(&mut a, &mut b, &[Kind::Audio]).await;
    let mut ufrags = Vec::new();
    for (op, ice_restart) in [(5, false), (6, false), (7, true)] {
        let lines = a.lines(&[Kind::Audio], &[heard[0].mid.clone()]);
        a.act(PeerAction::Offer { op: OpId(op), lines, ice_restart, gather: 3_000 });
        let sdp = a.made().await;
        assert!(sdp.contains("a=candidate:"), "its candidates are in it");
        ufrags.push(sdp.lines().find(|line| line.starts_with("a=ice-ufrag:")).unwrap().to_owned());
    }
    assert_eq!(ufrags[0], ufrags[1]);
    assert_ne!(ufrags[1], ufrags[2]);
}

#[wasm_bindgen_test]
async fn without_a_connection_every_operation_fails_with_the_reason() {
    let mut a = Side::new("a").await;
    let nonsense = IceServer { urls: vec!["nonsense".to_owned()], ..IceServer::default() };
    a.act(PeerAction::Open { ice_servers: vec![nonsense] });
    a.act(a.offer(1, &[Kind::Audio]));
    assert_eq!(a.failure().await, "SyntaxError");
    a.act(PeerAction::Close);

    let _without = Replaced::new(&window(), "RTCPeerConnection", &JsValue::UNDEFINED);
    a.open();
    a.act(a.offer(2, &[Kind::Audio]));
    assert_eq!(a.failure().await, "TypeError");
    a.act(PeerAction::Rollback { op: OpId(3) });
    assert_eq!(a.failure().await, "TypeError");
}
