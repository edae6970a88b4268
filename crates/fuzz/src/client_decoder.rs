//! All that a hostile server may answer to our client: responses, frames, and silence.

use kandy_core::{
    Input,
    input::{ConnectionState, PageFact, PeerFact, SocketFact},
};

use crate::{browser::Page, text};

/// Lines of one story; what follows is not played.
const LINES: usize = 300;

/// Plays a story, a line for each thing that happens:
///
/// | line | what happens |
/// | --- | --- |
/// | `uc`, `link`, in the first line | of which flavour the client is |
/// | `… in`, `… call`, `… ringing` | it is logged in, is in a call, or is called |
/// | `200 text` | the oldest request is answered with this status and body |
/// | `last 200 text` | the newest one is |
/// | `fail` | the oldest one fails |
/// | `open`, `close 1006`, `stall` | the socket |
/// | `app {…}` | a wish of the application, of either engine |
/// | `peer failed` | a connection state of the last peer connection |
/// | `page awake` | what a page reports of itself |
/// | `wait ms` | time goes by |
/// | anything else | the server sends it as a frame |
///
/// What must hold: no panic; effects are bounded by what came in; nothing goes on for ever without a new input; whatever shows
/// who we are goes to our own server alone; no password is told or logged; and all that is emitted can be written as JSON.
pub fn client_decoder(data: &[u8]) {
    let text = text(data);
    let mut lines = text.lines();
    let mut page = begin(lines.next().unwrap_or_default());
    for line in lines.take(LINES) {
        happens(&mut page, line);
    }
    page.read_all();
    page.wait(600_000);
}

fn begin(line: &str) -> Page {
    let version = if line.starts_with("link") { "1" } else { "v2.0" };
    let mut page = match line.split_once(' ') {
        Some(_) => Page::logged_in(version),
        None => Page::new(version),
    };
    match line.split_once(' ').map(|(_, state)| state) {
        Some("call") => {
            page.wish(
                r#"{"type":"call.make","callId":"call-1","destination":"bob@example.com","media":{"audio":true}}"#,
            );
            page.answers(200, r#"{"callControlResponse":{"statusCode":0,"sessionData":"d-1"}}"#);
            page.frame(r#"{"notificationMessage":{"eventType":"ringing","eventId":"1","sessionParams":{"sessionData":"d-1"}}}"#);
            page.frame(&format!(
                r#"{{"notificationMessage":{{"eventType":"respondCallUpdate","eventId":"2","sessionParams":{{"sessionData":"d-1","sdp":"{SDP}"}}}}}}"#
            ));
        }
        Some("ringing") => {
            page.frame(&format!(
                r#"{{"notificationMessage":{{"eventType":"call","eventId":"1","sessionParams":{{"sessionData":"d-1","sdp":"{SDP}"}}}}}}"#
            ));
            page.answers(200, r#"{"callControlResponse":{"statusCode":0}}"#);
        }
        _ => {}
    }
    page
}

/// As it stands in JSON.
const SDP: &str = r"v=0\r\no=- 3 2 IN IP4 127.0.0.1\r\ns=-\r\nt=0 0\r\nm=audio 9 UDP/TLS/RTP/SAVPF 96\r\nc=IN IP4 0.0.0.0\r\na=candidate:1\r\na=ice-ufrag:v\r\na=mid:0\r\na=setup:active\r\na=sendrecv\r\na=rtpmap:96 opus/48000/2\r\n";

fn happens(page: &mut Page, line: &str) {
    let (word, rest) = line.split_once(' ').unwrap_or((line, ""));
    match word {
        "last" => {
            let (status, body) = rest.split_once(' ').unwrap_or((rest, ""));
            page.answers_last(status.parse().unwrap_or(200), body);
        }
        "fail" => page.fails(),
        "open" => page.socket(SocketFact::Opened),
        "close" => page.socket(SocketFact::Closed { code: rest.parse().unwrap_or(1006) }),
        "stall" => page.socket(SocketFact::Stalled),
        "login" => page.connect("alice@example.com"),
        "app" => page.wish(rest),
        "wait" => page.wait(rest.parse().unwrap_or(1_000)),
        "peer" => {
            let state = STATES.iter().find(|state| state.name() == rest).copied();
            if let Some((peer, state)) = page.peer().zip(state) {
                page.feed(Input::Peer(peer, PeerFact::Connection(state)));
            }
        }
        "page" => {
            if let Some((_, fact)) = FACTS.iter().find(|(name, _)| *name == rest) {
                page.feed(Input::Page(*fact));
            }
        }
        _ => match word.parse() {
            Ok(status) => page.answers(status, rest),
            Err(_) => page.frame(line),
        },
    }
}

const STATES: [ConnectionState; 4] =
    [ConnectionState::Connected, ConnectionState::Disconnected, ConnectionState::Failed, ConnectionState::Closed];

const FACTS: [(&str, PageFact); 6] = [
    ("left", PageFact::Left),
    ("kept", PageFact::Kept),
    ("back", PageFact::Back),
    ("awake", PageFact::Awake),
    ("offline", PageFact::Offline),
    ("online", PageFact::Online),
];

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn stories_begin_where_they_say() {
        for flavour in ["uc", "link"] {
            for (state, wanted) in [("call", "Connected"), ("ringing", "Ringing")] {
                let calls = begin(&format!("{flavour} {state}")).calls();
                assert_eq!(calls[0]["state"], wanted, "{flavour} {calls}");
            }
            let mut page = begin(&format!("{flavour} in"));
            page.wish(r#"{"type":"call.make","callId":"c","destination":"bob","media":{"audio":true}}"#);
            assert!(page.last.is_some_and(|request| request.url.contains("/callControl")), "{flavour} is logged in");
        }
    }
}
