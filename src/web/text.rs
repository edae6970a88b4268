//! What the hands read in descriptions before they are set and sent.

/// Whether a description has sections that are on, and no candidate for any of them.
pub(super) fn is_unreachable(sdp: &str) -> bool {
    let on = |line: &str| line.starts_with("m=") && line.split(' ').nth(1) != Some("0");
    sdp.lines().any(on) && !sdp.contains("a=candidate:")
}

/// Whether an offer sets up some transports anew and not all. Chromium makes such offers where the other side does not bundle,
/// because it would bundle again and gives all sections the same credentials; Firefox refuses them.
pub(super) fn restarts_in_part(before: &str, offer: &str) -> bool {
    let (before, offer) = (credentials(before), credentials(offer));
    let same = |(mid, ufrag): &(&str, &str)| {
        let known = before.iter().find(|(known, _)| known == mid)?;
        Some(known.1 == *ufrag)
    };
    let same: Vec<bool> = offer.iter().filter_map(same).collect();
    same.contains(&true) && same.contains(&false)
}

/// The offer with the transports that are there: each section keeps its credentials, and nothing is bundled.
pub(super) fn keep_transports(before: &str, offer: &str) -> String {
    let old: Vec<&str> = before.split("\r\nm=").collect();
    let keep = |section: &str| {
        let mid = value(section, "a=mid:");
        let known = old.iter().skip(1).find(|old| mid.is_some() && value(old, "a=mid:") == mid);
        let kept = |line: &str| {
            let key = ["a=ice-ufrag:", "a=ice-pwd:"].into_iter().find(|key| line.starts_with(key));
            let value = key.zip(known).and_then(|(key, old)| Some(format!("{key}{}", value(old, key)?)));
            value.unwrap_or_else(|| line.to_owned())
        };
        let lines = section.lines().filter(|line| !line.starts_with("a=group:BUNDLE")).map(kept);
        lines.collect::<Vec<_>>().join("\r\n")
    };
    offer.split("\r\nm=").map(keep).collect::<Vec<_>>().join("\r\nm=") + "\r\n"
}

/// The DTLS role of this side, by the two descriptions that are in force: one of them is an answer and says who is active.
pub(super) fn role(local: &str, remote: &str) -> Option<&'static str> {
    let says = |sdp: &str, role: &str| sdp.lines().any(|line| line.strip_prefix("a=setup:") == Some(role));
    if says(local, "active") || says(remote, "passive") {
        Some("active")
    } else if says(local, "passive") || says(remote, "active") {
        Some("passive")
    } else {
        None
    }
}

/// An answer in which this side keeps its DTLS role (protocol §5.5). Firefox takes the other one when ICE is restarted, which
/// Chromium refuses.
pub(super) fn with_role(answer: &str, role: &str) -> String {
    let other = if role == "active" { "a=setup:passive" } else { "a=setup:active" };
    answer.replace(other, &format!("a=setup:{role}"))
}

/// Name and ICE user name of each section that has both.
fn credentials(sdp: &str) -> Vec<(&str, &str)> {
    let both = |section| value(section, "a=mid:").zip(value(section, "a=ice-ufrag:"));
    sdp.split("\nm=").skip(1).filter_map(both).collect()
}

fn value<'a>(section: &'a str, key: &str) -> Option<&'a str> {
    section.lines().find_map(|line| line.strip_prefix(key))
}
