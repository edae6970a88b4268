//! Files of messages: who may put one there, who may fetch it, and as what.

use kandy_gateway::Config;
use serde_json::{Value, json};
use sqlx::Connection;
use tokio::{io::AsyncWriteExt, net::TcpStream, time::timeout};

use crate::{
    people::{Client, Flavour, heard, with_query},
    place::Folder,
    restart::keeping,
    server::{PATIENCE, Server, answer},
};

const BOB: &str = "bob@example.com";

/// A form as browsers write it.
fn form(name: &str, mime: &str, contents: &[u8]) -> Vec<u8> {
    let head = format!(
        "------WebKitFormBoundaryX\r\nContent-Disposition: form-data; name=\"raw\"; filename=\"{name}\"\r\n\
         Content-Type: {mime}\r\n\r\n"
    );
    let tail = "\r\n------WebKitFormBoundaryX\r\nContent-Disposition: form-data; name=\"token\"\r\n\r\nAT\r\n\
                ------WebKitFormBoundaryX--\r\n";
    [head.as_bytes(), contents, tail.as_bytes()].concat()
}

/// Uploads as released clients do: without saying the boundary.
async fn upload(server: &Server, client: &Client, body: Vec<u8>) -> (u16, Value) {
    let request = client.request(server, "POST", "/v2.0/rm/upload").header("content-type", "multipart/form-data");
    answer(request.body(body)).await
}

async fn uploaded(server: &Server, client: &Client, name: &str, mime: &str, contents: &[u8]) -> String {
    let (status, body) = upload(server, client, form(name, mime, contents)).await;
    assert_eq!(status, 200, "{body}");
    body["success"]["handle"].as_str().unwrap().to_owned()
}

/// Fetches an address from a message with a token appended, as clients do.
async fn fetched(server: &Server, client: &Client, url: &str) -> reqwest::Response {
    assert!(url.starts_with(&format!("http://{}/v2.0/rm/file/", server.address)) && !url.contains('?'), "{url}");
    let token = client.token.as_deref().unwrap();
    server.http.get(format!("{url}?token={token}")).send().await.unwrap()
}

/// The hashes of all contents that are stored; `arriving` for those that have none.
async fn contents(folder: &Folder) -> Vec<String> {
    let mut db = sqlx::AnyConnection::connect(&folder.database()).await.unwrap();
    let hashes = sqlx::query_scalar("SELECT coalesce(hash, 'arriving') FROM contents ORDER BY 1").fetch_all(&mut db);
    let hashes = hashes.await.unwrap();
    db.close().await.unwrap();
    hashes
}

