//! The client side of recorded sessions, sent to the gateway as it was recorded; what comes back is compared with what the
//! released clients took (see `differences.rs` for how).

use std::collections::{BTreeMap, BTreeSet};

use serde_json::Value;
use tokio::task::JoinHandle;

use crate::{
    course,
    differences::{ALL, Comparison, Difference},
    mailbox,
    partner::Partner,
    recording::{self, Entry, Recording, Side, What},
    server::{Server, Socket},
};

/// What was compared.
#[derive(Debug, Default, Clone, Copy, PartialEq, Eq)]
struct Count {
    preflights: usize,
    responses: usize,
    frames: usize,
    notifications: usize,
}

macro_rules! recordings {
    ($($name:ident: $file:literal,)+) => {
        const FILES: &[&str] = &[$($file),+];
        $(#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
        async fn $name() {
            let (count, _) = replay($file).await;
            eprintln!("{}: {} pre-flights, {} responses, {} client frames, {} notifications", $file, count.preflights,
                count.responses, count.frames, count.notifications);
        })+
    };
}

recordings! {
    login_uc: "login.json",
    login_link: "login.link-uc.json",
    login_bad_password_uc: "login-bad-password.json",
    login_bad_password_link: "login-bad-password.link-uc.json",
    audio_call_uc_uc: "audio-call.json",
    audio_call_link_uc: "audio-call.link-uc.json",
    audio_call_uc_link: "audio-call.uc-link.json",
    audio_call_link_link: "audio-call.link-link.json",
    video_call_uc_uc: "video-call.json",
    video_call_link_uc: "video-call.link-uc.json",
    video_call_uc_link: "video-call.uc-link.json",
    video_call_audio_answer_uc_uc: "video-call-audio-answer.json",
    video_call_audio_answer_link_uc: "video-call-audio-answer.link-uc.json",
    reject_uc_uc: "reject.json",
    reject_link_uc: "reject.link-uc.json",
    reject_uc_link: "reject.uc-link.json",
    im_uc_uc: "im.json",
    im_link_link: "im.link-link.json",
    im_link_uc: "im.link-uc.json",
    im_uc_link: "im.uc-link.json",
    im_group_uc_uc: "im-group.json",
    im_history_uc_uc: "im-history.json",
    im_rich_uc_uc: "im-rich.json",
    im_unknown_user_uc_uc: "im-unknown-user.json",
    im_unknown_user_link_uc: "im-unknown-user.link-uc.json",
    call_history_uc_uc: "call-history.json",
    call_history_link_uc: "call-history.link-uc.json",
    contacts_uc_uc: "contacts.json",
    contacts_link_uc: "contacts.link-uc.json",
    presence_uc_uc: "presence.json",
    presence_link_link: "presence.link-link.json",
    presence_link_uc: "presence.link-uc.json",
    presence_uc_link: "presence.uc-link.json",
    services_partial_uc_uc: "services-partial.json",
    sip_events_uc_uc: "sip-events.json",
    sip_events_link_uc: "sip-events.link-uc.json",
    users_uc_uc: "users.json",
    users_link_uc: "users.link-uc.json",
    voicemail_uc_uc: "voicemail.json",
    voicemail_link_uc: "voicemail.link-uc.json",
    ignore_uc_uc: "ignore.json",
    ignore_link_uc: "ignore.link-uc.json",
    cancel_uc_uc: "cancel.json",
    cancel_link_uc: "cancel.link-uc.json",
    cancel_uc_link: "cancel.uc-link.json",
    call_end_by_callee_uc_uc: "call-end-by-callee.json",
    call_end_by_callee_link_uc: "call-end-by-callee.link-uc.json",
    call_end_by_callee_uc_link: "call-end-by-callee.uc-link.json",
    multi_device_uc_uc: "multi-device.json",
    multi_device_link_uc: "multi-device.link-uc.json",
    multi_device_uc_link: "multi-device.uc-link.json",
    add_media_uc_uc: "add-media.json",
    add_media_link_uc: "add-media.link-uc.json",
    add_media_uc_link: "add-media.uc-link.json",
    call_audit_uc_uc: "call-audit.json",
    call_offline_user_uc_uc: "call-offline-user.json",
    call_options_uc_uc: "call-options.json",
    call_unknown_user_uc_uc: "call-unknown-user.json",
    call_unknown_user_link_uc: "call-unknown-user.link-uc.json",
    cancel_callend_uc_uc: "cancel-callend.json",
    click_to_call_uc_uc: "click-to-call.json",
    click_to_call_link_uc: "click-to-call.link-uc.json",
    consultative_transfer_uc_uc: "consultative-transfer.json",
    consultative_transfer_link_uc: "consultative-transfer.link-uc.json",
    consultative_transfer_uc_link: "consultative-transfer.uc-link.json",
    direct_transfer_uc_uc: "direct-transfer.json",
    direct_transfer_link_uc: "direct-transfer.link-uc.json",
    dtmf_uc_uc: "dtmf.json",
    dtmf_link_uc: "dtmf.link-uc.json",
    forward_uc_uc: "forward.json",
    forward_link_uc: "forward.link-uc.json",
    forward_uc_link: "forward.uc-link.json",
    get_stats_uc_uc: "get-stats.json",
    hold_after_remote_video_uc_uc: "hold-after-remote-video.json",
    hold_by_both_uc_uc: "hold-by-both.json",
    hold_by_both_link_uc: "hold-by-both.link-uc.json",
    hold_by_both_uc_link: "hold-by-both.uc-link.json",
    hold_by_callee_uc_uc: "hold-by-callee.json",
    hold_by_callee_link_uc: "hold-by-callee.link-uc.json",
    hold_by_callee_uc_link: "hold-by-callee.uc-link.json",
    hold_by_caller_uc_uc: "hold-by-caller.json",
    hold_by_caller_link_link: "hold-by-caller.link-link.json",
    hold_by_caller_link_uc: "hold-by-caller.link-uc.json",
    hold_by_caller_uc_link: "hold-by-caller.uc-link.json",
    join_uc_uc: "join.json",
    join_link_uc: "join.link-uc.json",
    mute_uc_uc: "mute.json",
    remove_media_uc_uc: "remove-media.json",
    remove_media_link_uc: "remove-media.link-uc.json",
    replace_track_uc_uc: "replace-track.json",
    sdp_format_compressed_uc_uc: "sdp-format-compressed.json",
    sdp_format_url_uc_uc: "sdp-format-url.json",
    slow_start_uc_uc: "slow-start.json",
    turn_credentials_uc_uc: "turn-credentials.json",
    two_calls_uc_uc: "two-calls.json",
    ws_drop_in_call_uc_uc: "ws-drop-in-call.json",
}

