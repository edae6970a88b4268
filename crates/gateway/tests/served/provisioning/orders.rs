//! Orders and the inventory.

use super::*;

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
