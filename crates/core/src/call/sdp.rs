//! What is changed in descriptions before they are sent and before they are applied, and what is read from them.
//!
//! What goes out is the browser's own description with lines taken out or put in; the browser keeps what it made. That is
//! enough: a codec that the other side was not offered is not used, and limits speak to the other side anyway.

use crate::{command::Bandwidth, effect::SdpKind, input::Kind};

/// One media section of a description.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(crate) struct Section {
    /// `None` for kinds other than audio and video.
    pub kind: Option<Kind>,
    pub mid: Option<String>,
    /// The author of the description sends on it.
    pub sends: bool,
    /// The author of the description is ready to receive on it.
    pub receives: bool,
}

/// Reads the media sections. A section without a direction is `sendrecv` (RFC 8866 6.7); one with port 0 is off, unless it
/// is `bundle-only` (RFC 9143 6); one at no address receives nothing (RFC 3264 8.4).
pub(crate) fn sections(sdp: &str) -> Vec<Section> {
    let (session, media) = split(sdp);
    let session = Session::of(&session);
    media.iter().map(|lines| section(lines, &session)).collect()
}

/// Which endpoint a description comes from: the session id of its `o=` line (protocol §5.5).
pub(crate) fn endpoint(sdp: &str) -> Option<String> {
    let origin = sdp.lines().find_map(|line| line.strip_prefix("o="))?;
    origin.split(' ').nth(1).map(str::to_owned)
}

/// Whether Firefox made a description: it says so in the `o=` line.
pub(crate) fn is_of_firefox(sdp: &str) -> bool {
    sdp.lines().any(|line| line.starts_with("o=mozilla"))
}

/// The description for the other side: no trickling, no SDES keys, no H264 if so configured, limits written.
pub(crate) fn outgoing(sdp: &str, bandwidth: Bandwidth, remove_h264: bool) -> String {
    rewrite(sdp, |lines| {
        lines.retain(|line| line != "a=ice-options:trickle");
        remove_sdes(lines);
        if remove_h264 {
            remove_codec(lines, "H264");
        }
        limit(lines, bandwidth);
    })
}

/// The description from the other side as the browser gets it: no SDES keys, no H264 if so configured, and in an answer no
/// `setup:actpass`, which some servers send and browsers refuse (protocol §5.3). Sections without a name get those of `mids`,
/// which are in the same order, or new ones, and none that another section has. What the session or the address says of the
/// direction is said in each section: browsers take notice of that alone.
pub(crate) fn incoming(sdp: &str, kind: SdpKind, remove_h264: bool, mids: &[Option<String>]) -> String {
    let session = Session::of(&split(sdp).0);
    let said: Vec<&str> = sdp.lines().filter_map(|line| line.strip_prefix("a=mid:")).collect();
    let mut known = mids.iter().map(|mid| mid.clone().filter(|mid| !said.contains(&mid.as_str())));
    let taken = |mid: &String| said.contains(&mid.as_str()) || mids.iter().flatten().any(|known| known == mid);
    let mut free = (0..).map(|n: u32| n.to_string()).filter(|mid| !taken(mid));
    rewrite(sdp, |lines| {
        let known = known.next().flatten();
        if !lines.iter().any(|line| line.starts_with("a=mid:")) {
            lines.extend(known.or_else(|| free.next()).map(|mid| format!("a=mid:{mid}")));
        }
        say_direction(lines, &session);
        remove_sdes(lines);
        if remove_h264 {
            remove_codec(lines, "H264");
        }
        if kind == SdpKind::Answer {
            for line in lines.iter_mut().filter(|line| *line == "a=setup:actpass") {
                *line = "a=setup:active".to_owned();
            }
        }
    })
}

/// What the session says for those of its sections that do not say it themselves.
struct Session {
    /// Sends, receives.
    direction: (bool, bool),
    /// The address is none.
    nowhere: bool,
}

impl Session {
    fn of(session: &[&str]) -> Self {
        let direction = session.iter().find_map(|line| direction(line)).unwrap_or((true, true));
        Self { direction, nowhere: session.contains(&NOWHERE) }
    }
}

/// In place of an address: older telephones hold with it (RFC 3264 8.4).
const NOWHERE: &str = "c=IN IP4 0.0.0.0";

