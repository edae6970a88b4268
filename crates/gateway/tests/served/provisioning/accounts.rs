//! Accounts beside each other.

use super::*;

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
