//! The provisioning API: tokens, orders, inventory, subscribers, its codes and headers (provisioning §9).

use std::collections::BTreeMap;

use kandy_gateway::{Config, Secret};
use reqwest::{RequestBuilder, Response};
use serde_json::{Value, json};
use sqlx::Connection;

use crate::{place::Folder, restart::keeping, server::Server};

const BASE: &str = "/communication/kandy/provisioning";
const OPERATOR: &str = "an-operators-long-key";
const PRODUCT: &str = "KPN-VoiceVideo-C";

/// An account with a client and a token.
struct Api<'a> {
    server: &'a Server,
    token: String,
}

async fn start() -> Server {
    Server::configured(with_demo(Config::default())).await
}

fn with_demo(config: Config) -> Config {
    Config { demo: true, operator_key: Some(Secret::new(OPERATOR)), ..config }
}

async fn operator(server: &Server, method: &str, path: &str, body: Value) -> (u16, Value) {
    let request = server.request(method, &format!("/operator/v1{path}")).bearer_auth(OPERATOR).json(&body);
    crate::server::answer(request).await
}

async fn token(server: &Server, id: &str, secret: &str) -> (u16, Value) {
    let form = format!("client_id={id}&client_secret={secret}");
    let request = server.request("POST", "/oauth/client_credential/accesstoken?grant_type=client_credentials");
    crate::server::answer(request.header("content-type", "application/x-www-form-urlencoded").body(form)).await
}

impl<'a> Api<'a> {
    /// Of the demo account.
    async fn demo(server: &'a Server) -> Self {
        Self::of(server, "demo-client", "demo-secret").await
    }

    async fn of(server: &'a Server, id: &str, secret: &str) -> Self {
        let (status, body) = token(server, id, secret).await;
        assert_eq!(status, 200, "{body}");
        Self { server, token: body["access_token"].as_str().unwrap().to_owned() }
    }

    /// Of an account that the operator makes.
    async fn account(server: &'a Server, id: &str, wish: Value) -> Self {
        let mut account = json!({"accountId": id, "domain": format!("{id}.example")});
        account.as_object_mut().unwrap().extend(wish.as_object().unwrap().clone());
        let (status, body) = operator(server, "POST", "/accounts", account).await;
        assert_eq!(status, 201, "{body}");
        let (status, client) = operator(server, "POST", &format!("/accounts/{id}/clients"), json!({})).await;
        assert_eq!(status, 201, "{client}");
        Self::of(server, client["clientId"].as_str().unwrap(), client["clientSecret"].as_str().unwrap()).await
    }

    fn request(&self, method: &str, path: &str) -> RequestBuilder {
        self.server.request(method, &format!("{BASE}{path}")).bearer_auth(&self.token)
    }

    async fn send(&self, method: &str, path: &str, body: Value) -> (u16, Value) {
        crate::server::answer(self.request(method, path).json(&body)).await
    }

    async fn get(&self, path: &str) -> (u16, Value) {
        crate::server::answer(self.request("GET", path)).await
    }

    async fn order(&self, kind: &str, quantity: i64) -> (u16, Value) {
        self.send("POST", "/order", json!({"type": kind, "product": PRODUCT, "quantity": quantity})).await
    }

    /// total, used, available, pending
    async fn stock(&self) -> [i64; 4] {
        let (status, body) = self.get("/inventory").await;
        assert_eq!(status, 200, "{body}");
        ["total", "used", "available", "pending"].map(|name| body["products"][0][name].as_i64().unwrap())
    }
}

fn name(body: &Value) -> &str {
    body["name"].as_str().unwrap_or_default()
}