#[tokio::test]
async fn a_file_reaches_the_members_of_its_thread_and_nobody_else() {
    let folder = Folder::new("files");
    let server = Server::configured(keeping(&folder)).await;
    let (alice, _) = Client::login(&server, "alice", Flavour::Uc).await;
    let (bob, mut bobs) = Client::login(&server, "bob", Flavour::Uc).await;
    let (_, mut link) = Client::login(&server, "bob", Flavour::Link).await;
    let (carol, _) = Client::login(&server, "carol", Flavour::Uc).await;
    let json_part = uploaded(&server, &alice, "Custom Json Blob", "application/vdn.kandy.json", b"{\"a\":1}").await;
    let page = uploaded(&server, &alice, "../p%22.html", "text/html", b"<script>alert(1)</script>").await;
    let query = [("attach", &*json_part), ("attach", &page), ("to", BOB)];
    let sent = alice.rm(&server, "send", &query).await;
    let described: Vec<_> = sent["attachments"].as_array().unwrap().iter().map(|a| (&a["name"], &a["mime"])).collect();
    let (html, blob) =
        ((json!("p\".html"), json!("text/html")), (json!("Custom Json Blob"), json!("application/vdn.kandy.json")));
    assert_eq!(described, [(&html.0, &html.1), (&blob.0, &blob.1)], "files before JSON parts");
    let told = heard(&mut bobs).await;
    assert_eq!((&told["Attach"], told.get("txt")), (&json!(format!("{json_part},{page}")), None));
    let text = heard(&mut link).await["imnotificationParams"]["msgText"].clone();
    assert_eq!(text, "Custom Json Blob, p\".html", "Link shows names");

    // As released clients ask upon the notification: the sender stands where the thread would.
    let id = told["id"].as_str().unwrap();
    let details = bob.rm(&server, "thread/alice@example.com", &[("id", id), ("type", "internal")]).await;
    let [json_url, page_url] = [0, 1].map(|at| details[0]["attachments"][at]["url"].as_str().unwrap().to_owned());
    assert_eq!(details[0]["attachments"][1]["size"], 25);
    let response = fetched(&server, &bob, &json_url).await;
    assert_eq!(
        (response.status().as_u16(), &response.headers()["content-type"]),
        (200, &"application/json".parse().unwrap())
    );
    assert_eq!(response.json::<Value>().await.unwrap(), json!({"a": 1}));
    let response = fetched(&server, &bob, &page_url).await;
    for (name, wanted) in [
        ("content-type", "application/octet-stream"),
        ("content-disposition", "attachment; filename*=UTF-8''p%22.html"),
        ("x-content-type-options", "nosniff"),
        ("content-security-policy", "sandbox; default-src 'none'"),
        ("access-control-allow-origin", "*"),
        ("cache-control", "no-store"),
    ] {
        assert_eq!(response.headers()[name], wanted);
    }
    assert_eq!(response.text().await.unwrap(), "<script>alert(1)</script>");
    let bearer = server.http.get(&page_url).bearer_auth(bob.token.as_deref().unwrap()).header("range", "bytes=1-6");
    let response = bearer.send().await.unwrap();
    assert_eq!((response.status().as_u16(), response.text().await.unwrap()), (206, "script".to_owned()));

    for (client, status) in [(&alice, 200), (&carol, 404)] {
        assert_eq!(fetched(&server, client, &page_url).await.status().as_u16(), status, "{}", client.user);
    }
    let (status, body) = answer(server.http.get(&page_url)).await;
    assert_eq!((status, body["error"]["human"].is_string()), (401, true));
    let refused = carol.rm_body(&server, "send", &[("to", BOB), ("attach", &page)]).await;
    assert_eq!(refused["error"]["code"], 42, "nor does carol send what she cannot see");
    // Bob hands it on, and from then on carol may.
    bob.rm(&server, "send", &[("to", "carol"), ("attach", &page)]).await;
    assert_eq!(fetched(&server, &carol, &page_url).await.status(), 200);
    bob.rm(&server, &format!("delete/alice@example.com/{id}"), &[]).await;
    assert_eq!(fetched(&server, &bob, &json_url).await.status(), 404, "deleted");
    assert_eq!(fetched(&server, &bob, &page_url).await.status(), 200, "but he has it in another thread");

    let before = contents(&folder).await;
    assert_eq!(before.len(), 2);
    assert!(before.iter().all(|name| name.len() == 64 && name.bytes().all(|b| b.is_ascii_hexdigit())), "{before:?}");
    uploaded(&server, &bob, "same.txt", "text/plain", b"{\"a\":1}").await;
    assert_eq!(contents(&folder).await, before, "the same contents are kept once");
    let bobs_note = uploaded(&server, &bob, "note.txt", "text/plain", b"between us").await;
    bob.rm(&server, "send", &[("to", "alice"), ("attach", &bobs_note)]).await;
    assert_eq!(contents(&folder).await.len(), 3);
    bob.rm(&server, "delete/alice@example.com", &[]).await;
    let path = format!("http://{}/v2.0/rm/file/{bobs_note}", server.address);
    assert_eq!(fetched(&server, &alice, &path).await.status(), 200, "alice still sees it");
    let history = alice.rm(&server, "thread/bob@example.com", &[]).await;
    let last = history[1]["id"].as_str().unwrap();
    alice.rm(&server, &format!("delete/bob@example.com/{last}"), &[]).await;
    assert_eq!(fetched(&server, &bob, &path).await.status(), 404, "not even to who put it there");
    assert_eq!(contents(&folder).await, before, "what nobody sees is gone");
    drop((bobs, link));
    server.stop().await;

    let server = Server::configured(keeping(&folder)).await;
    let (alice, _) = Client::login(&server, "alice", Flavour::Uc).await;
    let history = alice.rm(&server, "thread/bob@example.com", &[]).await;
    let url = history[0]["attachments"][1]["url"].as_str().unwrap();
    assert_eq!(
        fetched(&server, &alice, url).await.text().await.unwrap(),
        "<script>alert(1)</script>",
        "after a restart"
    );
    server.stop().await;
}

#[tokio::test]
async fn uploads_are_bounded_and_leave_nothing_behind() {
    let folder = Folder::new("bounds");
    let config = Config { max_file: 1_000, ..keeping(&folder) };
    let server = Server::configured(config).await;
    let (alice, _) = Client::login(&server, "alice", Flavour::Uc).await;
    let other =
        |field: &str| String::from_utf8(form("a", "text/plain", b"x")).unwrap().replace("raw", field).into_bytes();
    let padded = [b"------WebKitFormBoundaryX\r\nx: y\r\n\r\n".to_vec(), vec![b'x'; 200_000]].concat();
    let rows = [
        ("too large", form("a", "text/plain", &[7; 1_001]), 413),
        ("far too large", form("a", "text/plain", &vec![7; 3_000_000]), 413),
        ("all of it beside the file", padded, 413),
        ("no file", other("other"), 400),
        ("no form", b"nonsense\r\n".to_vec(), 400),
        ("half a form", form("a", "text/plain", b"x")[..150].to_vec(), 400),
        ("nothing", Vec::new(), 400),
    ];
    for (what, body, wanted) in rows {
        let (status, answered) = upload(&server, &alice, body).await;
        assert_eq!((status, answered["error"]["human"].is_string()), (wanted, true), "{what}: {answered}");
    }
    assert_eq!(contents(&folder).await, [""; 0]);
    let first = uploaded(&server, &alice, "n", "text/plain", &[7; 1_000]).await;
    assert_eq!(contents(&folder).await.len(), 1, "exactly the limit is kept");
    for n in 0..64_u8 {
        uploaded(&server, &alice, "n", "text/plain", &[n; 10]).await;
    }
    assert_eq!(contents(&folder).await.len(), 64, "what is not sent gives way to newer uploads");
    let refused = alice.rm_body(&server, "send", &[("to", BOB), ("attach", &first)]).await;
    assert_eq!(refused["error"]["code"], 42);
    let last = uploaded(&server, &alice, "", "nonsense", b"y").await;
    let query = [("attach", &*last); 20];
    let sent = alice.rm(&server, "send", &[&query[..], &[("to", BOB)]].concat()).await;
    assert_eq!(sent["attachments"].as_array().unwrap().len(), 20, "exactly the limit is sent");
    assert_eq!(
        (&sent["attachments"][0]["name"], &sent["attachments"][0]["mime"]),
        (&json!("file"), &json!("application/octet-stream"))
    );
    server.stop().await;
}