#[test]
fn every_recording_in_the_folder_is_replayed() {
    let files = std::fs::read_dir(recording::folder()).unwrap();
    let files: BTreeSet<String> = files.map(|file| file.unwrap().file_name().into_string().unwrap()).collect();
    let files: BTreeSet<String> = files.into_iter().filter(|file| file.ends_with(".json")).collect();
    assert_eq!(files, FILES.iter().map(|file| (*file).to_owned()).collect());
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn every_difference_in_the_list_is_met() {
    let mut met = BTreeSet::new();
    for file in FILES {
        met.extend(replay(file).await.1);
    }
    assert_eq!(met, BTreeSet::from(ALL));
}

async fn replay(file: &str) -> (Count, BTreeSet<Difference>) {
    let (mut recording, bodies) = recording::read(file);
    let server = mailbox::server().await;
    let (entries, met) = course::ours(file, std::mem::take(&mut recording.entries));
    recording.entries = entries;
    let mut replay = Replay {
        file,
        recording: &recording,
        bodies,
        server,
        comparison: Comparison { met, ..Comparison::default() },
        requests: BTreeMap::new(),
        sockets: BTreeMap::new(),
        seen: BTreeSet::new(),
        partner: None,
        count: Count::default(),
    };
    for entry in &recording.entries {
        replay.step(entry).await;
    }
    assert!(replay.requests.is_empty(), "{file}: a request without its response");
    for (id, socket) in &mut replay.sockets {
        let mut rest = socket.rest().await;
        // Messages that are not known to have arrived come again after a new login, and clients drop them by their ids.
        rest.retain(|more| !replay.seen.contains(&seen(id, more)));
        assert_eq!(rest, [] as [Value; 0], "{file}: {id} got more than was recorded");
    }
    let recorded = Count {
        preflights: count(&recording, |what| matches!(what, What::HttpRequest { method, .. } if method == "OPTIONS")),
        responses: count(&recording, |what| matches!(what, What::HttpRequest { method, .. } if method != "OPTIONS")),
        frames: count(&recording, |what| matches!(what, What::WsMessage { from: Side::Client, .. })),
        notifications: count(&recording, |what| matches!(what, What::WsMessage { from: Side::Server, .. })),
    };
    assert_eq!(replay.count, recorded, "{file}");
    let Replay { server, comparison, count, sockets, partner, .. } = replay;
    if let Some(mut partner) = partner {
        partner.told("callEnd").await;
        partner.close().await;
    }
    for socket in sockets.into_values() {
        socket.close().await;
    }
    server.stop().await;
    (count, comparison.met)
}

/// Which client, by the name of its socket, has seen what.
fn seen(socket: &str, notification: &Value) -> (String, String) {
    let client = socket.split('-').next().unwrap();
    (client.to_owned(), notification["notificationMessage"]["eventId"].to_string())
}

fn kind(notification: &Value) -> &str {
    notification["notificationMessage"]["eventType"].as_str().unwrap_or_default()
}

fn count(recording: &Recording, like: impl Fn(&What) -> bool) -> usize {
    recording.entries.iter().filter(|entry| like(&entry.what)).count()
}

struct Replay<'a> {
    file: &'a str,
    recording: &'a Recording,
    bodies: BTreeMap<u32, String>,
    server: Server,
    comparison: Comparison,
    requests: BTreeMap<String, (Asked, JoinHandle<reqwest::Response>)>,
    sockets: BTreeMap<String, Socket>,
    /// Clients and ids of notifications, by which they drop what comes again on a new socket.
    seen: BTreeSet<(String, String)>,
    partner: Option<Partner>,
    count: Count,
}

