//! Files of messages (protocol §7.3.6, §7.3.3). Nothing that their senders say of them is trusted: names and types are cut to what
//! is harmless, and no browser shows one as part of the gateway's own pages.

use std::{ops::Range, time::Duration};

use axum::{
    body::Body,
    http::{HeaderMap, HeaderName, HeaderValue, StatusCode, header},
    response::{IntoResponse, Response as HttpResponse},
};
use kandy_switch::{Fault, Response, UserKey, code};
use serde_json::json;
use tokio::time::timeout;
use tracing::Instrument;

use super::{
    People,
    multipart::{Event, Form, Malformed, Part},
};
use crate::{
    http,
    store::{
        contents::{self, Incoming},
        files::{self, File, Upload},
    },
};

/// Longest name of a file, in characters: what common file systems take.
const MAX_NAME: usize = 255;
/// Longest type of a file (RFC 6838 §4.2: 127 for each half).
const MAX_MIME: usize = 255;
/// How long an upload may take: the largest file over a slow line.
const UPLOAD_TIME: Duration = Duration::from_secs(600);
/// What an upload may have beside its file: heads and other fields.
const MAX_ELSE: u64 = 64 << 10;
/// The type of a part that is JSON (protocol §7.3.3).
const JSON_PART: &str = "application/vdn.kandy.json";
/// The type of what may be anything.
const ANYTHING: &str = "application/octet-stream";

const NO_FORM: Fault = Fault::new(400, code::BODY, "The body is not a form with a file in the field raw.");
const TOO_LARGE: Fault = Fault::new(413, code::VALUE, "The file is too large.");
const TOO_SLOW: Fault = Fault::new(408, code::BAD_REQUEST, "The file took too long.");
const NOT_THERE: Fault = Fault::new(404, code::NOTHING_THERE, "There is no such file.");

/// `POST rm/upload`
pub(super) async fn upload(people: &People, user: UserKey, mut body: Body) -> Result<Response, Fault> {
    let people = people.clone();
    // A client that hangs up must not end this before what has arrived is discarded.
    let work = async move {
        let mut incoming = Incoming::default();
        let stored = match timeout(UPLOAD_TIME, receive(&people, &mut incoming, &mut body)).await {
            Ok(Ok(part)) => store(&people, &user, &part, &mut incoming).await,
            received => received.unwrap_or(Err(TOO_SLOW)).map(|_| String::new()),
        };
        if stored.is_err() {
            incoming.discard(&people.store).await?;
            http::ignore(&mut body).await;
        }
        stored
    };
    let handle = tokio::spawn(work.in_current_span()).await.unwrap_or(Err(super::FAILED))?;
    Ok(Response::ok(&json!({"success": {"handle": handle}})))
}

/// Makes a file of what has arrived. Returns its handle.
async fn store(people: &People, user: &UserKey, part: &Part, incoming: &mut Incoming) -> Result<String, Fault> {
    let handle = people.switch(|switch, _| switch.fresh_token())?;
    let (name, mime) = (clean_name(&part.file_name), clean_mime(&part.mime));
    let mut writer = people.store.write().await;
    let upload = Upload { handle: &handle, owner: user, name: &name, mime: &mime, at: people.now()? };
    files::add(&mut writer, &upload, incoming).await?;
    Ok(handle)
}

/// Reads the form; the file is stored as it arrives.
async fn receive(people: &People, incoming: &mut Incoming, body: &mut Body) -> Result<Part, Fault> {
    let (mut form, mut part, mut others) = (Form::default(), None, 0);
    while let Some(chunk) = http::chunk(body).await.map_err(|_| NO_FORM)? {
        let before = incoming.size();
        let events = form.feed(&chunk).map_err(|Malformed| NO_FORM)?;
        if take(people, incoming, &mut part, events).await? {
            return part.map(|(part, _)| part).ok_or(NO_FORM);
        }
        // What a step holds back for the next one makes no difference in the sum.
        others += chunk.len() as u64;
        others = others.saturating_sub((incoming.size() - before).unsigned_abs());
        if others > MAX_ELSE {
            return Err(TOO_LARGE);
        }
    }
    Err(NO_FORM)
}

/// Takes what was read of the form: the field `raw` into the file. Returns whether the form is complete.
async fn take(
    people: &People,
    incoming: &mut Incoming,
    part: &mut Option<(Part, bool)>,
    events: Vec<Event>,
) -> Result<bool, Fault> {
    for event in events {
        match event {
            Event::Part(next) if next.field == "raw" && part.is_none() => *part = Some((next, true)),
            Event::Part(_) => {
                if let Some((_, open)) = part {
                    *open = false;
                }
            }
            Event::Data(data) if part.as_ref().is_some_and(|(_, open)| *open) => {
                if incoming.size().unsigned_abs() + data.len() as u64 > people.max_file {
                    return Err(TOO_LARGE);
                }
                incoming.write(&people.store, &data).await?;
            }
            Event::Data(_) => {}
            Event::End => return Ok(true),
        }
    }
    Ok(false)
}

