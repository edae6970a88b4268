//! What the shell adds to the switch: headers, bounds, files.

use serde_json::{Value, json};

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
            ("access-control-allow-headers", "accept, authorization, content-type, x-token, x-session, x-cpaas-agent"),
        ] {
            assert_eq!(response.headers()[name], wanted, "{path}");
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