/// What a pre-flight asks for.
type Asked = Option<(String, String)>;

impl Replay<'_> {
    async fn step(&mut self, entry: &Entry) {
        let place = format!("{} no. {}", self.file, entry.n);
        match &entry.what {
            What::HttpRequest { id, method, raw_url, headers, .. } => {
                let mut request = self.server.request(method, &self.live(raw_url));
                for (name, value) in headers {
                    request = request.header(name, self.live(value));
                }
                if let Some(body) = self.bodies.get(&entry.n) {
                    let body = self.live(body);
                    // What was no JSON stands as a text.
                    request = request.body(serde_json::from_str::<String>(&body).unwrap_or(body));
                }
                let asked = |name: &str| headers.get(&format!("access-control-request-{name}")).cloned();
                let asked = asked("method").map(|method| (method, asked("headers").unwrap_or_default()));
                let sent = tokio::spawn(async move { request.send().await.expect("no connection is dropped") });
                self.requests.insert(id.clone(), (asked, sent));
            }
            What::HttpResponse { id, status, headers, body } => {
                let (asked, sent) = self.requests.remove(id).unwrap();
                self.response(&place, sent.await.unwrap(), asked, *status, headers, body.as_ref()).await;
            }
            What::WsConnect { id, path, query } => {
                let query = query.iter().flatten().map(|(name, value)| format!("{name}={value}"));
                let query: Vec<String> = query.collect();
                let address = self.live(&format!("{path}?{}", query.join("&")));
                let socket = self.server.socket(address.trim_end_matches('?')).await;
                self.sockets.insert(id.clone(), socket.unwrap_or_else(|e| panic!("{place}: {e}")));
            }
            What::WsMessage { id, from: Side::Client, .. } => {
                let text = self.live(&self.bodies[&entry.n]);
                self.sockets.get_mut(id).unwrap().say(text).await;
                self.count.frames += 1;
            }
            What::WsMessage { id, from: Side::Server, body } => {
                if let (Some(partner), "respondCallUpdate") = (&mut self.partner, kind(body)) {
                    let answer = &body["notificationMessage"]["sessionParams"]["sdp"];
                    let offer = partner.answer(&self.server, answer).await.to_string();
                    assert!(self.bodies.values().any(|sent| sent.contains(&offer)), "{place}: {offer}");
                }
                let live = self.notification(id, &place).await;
                let user = &self.recording.clients[entry.client.as_ref().unwrap()].user;
                self.comparison.notification(user, body, &live, &place);
                self.count.notifications += 1;
            }
            What::WsClose { id, by: Side::Client, .. } => self.sockets.remove(id).unwrap().close().await,
            // The network broke it: no closing handshake.
            What::WsClose { id, code: Some(1006), .. } => drop(self.sockets.remove(id).unwrap()),
            What::WsClose { id, by: Side::Server, .. } => {
                assert_eq!(self.sockets.remove(id).unwrap().next().await, Err(1000), "{place}");
                self.comparison.met.insert(Difference::CloseCode);
            }
            What::Harness { note } if mailbox::fill(&self.server, note).await => {}
            What::Harness { note } => self.partner = Partner::called_for(&self.server, note).await,
            What::WsOpen | What::Api | What::Event => {}
        }
    }

    async fn response(
        &mut self,
        place: &str,
        live: reqwest::Response,
        asked: Asked,
        status: u16,
        headers: &BTreeMap<String, String>,
        body: Option<&Value>,
    ) {
        assert_eq!(live.status().as_u16(), status, "{place}");
        let header = |name: &str| live.headers().get(name).map(|value| value.to_str().unwrap().to_ascii_lowercase());
        if header("access-control-allow-origin").as_ref() != headers.get("access-control-allow-origin") {
            assert_eq!(header("access-control-allow-origin").as_deref(), Some("*"), "{place}");
            self.comparison.met.insert(Difference::AnyOrigin);
        }
        if let Some((method, names)) = asked {
            let lists = |name: &str, wanted: &str| {
                let list = header(name).unwrap_or_default();
                list.split(',').any(|entry| entry.trim() == wanted.trim().to_ascii_lowercase())
            };
            assert!(lists("access-control-allow-methods", &method), "{place}");
            for name in names.split(',').filter(|name| !name.is_empty()) {
                assert!(lists("access-control-allow-headers", name), "{place}: {name}");
            }
            self.count.preflights += 1;
            return;
        }
        assert_eq!(header("content-type").as_deref(), Some("application/json"), "{place}");
        let live: Value = live.json().await.unwrap();
        self.comparison.response(body.expect("a recorded body"), &live, place);
        self.count.responses += 1;
    }

    /// The next notification on a socket that the client has not seen on an earlier one.
    async fn notification(&mut self, socket: &str, place: &str) -> Value {
        loop {
            let live = self.sockets.get_mut(socket).unwrap().next().await;
            let live = live.unwrap_or_else(|code| panic!("{place}: closed with {code}"));
            if self.seen.insert(seen(socket, &live)) {
                return live;
            }
        }
    }

    /// A recorded text with live ids.
    fn live(&self, text: &str) -> String {
        // A token may be the beginning of nothing else, but paths hold ids: the longest first.
        let mut ids: Vec<_> = self.comparison.ids.iter().collect();
        ids.sort_by_key(|(recorded, _)| std::cmp::Reverse(recorded.len()));
        ids.into_iter().fold(text.to_owned(), |text, (recorded, live)| text.replace(recorded, live))
    }
}
