//! Passwords: what wrong ones cost, that nothing tells who there is, and what is written down of it.

use std::{
    cell::RefCell,
    io::Write,
    sync::{Arc, Mutex, Once},
    time::Duration,
};

use kandy_gateway::{Book, Config, Limits, Secret, hash_password};
use kandy_switch::Policy;
use reqwest::{Response, StatusCode};
use serde_json::{Value, json};
use tokio::time::{Instant, advance, pause, resume};
use tracing_subscriber::{
    Layer, filter::dynamic_filter_fn, fmt::layer, layer::SubscriberExt, registry, util::SubscriberInitExt,
};

use crate::{
    logins,
    mailbox::KEY,
    server::{PATIENCE, Server, answer, password, subscribe},
};

const SUBSCRIPTION: &str = "/rest/version/1/user/alice@example.com/subscription";
const TOKEN: &str = "/v2.0/auth/mk_token";

async fn server(limits: Limits) -> Server {
    let config = Config {
        sign_in: limits,
        operator_key: Some(Secret::new(KEY)),
        hmac_key: Some(Secret::new(logins::KEY)),
        trusted_proxies: "127.0.0.3".parse().unwrap(),
        policy: Policy::default(),
        ..Config::default()
    };
    Server::configured(config).await
}

/// A client at another address of this machine.
fn from(address: &str) -> reqwest::Client {
    let address: std::net::IpAddr = address.parse().unwrap();
    reqwest::Client::builder().no_proxy().timeout(PATIENCE).local_address(address).build().unwrap()
}

/// Asks for a token.
async fn token(server: &Server, client: &reqwest::Client, user: &str, password: &str) -> Response {
    let request = client.get(format!("http://{}{TOKEN}", server.address)).basic_auth(user, Some(password));
    request.send().await.unwrap()
}

/// Status, and after how many seconds to come again.
fn verdict(response: &Response) -> (u16, Option<u64>) {
    let after = response.headers().get("retry-after").map(|value| value.to_str().unwrap().parse().unwrap());
    (response.status().as_u16(), after)
}

/// Lets time pass.
async fn pass(seconds: u64) {
    pause();
    advance(Duration::from_secs(seconds)).await;
    resume();
}

/// Lines of the log, newest first, when there are so many.
async fn audit(server: &Server, query: &str, count: usize) -> Vec<Value> {
    let until = Instant::now() + PATIENCE;
    loop {
        let request = server.request("GET", &format!("/operator/v1/audit{query}")).bearer_auth(KEY);
        let (status, body) = answer(request).await;
        assert_eq!(status, 200, "{body}");
        let lines = body["lines"].as_array().unwrap().clone();
        assert!(lines.len() <= count && Instant::now() < until, "{lines:?}");
        if lines.len() == count {
            return lines;
        }
    }
}

/// Action, credential, outcome and user of lines.
fn told(lines: &[Value]) -> Vec<[&str; 4]> {
    let text = |line: &'_ Value, name: &str| line[name].as_str().map(str::to_owned).unwrap();
    lines.iter().for_each(|line| assert!(line["at"].as_i64() > Some(0) && !text(line, "peer").is_empty(), "{line}"));
    lines.iter().map(|l| ["action", "subject", "outcome", "actor"].map(|name| l[name].as_str().unwrap())).collect()
}

