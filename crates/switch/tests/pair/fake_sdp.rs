//! Session descriptions as the fake peer connection writes and reads them: minimal, but with everything in it that a browser
//! insists on.

use kandy_core::{effect::Direction, input::Kind};

/// One description.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(crate) struct Sdp {
    /// Whether Firefox made it, which its `o=` line says.
    pub(crate) of_firefox: bool,
    /// Second field of the `o=` line.
    pub(crate) session: u64,
    /// Third field of the `o=` line.
    pub(crate) version: u64,
    /// The m-sections, in order.
    pub(crate) sections: Vec<Section>,
}

/// One m-section.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(crate) struct Section {
    pub(crate) kind: Kind,
    /// 0 means rejected.
    pub(crate) port: u16,
    pub(crate) mid: String,
    pub(crate) direction: Direction,
    /// Ids of stream and track.
    pub(crate) msid: Option<(String, String)>,
    pub(crate) ufrag: String,
    /// `actpass`, `active`, `passive`
    pub(crate) setup: String,
}

/// Why a description cannot be used, with the name of the error that a browser gives.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(crate) struct Refused {
    pub(crate) name: &'static str,
    pub(crate) message: String,
}

impl Refused {
    /// The text is no description.
    pub(crate) fn syntax(message: impl Into<String>) -> Self {
        Self { name: "OperationError", message: message.into() }
    }

    /// It is a description, but not one that fits.
    pub(crate) fn content(message: impl Into<String>) -> Self {
        Self { name: "InvalidAccessError", message: message.into() }
    }
}

impl Sdp {
    /// The text, with CR LF.
    pub(crate) fn write(&self) -> String {
        let mids: Vec<_> = self.sections.iter().filter(|s| s.port != 0).map(|s| s.mid.as_str()).collect();
        let mut lines = vec![
            "v=0".to_owned(),
            format!("o={} {} {} IN IP4 127.0.0.1", self.maker(), self.session, self.version),
            "s=-".to_owned(),
            "t=0 0".to_owned(),
            format!("a=group:BUNDLE {}", mids.join(" ")),
            "a=msid-semantic: WMS".to_owned(),
        ];
        for section in &self.sections {
            section.write(&mut lines);
        }
        lines.iter().flat_map(|line| [line, "\r\n"]).collect()
    }

    fn maker(&self) -> &'static str {
        if self.of_firefox { FIREFOX } else { "-" }
    }

    /// Reads what [`Sdp::write`] wrote, possibly edited on the way.
    pub(crate) fn read(text: &str) -> Result<Self, Refused> {
        let lines: Vec<&str> = text.split("\r\n").flat_map(|part| part.split('\n')).collect();
        let mut parts = lines.split(|line| line.starts_with("m="));
        let head = parts.next().unwrap_or_default();
        if head.first() != Some(&"v=0") {
            return Err(Refused::syntax("Expect line: v="));
        }
        for needed in ["s=", "t="] {
            if !head.iter().any(|line| line.starts_with(needed)) {
                return Err(Refused::syntax(format!("Expect line: {needed}")));
            }
        }
        let origin: Vec<&str> = attribute(head, "o=").unwrap_or_default().split(' ').collect();
        let [maker, session, version, "IN", "IP4" | "IP6", _] = *origin.as_slice() else {
            return Err(Refused::syntax("Expect line: o="));
        };
        let number = |text: &str| text.parse().map_err(|_| Refused::syntax("Invalid number in o="));
        let media = lines.iter().filter_map(|line| line.strip_prefix("m="));
        let sections = media.zip(parts).map(|(m, body)| Section::read(m, body)).collect::<Result<Vec<_>, _>>()?;
        let mut mids: Vec<_> = sections.iter().map(|s| &s.mid).collect();
        mids.sort();
        mids.dedup();
        if mids.len() != sections.len() {
            return Err(Refused::content("Duplicate a=mid"));
        }
        Ok(Self { of_firefox: maker == FIREFOX, session: number(session)?, version: number(version)?, sections })
    }
}

/// First field of the `o=` line.
const FIREFOX: &str = "mozilla...THIS_IS_SDPARTA-153.0";

impl Section {
    /// The same section, refused.
    pub(crate) fn rejected(&self) -> Self {
        Self { port: 0, msid: None, direction: Direction::Inactive, ..self.clone() }
    }