/// Whether a section is held by its address. With port 9 the address is not known yet (RFC 8840 4.1.1), which is no hold.
fn is_nowhere(lines: &[&str], session: &Session) -> bool {
    let port = lines.first().and_then(|m| m.split(' ').nth(1));
    let here = lines.iter().find(|line| line.starts_with("c="));
    here.map_or(session.nowhere, |line| *line == NOWHERE) && !matches!(port, Some("0" | "9"))
}

fn section(lines: &[&str], session: &Session) -> Section {
    let mut fields = lines.first().and_then(|m| m.strip_prefix("m=")).unwrap_or_default().split(' ');
    let kind = match fields.next() {
        Some("audio") => Some(Kind::Audio),
        Some("video") => Some(Kind::Video),
        _ => None,
    };
    let on = fields.next() != Some("0") || lines.contains(&"a=bundle-only");
    let (sends, receives) = lines.iter().find_map(|line| direction(line)).unwrap_or(session.direction);
    let mid = lines.iter().find_map(|line| line.strip_prefix("a=mid:")).map(str::to_owned);
    Section { kind, mid, sends: on && sends, receives: on && receives && !is_nowhere(lines, session) }
}

fn direction(line: &str) -> Option<(bool, bool)> {
    match line {
        "a=sendrecv" => Some((true, true)),
        "a=sendonly" => Some((true, false)),
        "a=recvonly" => Some((false, true)),
        "a=inactive" => Some((false, false)),
        _ => None,
    }
}

/// The lines before the first `m=`, and those of each media section.
fn split(sdp: &str) -> (Vec<&str>, Vec<Vec<&str>>) {
    let (mut session, mut media): (Vec<&str>, Vec<Vec<&str>>) = (Vec::new(), Vec::new());
    for line in sdp.lines().filter(|line| !line.is_empty()) {
        if line.starts_with("m=") {
            media.push(vec![line]);
        } else if let Some(last) = media.last_mut() {
            last.push(line);
        } else {
            session.push(line);
        }
    }
    (session, media)
}

/// Changes each media section by itself and writes the whole with CR LF.
fn rewrite(sdp: &str, mut change: impl FnMut(&mut Vec<String>)) -> String {
    let (session, media) = split(sdp);
    let mut text = String::with_capacity(sdp.len() + 64);
    let mut write = |line: &str| {
        text.push_str(line);
        text.push_str("\r\n");
    };
    session.into_iter().for_each(&mut write);
    for lines in media {
        let mut lines: Vec<String> = lines.into_iter().map(str::to_owned).collect();
        change(&mut lines);
        lines.iter().for_each(|line| write(line));
    }
    text
}

/// Says in the section what the session or the address says of the direction.
fn say_direction(lines: &mut Vec<String>, session: &Session) {
    let read: Vec<&str> = lines.iter().map(String::as_str).collect();
    let own = read.iter().find_map(|line| direction(line));
    let (sends, receives) = own.unwrap_or(session.direction);
    let said = (sends, receives && !is_nowhere(&read, session));
    if own != Some(said) {
        lines.retain(|line| direction(line).is_none());
        let text = match said {
            (true, true) => "a=sendrecv",
            (true, false) => "a=sendonly",
            (false, true) => "a=recvonly",
            (false, false) => "a=inactive",
        };
        lines.push(text.to_owned());
    }
}

/// Keys in the description are worth nothing beside a fingerprint.
fn remove_sdes(lines: &mut Vec<String>) {
    if lines.iter().any(|line| line.starts_with("a=fingerprint:")) {
        lines.retain(|line| !line.starts_with("a=crypto:"));
    }
}

/// Takes a codec and the retransmissions of it out of a section; a section that would be left without any codec stays.
fn remove_codec(lines: &mut Vec<String>, name: &str) {
    let named = |line: &&String| {
        line.strip_prefix("a=rtpmap:")
            .and_then(|rest| rest.split_once(' '))
            .is_some_and(|(_, codec)| codec.split('/').next().is_some_and(|n| n.eq_ignore_ascii_case(name)))
    };
    let mut gone: Vec<String> =
        lines.iter().filter(named).filter_map(|line| payload(line)).map(str::to_owned).collect();
    let repeats: Vec<String> = lines
        .iter()
        .filter(|line| {
            let apt = line.strip_prefix("a=fmtp:").and_then(|rest| rest.split_once(" apt=")).map(|(_, apt)| apt);
            apt.is_some_and(|apt| gone.iter().any(|p| p == apt.trim()))
        })
        .filter_map(|line| payload(line))
        .map(str::to_owned)
        .collect();
    gone.extend(repeats);
    let Some(media) = lines.first_mut().filter(|_| !gone.is_empty()) else { return };
    // m=<kind> <port> <protocol> <payload types…>
    let fields: Vec<&str> = media.split(' ').collect();
    let kept: Vec<&str> =
        fields.iter().enumerate().filter(|(i, f)| *i < 3 || !gone.iter().any(|p| p == *f)).map(|(_, f)| *f).collect();
    if kept.len() <= 3 {
        return;
    }
    *media = kept.join(" ");
    lines.retain(|line| payload(line).is_none_or(|p| !gone.iter().any(|g| g == p)));
}

