//! Where our gateway takes another course than the recorded server, on purpose: the recorded entries as they pass with
//! ours. What clients sent stays what it was; some of it is sent at another moment, or not at all.

use std::collections::BTreeSet;

use serde_json::{Value, json};

use crate::{
    differences::Difference,
    recording::{Entry, Side, What},
};

/// The entries of a recording in the order in which our gateway makes them pass, and the differences in that.
pub(crate) fn ours(file: &str, entries: Vec<Entry>) -> (Vec<Entry>, BTreeSet<Difference>) {
    let scenario = file.split('.').next().unwrap();
    let (entries, difference) = match scenario {
        "direct-transfer" => (target_first(entries), Difference::TargetOffers),
        "join" => (until_join(entries), Difference::NoMixer),
        "click-to-call" => (own_clicks(entries), Difference::OwnClicks),
        "call-unknown-user" => (accepted_first(entries), Difference::AcceptedFirst),
        "im-rich" => (files_first(entries), Difference::FilesFirst),
        "call-history" => (bodies(entries, "logRecord"), Difference::BodyInsteadOfNone),
        "push" => (bodies(entries, "googleDeviceRegistrationResponse"), Difference::BodyInsteadOfNone),
        "login-oauth" => (refused_first(entries), Difference::NoForeignTokens),
        "services-partial" => (all_services(entries), Difference::AllServices),
        "sip-events" => (each_user(entries), Difference::DialogEvents),
        "voicemail" => (counted(entries), Difference::MailboxCounts),
        "cancel-callend" => (with_code(entries), Difference::CancelCode),
        "sdp-format-compressed" | "sdp-format-url" => (plain(entries), Difference::PlainSdp),
        _ => return (entries, BTreeSet::new()),
    };
    (entries, [difference].into())
}

/// Recorded: the held party is asked for an offer, the target gets it as an ordinary call. Ours: the target is asked, and
/// the held party gets its offer. What one made as an answer stands for the offer, and the other way round.
fn target_first(mut entries: Vec<Entry>) -> Vec<Entry> {
    let ask = entries.iter().position(|entry| told(entry, "startCallUpdate") && sdp(entry).is_none()).unwrap();
    entries.remove(ask);
    let call = ask + entries[ask..].iter().position(|entry| told(entry, "call")).unwrap();
    let held = entries[call - 1].client.clone();
    let (offers, others): (Vec<Entry>, Vec<Entry>) =
        entries.splice(ask..call, []).partition(|entry| entry.client == held);
    entries.splice(ask..ask, others);

    // The call goes to the target without an offer, which comes later, as an answer.
    let call = position(&entries, ask, |entry| told(entry, "call"));
    let mut last = entries[call].clone();
    message(&mut last)["eventType"] = json!("respondCallUpdate");
    message(&mut entries[call])["sessionParams"].as_object_mut().unwrap().remove("sdp");
    let target = entries[call].client.clone();

    // Who sends the other one on is done when the target rings.
    let done = position(&entries, ask, |entry| told(entry, "sessionComplete"));
    let done = entries.remove(done);
    let rings = position(&entries, ask, |entry| {
        entry.client == target && matches!(&entry.what, What::HttpResponse { body: Some(_), .. })
    });
    entries.insert(rings + 1, done);

    let answer = position(&entries, ask, |entry| told(entry, "respondCallUpdate"));
    message(&mut entries[answer])["eventType"] = json!("startCallUpdate");
    entries.splice(answer + 1..answer + 1, offers.into_iter().chain([last]));
    entries
}

/// Ours refuses the join; what came after it has no counterpart.
fn until_join(mut entries: Vec<Entry>) -> Vec<Entry> {
    let join = position(&entries, 0, |entry| asks(entry, "callControlRequest", "join"));
    answer_to(&mut entries, join, 403, json!({"callControlResponse": {"statusCode": 35, "reason": "…"}}));
    let answer = position(&entries, join, |entry| responds(entry, &entries[join]));
    entries.truncate(answer + 1);
    entries
}

/// Ours refuses to ring somebody else than the user who asks.
fn own_clicks(mut entries: Vec<Entry>) -> Vec<Entry> {
    let click = position(
        &entries,
        0,
        |entry| matches!(&entry.what, What::HttpRequest { body: Some(body), .. } if body.get("clickToCallRequest").is_some()),
    );
    answer_to(&mut entries, click, 403, json!({"clickToCallResponse": {"statusCode": 27, "reason": "…"}}));
    entries
}