#[tokio::test]
async fn wrong_passwords_cost_more_and_more_time() {
    let server = server(Limits { user_tries: 3, ..Limits::default() }).await;
    let (here, there) = (from("127.0.0.1"), from("127.0.0.2"));
    server.login("bob").await.0.close().await;
    for user in ["bob@example.com", "nobody@example.com", "alice@example.com"] {
        for _ in 0..3 {
            assert_eq!(verdict(&token(&server, &here, user, "x").await), (401, None), "{user}");
        }
        for (seconds, again) in [(1, 2), (2, 4), (4, 8)] {
            for client in [&here, &there] {
                assert_eq!(verdict(&token(&server, client, user, "x").await), (429, Some(seconds)), "{user}");
            }
            pass(seconds).await;
            assert_eq!(verdict(&token(&server, &here, user, "x").await), (401, None), "{user}");
            assert_eq!(verdict(&token(&server, &here, user, "x").await), (429, Some(again)), "{user}");
        }
    }
    let right = token(&server, &here, "alice@example.com", password("alice")).await;
    assert_eq!(right.status(), StatusCode::TOO_MANY_REQUESTS, "the right password has to wait, too");
    let body: Value = right.json().await.unwrap();
    assert!(body["error"]["human"].as_str().unwrap().contains("too many wrong passwords"), "{body}");
    let (status, body) = server.send("alice", "POST", SUBSCRIPTION, Some(subscribe())).await;
    assert_eq!((status, &body["subscribeResponse"]["statusCode"]), (429, &json!(1004)));
    let (status, body) = server.send("alice", "GET", "/v2.0/rm/threads", None).await;
    assert_eq!((status, &body["error"]["code"]), (200, &json!(1004)), "as clients of messaging need it");
    for client in [&here, &there] {
        let others = token(&server, client, "carol@example.com", password("carol")).await;
        assert_eq!(others.status(), StatusCode::OK, "other users go on");
    }
    server.login("bob").await.0.close().await;
    pass(8).await;
    let right = token(&server, &here, "alice@example.com", password("alice")).await;
    assert_eq!(right.status(), StatusCode::OK);
    server.stop().await;
}

#[tokio::test]
async fn an_address_that_guesses_waits_and_others_do_not() {
    let server = server(Limits { address_tries: 4, ..Limits::default() }).await;
    let (here, there, proxy) = (from("127.0.0.1"), from("127.0.0.2"), from("127.0.0.3"));
    for name in ["a", "b", "alice@example.com"] {
        assert_eq!(token(&server, &here, name, "x").await.status(), StatusCode::UNAUTHORIZED);
    }
    let wrong = server.request("GET", "/operator/v1/audit").bearer_auth("x");
    assert_eq!(answer(wrong).await.0, 401, "a wrong key counts like a password");
    assert_eq!(verdict(&token(&server, &here, "carol@example.com", password("carol")).await), (429, Some(1)));
    for request in [
        server.request("GET", "/operator/v1/audit").bearer_auth(KEY),
        server.request("PUT", "/operator/v1/users/alice@example.com/voicemail").bearer_auth(KEY),
        server.request("POST", SUBSCRIPTION).header("x-token", logins::TOKEN).json(&subscribe()),
    ] {
        let response = request.send().await.unwrap();
        assert_eq!(verdict(&response), (429, Some(1)), "{}", response.url().path());
    }
    let carol = async |client: &reqwest::Client, forwarded: &str| {
        let request = client.get(format!("http://{}{TOKEN}", server.address)).header("x-forwarded-for", forwarded);
        request.basic_auth("carol@example.com", Some(password("carol"))).send().await.unwrap().status().as_u16()
    };
    assert_eq!(carol(&here, "198.51.100.7").await, 429, "nobody believes this one");
    assert_eq!(carol(&proxy, "198.51.100.7, 127.0.0.1").await, 429, "and this one speaks for the one that guessed");
    assert_eq!(carol(&proxy, "127.0.0.1, 198.51.100.7").await, 200);
    assert_eq!(carol(&there, "").await, 200);
    pass(1).await;
    let forged = logins::TOKEN.replacen("eyJ", "eyK", 1);
    let forged = server.request("POST", SUBSCRIPTION).header("x-token", forged).json(&subscribe());
    assert_eq!(answer(forged).await.0, 401);
    let signed = server.request("POST", SUBSCRIPTION).header("x-token", logins::TOKEN).json(&subscribe());
    assert_eq!(verdict(&signed.send().await.unwrap()), (429, Some(2)));
    for _ in 0..40 {
        let stale = there.get(format!("http://{}/v2.0/rm/threads?token=stale", server.address));
        drop(stale.send().await.unwrap());
    }
    assert_eq!(carol(&there, "").await, 200, "old tokens cost nothing");
    server.stop().await;
}