#[tokio::test]
async fn large_files_come_in_parts_and_go_if_they_do_not_come_whole() {
    let folder = Folder::new("parts");
    let server = Server::configured(keeping(&folder)).await;
    let (alice, _) = Client::login(&server, "alice", Flavour::Uc).await;
    let all: Vec<u8> = (0..600_000_u32).map(|n| (n % 251) as u8).collect();
    let handle = uploaded(&server, &alice, "long.mp4", "video/mp4", &all).await;
    let path = format!("/v2.0/rm/file/{handle}");
    let whole = alice.request(&server, "GET", &path).send().await.unwrap();
    let told = |response: &reqwest::Response, name: &str| {
        response.headers().get(name).map(|value| value.to_str().unwrap().to_owned()).unwrap_or_default()
    };
    let wanted = ["600000", "bytes", "video/mp4", ""];
    assert_eq!(["content-length", "accept-ranges", "content-type", "content-range"].map(|n| told(&whole, n)), wanted);
    assert!(whole.bytes().await.unwrap() == all);
    let rows = [
        ("bytes=262143-262145", 206, 262_143..262_146, "bytes 262143-262145/600000"),
        ("bytes=599999-", 206, 599_999..600_000, "bytes 599999-599999/600000"),
        ("bytes=-300000", 206, 300_000..600_000, "bytes 300000-599999/600000"),
        ("bytes=600000-", 416, 0..0, "bytes */600000"),
        ("bytes=0-1,3-4", 416, 0..0, "bytes */600000"),
    ];
    for (range, status, part, wanted) in rows {
        let response = alice.request(&server, "GET", &path).header("range", range).send().await.unwrap();
        assert_eq!((response.status().as_u16(), &*told(&response, "content-range")), (status, wanted), "{range}");
        assert_eq!(told(&response, "content-length"), part.len().to_string(), "{range}");
        assert!(response.bytes().await.unwrap() == all[part], "{range}");
    }

    // Somebody hangs up in the midst of another one.
    let before = contents(&folder).await;
    let mut stream = TcpStream::connect(server.address).await.unwrap();
    let body = form("other", "video/mp4", &all[1..]);
    let head = format!(
        "POST /v2.0/rm/upload?token={} HTTP/1.1\r\nhost: x\r\ncontent-length: {}\r\n\r\n",
        alice.token.as_deref().unwrap(),
        body.len()
    );
    stream.write_all(head.as_bytes()).await.unwrap();
    stream.write_all(&body[..590_000]).await.unwrap();
    timeout(PATIENCE, async { while contents(&folder).await.len() == before.len() {} }).await.expect("its first chunk");
    drop(stream);
    timeout(PATIENCE, async { while contents(&folder).await != before {} }).await.expect("nothing of it");
    server.stop().await;
}

#[tokio::test]
async fn without_a_data_folder_files_last_as_long_as_the_gateway() {
    let server = Server::start().await;
    let (alice, _) = Client::login(&server, "alice", Flavour::Uc).await;
    let handle = uploaded(&server, &alice, "a.png", "image/png", b"\x89PNG").await;
    let path = format!("/v2.0/rm/file/{handle}");
    let response = alice.request(&server, "GET", &path).send().await.unwrap();
    assert_eq!((response.status().as_u16(), &response.headers()["content-type"]), (200, &"image/png".parse().unwrap()));
    // A proxy that speaks TLS for the gateway says so.
    let query = with_query("/v2.0/rm/send", &[("to", BOB), ("attach", &handle)]);
    let request =
        alice.request(&server, "GET", &query).header("x-forwarded-proto", "https").header("host", "im.example");
    let sent = answer(request).await.1;
    assert_eq!(sent["success"]["attachments"][0]["url"], format!("https://im.example{path}"));
    server.stop().await;
}
