//! What those who run the gateway see of it.

use std::{collections::BTreeMap, time::Duration};

use kandy_gateway::{Config, Listeners, Secret};
use serde_json::{Value, json};
use tokio::net::TcpListener;

use crate::server::{Server, answer, subscribe};

const HOSTING: &str = include_str!("../../../../docs/hosting.md");
const CALLS: &str = "/rest/version/1/user/alice@example.com/callControl";
const KEY: &str = "operator-key-of-the-tests";

#[tokio::test]
async fn health_is_a_word_for_anybody() {
    let server = Server::start().await;
    for (path, word) in [("/healthz", "ok"), ("/readyz", "ready")] {
        let response = server.request("GET", path).send().await.unwrap();
        assert_eq!(
            (response.status().as_u16(), &response.headers()["cache-control"]),
            (200, &"no-store".parse().unwrap())
        );
        assert_eq!(response.json::<Value>().await.unwrap(), json!({"status": word}), "{path}");
        assert_eq!(server.request("POST", path).send().await.unwrap().status(), 405, "{path}");
    }
    assert_eq!(server.request("GET", "/metrics").send().await.unwrap().status(), 404, "these are not for anybody");
    server.stop().await;
}

#[tokio::test]
async fn every_answer_tells_the_id_of_its_request() {
    let server = Server::start().await;
    let paths = [
        "/healthz",
        "/v2.0/auth/mk_token",
        "/v2.0/rm/threads",
        CALLS,
        "/notification/1.0/websocket/x",
        "/operator/v1/accounts",
        "/communication/kandy/provisioning/order",
        "/oauth/client_credential/accesstoken",
        "/nothing",
    ];
    for path in paths {
        for method in ["GET", "POST", "OPTIONS"] {
            let id = async |given: Option<&str>| {
                let request = server.request(method, path);
                let request = match given {
                    Some(id) => request.header("x-request-id", id),
                    None => request,
                };
                request.send().await.unwrap().headers()["x-request-id"].to_str().unwrap().to_owned()
            };
            assert_eq!(id(Some("request-7")).await, "request-7", "{method} {path}");
            let (one, other) = (id(None).await, id(Some("not plain")).await);
            assert_eq!((one.len(), other.len()), (36, 36), "{method} {path}");
            assert_ne!(one, other);
        }
    }
    server.stop().await;
}

#[tokio::test]
async fn the_audit_log_has_the_id_of_what_the_operator_did() {
    let server = Server::configured(Config { operator_key: Some(Secret::new(KEY)), ..Config::default() }).await;
    let made = server.request("POST", "/operator/v1/accounts").bearer_auth(KEY).header("x-request-id", "request-8");
    let (status, body) = answer(made.json(&json!({"accountId": "acme", "domain": "acme.test"}))).await;
    assert_eq!(status, 201, "{body}");
    let (_, lines) = answer(server.request("GET", "/operator/v1/audit?account=acme").bearer_auth(KEY)).await;
    let line = &lines["lines"][0];
    assert_eq!((&line["requestId"], &line["peer"]), (&json!("request-8"), &json!("127.0.0.1")), "{lines}");
    server.stop().await;
}

/// Names of metrics, with those of their labels.
type Names = BTreeMap<String, Vec<String>>;

/// The rows of the table: name, type, labels, meaning.
fn documented() -> Names {
    let rows = HOSTING.lines().filter(|line| line.starts_with("| `kandy_"));
    let read = |row: &str| {
        let cells: Vec<&str> = row.split('|').map(str::trim).collect();
        let labels = cells[3].split(", ").filter(|label| !label.is_empty()).map(str::to_owned);
        (cells[1].trim_matches('`').to_owned(), labels.collect())
    };
    rows.map(read).collect()
}

/// The samples that there are, by the names of their metrics; and their values.
fn told(text: &str) -> (Names, BTreeMap<String, f64>) {
    let histograms: Vec<&str> =
        text.lines().filter_map(|line| line.strip_prefix("# TYPE ")?.strip_suffix(" histogram")).collect();
    let (mut names, mut values) = (Names::new(), BTreeMap::new());
    for line in text.lines().filter(|line| !line.starts_with('#')) {
        let (sample, value) = line.rsplit_once(' ').unwrap();
        values.insert(sample.to_owned(), value.parse().unwrap());
        let (name, labels) = sample.strip_suffix('}').and_then(|s| s.split_once('{')).unwrap_or((sample, ""));
        let of = |histogram: &&&str| {
            ["_bucket", "_sum", "_count"].map(|end| format!("{histogram}{end}")).contains(&name.into())
        };
        let name = histograms.iter().find(of).copied().unwrap_or(name);
        let labels = labels.split("\",").filter_map(|label| label.split_once('=')).map(|(label, _)| label);
        names.insert(name.to_owned(), labels.filter(|label| *label != "le").map(str::to_owned).collect());
    }
    (names, values)
}