#[tokio::test]
async fn nothing_tells_whether_there_is_a_user() {
    let logs = Logs::begin();
    let hash = hash_password("dora-password".into()).await.unwrap();
    let text = format!(
        r#"[{{"user":"alice@example.com","password":"alice-password-1"}},
            {{"user":"dora@example.com","passwordHash":"{}"}},{{"user":"eve@example.com"}}]"#,
        hash.text()
    );
    let (accounts, book) = Book::read(&text).unwrap();
    let server = Server::run(Config { accounts, book, ..Config::default() }).await;
    let mut answers = Vec::new();
    for name in
        ["alice@example.com", "ALICE@example.com", "nobody@example.com", "dora@example.com", "eve@example.com", "x", ""]
    {
        let before = logs.count("a password is hashed");
        let response = token(&server, &server.http, name, "x").await;
        let headers: Vec<String> = response.headers().keys().map(ToString::to_string).collect();
        let status = response.status();
        let body = response.text().await.unwrap();
        answers.push((status, headers, body, logs.count("a password is hashed") - before));
    }
    assert_eq!((answers[0].0, answers[0].3), (StatusCode::UNAUTHORIZED, 1));
    assert!(answers.iter().all(|answer| *answer == answers[0]), "{answers:?}");
    let before = logs.count("a password is hashed");
    for (name, word) in [("alice@example.com", "alice-password-1"), ("dora@example.com", "dora-password")] {
        for _ in 0..3 {
            assert_eq!(token(&server, &server.http, name, word).await.status(), StatusCode::OK, "{name}");
        }
    }
    assert_eq!(logs.count("a password is hashed") - before, 2, "what was proven is not hashed again");
    server.stop().await;
}

#[tokio::test]
async fn no_password_reaches_a_log() {
    let logs = Logs::begin();
    let server = server(Limits { user_tries: 2, ..Limits::default() }).await;
    let hash = hash_password("dora-password".into()).await.unwrap();
    server.login("bob").await.0.close().await;
    let alice = ("alice@example.com", "alice-secret");
    for _ in 0..4 {
        token(&server, &server.http, alice.0, alice.1).await;
    }
    let key = server.request("GET", "/operator/v1/audit").bearer_auth("guess-at-the-key");
    assert_eq!(answer(key).await.0, 401);
    let lines = audit(&server, "", 6).await;
    server.stop().await;
    let log = logs.text() + &serde_json::to_string(&lines).unwrap();
    assert!(log.contains("TRACE") && log.contains("a password is hashed"), "{log}");
    // The last three are the beginnings of `bob@example.com:bob-password-2` and `alice@example.com:alice-secret` in base64, and of
    // the form of hashes.
    let secrets = [
        password("bob"),
        alice.1,
        "dora-password",
        hash.text(),
        KEY,
        "guess-at",
        "Ym9iQGV4YW",
        "YWxpY2VAZ",
        "argon2id",
    ];
    for secret in secrets {
        assert!(!log.contains(secret), "{secret}");
    }
}

