//! Descriptions as Chromium writes those of a call with sound alone: of the same length and with the same lines, which is what a
//! gateway has to carry.

/// One m-line.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(super) struct Section {
    pub(super) mid: String,
    /// The track that its author sends.
    pub(super) track: Option<String>,
}

/// The addresses are those for documentation (RFC 5737, RFC 3849).
const SECTION: &str = "\
m=audio 50985 UDP/TLS/RTP/SAVPF 111 63 9 0 8 13 110 126
c=IN IP4 192.0.2.2
a=rtcp:9 IN IP4 0.0.0.0
a=candidate:2639352526 1 udp 2122194687 192.0.2.2 50985 typ host generation 0 network-id 1
a=candidate:2586001022 1 udp 2122265343 2001:db8::2 36361 typ host generation 0 network-id 2
a=candidate:3818827862 1 tcp 1518214911 192.0.2.2 9 typ host tcptype active generation 0 network-id 1
a=candidate:3840728294 1 tcp 1518285567 2001:db8::2 9 typ host tcptype active generation 0 network-id 2
a=ice-ufrag:jWkg
a=ice-pwd:uLeWGxSGptHTQQnLN3aqq14w
a=fingerprint:sha-256 32:54:AF:A2:44:E0:C1:43:75:E4:05:4A:D6:04:4D:61:46:01:53:F6:7B:90:EF:2C:31:65:D2:05:83:8E:F3:CF
a=extmap:1 urn:ietf:params:rtp-hdrext:ssrc-audio-level
a=extmap:2 http://www.webrtc.org/experiments/rtp-hdrext/abs-send-time
a=extmap:3 http://www.ietf.org/id/draft-holmer-rmcat-transport-wide-cc-extensions-01
a=extmap:4 urn:ietf:params:rtp-hdrext:sdes:mid
a=sendrecv
a=rtcp-mux
a=rtcp-rsize
a=rtpmap:111 opus/48000/2
a=rtcp-fb:111 transport-cc
a=fmtp:111 minptime=10;useinbandfec=1
a=rtpmap:63 red/48000/2
a=fmtp:63 111/111
a=rtpmap:9 G722/8000
a=rtpmap:0 PCMU/8000
a=rtpmap:8 PCMA/8000
a=rtpmap:13 CN/8000
a=rtpmap:110 telephone-event/48000
a=rtpmap:126 telephone-event/8000
a=ssrc:3564387737 cname:TJ+eCMqJyBCqCzIJ";

/// The text, with CR LF.
pub(super) fn write(session: u64, version: u64, setup: &str, sections: &[Section]) -> String {
    let mut text =
        format!("v=0\r\no=- {session} {version} IN IP4 127.0.0.1\r\ns=-\r\nt=0 0\r\na=extmap-allow-mixed\r\n");
    for Section { mid, track } in sections {
        for line in SECTION.lines() {
            text.push_str(line);
            text.push_str("\r\n");
        }
        text.push_str(&format!("a=setup:{setup}\r\na=mid:{mid}\r\n"));
        if let Some(track) = track {
            text.push_str(&format!("a=msid:f9afa38a-f479-4bfa-ad69-f208b7ca2406 {track}\r\n"));
        }
    }
    text
}

/// The m-lines; `None` if the text is no description, or one of them has no name.
pub(super) fn read(text: &str) -> Option<Vec<Section>> {
    let (head, sections) = text.split_once("\r\nm=")?;
    head.starts_with("v=0").then_some(())?;
    let value = |section: &str, key: &str| section.lines().find_map(|line| line.strip_prefix(key)).map(str::to_owned);
    let track = |section: &str| Some(value(section, "a=msid:")?.split_once(' ')?.1.to_owned());
    let read = |section: &str| Some(Section { mid: value(section, "a=mid:")?, track: track(section) });
    sections.split("\r\nm=").map(read).collect()
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn what_was_written_is_read() {
        let section = |mid: &str, track: Option<&str>| Section { mid: mid.into(), track: track.map(str::to_owned) };
        let sections = [section("0", Some("t")), section("1", None)];
        let text = write(7, 2, "actpass", &sections);
        assert_eq!(read(&text), Some(sections.to_vec()));
        assert!(text.starts_with("v=0\r\no=- 7 2 IN ") && text.len() > 2_500, "{text}");
        for none in ["", "v=0\r\n", "m=audio\r\nm=audio 9\r\na=mid:0", "v=0\r\nm=audio 9\r\n"] {
            assert_eq!(read(none), None, "{none}");
        }
    }
}
