//! The operation scripts of `tests/peer-scripts.json`: read here once, run on the fake peer connection by
//! `crates/switch/tests/peer_scripts.rs` and on real ones by `tests/browser/peer.rs`.
//!
//! A script names two connections, `a` and `b`, and says of every step what is reported and which signalling state follows.

use std::collections::BTreeMap;

use kandy_core::{
    OpId, TrackId,
    effect::{Direction, Line, PeerAction, SdpKind},
    input::{Kind, PeerFact},
};
use kandy_wire::Value;

/// One story.
#[derive(Debug)]
pub(crate) struct Script {
    pub(crate) name: String,
    pub(crate) steps: Vec<Step>,
}

/// One operation and its expected outcome.
#[derive(Debug)]
pub(crate) struct Step {
    /// `a` or `b`
    pub(crate) peer: String,
    /// What to do: `open`, `offer`, `answer`, `apply`, `rollback`, `swap`, `tones`, `stats`, `close`.
    verb: String,
    lines: Vec<WantedLine>,
    /// Name under which the description that is made is kept, or of the one to apply.
    sdp: String,
    /// What the applied text is, `offer` or `answer`.
    kind: SdpKind,
    /// How many m-sections of it are applied; all when absent.
    keep: usize,
    /// Applied in place of a kept description.
    text: Option<String>,
    /// The wanted outcome, in the words of [`Run::outcome`].
    pub(crate) gives: String,
    /// The wanted signalling state afterwards.
    pub(crate) state: String,
}

#[derive(Debug)]
struct WantedLine {
    /// Number of the m-section; a new one when absent.
    at: Option<u64>,
    kind: Kind,
    direction: Direction,
    with_track: bool,
}

/// Reads the scripts.
pub(crate) fn read(json: &str) -> Vec<Script> {
    let scripts: Value = kandy_wire::decode(json).unwrap_or_default();
    let script = |value: &Value| Script {
        name: text(value, "name"),
        steps: list(value, "steps").iter().map(read_step).collect(),
    };
    scripts.as_array().map(|all| all.iter().map(script).collect()).unwrap_or_default()
}

fn read_step(value: &Value) -> Step {
    Step {
        peer: text(value, "peer"),
        verb: text(value, "do"),
        lines: list(value, "lines").iter().map(read_line).collect(),
        sdp: text(value, "sdp"),
        kind: if text(value, "kind") == "answer" { SdpKind::Answer } else { SdpKind::Offer },
        keep: value.get("keep").and_then(Value::as_u64).map_or(usize::MAX, |n| n as usize),
        text: value.get("text").and_then(Value::as_str).map(str::to_owned),
        gives: text(value, "gives"),
        state: text(value, "state"),
    }
}

/// `"audio sendrecv track"`, `"0 video recvonly"`: where it stands if it is not new, its kind, its direction, and whether a
/// local track is sent.
fn read_line(value: &Value) -> WantedLine {
    let words: Vec<&str> = value.as_str().unwrap_or_default().split(' ').collect();
    let has = |word: &str| words.contains(&word);
    WantedLine {
        at: words.first().and_then(|word| word.parse().ok()),
        kind: if has("video") { Kind::Video } else { Kind::Audio },
        direction: match () {
            () if has("sendonly") => Direction::SendOnly,
            () if has("recvonly") => Direction::RecvOnly,
            () if has("inactive") => Direction::Inactive,
            () => Direction::SendRecv,
        },
        with_track: has("track"),
    }
}

fn text(value: &Value, name: &str) -> String {
    value.get(name).and_then(Value::as_str).unwrap_or_default().to_owned()
}

fn list<'a>(value: &'a Value, name: &str) -> &'a [Value] {
    value.get(name).and_then(Value::as_array).map(Vec::as_slice).unwrap_or_default()
}

/// What is remembered while a script runs.
#[derive(Debug, Default)]
pub(crate) struct Run {
    /// Descriptions that were made, by their names.
    made: BTreeMap<String, String>,
    /// The `a=mid` values of the description that a connection made or applied last.
    mids: BTreeMap<String, Vec<String>>,
    last_op: u64,
}

impl Run {
    /// The step as an action; `track` names the local track of a kind.
    pub(crate) fn action(&mut self, step: &Step, track: impl Fn(Kind) -> TrackId) -> PeerAction {
        self.last_op += 1;
        let op = OpId(self.last_op);
        let mids = self.mids.get(&step.peer).cloned().unwrap_or_default();
        let line = |wanted: &WantedLine| Line {
            mid: wanted.at.map(|at| mids.get(at as usize).cloned().unwrap_or_else(|| "nowhere".to_owned())),
            kind: wanted.kind,
            track: wanted.with_track.then(|| track(wanted.kind)),
            direction: wanted.direction,
        };
        let lines = step.lines.iter().map(line).collect();
        match step.verb.as_str() {
            "open" => PeerAction::Open { ice_servers: Vec::new() },
            "offer" => PeerAction::Offer { op, lines, ice_restart: false, gather: GATHER },
            "answer" => PeerAction::Answer { op, lines, gather: GATHER },
            "apply" => PeerAction::ApplyRemote { op, kind: step.kind, sdp: self.to_apply(step) },
            "rollback" => PeerAction::Rollback { op },
            // In place of a track that nobody sends.
            "swap" => PeerAction::SwapTrack { op, old: TrackId("nobody".to_owned()), new: track(Kind::Audio) },
            "tones" => PeerAction::Tones { op, tones: "5".to_owned(), duration: 40, gap: 30 },
            "stats" => PeerAction::Stats { op, track: None },
            _ => PeerAction::Close,
        }
    }