#[tokio::test]
async fn a_token_is_told_in_texts() {
    let server = start().await;
    let (status, body) = token(&server, "demo-client", "demo-secret").await;
    assert_eq!(status, 200);
    let wanted = json!({
        "token_type": "Bearer", "expires_in": "3599", "client_id": "demo-client", "application_name": "demo",
        "developer_email": "demo@example.com", "organization_name": "kandy-gateway", "api_product_list": "[kandy-webrtc]",
        "api_product_list_json": ["kandy-webrtc"], "scope": "", "status": "approved", "refresh_token_expires_in": "0",
        "refresh_count": "0", "level": "demo"});
    for (field, value) in wanted.as_object().unwrap() {
        assert_eq!(&body[field], value, "{field}");
    }
    assert!(body["issued_at"].as_str().unwrap().parse::<u64>().unwrap() > 1_700_000_000_000);
    assert!(body["access_token"].as_str().unwrap().len() >= 28);

    let path = "/oauth/client_credential/accesstoken";
    let form = |query: &str, body: &'static str| {
        let request = server.request("POST", &format!("{path}{query}"));
        crate::server::answer(request.header("content-type", "application/x-www-form-urlencoded").body(body))
    };
    let rows = [
        ("?grant_type=client_credentials", "client_id=demo-client&client_secret=wrong", 401, "invalid_client"),
        ("?grant_type=client_credentials", "client_id=nobody&client_secret=demo-secret", 401, "invalid_client"),
        ("?grant_type=client_credentials", "", 401, "invalid_client"),
        ("?grant_type=password", "client_id=demo-client&client_secret=demo-secret", 400, "unsupported_grant_type"),
        ("", "client_id=demo-client&client_secret=demo-secret", 400, "invalid_request"),
    ];
    for (query, body, status, code) in rows {
        let answered = form(query, body).await;
        assert_eq!((answered.0, answered.1["ErrorCode"].as_str()), (status, Some(code)), "{query} {body}");
    }
    let (status, _) = form("", "grant_type=client_credentials&client_id=demo-client&client_secret=demo-secret").await;
    assert_eq!(status, 200, "the type may stand in the form");
    let basic = server.request("POST", &format!("{path}?grant_type=client_credentials"));
    let (status, _) = crate::server::answer(basic.basic_auth("demo-client", Some("demo-secret"))).await;
    assert_eq!(status, 200, "the secret may come as Basic");
    server.stop().await;
}

#[tokio::test]
async fn tokens_are_limited_and_outlive_no_approval() {
    let server = start().await;
    let api = Api::demo(&server).await;
    assert_eq!(api.get("/inventory").await.0, 200);
    let (status, body) = operator(&server, "PUT", "/clients/demo-client", json!({"entitled": false})).await;
    assert_eq!((status, &body["entitled"]), (200, &json!(false)));
    let (status, body) = api.get("/inventory").await;
    assert_eq!((status, name(&body)), (403, "Forbidden"));
    let (status, _) =
        operator(&server, "PUT", "/clients/demo-client", json!({"entitled": true, "approved": false})).await;
    assert_eq!(status, 200);
    assert_eq!(api.get("/inventory").await.0, 401, "its tokens are void");
    assert_eq!(token(&server, "demo-client", "demo-secret").await.0, 401);
    let (_, changed) =
        operator(&server, "PUT", "/clients/demo-client", json!({"approved": true, "newSecret": true})).await;
    assert_eq!(token(&server, "demo-client", "demo-secret").await.0, 401);
    let api = Api::of(&server, "demo-client", changed["clientSecret"].as_str().unwrap()).await;
    assert_eq!(api.get("/inventory").await.0, 200);
    // Thirty a minute, and a minute may begin in between. Wrong ones are not among them, or others could use them up; those cost
    // their address time.
    let secret = changed["clientSecret"].as_str().unwrap();
    for (secret, good, most) in [(secret, 200, 61), ("wrong", 401, 21)] {
        let mut count = 0;
        let refused = loop {
            let (status, body) = token(&server, "demo-client", secret).await;
            if status != good {
                break (status, body["ErrorCode"].as_str().map(str::to_owned));
            }
            count += 1;
            assert!(count <= most, "{good}");
        };
        assert_eq!(refused, (429, Some("rate_limit_exceeded".into())));
    }
    server.stop().await;
}

