//! What descriptions say of transports. The hands ask for these rules while they make an offer or an answer, between the
//! browser's making it and its being set.

/// An offer as it is to be set.
#[derive(Debug, PartialEq, Eq)]
pub struct Offer {
    /// The text.
    pub sdp: String,
    /// Whether it can be set together with its answer. Nothing has to be taken back then if it gives way to an offer of the
    /// other side: after a rollback Firefox 153 receives nothing of what the other side adds, because it has set a transport
    /// of its own aside for the picture in its offer, although the two are bundled.
    pub waits: bool,
}

/// What becomes of an offer that the browser made.
///
/// * `local`, `remote`: the descriptions that are in force; empty before the first exchange.
/// * `made`: the browser's text.
pub fn offer(local: &str, remote: &str, made: String) -> Offer {
    match restarts_in_part(local, &made) {
        true => Offer { sdp: keep_transports(local, &made), waits: false },
        false => Offer { waits: needs_no_other(local, remote, &made), sdp: made },
    }
}

/// The answer that the browser made, with the DTLS role that this side has by the two descriptions that are in force
/// (protocol §5.5). Firefox takes the other role when ICE is restarted, which Chromium refuses.
pub fn answer(local: &str, remote: &str, made: String) -> String {
    let says = |sdp: &str, role: &str| sdp.lines().any(|line| line.strip_prefix("a=setup:") == Some(role));
    // One of the two is an answer and says who is active.
    if says(local, "active") || says(remote, "passive") {
        made.replace("a=setup:passive", "a=setup:active")
    } else if says(local, "passive") || says(remote, "active") {
        made.replace("a=setup:active", "a=setup:passive")
    } else {
        made
    }
}

/// Whether a description has sections that are on, and no candidate for any of them.
pub fn is_unreachable(sdp: &str) -> bool {
    let on = |line: &str| line.starts_with("m=") && line.split(' ').nth(1) != Some("0");
    sdp.lines().any(on) && !sdp.contains("a=candidate:")
}

/// Whether the author of both sets up any transport anew.
pub(crate) fn restarts(before: &str, after: &str) -> bool {
    kept(before, after).any(|kept| !kept)
}

/// Whether an offer sets up some transports anew and not all. Chromium makes such offers where the other side does not bundle,
/// because it would bundle again and gives all sections the same credentials; Firefox refuses them.
fn restarts_in_part(before: &str, offer: &str) -> bool {
    restarts(before, offer) && kept(before, offer).any(|kept| kept)
}

/// Whether both sides bundle, and an offer keeps the transport that they have.
fn needs_no_other(local: &str, remote: &str, offer: &str) -> bool {
    let bundles = |sdp: &str| sdp.contains("\na=group:BUNDLE ");
    [local, remote, offer].into_iter().all(bundles) && !restarts(local, offer) && !is_unreachable(offer)
}

/// The offer with the transports that are there: each section keeps its credentials, and nothing is bundled.
fn keep_transports(before: &str, offer: &str) -> String {
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

/// For each section that both have, whether it has the same ICE user name.
fn kept(before: &str, after: &str) -> impl Iterator<Item = bool> {
    let before = credentials(before);
    credentials(after).into_iter().filter_map(move |(mid, ufrag)| {
        let known = before.iter().find(|(known, _)| *known == mid)?;
        Some(known.1 == ufrag)
    })
}

/// Name and ICE user name of each section that has both.
fn credentials(sdp: &str) -> Vec<(&str, &str)> {
    let both = |section| value(section, "a=mid:").zip(value(section, "a=ice-ufrag:"));
    sdp.split("\nm=").skip(1).filter_map(both).collect()
}

fn value<'a>(section: &'a str, key: &str) -> Option<&'a str> {
    section.lines().find_map(|line| line.strip_prefix(key))
}

#[cfg(test)]
mod tests {
    use super::*;

    /// A description with sections of these ICE user names.
    fn sdp(bundle: bool, ufrags: &[&str]) -> String {
        let group = if bundle { "a=group:BUNDLE 0 1\r\n" } else { "" };
        let section = |(mid, ufrag): (usize, &&str)| {
            let pwd = format!("a=ice-pwd:of-{ufrag}\r\na=setup:actpass\r\n");
            format!("m=audio 9 X 0\r\na=candidate:1\r\na=mid:{mid}\r\na=ice-ufrag:{ufrag}\r\n{pwd}")
        };
        format!("v=0\r\n{group}") + &ufrags.iter().enumerate().map(section).collect::<String>()
    }

    #[test]
    fn an_offer_waits_for_its_answer_where_both_bundle_and_no_transport_is_new() {
        let (both, one) = (sdp(true, &["a", "b"]), sdp(true, &["a"]));
        for (local, remote, made, waits) in [
            (&both, &both, &both, true),
            // Another section, which is bundled.
            (&one, &one, &both, true),
            // The first offer, and one for another transport.
            (&String::new(), &String::new(), &both, false),
            (&both, &both, &sdp(true, &["c", "c"]), false),
            // Somebody does not bundle.
            (&sdp(false, &["a", "b"]), &both, &both, false),
            (&both, &sdp(false, &["x", "y"]), &both, false),
            (&both, &both, &sdp(false, &["a", "b"]), false),
            // It has not been gathered for.
            (&both, &both, &both.replace("a=candidate:1\r\n", ""), false),
        ] {
            assert_eq!(
                offer(local, remote, made.clone()),
                Offer { sdp: made.clone(), waits },
                "{local}\n{remote}\n{made}"
            );
        }
    }

    #[test]
    fn where_nothing_is_bundled_each_section_keeps_its_transport() {
        let before = sdp(false, &["a", "b"]);
        // Chromium gives both the credentials of the first, because it would bundle.
        assert_eq!(offer(&before, &before, sdp(true, &["a", "a"])), Offer { sdp: before.clone(), waits: false });
        // A real restart is none of that; nor is a new section.
        for made in [sdp(true, &["c", "c"]), sdp(true, &["a", "b", "a"])] {
            assert_eq!(offer(&before, &before, made.clone()).sdp, made);
        }
        assert!(restarts(&before, &sdp(false, &["a", "c"])) && !restarts(&before, &before) && !restarts("", &before));
    }

    #[test]
    fn an_answer_keeps_the_role_that_was_agreed_on() {
        let with = |role: &str| format!("v=0\r\nm=audio 9 X 0\r\na=setup:{role}\r\n");
        for (local, remote, made, role) in [
            ("active", "actpass", "passive", "active"),
            ("actpass", "passive", "passive", "active"),
            ("passive", "actpass", "active", "passive"),
            ("actpass", "active", "active", "passive"),
            ("active", "actpass", "active", "active"),
            // Nothing was agreed on yet.
            ("actpass", "actpass", "active", "active"),
        ] {
            assert_eq!(answer(&with(local), &with(remote), with(made)), with(role), "{local} {remote} {made}");
        }
    }

    #[test]
    fn a_description_without_a_candidate_reaches_nobody() {
        assert!(is_unreachable("v=0\r\nm=audio 9 X 0\r\na=mid:0\r\n"));
        for reachable in ["v=0\r\nm=audio 0 X 0\r\n", "v=0\r\n", "v=0\r\nm=audio 9 X 0\r\na=candidate:1\r\n"] {
            assert!(!is_unreachable(reachable), "{reachable}");
        }
    }
}