#[tokio::test]
async fn every_metric_of_the_table_is_there_and_no_other() {
    let metrics = TcpListener::bind("127.0.0.1:0").await.unwrap();
    let watched = metrics.local_addr().unwrap();
    let config = Config { demo: true, operator_key: Some(Secret::new(KEY)), ..Config::default() };
    let server = Server::watched(config, |public| Listeners { public, metrics: Some(metrics) }).await;

    let ((alice, _), (mut bob, _)) = (server.login("alice").await, server.login("bob").await);
    let offer =
        json!({"callControlRequest": {"type": "callStart", "to": "sip:bob@example.com", "from": "", "sdp": "offer"}});
    let (status, body) = server.send("alice", "POST", CALLS, Some(offer)).await;
    assert_eq!(status, 200, "{body}");
    assert_eq!(bob.next().await.unwrap()["notificationMessage"]["eventType"], "call");
    bob.rest().await;
    let token = server.request("POST", "/oauth/client_credential/accesstoken?grant_type=client_credentials");
    let (status, body) = answer(token.basic_auth("demo-client", Some("demo-secret"))).await;
    assert_eq!(status, 200, "{body}");
    let inventory = server.request("GET", "/communication/kandy/provisioning/inventory");
    let inventory = inventory.bearer_auth(body["access_token"].as_str().unwrap());
    assert_eq!(answer(inventory).await.0, 200);

    let ask = async |path: &str| server.http.get(format!("http://{watched}{path}")).send().await.unwrap();
    let response = ask("/metrics").await;
    assert!(response.headers()["content-type"].to_str().unwrap().starts_with("application/openmetrics-text"));
    let text = response.text().await.unwrap();
    let (names, values) = told(&text);
    assert_eq!(names, documented());
    let rows = [
        ("kandy_sockets", 2.0),
        ("kandy_subscriptions", 2.0),
        ("kandy_calls{state=\"ringing\"}", 1.0),
        ("kandy_calls{state=\"connected\"}", 0.0),
        ("kandy_call_steps_total{step=\"started\"}", 1.0),
        ("kandy_notifications_total", 1.0),
        ("kandy_queue_length{queue=\"frames\"}", 0.0),
        ("kandy_requests_total{resource=\"callControl\",status=\"2xx\"}", 1.0),
        ("kandy_request_seconds_count{resource=\"callControl\"}", 1.0),
        ("kandy_provisioning_calls_total{operation=\"inventory-read\",status=\"200\"}", 1.0),
        ("kandy_provisioning_calls_total{operation=\"token\",status=\"200\"}", 1.0),
        ("kandy_sign_ins_total{action=\"sign-in\",credential=\"password\",outcome=\"done\"}", 2.0),
        ("kandy_sign_ins_total{action=\"token\",credential=\"client-secret\",outcome=\"done\"}", 1.0),
        ("kandy_pushes_total{outcome=\"dropped\"}", 0.0),
    ];
    for (sample, value) in rows {
        assert_eq!(values.get(sample), Some(&value), "{sample}\n{text}");
    }
    // Two sockets, and at least the connection of one request.
    assert!(values["kandy_connections"] >= 3.0, "{text}");
    assert!(values["kandy_password_hash_seconds_sum"] > 0.0 && values["kandy_store_write_seconds_count"] > 0.0);
    for person in ["alice", "bob", "example.com", "demo-client"] {
        assert!(!text.contains(person), "{person}");
    }
    for path in ["/healthz", "/readyz"] {
        assert_eq!(ask(path).await.status(), 200, "{path}");
    }
    assert_eq!(ask("/v2.0/auth/mk_token").await.status(), 404, "nothing else is here");
    alice.close().await;
    server.stop().await;
}

#[tokio::test]
async fn a_gateway_that_drains_goes_on_and_takes_no_logins() {
    let drain = Duration::from_secs(3);
    let server = Server::configured(Config { drain, ..Config::default() }).await;
    let (mut alice, channel) = server.login("alice").await;
    let (begun, http) = (std::time::Instant::now(), server.http.clone());
    let address = server.address;
    let ending = server.end();
    let ready = async || http.get(format!("http://{address}/readyz")).send().await.unwrap();
    let response = loop {
        let response = ready().await;
        if response.status() != 200 {
            break response;
        }
    };
    assert_eq!((response.status().as_u16(), &response.headers()["retry-after"]), (503, &"5".parse().unwrap()));
    assert_eq!(response.json::<Value>().await.unwrap(), json!({"status": "draining"}));
    assert_eq!(http.get(format!("http://{address}/healthz")).send().await.unwrap().status(), 200);

    let url = |path: &str| format!("http://{address}{path}");
    let subscription = url("/rest/version/1/user/alice@example.com/subscription");
    let alices = |request: reqwest::RequestBuilder| request.basic_auth("alice@example.com", Some("alice-password-1"));
    for login in [http.post(subscription).json(&subscribe()), http.get(url("/v2.0/auth/mk_token"))] {
        let response = alices(login).send().await.unwrap();
        assert_eq!((response.status().as_u16(), &response.headers()["retry-after"]), (503, &"5".parse().unwrap()));
        let body = response.text().await.unwrap();
        assert!(body.contains("The gateway is ending; log in again in some seconds."), "{body}");
    }
    // Who is logged in notices nothing.
    assert!(alice.rest().await.is_empty());
    let profile = alices(http.get(url("/rest/version/1/user/alice@example.com/userProfileData")));
    assert_eq!(profile.send().await.unwrap().status(), 200);
    assert!(!channel.is_empty() && begun.elapsed() < drain, "all of that in time");
    assert!(matches!(alice.next().await, Err(1001 | 1012)));
    ending.await;
    assert!(begun.elapsed() >= drain, "{:?}", begun.elapsed());
}
