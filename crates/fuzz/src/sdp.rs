//! Descriptions on their way through the client: out to the other side, in to the browser, and from the browser to itself.

use std::collections::BTreeSet;

use kandy_core::transport;
use kandy_wire::{Value, encode, parse};

use crate::{browser::Page, text};

/// Between the descriptions of one input.
const BREAK: &str = "\n----\n";

/// Up to three descriptions: made by our browser, of the other side, and in force.
///
/// What must hold: no panic; what comes out are lines that end in CR LF, none of them empty, with as many media sections as went
/// in; names of sections that differ go on to differ; and what has been changed once is not changed again.
pub fn sdp(data: &[u8]) {
    let text = text(data);
    let mut parts = text.split(BREAK);
    let mut next = || parts.next().unwrap_or_default();
    let (made, theirs, local) = (next(), next(), next());
    in_the_browser(local, theirs, made);
    for sdp in [made, theirs] {
        changed("going out", sdp, sent);
        changed("coming in as an offer", sdp, offered);
        changed("coming in as an answer", sdp, answered);
    }
}

fn in_the_browser(local: &str, remote: &str, made: &str) {
    let offer = transport::offer(local, remote, made.to_owned());
    assert_eq!(media(&offer.sdp), media(made), "sections of an offer: {made:?}");
    let again = transport::offer(local, remote, offer.sdp.clone());
    // Both are of our own browser, which writes them properly.
    let proper = [local, made].into_iter().all(is_proper);
    assert!(again.sdp == offer.sdp || !proper, "an offer is kept twice: {local:?} {made:?}");
    let answer = transport::answer(local, remote, made.to_owned());
    assert_eq!(media(&answer), media(made), "sections of an answer");
    assert_eq!(transport::answer(local, remote, answer.clone()), answer, "an answer is changed twice");
    if transport::is_unreachable(made) {
        assert!(media(made) > 0 && !made.contains("a=candidate:"), "{made:?}");
    }
}

/// Checks a change of a description; not every description gets that far.
fn changed(way: &str, before: &str, change: fn(&str) -> Option<String>) {
    let Some(after) = change(before) else { return };
    let place = format!("{way}: {before:?} became {after:?}");
    assert!(after.is_empty() || after.ends_with("\r\n"), "{place}");
    let lines: Vec<&str> = after.split_terminator("\r\n").collect();
    assert!(lines.iter().all(|line| !line.is_empty() && !line.contains('\n')), "{place}");
    assert_eq!(media(&after), media(before), "{place}");
    assert!(after.len() <= before.len() * 2 + 200 * (1 + media(before)), "{place}");
    if let Some(names) = names(before).filter(|names| names.len() == names.iter().collect::<BTreeSet<_>>().len()) {
        let after = self::names(&after).unwrap_or_default();
        assert!(after.len() >= names.len(), "{place}");
        assert_eq!(after.len(), after.iter().collect::<BTreeSet<_>>().len(), "two sections of one name: {place}");
    }
    if let Some(again) = change(&after) {
        assert_eq!(again, after, "{place}, and then another one");
    }
}

/// What the other side is sent of an offer that the browser made.
fn sent(sdp: &str) -> Option<String> {
    let mut page = Page::logged_in("1");
    page.make(sdp);
    let body = parse(page.last.as_ref()?.body.as_deref()?).ok()?;
    body.get("callControlRequest")?.get("sdp").and_then(Value::as_str).map(str::to_owned)
}

/// What the browser gets of an offer of the other side.
fn offered(sdp: &str) -> Option<String> {
    let mut page = Page::logged_in("1");
    page.frame(&notification("call", sdp));
    page.applied()
}

/// What the browser gets of an answer of the other side.
fn answered(sdp: &str) -> Option<String> {
    let mut page = Page::logged_in("1");
    // The answer has to have the sections of the offer.
    let offer: String = media_lines(sdp).map(|line| format!("{line}\r\na=sendrecv\r\n")).collect();
    page.make(&format!("v=0\r\n{offer}"));
    page.answers(200, r#"{"callControlResponse":{"statusCode":0,"sessionData":"d-1"}}"#);
    page.frame(&notification("respondCallUpdate", sdp));
    page.applied()
}

fn notification(kind: &str, sdp: &str) -> String {
    let sdp = encode(&sdp);
    format!(
        r#"{{"notificationMessage":{{"eventType":"{kind}","eventId":"1","sessionParams":{{"sessionData":"d-1","sdp":{sdp}}}}}}}"#
    )
}

fn media_lines(sdp: &str) -> impl Iterator<Item = &str> {
    sdp.lines().filter(|line| line.starts_with("m="))
}

fn media(sdp: &str) -> usize {
    media_lines(sdp).count()
}

/// Whether each line ends in CR LF, and no two sections have the same name.
fn is_proper(sdp: &str) -> bool {
    let ends = sdp.is_empty() || sdp.ends_with("\r\n");
    let stray = sdp.split("\r\n").any(|line| line.contains(|c: char| c.is_control()));
    let names = names(sdp).filter(|names| names.len() == names.iter().collect::<BTreeSet<_>>().len());
    ends && !stray && names.is_some()
}

/// The names of the media sections that have one; `None` if a section has several.
fn names(sdp: &str) -> Option<Vec<&str>> {
    let mut names: Vec<Option<&str>> = Vec::new();
    for line in sdp.lines() {
        match (line.strip_prefix("a=mid:"), names.last_mut()) {
            _ if line.starts_with("m=") => names.push(None),
            (Some(name), Some(own @ None)) => *own = Some(name),
            (Some(_), Some(Some(_))) => return None,
            _ => {}
        }
    }
    Some(names.into_iter().flatten().collect())
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_description_goes_every_way() {
        let plain = "v=0\r\no=- 1 2 IN IP4 127.0.0.1\r\nm=audio 9 X 0\r\na=mid:0\r\na=setup:actpass\r\na=sendrecv\r\n";
        assert!(sent(plain).is_some_and(|sdp| sdp.contains("b=AS:5000\r\n")), "limits are written");
        assert_eq!(offered(plain).as_deref(), Some(plain));
        assert!(answered(plain).is_some_and(|sdp| sdp.contains("a=setup:active\r\n")), "an answer decides");
    }

    #[test]
    fn what_a_browser_writes_is_proper() {
        assert!(is_proper("") && is_proper("v=0\r\nm=a\r\na=mid:0\r\nm=b\r\na=mid:1\r\n"));
        for other in ["v=0\n", "v=0\r\nm=a\n", "v=\r0\r\n", "m=a\r\na=mid:0\r\nm=b\r\na=mid:0\r\n"] {
            assert!(!is_proper(other), "{other:?}");
        }
    }

    #[test]
    fn names_of_sections_are_read() {
        let rows = [
            ("v=0\na=mid:x\nm=a\na=mid:0\nm=b\n", Some(vec!["0"])),
            ("m=a\na=mid:0\na=mid:1\n", None),
            ("", Some(vec![])),
        ];
        for (sdp, wanted) in rows {
            assert_eq!(names(sdp), wanted, "{sdp}");
        }
    }
}
