//! What the shell adds to the switch: headers, bounds, files.

use axum::http::HeaderValue;
use futures_util::StreamExt;
use kandy_gateway::{Config, Origins};
use serde_json::{Value, json};
use tokio_tungstenite::{
    connect_async,
    tungstenite::{Error, client::IntoClientRequest},
};

use crate::server::{Server, answer, subscribe};

const CALL: &str = "/rest/version/1/user/alice@example.com/callControl";
const SUBSCRIPTION: &str = "/rest/version/1/user/alice@example.com/subscription";

#[tokio::test]
async fn every_path_answers_preflights_and_every_answer_has_the_origin_header() {
    let server = Server::start().await;
    for path in [CALL, SUBSCRIPTION, "/v2.0/auth/mk_token", "/notification/1.0/websocket/x", "/", "/x", "/kandy-wasm/x"]
    {
        let response = server.request("OPTIONS", path).header("origin", "http://app.example").send().await.unwrap();
        assert_eq!(response.status(), 204, "{path}");
        for (name, wanted) in [
            ("access-control-allow-origin", "*"),
            ("access-control-allow-methods", "GET, POST, PUT, DELETE, OPTIONS"),
            ("access-control-max-age", "600"),
        ] {
            assert_eq!(response.headers()[name], wanted, "{path}");
        }
        let allowed = response.headers()["access-control-allow-headers"].to_str().unwrap().split(", ");
        let allowed: Vec<&str> = allowed.collect();
        for name in ["accept", "authorization", "content-type", "x-token", "x-session", "x-cpaas-agent"] {
            assert!(allowed.contains(&name), "{path} {name}");
        }
        for method in ["GET", "POST", "PUT", "DELETE", "PATCH"] {
            let response = server.request(method, path).send().await.unwrap();
            assert!(response.status().is_client_error(), "{method} {path}: {}", response.status());
            assert_eq!(response.headers()["access-control-allow-origin"], "*", "{method} {path}");
            assert_eq!(response.headers()["content-type"], "application/json", "{method} {path}");
            let body: Value = response.json().await.unwrap();
            assert!(body.is_object(), "{method} {path}");
        }
    }
    server.stop().await;
}

#[tokio::test]
async fn bodies_are_bounded_and_typed() {
    let server = Server::start().await;
    let start = |sdp: String| {
        json!({"callControlRequest": {"type": "callStart", "to": "sip:bob@example.com", "from": "", "sdp": sdp}})
            .to_string()
    };
    let limit = 1 << 20;
    let rows = [
        (start("x".repeat(limit - start(String::new()).len())), 403, "exactly the limit is read"),
        (start("x".repeat(limit)), 413, "more is not"),
        ("x".repeat(8 * limit), 413, "whatever it is"),
        ("{".into(), 400, "no JSON"),
        (String::new(), 400, "nothing"),
    ];
    for (body, wanted, what) in rows {
        let request = server.request("POST", CALL).basic_auth("alice@example.com", Some("alice-password-1")).body(body);
        let (status, body) = answer(request).await;
        assert_eq!(status, wanted, "{what}: {body}");
        assert!(body["callControlResponse"]["statusCode"].is_i64(), "{what}: {body}");
    }
    let request = server.request("POST", SUBSCRIPTION).body(vec![0xff, 0xfe]);
    let (status, body) = answer(request).await;
    assert_eq!((status, body["subscribeResponse"]["statusCode"].is_i64()), (400, true), "no UTF-8");
    let request = server.request("POST", "/v2.0/auth/mk_token").body("x".repeat(2 * limit));
    let (status, body) = answer(request).await;
    assert_eq!((status, body["error"]["human"].is_string()), (413, true));
    server.stop().await;
}

#[tokio::test]
async fn requests_reach_the_switch_with_all_that_belongs_to_them() {
    let server = Server::start().await;
    let request = server
        .request("GET", "/v2.0/auth/mk_token?expires=900")
        .basic_auth("alice@example.com", Some("alice-password-1"));
    let (status, body) = answer(request).await;
    assert_eq!((status, &body["success"]["expires"]), (200, &json!(900)));
    let token = body["success"]["access_token"].as_str().unwrap();
    let encoded = SUBSCRIPTION.replace('@', "%40");
    let with_query = server.request("POST", &format!("{encoded}?token={token}")).json(&subscribe());
    let with_header =
        server.request("POST", SUBSCRIPTION).header("Authorization", format!("Bearer {token}")).json(&subscribe());
    for request in [with_query, with_header] {
        let (status, body) = answer(request).await;
        assert_eq!((status, &body["subscribeResponse"]["statusCode"]), (200, &json!(0)));
    }
    let (status, body) = server.send("bob", "POST", SUBSCRIPTION, Some(subscribe())).await;
    assert_eq!((status, &body["subscribeResponse"]["statusCode"]), (403, &json!(27)));
    server.stop().await;
}