/// The payload type that a line speaks of.
fn payload(line: &str) -> Option<&str> {
    ["a=rtpmap:", "a=fmtp:", "a=rtcp-fb:"].iter().find_map(|prefix| line.strip_prefix(prefix))?.split(' ').next()
}

/// `b=AS` in kbit/s and `b=TIAS` in bit/s, in place of any other limit (protocol §5.2). They stand behind `c=` (RFC 8866 5).
fn limit(lines: &mut Vec<String>, bandwidth: Bandwidth) {
    let kbps = match lines.first() {
        Some(m) if m.starts_with("m=audio ") => bandwidth.audio,
        Some(m) if m.starts_with("m=video ") => bandwidth.video,
        _ => return,
    };
    lines.retain(|line| !line.starts_with("b="));
    let behind =
        lines.iter().rposition(|line| ["m=", "i=", "c="].iter().any(|p| line.starts_with(p))).map_or(0, |i| i + 1);
    let limits = [format!("b=AS:{kbps}"), format!("b=TIAS:{}", u64::from(kbps) * 1000)];
    lines.splice(behind..behind, limits);
}

#[cfg(test)]
mod tests {
    use super::*;

    const OFFER: &str = "v=0\r\no=- 1 2 IN IP4 127.0.0.1\r\ns=-\r\nt=0 0\r\na=group:BUNDLE 0 1\r\n\
        m=audio 9 UDP/TLS/RTP/SAVPF 111 126\r\nc=IN IP4 0.0.0.0\r\nb=AS:30\r\na=ice-options:trickle\r\na=setup:actpass\r\n\
        a=mid:0\r\na=sendrecv\r\na=rtpmap:111 opus/48000/2\r\na=rtpmap:126 telephone-event/8000\r\n\
        m=video 9 UDP/TLS/RTP/SAVPF 96 97 98 99\r\nc=IN IP4 0.0.0.0\r\na=fingerprint:sha-256 AA\r\na=crypto:1 X\r\n\
        a=mid:1\r\na=sendonly\r\na=rtpmap:96 VP8/90000\r\na=rtpmap:97 rtx/90000\r\na=fmtp:97 apt=96\r\n\
        a=rtpmap:98 H264/90000\r\na=rtcp-fb:98 nack\r\na=fmtp:98 profile-level-id=42e01f\r\na=rtpmap:99 rtx/90000\r\na=fmtp:99 apt=98\r\n";

    #[test]
    fn sections_are_read() {
        let all = sections(OFFER);
        assert_eq!(all.len(), 2);
        assert_eq!(
            (all[0].kind, all[0].mid.as_deref(), all[0].sends, all[0].receives),
            (Some(Kind::Audio), Some("0"), true, true)
        );
        assert_eq!(
            (all[1].kind, all[1].mid.as_deref(), all[1].sends, all[1].receives),
            (Some(Kind::Video), Some("1"), true, false)
        );
        let odd = sections(
            "v=0\na=inactive\nm=audio 0 X 0\nm=video 9 X 0\na=sendrecv\nm=video 0 X 0\na=bundle-only\na=recvonly\nm=application 9 X x\n",
        );
        assert_eq!(
            odd.iter().map(|s| (s.sends, s.receives)).collect::<Vec<_>>(),
            [(false, false), (true, true), (false, true), (false, false)]
        );
        assert_eq!(odd[3].kind, None);
        assert!(sections("").is_empty() && sections("nonsense").is_empty());
    }

