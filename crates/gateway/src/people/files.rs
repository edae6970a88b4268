//! Files of messages (protocol §7.3.6, §7.3.3). Nothing that their senders say of them is trusted: names and types are cut to what
//! is harmless, and no browser shows one as part of the gateway's own pages.

use std::{path::Path, time::Duration};

use axum::{
    body::Body,
    http::{HeaderMap, HeaderName, HeaderValue, Request, header},
    response::{IntoResponse, Response as HttpResponse},
};
use kandy_switch::{Fault, Response, UserKey, code};
use serde_json::json;
use tower_http::services::ServeFile;

use super::{
    People,
    multipart::{Event, Form, Malformed, Part},
};
use crate::{
    http,
    store::{
        blobs::Incoming,
        files::{self, File},
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
pub(super) async fn upload(people: &People, user: &UserKey, mut body: Body) -> Result<Response, Fault> {
    let handle = people.switch(|switch, _| switch.fresh_token())?;
    let mut incoming = people.store.blobs.receive(&handle).await?;
    let received = tokio::time::timeout(UPLOAD_TIME, receive(people, &mut incoming, &mut body)).await;
    let part = match received.unwrap_or(Err(TOO_SLOW)) {
        Ok(part) => part,
        Err(fault) => {
            http::ignore(&mut body).await;
            return Err(fault);
        }
    };
    let hash = incoming.finish().await?;
    let size = i64::try_from(incoming.size()).map_err(|_| TOO_LARGE)?;
    let file = File { handle, name: clean_name(&part.file_name), mime: clean_mime(&part.mime), size, hash };
    // Under the lock of the writer, so that nobody removes the contents between the two.
    let (people, user) = (people.clone(), user.clone());
    let stored = tokio::spawn(async move {
        let mut writer = people.store.write().await;
        let now = people.now()?;
        people.store.blobs.keep(&mut incoming, &file.hash).await?;
        for hash in files::add(&mut writer, &user, &file, now).await? {
            people.store.blobs.remove(&hash).await;
        }
        Ok::<_, Fault>(Response::ok(&json!({"success": {"handle": file.handle}})))
    });
    stored.await.unwrap_or(Err(super::FAILED))
}

/// Reads the form; the file goes to disk as it arrives.
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
        others = others.saturating_sub(incoming.size() - before);
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
                if incoming.size() + data.len() as u64 > people.max_file {
                    return Err(TOO_LARGE);
                }
                incoming.write(&data).await?;
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
    let file = {
        let mut reader = people.store.read().await?;
        files::find(&mut reader, user, handle).await?
    };
    serve(&people.store.blobs.path(&file.hash), &file, asked).await
}

async fn serve(path: &Path, file: &File, asked: &HeaderMap) -> Result<HttpResponse, Fault> {
    let mut request = Request::new(Body::empty());
    // The one header that matters: players ask for parts.
    if let Some(range) = asked.get(header::RANGE) {
        request.headers_mut().insert(header::RANGE, range.clone());
    }
    let served = ServeFile::new(path).try_call(request).await.map_err(crate::store::StoreError::from)?;
    if served.status().as_u16() == 404 {
        tracing::error!("the contents of a file are not there");
        return Err(NOT_THERE);
    }
    let mut response = served.map(Body::new).into_response();
    let headers = response.headers_mut();
    headers.remove(header::LAST_MODIFIED);
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
    Ok(response)
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