#[tokio::test]
async fn files_have_their_types_and_the_page_its_policy() {
    let folder = std::env::temp_dir().join(format!("kandy-gateway-files-{}", std::process::id()));
    let (www, sdk) = (folder.join("www"), folder.join("pkg"));
    for (file, text) in [
        (www.join("index.html"), "<p>page</p>"),
        (www.join("demo.js"), "1"),
        (www.join("style.css"), "p{}"),
        (sdk.join("index.js"), "2"),
        (sdk.join("engine.wasm"), "\0asm"),
        (folder.join("secret.txt"), "secret"),
    ] {
        std::fs::create_dir_all(file.parent().unwrap()).unwrap();
        std::fs::write(file, text).unwrap();
    }
    let server = Server::with(Default::default(), Some(&www), Some(&sdk)).await;
    let rows = [
        ("/", 200, "text/html"),
        ("/index.html", 200, "text/html"),
        ("/demo.js", 200, "text/javascript"),
        ("/style.css", 200, "text/css"),
        ("/kandy-wasm/index.js", 200, "text/javascript"),
        ("/kandy-wasm/engine.wasm", 200, "application/wasm"),
        ("/nothing.js", 404, "application/json"),
        ("/kandy-wasm/nothing.js", 404, "application/json"),
        ("/%2e%2e/secret.txt", 404, "application/json"),
        ("/kandy-wasm/..%2f..%2fsecret.txt", 404, "application/json"),
    ];
    for (path, status, kind) in rows {
        let response = server.request("GET", path).send().await.unwrap();
        assert_eq!(response.status().as_u16(), status, "{path}");
        let header = |name: &str| response.headers()[name].to_str().unwrap().to_owned();
        assert_eq!(header("content-type"), kind, "{path}");
        assert_eq!(header("cache-control"), "no-cache", "{path}");
        assert_eq!(header("x-content-type-options"), "nosniff", "{path}");
        assert_eq!(header("referrer-policy"), "no-referrer", "{path}");
        assert_eq!(header("cross-origin-resource-policy"), "cross-origin", "{path}");
        assert!(header("content-security-policy").contains("script-src 'self' 'wasm-unsafe-eval';"), "{path}");
    }
    let (status, body) = answer(server.request("POST", "/index.html")).await;
    assert_eq!((status, &body["statusCode"]), (404, &json!(42)));
    server.stop().await;
    std::fs::remove_dir_all(folder).unwrap();
}

#[tokio::test]
async fn a_folder_that_is_not_given_is_not_served() {
    let server = Server::start().await;
    for path in ["/", "/Cargo.toml", "/kandy-wasm/", "/kandy-wasm/index.js"] {
        assert_eq!(answer(server.request("GET", path)).await.0, 404, "{path}");
    }
    server.stop().await;
}

#[tokio::test]
async fn every_answer_has_the_headers_that_keep_browsers_from_harm() {
    let server = Server::start().await;
    let ask = |method: &str, path: &str| {
        server.request(method, path).basic_auth("alice@example.com", Some("alice-password-1"))
    };
    let rows = [
        (200, ask("GET", "/v2.0/auth/mk_token")),
        (401, server.request("GET", "/v2.0/auth/mk_token")),
        (404, ask("GET", "/rest/x")),
        (404, server.request("GET", "/")),
        (404, server.request("GET", "/operator/v1/users/alice@example.com/voicemail")),
        (413, ask("POST", CALL).body("x".repeat(2 << 20))),
        (400, server.request("GET", "/notification/1.0/websocket/x")),
        (405, ask("PATCH", "/rest/version/1/user/alice@example.com/directory")),
    ];
    for (wanted, request) in rows {
        // A proxy on the same machine speaks TLS for it.
        for scheme in ["http", "https"] {
            let response = request.try_clone().unwrap().header("x-forwarded-proto", scheme).send().await.unwrap();
            assert_eq!(response.status(), wanted);
            let header = |name: &str| response.headers().get(name).map(|value| value.to_str().unwrap());
            assert_eq!(header("x-content-type-options"), Some("nosniff"), "{wanted}");
            assert_eq!(header("x-frame-options"), Some("DENY"), "{wanted}");
            assert_eq!(header("referrer-policy"), Some("no-referrer"), "{wanted}");
            assert_eq!(header("cross-origin-resource-policy"), Some("cross-origin"), "{wanted}");
            assert!(header("content-security-policy").unwrap().contains("frame-ancestors 'none'"), "{wanted}");
            assert_eq!(header("access-control-allow-origin"), Some("*"), "{wanted}");
            assert_eq!(header("access-control-allow-credentials"), None, "{wanted}");
            let strict = header("strict-transport-security");
            assert_eq!(strict.is_some(), scheme == "https", "{wanted} {strict:?}");
        }
    }
    server.stop().await;
}

#[tokio::test]
async fn pages_of_origins_that_are_not_listed_open_no_sockets() {
    let allowed_origins = Origins::only(["https://app.example"]).unwrap();
    let server = Server::configured(Config { allowed_origins, ..Config::default() }).await;
    let channel = server.subscribed("alice", &[]).await;
    let open = async |origin: Option<&'static str>| {
        let mut request = format!("ws://{}{channel}", server.address).into_client_request().unwrap();
        if let Some(origin) = origin {
            request.headers_mut().insert("origin", HeaderValue::from_static(origin));
        }
        match connect_async(request).await {
            Ok((mut socket, response)) => {
                let allowed = response.headers().get("access-control-allow-origin").cloned();
                socket.close(None).await.unwrap();
                while let Some(Ok(_)) = socket.next().await {}
                (101, allowed)
            }
            Err(Error::Http(response)) => {
                let body: Value = serde_json::from_slice(response.body().as_deref().unwrap()).unwrap();
                assert!(body["statusCode"].is_i64(), "{body}");
                (response.status().as_u16(), response.headers().get("access-control-allow-origin").cloned())
            }
            Err(error) => panic!("{error}"),
        }
    };
    assert_eq!(open(None).await, (101, None), "no browser");
    let app = HeaderValue::from_static("https://app.example");
    assert_eq!(open(Some("https://app.example")).await, (101, Some(app)));
    assert_eq!(open(Some("https://evil.example")).await, (403, None));
    assert_eq!(open(Some("null")).await, (403, None));
    server.stop().await;
}