/// `GET rm/file/{handle}`: to its owner and to those who see a message that has it.
pub(super) async fn download(
    people: &People,
    user: &UserKey,
    handle: &str,
    asked: &HeaderMap,
) -> Result<HttpResponse, Fault> {
    let (file, contents) = {
        let mut reader = people.store.read().await?;
        let file = files::find(&mut reader, user, handle).await?;
        let contents = contents::find(&mut reader, &file.hash).await?;
        (file, contents)
    };
    let Some((id, size)) = contents else {
        tracing::error!("the contents of a file are not there");
        return Err(NOT_THERE);
    };
    // The one header that matters: players ask for parts.
    let asked = asked.get(header::RANGE).and_then(|range| range.to_str().ok());
    Ok(describe(&file, answer(people, id, size, asked.map(|range| part_of(range, size)))))
}

/// The contents, or the part that was asked for (RFC 9110 §14, §15.3.7, §15.5.17).
fn answer(people: &People, id: i64, size: i64, part: Option<Option<Range<i64>>>) -> HttpResponse {
    let (status, range, told) = match part {
        None => (StatusCode::OK, 0..size, None),
        Some(Some(part)) => {
            let told = format!("bytes {}-{}/{size}", part.start, part.end - 1);
            (StatusCode::PARTIAL_CONTENT, part, Some(told))
        }
        Some(None) => (StatusCode::RANGE_NOT_SATISFIABLE, 0..0, Some(format!("bytes */{size}"))),
    };
    let length = (header::CONTENT_LENGTH, (range.end - range.start).to_string());
    let body = Body::from_stream(contents::read(people.store.clone(), id, range));
    let told = told.map(|told| [(header::CONTENT_RANGE, told)]);
    (status, [length], told, [(header::ACCEPT_RANGES, "bytes")], body).into_response()
}

/// The one part that a `range` header asks for, from its first byte up to behind its last; `None` for what cannot be served,
/// which several parts are too (RFC 9110 §14.1.2).
fn part_of(range: &str, size: i64) -> Option<Range<i64>> {
    let digits =
        |text: &str| text.bytes().all(|byte| byte.is_ascii_digit()).then(|| text.parse::<i64>().ok()).flatten();
    let (from, to) = range.strip_prefix("bytes=")?.trim().split_once('-')?;
    let part = match (from, to) {
        ("", last) => (size - digits(last)?).max(0)..size,
        (from, "") => digits(from)?..size,
        (from, to) => digits(from)?..digits(to)?.checked_add(1)?.min(size),
    };
    (!part.is_empty()).then_some(part)
}

/// Adds what browsers need to know of a file.
fn describe(file: &File, mut response: HttpResponse) -> HttpResponse {
    let headers = response.headers_mut();
    headers.insert(header::CONTENT_TYPE, HeaderValue::from_static(served_as(&file.mime)));
    if let Ok(disposition) = HeaderValue::from_str(&disposition(&file.name)) {
        headers.insert(header::CONTENT_DISPOSITION, disposition);
    }
    let lines: [(HeaderName, &'static str); 3] = [
        (header::CONTENT_SECURITY_POLICY, "sandbox; default-src 'none'"),
        (HeaderName::from_static("cross-origin-resource-policy"), "cross-origin"),
        (header::X_CONTENT_TYPE_OPTIONS, "nosniff"),
    ];
    for (name, value) in lines {
        headers.insert(name, HeaderValue::from_static(value));
    }
    response
}

/// The type by which browsers may take a file: none that could hold a script. Clients take JSON parts as JSON only.
fn served_as(mime: &str) -> &'static str {
    const HARMLESS: [&str; 20] = [
        "image/png",
        "image/jpeg",
        "image/gif",
        "image/webp",
        "image/avif",
        "image/bmp",
        "audio/mpeg",
        "audio/mp4",
        "audio/ogg",
        "audio/wav",
        "audio/webm",
        "audio/aac",
        "audio/flac",
        "video/mp4",
        "video/webm",
        "video/ogg",
        "video/quicktime",
        "text/plain",
        "application/pdf",
        "application/zip",
    ];
    match mime {
        JSON_PART => "application/json",
        mime => HARMLESS.into_iter().find(|known| *known == mime).unwrap_or(ANYTHING),
    }
}