    #[test]
    fn what_goes_out_has_limits_and_neither_h264_nor_trickling() {
        let sdp = outgoing(OFFER, Bandwidth { audio: 64, video: 5000 }, true);
        assert!(
            !sdp.contains("H264")
                && !sdp.contains("apt=98")
                && !sdp.contains(":98 ")
                && !sdp.contains("trickle")
                && !sdp.contains("crypto")
        );
        assert!(sdp.contains("m=video 9 UDP/TLS/RTP/SAVPF 96 97\r\n"));
        assert!(sdp.contains("c=IN IP4 0.0.0.0\r\nb=AS:64\r\nb=TIAS:64000\r\n") && !sdp.contains("b=AS:30"));
        assert!(sdp.contains("b=TIAS:5000000") && sdp.contains("a=group:BUNDLE 0 1") && sdp.ends_with("\r\n"));
        assert!(outgoing(OFFER, Bandwidth::default(), false).contains("H264"));
    }

    #[test]
    fn a_section_with_h264_alone_keeps_it() {
        let only = "v=0\r\nm=video 9 X 98\r\na=rtpmap:98 h264/90000\r\n";
        assert_eq!(incoming(only, SdpKind::Offer, true, &[]), format!("{only}a=mid:0\r\na=sendrecv\r\n"));
    }

    #[test]
    fn s2_an_answer_never_says_actpass() {
        assert!(incoming(OFFER, SdpKind::Offer, true, &[]).contains("actpass"));
        let answer = incoming(OFFER, SdpKind::Answer, true, &[]);
        assert!(answer.contains("a=setup:active\r\n") && !answer.contains("actpass"));
    }

    #[test]
    fn s3_sections_without_a_name_get_the_one_that_is_known_or_a_new_one() {
        let bare = "v=0\r\nm=audio 5 X 0\r\nm=video 5 X 96\r\n";
        let mids = |known: &[Option<String>]| -> Vec<Option<String>> {
            sections(&incoming(bare, SdpKind::Answer, true, known)).into_iter().map(|s| s.mid).collect()
        };
        let text = |mid: &str| Some(mid.to_owned());
        assert_eq!(mids(&[]), [text("0"), text("1")]);
        assert_eq!(mids(&[text("0"), None]), [text("0"), text("1")]);
        assert_eq!(mids(&[text("a")]), [text("a"), text("0")]);
        assert!(
            incoming(OFFER, SdpKind::Offer, true, &[text("x"), text("y")]).contains("a=mid:0\r\n"),
            "named already"
        );
    }

    #[test]
    fn a_new_name_is_that_of_no_other_section() {
        let half = "v=0\r\nm=audio 5 X 0\r\nm=video 5 X 96\r\na=mid:0\r\n";
        for known in [&[][..], &[Some("0".to_owned()), Some("1".to_owned())]] {
            let named = incoming(half, SdpKind::Offer, true, known);
            let mids: Vec<_> = sections(&named).into_iter().filter_map(|section| section.mid).collect();
            assert_eq!(mids.len(), 2, "{named}");
            assert_ne!(mids[0], mids[1], "{named}");
            assert_eq!(incoming(&named, SdpKind::Offer, true, known), named, "and it stays");
        }
    }

    #[test]
    fn h4_a_hold_is_read_from_the_address_and_the_session_too() {
        let at = |session: &str, port: &str, media: &str| format!("v=0\r\n{session}m=audio {port} X 0\r\n{media}");
        let none = "c=IN IP4 0.0.0.0\r\n";
        for (sdp, sends, receives, written) in [
            (at("", "5000", none), true, false, "a=sendonly\r\n"),
            (at(none, "5000", "a=sendrecv\r\n"), true, false, "a=sendonly\r\n"),
            (at("", "5000", &format!("{none}a=recvonly\r\n")), false, false, "a=inactive\r\n"),
            (at(none, "5000", "c=IN IP4 10.0.0.1\r\n"), true, true, "a=sendrecv\r\n"),
            (at("", "9", none), true, true, "a=sendrecv\r\n"),
            (at("a=sendonly\r\n", "5000", ""), true, false, "a=sendonly\r\n"),
            (at("a=sendonly\r\n", "5000", "a=recvonly\r\n"), false, true, "a=mid:0\r\n"),
        ] {
            let read = &sections(&sdp)[0];
            assert_eq!((read.sends, read.receives), (sends, receives), "{sdp}");
            let text = incoming(&sdp, SdpKind::Offer, true, &[]);
            assert!(text.ends_with(written), "{text}");
        }
    }
}