/// Ours accepts a call to nobody and ends it with the reason, which clients show; from a refused start they show none.
fn accepted_first(mut entries: Vec<Entry>) -> Vec<Entry> {
    let start = position(&entries, 0, |entry| asks(entry, "callControlRequest", "callStart"));
    answer_to(&mut entries, start, 200, json!({"callControlResponse": {"statusCode": 0, "sessionData": "nobody's"}}));
    let answer = position(&entries, start, |entry| responds(entry, &entries[start]));
    let end = json!({"notificationMessage": {"eventType": "callEnd", "eventId": "…", "time": 0,
        "sessionParams": {"sessionData": "nobody's", "statusCode": 404, "reasonText": "…"},
        "callNotificationParams": {"remoteName": "nobody", "remoteDisplayNumber": "nobody@example.com"}}});
    let socket = entries.iter().rev().find_map(|entry| match &entry.what {
        What::WsConnect { id, .. } => Some(id.clone()),
        _ => None,
    });
    let mut told = entries[answer].clone();
    told.what = What::WsMessage { id: socket.unwrap(), from: Side::Server, body: end };
    entries.insert(answer + 1, told);
    entries
}

/// Ours describes the files of a message to its sender before its JSON parts.
fn files_first(mut entries: Vec<Entry>) -> Vec<Entry> {
    for entry in &mut entries {
        if let What::HttpResponse { body: Some(body), .. } = &mut entry.what
            && let Some(all) = body.pointer_mut("/success/attachments").and_then(Value::as_array_mut)
        {
            all.sort_by_key(|one| one["mime"] == "application/vdn.kandy.json");
        }
    }
    entries
}

/// Ours has a body where there is nothing to say.
fn bodies(mut entries: Vec<Entry>, wrapper: &str) -> Vec<Entry> {
    for at in 0..entries.len() {
        if matches!(&entries[at].what, What::HttpRequest { method, .. } if method == "DELETE")
            && let answer = position(&entries, at, |entry| responds(entry, &entries[at]))
            && matches!(entries[answer].what, What::HttpResponse { body: None, .. })
        {
            answer_to(&mut entries, at, 200, json!({wrapper: {"statusCode": 0}}));
        }
    }
    entries
}

/// Ours refuses the token of somebody else, and after that everything passes with its own tokens as it was recorded: they may
/// stand in the same places.
fn refused_first(mut entries: Vec<Entry>) -> Vec<Entry> {
    let mut own = entries.clone();
    for entry in &mut own {
        if let What::Api { args } = &mut entry.what
            && let Some(credentials) = args.get_mut(0).and_then(Value::as_object_mut)
            && let Some(token) = credentials.remove("oauthToken")
        {
            credentials.insert("accessToken".to_owned(), token);
        }
    }
    let login = position(
        &entries,
        0,
        |entry| matches!(&entry.what, What::HttpRequest { body: Some(body), .. } if body.get("subscribeRequest").is_some()),
    );
    answer_to(&mut entries, login, 401, json!({"subscribeResponse": {"statusCode": 27, "reason": "…"}}));
    let answer = position(&entries, login, |entry| responds(entry, &entries[login]));
    entries.truncate(answer + 1);
    entries.extend(own);
    entries
}

/// Ours grants what was asked for.
fn all_services(mut entries: Vec<Entry>) -> Vec<Entry> {
    for entry in &mut entries {
        if let What::HttpResponse { body: Some(body), .. } = &mut entry.what
            && body["subscribeResponse"]["statusCode"] == 2
        {
            body["subscribeResponse"]["statusCode"] = json!(0);
            body["subscribeResponse"]["subscriptionParams"]["service"] = json!(["call", "IM", "Presence"]);
        }
    }
    entries
}

/// Ours tells of a user who is added later, too.
fn each_user(mut entries: Vec<Entry>) -> Vec<Entry> {
    let first = position(&entries, 0, |entry| told(entry, "event:dialog"));
    let added = position(
        &entries,
        first,
        |entry| matches!(&entry.what, What::HttpRequest { method, body: Some(_), .. } if method == "PUT"),
    );
    let answer = position(&entries, added, |entry| responds(entry, &entries[added]));
    entries.insert(answer + 1, entries[first].clone());
    entries
}