/// Always to be saved, never to be shown in place of a page (RFC 6266, RFC 8187).
fn disposition(name: &str) -> String {
    let plain = |byte: u8| byte.is_ascii_alphanumeric() || b"!#$&+-.^_`|~".contains(&byte);
    let encoded: String =
        name.bytes().map(|b| if plain(b) { char::from(b).to_string() } else { format!("%{b:02X}") }).collect();
    format!("attachment; filename*=UTF-8''{encoded}")
}

/// A name without folders, control characters, and characters that turn the direction of writing to hide an ending.
fn clean_name(name: &str) -> String {
    let hidden = |c: &char| {
        c.is_control() || matches!(c, '\u{200e}' | '\u{200f}' | '\u{202a}'..='\u{202e}' | '\u{2066}'..='\u{2069}')
    };
    let last = name.rsplit(['/', '\\']).next().unwrap_or_default();
    let name: String = last.chars().filter(|c| !hidden(c)).take(MAX_NAME).collect();
    let name = name.trim();
    if name.is_empty() || name.chars().all(|c| c == '.') { "file".into() } else { name.into() }
}

/// A type without parameters, in lower case.
fn clean_mime(mime: &str) -> String {
    let mime = mime.split(';').next().unwrap_or_default().trim().to_ascii_lowercase();
    let token =
        |text: &str| !text.is_empty() && text.bytes().all(|b| b.is_ascii_alphanumeric() || b"!#$&-^_.+".contains(&b));
    let is_type = mime.len() <= MAX_MIME && mime.split_once('/').is_some_and(|(kind, rest)| token(kind) && token(rest));
    if is_type { mime } else { ANYTHING.into() }
}

/// What messages say of a file. `base` is the address of the UC service. By `handle`, which is ours, it can be sent on.
pub(super) fn described(file: &File, base: &str) -> serde_json::Value {
    let url = format!("{base}/rm/file/{}", file.handle);
    json!({"name": file.name, "mime": file.mime, "url": url, "size": file.size, "handle": file.handle})
}

/// Whether it is a JSON part, which comes after files (protocol §7.3.1).
pub(super) fn is_json(file: &File) -> bool {
    file.mime == JSON_PART
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn parts_are_those_of_rfc_9110() {
        let rows = [
            ("bytes=0-0", Some(0..1)),
            ("bytes=1-6", Some(1..7)),
            ("bytes=9-", Some(9..10)),
            ("bytes=0-99", Some(0..10)),
            ("bytes=-3", Some(7..10)),
            ("bytes=-99", Some(0..10)),
            ("bytes=10-", None),
            ("bytes=10-20", None),
            ("bytes=5-4", None),
            ("bytes=-0", None),
            ("bytes=-", None),
            ("bytes=+1-2", None),
            ("bytes=1-2,4-5", None),
            ("bytes=0-9223372036854775807", None),
            ("lines=1-2", None),
            ("", None),
        ];
        for (range, wanted) in rows {
            assert_eq!(part_of(range, 10), wanted, "{range}");
        }
        assert_eq!([part_of("bytes=0-", 0), part_of("bytes=-1", 0)], [None, None]);
    }

    #[test]
    fn names_from_others_are_cut() {
        let long = "n".repeat(MAX_NAME + 1);
        let rows = [
            ("note.txt", "note.txt"),
            ("../../etc/passwd", "passwd"),
            ("C:\\temp\\a.txt", "a.txt"),
            ("a\r\n\0b", "ab"),
            ("cod\u{202e}fdp.exe", "codfdp.exe"),
            (" ", "file"),
            ("..", "file"),
            ("a/", "file"),
            ("<img src=x>.png", "<img src=x>.png"),
            (&long, long.strip_prefix("n").unwrap()),
        ];
        for (name, wanted) in rows {
            assert_eq!(clean_name(name), wanted, "{name:?}");
        }
    }

    #[test]
    fn types_from_others_are_cut() {
        let rows = [
            ("text/plain;charset=UTF-8", "text/plain", "text/plain"),
            (" IMAGE/PNG ", "image/png", "image/png"),
            (JSON_PART, JSON_PART, "application/json"),
            ("text/html", "text/html", ANYTHING),
            ("image/svg+xml", "image/svg+xml", ANYTHING),
            ("", ANYTHING, ANYTHING),
            ("text", ANYTHING, ANYTHING),
            ("text/plain\r\nx: y", ANYTHING, ANYTHING),
            ("a/b/c", ANYTHING, ANYTHING),
        ];
        for (mime, kept, served) in rows {
            assert_eq!(clean_mime(mime), kept, "{mime:?}");
            assert_eq!(served_as(&clean_mime(mime)), served, "{mime:?}");
        }
        assert_eq!(disposition("é \".txt"), "attachment; filename*=UTF-8''%C3%A9%20%22.txt");
    }
}