    fn write(&self, lines: &mut Vec<String>) {
        let (kind, payloads, maps): (_, _, &[&str]) = match self.kind {
            Kind::Audio => ("audio", "111 0", &["rtpmap:111 opus/48000/2", "rtpmap:0 PCMU/8000"]),
            Kind::Video => (
                "video",
                "96 102 103",
                &[
                    "rtpmap:96 VP8/90000",
                    "rtpmap:102 H264/90000",
                    "fmtp:102 packetization-mode=1",
                    "rtpmap:103 rtx/90000",
                    "fmtp:103 apt=102",
                ],
            ),
        };
        lines.push(format!("m={kind} {} UDP/TLS/RTP/SAVPF {payloads}", self.port));
        lines.push("c=IN IP4 127.0.0.1".to_owned());
        let mut attributes = Vec::new();
        if self.port != 0 {
            attributes.push(format!("candidate:1 1 udp 2122260223 127.0.0.1 {} typ host generation 0", self.port));
            attributes.push("end-of-candidates".to_owned());
            attributes.push(format!("ice-ufrag:{}", self.ufrag));
            attributes.push(format!("ice-pwd:{0}{0}{0}{0}{0}{0}", self.ufrag));
            attributes.push("ice-options:trickle".to_owned());
            attributes.push(format!("fingerprint:sha-256 {}", ["AB"; 32].join(":")));
            attributes.push(format!("setup:{}", self.setup));
        }
        attributes.push(format!("mid:{}", self.mid));
        attributes.push(direction_text(self.direction).to_owned());
        if let Some((stream, track)) = &self.msid {
            attributes.push(format!("msid:{stream} {track}"));
        }
        attributes.push("rtcp-mux".to_owned());
        attributes.extend(maps.iter().map(|&map| map.to_owned()));
        lines.extend(attributes.into_iter().map(|attribute| format!("a={attribute}")));
    }

    fn read(m: &str, body: &[&str]) -> Result<Self, Refused> {
        for line in body.iter().filter(|line| !line.is_empty()) {
            let mut letters = line.chars();
            if !(letters.next().is_some_and(|c| c.is_ascii_lowercase()) && letters.next() == Some('=')) {
                return Err(Refused::syntax("Expect line: <letter>="));
            }
        }
        let mut words = m.split(' ');
        let kind = match words.next() {
            Some("audio") => Kind::Audio,
            Some("video") => Kind::Video,
            _ => return Err(Refused::content("Unsupported kind of m-line")),
        };
        let port = words.next().and_then(|port| port.parse().ok()).ok_or_else(|| Refused::syntax("Port is invalid"))?;
        let payloads: Vec<&str> = words.skip(1).collect();
        for map in body.iter().filter_map(|line| line.strip_prefix("a=rtpmap:")) {
            if !payloads.contains(&map.split(' ').next().unwrap_or_default()) {
                return Err(Refused::syntax("rtpmap of a payload that the m-line does not have"));
            }
        }
        let needed = |name: &str| {
            let found = attribute(body, &format!("a={name}:"));
            let missing = || Refused::content(format!("a={name} is missing"));
            if port == 0 { Ok(found.unwrap_or_default()) } else { found.ok_or_else(missing) }.map(str::to_owned)
        };
        needed("ice-pwd")?;
        needed("fingerprint")?;
        Ok(Self {
            kind,
            port,
            mid: needed("mid")?,
            direction: direction_of(body),
            msid: attribute(body, "a=msid:")
                .and_then(|v| v.split_once(' '))
                .map(|(stream, track)| (stream.to_owned(), track.to_owned())),
            ufrag: needed("ice-ufrag")?,
            setup: needed("setup")?,
        })
    }
}

/// As it is written in a description.
pub(crate) fn direction_text(direction: Direction) -> &'static str {
    match direction {
        Direction::SendRecv => "sendrecv",
        Direction::SendOnly => "sendonly",
        Direction::RecvOnly => "recvonly",
        Direction::Inactive => "inactive",
    }
}

/// Without an attribute it is `sendrecv`, as the standard says.
fn direction_of(body: &[&str]) -> Direction {
    let all = [Direction::SendRecv, Direction::SendOnly, Direction::RecvOnly, Direction::Inactive];
    let written = |d: &Direction| body.iter().any(|line| line.strip_prefix("a=") == Some(direction_text(*d)));
    all.into_iter().find(written).unwrap_or(Direction::SendRecv)
}

fn attribute<'a>(lines: &[&'a str], prefix: &str) -> Option<&'a str> {
    lines.iter().find_map(|line| line.strip_prefix(prefix))
}