/// Ours tells a client whenever its mailbox changes, and has all the counts then.
fn counted(mut entries: Vec<Entry>) -> Vec<Entry> {
    let counts = |new: &str, old: &str| json!({"newMessages": new, "oldMessages": old, "newUrgentMessages": "0", "oldUrgentMessages": "0"});
    for entry in &mut entries {
        match &mut entry.what {
            What::HttpResponse { body: Some(body), .. } if body["mwiresponse"]["voice"].is_object() => {
                body["mwiresponse"]["voice"] = counts("2", "1");
            }
            What::WsMessage { body, .. } if body["notificationMessage"]["eventType"] == "mwi" => {
                body["notificationMessage"]["mwiNotificationParams"]["voice"] = counts("0", "3");
            }
            _ => {}
        }
    }
    let mut first = entries[position(&entries, 0, |entry| told(entry, "mwi"))].clone();
    message(&mut first)["mwiNotificationParams"] =
        json!({"mwi": "yes", "totalVoice": "3", "unheardVoice": "2", "voice": counts("2", "1")});
    let filled =
        position(&entries, 0, |entry| matches!(&entry.what, What::Harness { note } if note.contains("voicemail")));
    entries.insert(filled + 1, first);
    entries
}

/// Ours says why the call is over.
fn with_code(mut entries: Vec<Entry>) -> Vec<Entry> {
    let end = position(&entries, 0, |entry| told(entry, "callEnd"));
    message(&mut entries[end])["sessionParams"]["statusCode"] = json!(487);
    entries
}

/// Ours sends descriptions as they are: those that the other client sent just before.
fn plain(mut entries: Vec<Entry>) -> Vec<Entry> {
    let elsewhere =
        |entry: &Entry| matches!(&entry.what, What::HttpRequest { raw_url, .. } if raw_url.contains("/eventData/"));
    let ids: Vec<String> = entries.iter().filter(|entry| elsewhere(entry)).map(|entry| id(entry).to_owned()).collect();
    entries.retain(|entry| !ids.iter().any(|gone| gone == id(entry)));
    let mut sent = Value::Null;
    for entry in &mut entries {
        match &mut entry.what {
            What::HttpRequest { body: Some(body), .. } if body["callControlRequest"]["sdp"].is_string() => {
                sent = body["callControlRequest"]["sdp"].clone();
            }
            What::WsMessage { body, .. } => {
                let params = &mut body["notificationMessage"]["sessionParams"];
                if params.as_object_mut().is_some_and(|params| params.remove("sdpFormat").is_some()) {
                    params["sdp"] = sent.clone();
                }
            }
            _ => {}
        }
    }
    entries
}

fn position(entries: &[Entry], from: usize, like: impl Fn(&Entry) -> bool) -> usize {
    from + entries[from..].iter().position(like).expect("such an entry")
}

fn id(entry: &Entry) -> &str {
    match &entry.what {
        What::HttpRequest { id, .. } | What::HttpResponse { id, .. } => id,
        _ => "",
    }
}

/// Whether a client was told this.
fn told(entry: &Entry, kind: &str) -> bool {
    matches!(&entry.what, What::WsMessage { from: Side::Server, body, .. }
        if body["notificationMessage"]["eventType"] == kind)
}

fn sdp(entry: &Entry) -> Option<&str> {
    match &entry.what {
        What::WsMessage { body, .. } => body["notificationMessage"]["sessionParams"]["sdp"].as_str(),
        _ => None,
    }
}

fn message(entry: &mut Entry) -> &mut Value {
    match &mut entry.what {
        What::WsMessage { body, .. } => &mut body["notificationMessage"],
        _ => panic!("no. {} is no notification", entry.n),
    }
}

/// Whether a client asked for this.
fn asks(entry: &Entry, wrapper: &str, kind: &str) -> bool {
    matches!(&entry.what, What::HttpRequest { body: Some(body), .. } if body[wrapper]["type"] == kind)
}

fn responds(entry: &Entry, request: &Entry) -> bool {
    matches!(entry.what, What::HttpResponse { .. }) && id(entry) == id(request)
}

fn answer_to(entries: &mut [Entry], request: usize, ours: u16, with: Value) {
    let answer = position(entries, request, |entry| responds(entry, &entries[request]));
    if let What::HttpResponse { status, body, .. } = &mut entries[answer].what {
        assert_ne!(*status, ours, "then this is no difference");
        (*status, *body) = (ours, Some(with));
    }
}