/// Provisioning §9.2: the headers of the table on every kind of answer.
#[tokio::test]
async fn every_answer_has_the_headers_of_the_table() {
    let server = start().await;
    let api = Api::account(&server, "acme", json!({"quota": {"limit": 5, "interval": 1, "timeUnit": "month"}})).await;
    let headers = |response: &Response| -> BTreeMap<String, String> {
        response.headers().iter().map(|(k, v)| (k.to_string(), v.to_str().unwrap().to_owned())).collect()
    };
    let send = async |request: RequestBuilder| {
        let response = request.header("x-request-id", "req-1").send().await.unwrap();
        let (status, headers) = (response.status().as_u16(), headers(&response));
        (status, headers, response.json::<Value>().await.unwrap())
    };
    let rows = [
        (api.request("GET", "/inventory"), 200, "1", ""),
        (api.request("GET", "/nothing"), 404, "2", "NotFound"),
        (api.request("PUT", "/order"), 405, "3", "MethodNotAllowed"),
        (api.request("POST", "/order").body("{"), 400, "4", "BadRequest"),
        (api.request("GET", "/inventory").header("api-version", "v7"), 400, "0", "InvalidField"),
        (server.request("GET", &format!("{BASE}/inventory")), 401, "0", "Unauthorized"),
        (server.request("GET", &format!("{BASE}/nothing")).bearer_auth("wrong"), 401, "0", "Unauthorized"),
        (api.request("GET", "/inventory"), 200, "5", ""),
        (api.request("GET", "/inventory"), 429, "5", "QuotaExceeded"),
        (api.request("GET", "/nothing"), 429, "5", "QuotaExceeded"),
    ];
    for (request, status, used, word) in rows {
        let (answered, headers, body) = send(request).await;
        assert_eq!(answered, status, "{word} {body}");
        let value = |name: &str| headers.get(name).map(String::as_str);
        assert_eq!(value("sunset"), Some("n/a"));
        assert_eq!(value("api-version"), Some("v1"));
        assert_eq!(value("x-request-id"), Some("req-1"));
        assert_eq!(value("content-type"), Some("application/json; charset=utf-8"));
        assert_eq!(value("strict-transport-security"), Some("max-age=31536000; includeSubDomains; preload"));
        assert_eq!(value("access-control-allow-origin"), None);
        assert_eq!(value("quota-used"), Some(used), "{word}");
        for name in ["quota-limit", "quota-interval", "quota-time-unit", "quota-reset-utc"] {
            assert!(value(name).is_some(), "{name}");
        }
        assert!(value("quota-reset-utc").unwrap().ends_with('Z'));
        assert_eq!(value("www-authenticate"), (status == 401).then_some(r#"Bearer error="invalid_token""#));
        assert_eq!(value("allow"), (status == 405).then_some("GET, POST"));
        assert_eq!(value("retry-after").is_some(), status == 429);
        if status != 200 {
            assert_eq!((name(&body), &body["transactionId"]), (word, &json!("req-1")));
            assert_eq!(body["status"], json!(status.to_string()), "a text");
            assert!(body["message"].as_str().unwrap().ends_with('.') && body["info"].is_string());
        }
    }
    let no_redirects =
        reqwest::Client::builder().no_proxy().redirect(reqwest::redirect::Policy::none()).build().unwrap();
    let base = no_redirects.get(format!("http://{}{BASE}", server.address)).send().await.unwrap();
    assert_eq!((base.status().as_u16(), base.headers()["location"].to_str().unwrap()), (302, "/openapi.json"));
    server.stop().await;
}

#[tokio::test]
async fn orders_change_the_inventory() {
    let server = start().await;
    let api = Api::account(&server, "acme", json!({"unitPriceEur": 4.95, "limitEur": 49.5})).await;
    assert_eq!(api.stock().await, [0, 0, 0, 0], "an account that never ordered");
    let wish = json!({"type": "increment", "product": PRODUCT, "quantity": 5, "reference": "PO-7741", "other": [1]});
    let (status, order) = api.send("POST", "/order", wish).await;
    assert_eq!(status, 201, "{order}");
    assert_eq!(
        (&order["orderNumber"], &order["status"], &order["reference"], &order["type"]),
        (&json!("ORD-000000001"), &json!("fulfilled"), &json!("PO-7741"), &json!("increment"))
    );
    assert_eq!(order["fulfilledAt"], order["createdAt"]);
    assert_eq!(api.order("decrement", 2).await.0, 201);
    assert_eq!(api.stock().await, [3, 0, 3, 0]);
    let (status, body) = api.order("decrement", 4).await;
    assert_eq!((status, name(&body)), (412, "ProductsInUse"));

    let response =
        api.request("POST", "/order").json(&json!({"type": "increment", "quantity": 8})).send().await.unwrap();
    assert_eq!(response.status().as_u16(), 202);
    assert_eq!(response.headers()["location"].to_str().unwrap(), format!("{BASE}/order/ORD-000000003"));
    assert_eq!(response.json::<Value>().await.unwrap()["status"], "pendingApproval");
    assert_eq!(api.stock().await, [3, 0, 3, 8]);
    let (status, body) = operator(&server, "GET", "/accounts/acme/orders?status=pendingApproval", json!({})).await;
    assert_eq!((status, body["orders"].as_array().unwrap().len()), (200, 1));
    let (status, _) = operator(&server, "POST", "/accounts/acme/orders/ORD-000000003/approve", json!({})).await;
    assert_eq!(status, 200);
    let (status, body) = operator(&server, "POST", "/accounts/acme/orders/ORD-000000003/reject", json!({})).await;
    assert_eq!((status, name(&body)), (412, "OrderSettled"));
    assert_eq!(api.stock().await, [11, 0, 11, 0]);
    let (_, order) = api.get("/order/ORD-000000003").await;
    assert_eq!((&order["status"], &order["quantity"]), (&json!("fulfilled"), &json!(8)));

    let (_, inventory) = api.get("/inventory").await;
    assert_eq!(inventory["billing"]["peak"][PRODUCT], 11);
    let (_, usage) = api.get("/usage").await;
    assert_eq!((&usage["month"], &usage["products"][0]["peak"]), (&inventory["billing"]["month"], &json!(11)));
    assert!(usage["products"][0]["reachedAt"].is_string());
    for (path, status) in [("/usage?month=2020-01", 200), ("/usage?month=2999-01", 400), ("/usage?month=x", 400)] {
        assert_eq!(api.get(path).await.0, status, "{path}");
    }
    let (_, page) = api.get("/order?page=2&page_size=2").await;
    assert_eq!(page["orders"].as_array().unwrap().len(), 1);
    assert_eq!(
        [&page["page"], &page["page_size"], &page["total_items"], &page["total_pages"]],
        [&json!(2), &json!(2), &json!(3), &json!(2)]
    );
    let rows = [
        ("/order?type=decrement", 200, 1),
        ("/order?status=rejected", 200, 0),
        ("/order?from=2020-01-01T00:00:00Z&to=2999-01-01T00:00:00Z", 200, 3),
        ("/order?to=2020-01-01T00:00:00Z", 200, 0),
        ("/order?orderNumber=ORD-000000002", 200, 1),
        ("/order?orderNumber=ORD-000000009", 404, 0),
        ("/order?orderNumber=2", 404, 0),
        ("/order?status=open", 400, 0),
        ("/order?from=today", 400, 0),
        ("/order?page=0", 400, 0),
        ("/order?page_size=101", 400, 0),
        ("/order/ORD-000000009", 404, 0),
    ];
    for (path, status, count) in rows {
        let (answered, body) = api.get(path).await;
        assert_eq!((answered, body["orders"].as_array().map_or(0, Vec::len)), (status, count), "{path}");
    }
    server.stop().await;
}

#[tokio::test]
async fn wrong_orders_are_said() {
    let server = start().await;
    let api = Api::demo(&server).await;
    let rows = [
        (json!({}), "InvalidField"),
        (json!({"type": "increment"}), "InvalidField"),
        (json!({"type": "sideways", "quantity": 1}), "InvalidField"),
        (json!({"type": "increment", "quantity": "1"}), "InvalidField"),
        (json!({"type": "increment", "quantity": 1.5}), "InvalidField"),
        (json!({"type": "increment", "quantity": 0}), "InvalidField"),
        (json!({"type": "increment", "quantity": -1}), "InvalidField"),
        (json!({"type": "increment", "quantity": 100_001}), "InvalidField"),
        (json!({"type": "increment", "quantity": 1, "product": "Kandy"}), "UnknownProduct"),
        (json!({"type": "increment", "quantity": 1, "reference": "x".repeat(65)}), "InvalidField"),
        (json!({"type": "increment", "quantity": 1, "reference": 7}), "InvalidField"),
        (json!([]), "InvalidField"),
    ];
    for (body, word) in rows {
        let (status, answer) = api.send("POST", "/order", body.clone()).await;
        assert_eq!((status, name(&answer)), (400, word), "{body} {answer}");
    }
    assert_eq!(api.stock().await, [0, 0, 0, 0]);
    server.stop().await;
}

/// Provisioning §9.3 and §9.4: what comes at once is counted one after the other.
#[tokio::test]
async fn nobody_gets_more_than_there_is() {
    let server = start().await;
    let wide = json!({"limitQuantity": 10, "quota": {"limit": 10_000, "interval": 1, "timeUnit": "month"}});
    let api = Api::account(&server, "acme", wide).await;
    assert_eq!(api.order("increment", 5).await.0, 201);
    let (one, other) = tokio::join!(api.order("increment", 5), api.order("increment", 5));
    let mut both = [one.0, other.0];
    both.sort_unstable();
    assert_eq!((both, api.stock().await), ([201, 202], [10, 0, 10, 5]));

    let wish = |n: usize| json!({"userId": format!("user-{n}"), "password": "a-good-password"});
    let all = (0..100).map(|n| api.send("POST", "/subscriber", wish(n)));
    let answers = futures_util::future::join_all(all).await;
    let count = |status: u16, word: &str| answers.iter().filter(|a| a.0 == status && name(&a.1) == word).count();
    assert_eq!((count(201, ""), count(412, "InsufficientProducts")), (10, 90));
    assert_eq!(api.stock().await, [10, 10, 0, 5]);
    server.stop().await;
}

#[tokio::test]
async fn a_repeated_request_gets_the_first_answer() {
    let server = start().await;
    let api = Api::demo(&server).await;
    let post = async |path: &str, key: &str, body: Value| {
        let request = api.request("POST", path).header("idempotency-key", key).json(&body);
        crate::server::answer(request).await
    };
    let order = json!({"type": "increment", "quantity": 2});
    let first = post("/order", "k1", order.clone()).await;
    assert_eq!(first.0, 201);
    assert_eq!(post("/order", "k1", order.clone()).await, first);
    let (status, body) = post("/order", "k1", json!({"type": "increment", "quantity": 3})).await;
    assert_eq!((status, name(&body)), (412, "IdempotencyConflict"));
    assert_eq!(post("/order", "k2", order).await.1["orderNumber"], "ORD-000000002");
    assert_eq!(api.stock().await, [4, 0, 4, 0]);
    // A password is told once more to whoever has the key, whether or not they chose it.
    for wish in [json!({"userId": "anna"}), json!({"userId": "bert", "password": "a-good-password"})] {
        let first = post("/subscriber", wish["userId"].as_str().unwrap(), wish.clone()).await;
        assert_eq!((first.0, first.1["password"].as_str().unwrap().len() >= 15), (201, true));
        assert_eq!(post("/subscriber", wish["userId"].as_str().unwrap(), wish.clone()).await, first);
    }
    assert_eq!(api.stock().await, [4, 2, 2, 0]);
    assert_eq!(post("/order", &"k".repeat(65), json!({"type": "increment", "quantity": 2})).await.0, 400);
    server.stop().await;
}

#[tokio::test]
async fn a_subscriber_logs_in_and_is_forced_out() {
    let server = start().await;
    let api = Api::demo(&server).await;
    let (status, body) = api.send("POST", "/subscriber", json!({"userId": "anna"})).await;
    assert_eq!((status, name(&body)), (412, "InsufficientProducts"));
    assert_eq!(api.order("increment", 1).await.0, 201);
    let wish =
        json!({"userId": "Anna", "displayName": "Anna Visser", "email": "anna@mail.example", "customData": {"a": [1]}});
    let (status, anna) = api.send("POST", "/subscriber", wish).await;
    assert_eq!(status, 201, "{anna}");
    let port = server.address.port();
    let connection =
        json!({"subscriptionServer": "127.0.0.1", "websocketServer": "127.0.0.1", "protocol": "http", "port": port});
    let wanted = json!({"userId": "anna", "identity": "anna@example.com", "product": PRODUCT, "type": "persistent",
        "displayName": "Anna Visser", "email": "anna@mail.example", "customData": {"a": [1]}, "state": "active",
        "connection": connection});
    for (field, value) in wanted.as_object().unwrap() {
        assert_eq!(&anna[field], value, "{field}");
    }
    let password = anna["password"].as_str().unwrap();
    assert_eq!(password.len(), 24);
    let (status, body) = api.send("POST", "/subscriber", json!({"userId": "bert"})).await;
    assert_eq!((status, name(&body), &body["info"]), (412, "InsufficientProducts", &json!("total 1, used 1")));
    assert_eq!(api.order("increment", 1).await.0, 201);
    for taken in ["anna", "alice"] {
        let (status, body) = api.send("POST", "/subscriber", json!({"userId": taken})).await;
        assert_eq!((status, name(&body)), (412, "SubscriberExists"), "{taken}");
    }

    let id = anna["subscriberId"].as_str().unwrap();
    let (_, one) = api.get(&format!("/subscriber/{id}")).await;
    assert_eq!((&one["online"], &one["password"], &one["connection"]), (&json!(false), &Value::Null, &connection));
    let subscribe = |password: &str| {
        let path = "/rest/version/1/user/anna@example.com/subscription";
        let request = server.request("POST", path).basic_auth("anna@example.com", Some(password));
        crate::server::answer(request.json(&crate::server::subscribe()))
    };
    assert_eq!(subscribe("a-wrong-password").await.0, 401);
    let (status, body) = subscribe(password).await;
    assert_eq!(status, 200, "{body}");
    let channel = body["subscribeResponse"]["subscriptionParams"]["notificationChannel"].as_str().unwrap().to_owned();
    let mut socket = server.socket(&channel).await.unwrap();
    let (_, list) = api.get("/subscriber?state=active").await;
    assert_eq!((&list["total_items"], &list["subscribers"][0]["online"]), (&json!(1), &json!(true)));

    // Another password ends what was begun with the old one.
    let (status, changed) = api.send("PUT", &format!("/subscriber/{id}/password"), json!({})).await;
    assert_eq!((status, &changed["sessionsEnded"]), (200, &json!(1)));
    assert_eq!(socket.next().await.unwrap()["notificationMessage"]["eventType"], "gone");
    assert_eq!(subscribe(password).await.0, 401);
    let password = changed["password"].as_str().unwrap();
    let (status, body) = subscribe(password).await;
    assert_eq!(status, 200);
    let channel = body["subscribeResponse"]["subscriptionParams"]["notificationChannel"].as_str().unwrap().to_owned();
    let mut socket = server.socket(&channel).await.unwrap();

    let (status, deleted) = api.send("DELETE", "/subscriber?userId=ANNA", json!({})).await;
    assert_eq!(status, 200, "{deleted}");
    let wanted = json!({"subscriberId": id, "identity": "anna@example.com", "deleted": true, "product": PRODUCT,
        "sessionsEnded": 1, "callsEnded": 0});
    assert_eq!(deleted, wanted);
    let gone = socket.next().await.unwrap();
    assert_eq!(
        (&gone["notificationMessage"]["eventType"], &gone["notificationMessage"]["retryAfter"]),
        (&json!("gone"), &Value::Null)
    );
    assert_eq!(socket.next().await, Err(1000));
    assert_eq!(subscribe(password).await.0, 401);
    assert!(server.socket(&channel).await.is_err());
    assert_eq!(api.stock().await, [2, 0, 2, 0], "the piece is back");
    let rows = [
        ("DELETE", format!("/subscriber/{id}"), 404),
        ("GET", format!("/subscriber/{id}"), 404),
        ("DELETE", "/subscriber?identity=anna@example.com".into(), 404),
        ("DELETE", "/subscriber".into(), 400),
        ("PUT", format!("/subscriber/{id}/password"), 404),
    ];
    for (method, path, status) in rows {
        assert_eq!(api.send(method, &path, json!({})).await.0, status, "{method} {path}");
    }
    server.stop().await;
}

#[tokio::test]
async fn a_temporary_subscriber_ends_by_themselves() {
    let server = start().await;
    let api = Api::demo(&server).await;
    assert_eq!(api.order("increment", 1).await.0, 201);
    // Whole seconds are told, so the one after the next is to come for sure.
    let now = std::time::SystemTime::now().duration_since(std::time::UNIX_EPOCH).unwrap().as_secs();
    let end = rfc3339(now + 2);
    let wish = json!({"userId": "tim", "password": "a-good-password", "type": "temporary", "expiresAt": end});
    let (status, tim) = api.send("POST", "/subscriber", wish).await;
    assert_eq!((status, &tim["expiresAt"], &tim["type"]), (201, &json!(end), &json!("temporary")), "{tim}");
    let path = "/rest/version/1/user/tim@example.com/subscription";
    let request = server.request("POST", path).basic_auth("tim@example.com", Some("a-good-password"));
    let (status, body) = crate::server::answer(request.json(&crate::server::subscribe())).await;
    assert_eq!(status, 200, "{body}");
    let channel = body["subscribeResponse"]["subscriptionParams"]["notificationChannel"].as_str().unwrap();
    let mut socket = server.socket(channel).await.unwrap();
    assert_eq!(socket.next().await.unwrap()["notificationMessage"]["eventType"], "gone");
    assert_eq!(socket.next().await, Err(1000));
    // Its record goes right after its sockets.
    while api.stock().await != [1, 0, 1, 0] {
        tokio::task::yield_now().await;
    }
    assert_eq!(api.get("/subscriber").await.1["total_items"], 0);
    server.stop().await;
}

/// Seconds since the epoch as RFC 3339, by the rule of its calendar: a day has 86400 of them.
fn rfc3339(seconds: u64) -> String {
    let (days, rest) = (seconds / 86_400, seconds % 86_400);
    let leap = |year: u64| year.is_multiple_of(4) && (!year.is_multiple_of(100) || year.is_multiple_of(400));
    let (mut year, mut left) = (1970, days);
    while left >= 365 + u64::from(leap(year)) {
        left -= 365 + u64::from(leap(year));
        year += 1;
    }
    let lengths = [31, 28 + u64::from(leap(year)), 31, 30, 31, 30, 31, 31, 30, 31, 30, 31];
    let mut month = 0;
    while left >= lengths[month] {
        left -= lengths[month];
        month += 1;
    }
    format!("{year:04}-{:02}-{:02}T{:02}:{:02}:{:02}Z", month + 1, left + 1, rest / 3_600, rest / 60 % 60, rest % 60)
}

#[tokio::test]
async fn whoever_comes_after_finds_nothing_of_the_one_before() {
    let server = start().await;
    let api = Api::demo(&server).await;
    assert_eq!(api.order("increment", 1).await.0, 201);
    let send = |password: &str, method: &str, path: &str, body: Value| {
        let request = server.request(method, &format!("/rest/version/1/user/anna@example.com/{path}"));
        crate::server::answer(request.basic_auth("anna@example.com", Some(password)).json(&body))
    };
    let create = async || {
        let (status, anna) = api.send("POST", "/subscriber", json!({"userId": "anna"})).await;
        assert_eq!(status, 201, "{anna}");
        anna["password"].as_str().unwrap().to_owned()
    };
    let first = create().await;
    let contact = json!({"addressBookRequest": {"addressBookEntries": [{"nickname": "secret", "primaryContact": "x@y.example"}]}});
    let (status, body) = send(&first, "POST", "addressbook/contacts/", contact).await;
    assert_eq!(status, 200, "{body}");
    let (_, book) = send(&first, "GET", "addressbook", json!({})).await;
    assert!(book.to_string().contains("secret"), "{book}");
    assert_eq!(api.send("DELETE", "/subscriber?userId=anna", json!({})).await.0, 200);
    let second = create().await;
    assert_eq!(send(&first, "GET", "addressbook", json!({})).await.0, 401);
    let (status, book) = send(&second, "GET", "addressbook", json!({})).await;
    assert!(status == 200 && !book.to_string().contains("secret"), "{book}");
    server.stop().await;
}

/// Provisioning §9.7, with every address of the API.
#[tokio::test]
async fn another_account_sees_nothing() {
    let server = start().await;
    let (acme, other) =
        (Api::account(&server, "acme", json!({})).await, Api::account(&server, "other", json!({})).await);
    assert_eq!(acme.order("increment", 2).await.0, 201);
    let (_, anna) = acme.send("POST", "/subscriber", json!({"userId": "anna"})).await;
    let id = anna["subscriberId"].as_str().unwrap();
    let rows = [
        ("GET", "/order/ORD-000000001".to_owned(), "OrderNotFound"),
        ("GET", "/order?orderNumber=ORD-000000001".to_owned(), "OrderNotFound"),
        ("GET", format!("/subscriber/{id}"), "SubscriberNotFound"),
        ("DELETE", format!("/subscriber/{id}"), "SubscriberNotFound"),
        ("DELETE", "/subscriber?userId=anna".to_owned(), "SubscriberNotFound"),
        ("DELETE", "/subscriber?identity=anna@acme.example".to_owned(), "SubscriberNotFound"),
        ("PUT", format!("/subscriber/{id}/password"), "SubscriberNotFound"),
    ];
    for (method, path, word) in rows {
        let (status, body) = other.send(method, &path, json!({})).await;
        assert_eq!((status, name(&body)), (404, word), "{method} {path}");
    }
    assert_eq!(other.stock().await, [0, 0, 0, 0]);
    for (path, list) in [("/order", "orders"), ("/subscriber", "subscribers")] {
        assert_eq!(other.get(path).await.1[list], json!([]), "{path}");
    }
    assert_eq!(other.get("/usage").await.1["products"][0]["peak"], 0);
    // The same name is free there.
    assert_eq!(other.order("increment", 1).await.0, 201);
    let (status, theirs) = other.send("POST", "/subscriber", json!({"userId": "anna"})).await;
    assert_eq!((status, &theirs["identity"]), (201, &json!("anna@other.example")));
    // Keys of repeats are each account's own.
    let order = |api: &Api<'_>| {
        api.request("POST", "/order").header("idempotency-key", "k").json(&json!({"type": "increment", "quantity": 1}))
    };
    assert_eq!(crate::server::answer(order(&acme)).await.1["orderNumber"], "ORD-000000002");
    assert_eq!(crate::server::answer(order(&other)).await.1["orderNumber"], "ORD-000000002");
    assert_eq!((acme.stock().await, other.stock().await), ([3, 1, 2, 0], [2, 1, 1, 0]));
    server.stop().await;
}

#[tokio::test]
async fn a_blocked_account_may_nothing() {
    let server = start().await;
    let api = Api::account(&server, "acme", json!({})).await;
    let (status, body) = operator(&server, "PUT", "/accounts/acme", json!({"blocked": true})).await;
    assert_eq!((status, &body["blocked"]), (200, &json!(true)));
    let (status, body) = api.order("increment", 1).await;
    assert_eq!((status, name(&body)), (403, "Forbidden"));
    let rows = [
        ("POST", "/accounts", json!({"accountId": "acme", "domain": "new.example"}), 412),
        ("POST", "/accounts", json!({"accountId": "new", "domain": "acme.example"}), 412),
        ("POST", "/accounts", json!({"accountId": "new"}), 400),
        ("POST", "/accounts", json!({"accountId": "n/w", "domain": "new.example"}), 400),
        ("POST", "/accounts", json!({"domain": "no domain"}), 400),
        ("PUT", "/accounts/acme", json!({"domain": "new.example"}), 400),
        ("PUT", "/accounts/acme", json!({"limitEur": -1}), 400),
        ("PUT", "/accounts/acme", json!({"quota": {"limit": 1, "interval": 1, "timeUnit": "year"}}), 400),
        ("PUT", "/accounts/nobody", json!({}), 404),
        ("PUT", "/pairs/acme/nobody", json!({}), 404),
        ("PUT", "/pairs/acme/acme", json!({}), 400),
        ("PUT", "/pairs/acme/demo", json!({}), 200),
        ("PATCH", "/accounts", json!({}), 405),
        ("GET", "/nothing", json!({}), 404),
    ];
    for (method, path, body, status) in rows {
        assert_eq!(operator(&server, method, path, body.clone()).await.0, status, "{method} {path} {body}");
    }
    let request = server.request("GET", "/operator/v1/accounts").bearer_auth(&api.token);
    assert_eq!(crate::server::answer(request).await.0, 401, "a token is not the operator's key");
    server.stop().await;
}

/// What a subscriber is answered who writes to somebody.
async fn writes(server: &Server, from: &Value, to: &str) -> (u16, Value) {
    let (identity, password) = (from["identity"].as_str().unwrap(), from["password"].as_str().unwrap());
    let path = format!("/rest/version/1/user/{identity}/instantmessage");
    let im = json!({"imRequest": {"toUrl": to, "message": "hello", "type": "A2"}});
    crate::server::answer(server.request("POST", &path).basic_auth(identity, Some(password)).json(&im)).await
}

#[tokio::test]
async fn subscribers_of_two_accounts_reach_each_other_when_the_operator_says_so() {
    let server = start().await;
    let mut all = Vec::new();
    for id in ["acme", "other"] {
        let api = Api::account(&server, id, json!({})).await;
        assert_eq!(api.order("increment", 2).await.0, 201);
        for user in ["anna", "bob"] {
            let (status, one) = api.send("POST", "/subscriber", json!({"userId": user})).await;
            assert_eq!(status, 201, "{one}");
            let (identity, password) = (one["identity"].as_str().unwrap(), one["password"].as_str().unwrap());
            let path = format!("/rest/version/1/user/{identity}/subscription");
            let request = server.request("POST", &path).basic_auth(identity, Some(password));
            let (status, body) = crate::server::answer(request.json(&crate::server::subscribe())).await;
            assert_eq!(status, 200, "{body}");
            all.push(one);
        }
    }
    let [anna, bob, _, stranger] = all.as_slice() else { panic!("{all:?}") };
    let identity = |one: &Value| one["identity"].as_str().unwrap().to_owned();
    let nobody = writes(&server, anna, "nobody@other.example").await;
    assert_eq!(nobody.0, 404, "{nobody:?}");
    assert_eq!(writes(&server, anna, &identity(stranger)).await, nobody, "as if there were nobody");
    assert_eq!(writes(&server, anna, "alice@example.com").await, nobody, "nor of the operator's own users");
    assert_eq!(writes(&server, anna, &identity(bob)).await.0, 200);
    assert_eq!(operator(&server, "PUT", "/pairs/acme/other", json!({})).await.0, 200);
    assert_eq!(writes(&server, anna, &identity(stranger)).await.0, 200);
    assert_eq!(operator(&server, "DELETE", "/pairs/acme/other", json!({})).await.0, 200);
    assert_eq!(writes(&server, anna, &identity(stranger)).await, nobody);
    server.stop().await;
}

#[tokio::test]
async fn a_restart_voids_nothing_and_ends_what_was_begun() {
    let folder = Folder::new("provisioned");
    let first = Server::configured(with_demo(keeping(&folder))).await;
    let kept = {
        let api = Api::demo(&first).await;
        assert_eq!(api.order("increment", 2).await.0, 201);
        for user in ["anna", "bert"] {
            let wish = json!({"userId": user, "password": "a-good-password"});
            assert_eq!(api.send("POST", "/subscriber", wish).await.0, 201);
        }
        api.token
    };
    first.stop().await;
    // A gateway that is killed in the midst of it leaves this behind.
    sqlx::any::install_default_drivers();
    let mut db = sqlx::AnyConnection::connect(&folder.database()).await.unwrap();
    let begun = sqlx::query("UPDATE subscribers SET state = 'deleting' WHERE user_id = 'bert'");
    assert_eq!(begun.execute(&mut db).await.unwrap().rows_affected(), 1);
    db.close().await.unwrap();

    let second = Server::configured(with_demo(keeping(&folder))).await;
    let api = Api { server: &second, token: kept.clone() };
    assert_eq!(api.stock().await, [2, 1, 1, 0]);
    assert_eq!(api.get("/subscriber?userId=bert").await.1["total_items"], 0);
    for (user, wanted) in [("anna", 200), ("bert", 401)] {
        let path = format!("/rest/version/1/user/{user}@example.com/subscription");
        let request = second.request("POST", &path).basic_auth(format!("{user}@example.com"), Some("a-good-password"));
        let (status, body) = crate::server::answer(request.json(&crate::server::subscribe())).await;
        assert_eq!(status, wanted, "{user} {body}");
    }
    second.stop().await;

    // The demo's secret is good for nothing where the demo is not wanted.
    let third = Server::configured(Config { demo: false, ..with_demo(keeping(&folder)) }).await;
    assert_eq!(Api { server: &third, token: kept }.get("/inventory").await.0, 401);
    assert_eq!(token(&third, "demo-client", "demo-secret").await.0, 401);
    third.stop().await;
}