    fn to_apply(&self, step: &Step) -> String {
        let text = step.text.clone().or_else(|| self.made.get(&step.sdp).cloned()).unwrap_or_default();
        if sections(&text).len() <= step.keep {
            return text;
        }
        let mut seen = 0;
        let mut kept = String::new();
        for line in text.lines().filter(|line| !line.starts_with("a=group:")) {
            seen += usize::from(line.starts_with("m="));
            if seen <= step.keep {
                kept += line;
                kept += "\r\n";
            }
        }
        kept
    }

    /// What was reported of a step, in words: `made audio sendrecv msid, video recvonly`, `applied 0 audio, - video`,
    /// `failed InvalidStateError`, `done`, `nothing`. Changes of the connection state are left out.
    pub(crate) fn outcome(&mut self, step: &Step, action: &PeerAction, facts: &[PeerFact]) -> String {
        let mut told = Vec::new();
        for fact in facts {
            told.push(match fact {
                PeerFact::Made { sdp, .. } => {
                    self.made.insert(step.sdp.clone(), sdp.clone());
                    self.mids.insert(step.peer.clone(), mids(sdp));
                    format!("made {}", sections(sdp).join(", "))
                }
                PeerFact::Applied { lines, .. } => {
                    let PeerAction::ApplyRemote { sdp, .. } = action else { return "applied unasked".to_owned() };
                    let mids = mids(sdp);
                    let place = |mid: &Option<String>| {
                        let at = mids.iter().position(|m| Some(m) == mid.as_ref());
                        at.map_or("-".to_owned(), |at| at.to_string())
                    };
                    let lines: Vec<_> =
                        lines.iter().map(|l| format!("{} {}", place(&l.mid), kind_text(l.track.kind))).collect();
                    self.mids.insert(step.peer.clone(), mids.clone());
                    format!("applied {}", lines.join(", "))
                }
                PeerFact::Done { .. } => "done".to_owned(),
                PeerFact::Failed { name, .. } => format!("failed {name}"),
                PeerFact::Connection(_) => continue,
            });
        }
        if told.is_empty() { "nothing".to_owned() } else { told.join("; ") }
    }
}

/// Every m-section in words: kind, direction, whether a stream is named, and what it lacks.
fn sections(sdp: &str) -> Vec<String> {
    let mut words: Vec<Vec<&str>> = Vec::new();
    for line in sdp.lines() {
        if let Some(m) = line.strip_prefix("m=") {
            let mut parts = m.split(' ');
            words.push(vec![parts.next().unwrap_or_default()]);
            if let (Some("0"), Some(section)) = (parts.next(), words.last_mut()) {
                section.push("rejected");
            }
        }
        let Some(section) = words.last_mut() else { continue };
        match line.strip_prefix("a=") {
            Some(direction @ ("sendrecv" | "sendonly" | "recvonly" | "inactive")) => section.push(direction),
            Some(other) if other.starts_with("msid:") && !other.starts_with("msid:-") => section.push("msid"),
            Some(other) if other.starts_with("mid:") => section.push("mid"),
            // Its port is that of another section (RFC 9143 6).
            Some("bundle-only") => section.retain(|word| *word != "rejected"),
            _ => {}
        }
    }
    words.into_iter().map(in_words).collect()
}

/// The order of attributes is the browser's own; ours is fixed. `mid` is only mentioned where it is missing, and `msid` only where
/// something is sent: browsers differ in whether a line that rests still names its stream.
fn in_words(section: Vec<&str>) -> String {
    let order = |word: &&str| match *word {
        "audio" | "video" => 0,
        "msid" => 2,
        _ => 1,
    };
    let sends = section.contains(&"sendrecv") || section.contains(&"sendonly");
    let told = |word: &&str| *word != "mid" && (sends || *word != "msid");
    let mut words: Vec<&str> = section.iter().copied().filter(told).collect();
    words.sort_by_key(order);
    words.dedup();
    if !section.contains(&"mid") {
        words.push("without mid");
    }
    words.join(" ")
}

fn mids(sdp: &str) -> Vec<String> {
    sdp.lines().filter_map(|line| line.strip_prefix("a=mid:")).map(str::to_owned).collect()
}

fn kind_text(kind: Kind) -> &'static str {
    match kind {
        Kind::Audio => "audio",
        Kind::Video => "video",
    }
}

/// Milliseconds.
const GATHER: u64 = 3_000;