#[tokio::test]
async fn the_audit_log_tells_who_signed_in() {
    let server = server(Limits { user_tries: 2, ..Limits::default() }).await;
    for (name, word) in
        [("alice@example.com", "x"), ("nobody@example.com", "x"), ("alice@example.com", "alice-password-1")]
    {
        token(&server, &server.http, name, word).await;
    }
    let made = token(&server, &server.http, "alice@example.com", "alice-password-1").await;
    let body: Value = made.json().await.unwrap();
    let access = body["success"]["access_token"].as_str().unwrap();
    let subscription = server.request("POST", &format!("{SUBSCRIPTION}?token={access}")).json(&subscribe());
    assert_eq!(answer(subscription).await.0, 200);
    let signed = |token: &str| server.request("POST", SUBSCRIPTION).header("x-token", token).json(&subscribe());
    assert_eq!(answer(signed(logins::TOKEN)).await.0, 200);
    assert_eq!(answer(signed("nonsense").header("x-request-id", "request-7")).await.0, 401);
    server.login("bob").await.0.close().await;
    for _ in 0..5 {
        token(&server, &server.http, "carol@example.com", "x").await;
    }
    let alice = "alice@example.com";
    let lines = audit(&server, "", 11).await;
    let wanted = [
        ["sign-in", "password", "throttled", "carol@example.com"],
        ["sign-in", "password", "wrong-password", "carol@example.com"],
        ["sign-in", "password", "wrong-password", "carol@example.com"],
        ["subscription", "password", "done", "bob@example.com"],
        ["sign-in", "password", "done", "bob@example.com"],
        ["sign-in", "x-token", "bad-token", alice],
        ["subscription", "x-token", "done", alice],
        ["subscription", "token", "done", alice],
        ["sign-in", "password", "done", alice],
        ["sign-in", "password", "unknown-user", ""],
        ["sign-in", "password", "wrong-password", alice],
    ];
    assert_eq!(told(&lines), wanted);
    assert_eq!((&lines[5]["requestId"], &lines[5]["peer"]), (&json!("request-7"), &json!("127.0.0.1")));
    let bobs = audit(&server, "?actor=bob%40example.com&account=&max=1", 1).await;
    assert_eq!(told(&bobs), [wanted[3]]);
    let before = audit(&server, &format!("?actor=bob%40example.com&before={}", bobs[0]["id"]), 1).await;
    assert_eq!(told(&before), [wanted[4]]);
    assert!(audit(&server, "?account=acme", 0).await.is_empty());
    let (_, page) = answer(server.request("GET", "/operator/v1/audit?max=2").bearer_auth(KEY)).await;
    assert_eq!(page["before"], lines[1]["id"]);
    let rows = [("GET", "?max=0", 400), ("GET", "?max=1001", 400), ("GET", "?before=x", 400), ("PUT", "", 405)];
    for (method, query, wanted) in rows {
        let request = server.request(method, &format!("/operator/v1/audit{query}")).bearer_auth(KEY);
        assert_eq!(answer(request).await.0, wanted, "{method} {query}");
    }
    assert_eq!(answer(server.request("GET", "/operator/v1/audit")).await.0, 401);
    server.stop().await;
}

/// A measurement, not a test: `cargo test --release -p kandy-gateway --test served -- --ignored --nocapture basic`.
#[tokio::test]
#[ignore = "a measurement"]
async fn what_basic_costs() {
    let server = Server::start().await;
    let path = "/rest/version/1/user/alice@example.com/userProfileData";
    let first = std::time::Instant::now();
    assert_eq!(server.send("alice", "GET", path, None).await.0, 200);
    let first = first.elapsed();
    let rest = std::time::Instant::now();
    for _ in 0..2_000 {
        assert_eq!(server.send("alice", "GET", path, None).await.0, 200);
    }
    let rest = rest.elapsed() / 2_000;
    eprintln!("the first request with Basic: {first:?}; each of the next ones: {rest:?}");
    assert!(rest < first);
    server.stop().await;
}

/// What is logged on this thread, where such a test has all its tasks.
#[derive(Clone, Default)]
struct Logs(Arc<Mutex<Vec<u8>>>);

thread_local! {
    static LOGS: RefCell<Option<Logs>> = const { RefCell::new(None) };
}

impl Logs {
    /// Begins to keep what is logged, down to the last level. One subscriber is there for all threads and all of the time:
    /// those that come and go miss what is logged at the same time elsewhere.
    fn begin() -> Self {
        static SUBSCRIBER: Once = Once::new();
        SUBSCRIBER.call_once(|| {
            let here = dynamic_filter_fn(|_, _| LOGS.with_borrow(Option::is_some));
            let layer = layer().with_ansi(false).with_writer(|| LOGS.with_borrow(Clone::clone).unwrap_or_default());
            registry().with(layer.with_filter(here)).init();
        });
        let logs = Self::default();
        LOGS.set(Some(logs.clone()));
        logs
    }

    fn text(&self) -> String {
        String::from_utf8(self.0.lock().unwrap().clone()).unwrap()
    }

    fn count(&self, words: &str) -> usize {
        self.text().matches(words).count()
    }
}

impl Write for Logs {
    fn write(&mut self, text: &[u8]) -> std::io::Result<usize> {
        self.0.lock().unwrap().write(text)
    }

    fn flush(&mut self) -> std::io::Result<()> {
        Ok(())
    }
}
