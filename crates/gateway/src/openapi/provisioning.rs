//! The provisioning API and its token endpoint.

use serde_json::{Map, Value, json};

use super::{
    operation::Operation,
    refusals::{self, reason},
    schemas::Schemas,
};
use crate::provisioning::{
    BASE, token,
    words::{
        Deleted, ErrorBody, Inventory, Order, OrderPage, OrderWish, PRODUCT, PasswordChanged, PasswordWish, Subscriber,
        SubscriberPage, SubscriberWish, TokenAnswer, TokenRefusal, TokenWish, Usage,
    },
};

const TAG: &str = "Provisioning";
/// What every call may be answered with.
const ALWAYS: [u16; 6] = [400, 401, 403, 429, 500, 503];

/// The rows.
pub(super) fn operations(schemas: &mut Schemas) -> Vec<Operation> {
    let mut rows = vec![token(schemas), base()];
    rows.extend(orders(schemas));
    rows.extend(inventory(schemas));
    rows.extend(subscribers(schemas));
    rows.into_iter().map(|row| row.tag(TAG)).collect()
}

/// The headers of every answer, for `components`.
pub(super) fn headers() -> Map<String, Value> {
    let header = |text: &str, schema: Value| json!({"description": text, "schema": schema, "required": true});
    let text = || json!({"type": "string"});
    let number = || json!({"type": "integer", "minimum": 0});
    let units = ["minute", "hour", "day", "week", "month"];
    [
        ("sunset", header("When this version ends (RFC 8594); `n/a` as long as that is not planned.", text())),
        ("api-version", header("The version that answered.", text())),
        ("x-request-id", header("The id of the request: the client's own, or a fresh one.", text())),
        ("quota-limit", header("Calls allowed in the window.", number())),
        ("quota-interval", header("Length of the window in units.", number())),
        ("quota-time-unit", header("The unit.", json!({"type": "string", "enum": units}))),
        ("quota-used", header("Calls counted in the window, this one included.", number())),
        ("quota-reset-UTC", header("When the window ends, in UTC.", json!({"type": "string", "format": "date-time"}))),
        ("strict-transport-security", header("Browsers are to come by TLS alone.", text())),
    ]
    .map(|(name, header)| (name.to_owned(), header))
    .into_iter()
    .collect()
}

fn token(schemas: &mut Schemas) -> Operation {
    let (form, made, refused) =
        (schemas.read::<TokenWish>(), schemas.written::<TokenAnswer>(), schemas.written::<TokenRefusal>());
    let kinds = || json!({"type": "string", "enum": ["client_credentials"]});
    let example = json!({"client_id": "demo-client", "client_secret": "demo-secret"});
    let form = json!({"application/x-www-form-urlencoded": {"schema": form, "example": example}});
    let row = Operation::new("POST", token::PATH, "provisioningToken", "An access token for the provisioning API")
        .about("OAuth 2.0 client credentials. Id and secret may also come as Basic, and `grant_type` in the form. Numbers are texts.")
        .query("grant_type", kinds(), "Has to be said, here or in the form.")
        .body(true, form)
        .answers(200, "A token for an hour.", made);
    let row =
        [400, 401, 429, 500].into_iter().fold(row, |row, status| row.answers(status, reason(status), refused.clone()));
    row.tells(429, "retry-after", refusals::retry_after())
}

fn base() -> Operation {
    let found = json!({"description": "To this description.",
        "headers": {"location": {"schema": {"type": "string"}, "description": "Where it is."}}});
    Operation::new("GET", BASE, "provisioning", "Where the description is").answer(302, found)
}

/// Adds what every call has: the token, the headers, the refusals.
fn call(row: Operation, schemas: &mut Schemas, more: &[u16]) -> Operation {
    let wanted = json!({"type": "string", "enum": ["v1"]});
    let mut row = row
        .needs(&["provisioning"])
        .header("api-version", wanted, "The version that is wanted; the newest if not said.")
        .header("x-request-id", json!({"type": "string", "maxLength": 128}), "The client's id of the request.");
    for status in row.statuses() {
        for name in headers().keys() {
            row = row.tells(status, name, header(name));
        }
    }
    ALWAYS.iter().chain(more).fold(row, |row, status| {
        let answer = refusal(schemas, *status);
        let answer = schemas.answer(format!("provisioning-{status}"), answer);
        row.answer(*status, answer)
    })
}

fn header(name: &str) -> Value {
    json!({"$ref": format!("#/components/headers/{name}")})
}

fn refusal(schemas: &mut Schemas, status: u16) -> Value {
    let mut told: Map<String, Value> = headers().keys().map(|name| (name.clone(), header(name))).collect();
    let text = |text: &str, kind: &str| json!({"description": text, "schema": {"type": kind}, "required": true});
    match status {
        401 => told.insert("www-authenticate".into(), text("How to be let in.", "string")),
        429 | 503 => told.insert("retry-after".into(), text("Seconds after which it may be tried again.", "integer")),
        _ => None,
    };
    let schema = schemas.written::<ErrorBody>();
    json!({"description": reason(status), "headers": told, "content": {"application/json": {"schema": schema}}})
}

/// For what must not be done twice.
fn once(row: Operation) -> Operation {
    let schema = json!({"type": "string", "minLength": 1, "maxLength": 64, "pattern": "^[!-~]+$"});
    row.header("idempotency-key", schema, "Within a day, the same key with the same body gets the first answer again.")
}

fn page(row: Operation) -> Operation {
    let number = |most: u32| json!({"type": "integer", "minimum": 1, "maximum": most});
    row.query("page", number(1_000_000), "From 1.").query(
        "page_size",
        number(100),
        "Entries of a page; 10 if not said.",
    )
}

fn words(words: &[&str]) -> Value {
    json!({"type": "string", "enum": words})
}

fn place() -> Value {
    json!({"description": "Where it can be read.", "schema": {"type": "string"}})
}

fn order(status: &str) -> Value {
    let mut order = json!({"orderNumber": "ORD-000000042", "type": "increment", "product": PRODUCT, "quantity": 3,
        "reference": "Q4/17", "status": status, "createdAt": "2026-11-03T08:20:11Z"});
    if let (Some(members), "fulfilled") = (order.as_object_mut(), status) {
        members.insert("fulfilledAt".into(), "2026-11-03T08:20:11Z".into());
    }
    order
}

fn orders(schemas: &mut Schemas) -> Vec<Operation> {
    let (wish, one, some) = (schemas.read::<OrderWish>(), schemas.written::<Order>(), schemas.written::<OrderPage>());
    let path = format!("{BASE}/order");
    let wanted = json!({"type": "increment", "product": PRODUCT, "quantity": 3, "reference": "Q4/17"});
    let time = || json!({"type": "string", "format": "date-time"});
    let place_it = Operation::new("POST", path.clone(), "placeOrder", "Orders pieces, or gives some back")
        .about("Within the agreed limit an order is fulfilled at once; beyond it, it waits for the operator.")
        .takes(wish, wanted)
        .shows(201, "Fulfilled.", one.clone(), order("fulfilled"))
        .shows(202, "Waits for approval.", one.clone(), order("pendingApproval"))
        .tells(202, "location", place());
    let list = Operation::new("GET", path.clone(), "listOrders", "The orders, newest first")
        .query("orderNumber", json!({"type": "string"}), "Only this one.")
        .query("status", words(&["pendingApproval", "fulfilled", "rejected"]), "Only those.")
        .query("type", words(&["increment", "decrement"]), "Only those.")
        .query("from", time(), "Only those from then on.")
        .query("to", time(), "Only those until then.")
        .answers(200, "A page.", some);
    let read = Operation::new("GET", format!("{path}/{{orderNumber}}"), "readOrder", "One order").shows(
        200,
        "The order.",
        one,
        order("fulfilled"),
    );
    vec![call(once(place_it), schemas, &[412]), call(page(list), schemas, &[404]), call(read, schemas, &[404])]
}

fn inventory(schemas: &mut Schemas) -> Vec<Operation> {
    let (stock, usage) = (schemas.written::<Inventory>(), schemas.written::<Usage>());
    let has = json!({"products": [{"product": PRODUCT, "total": 3, "used": 1, "available": 2, "pending": 0,
        "limitQuantity": 25}], "billing": {"month": "2026-11", "peak": {(PRODUCT): 3}}});
    let had = json!({"month": "2026-10", "products": [{"product": PRODUCT, "peak": 8,
        "reachedAt": "2026-10-05T08:00:00Z"}]});
    let read = Operation::new(
        "GET",
        format!("{BASE}/inventory"),
        "readInventory",
        "What the account has, and the month's peak",
    )
    .shows(200, "The inventory.", stock, has);
    let month = json!({"type": "string", "pattern": "^[0-9]{4}-(0[1-9]|1[0-2])$"});
    let peaks =
        Operation::new("GET", format!("{BASE}/usage"), "readUsage", "The peak of a month, which it is charged by")
            .query("month", month, "As `2026-11`; the present one if not said.")
            .shows(200, "The peaks.", usage, had);
    vec![call(read, schemas, &[]), call(peaks, schemas, &[])]
}

fn subscriber() -> Value {
    json!({"subscriberId": "0d1f5a3e-7c58-4b0e-9a39-2f8f4d6f2b11", "userId": "ben", "identity": "ben@shop.example",
        "password": "w5Tc8mQzK2", "product": PRODUCT, "type": "persistent", "displayName": "Ben Bakker",
        "state": "active", "createdAt": "2026-11-03T08:21:00Z", "connection": {"subscriptionServer": "gw.example",
        "websocketServer": "gw.example", "protocol": "https", "port": 443}})
}

fn subscribers(schemas: &mut Schemas) -> Vec<Operation> {
    let (wish, one, some) =
        (schemas.read::<SubscriberWish>(), schemas.written::<Subscriber>(), schemas.written::<SubscriberPage>());
    let (gone, password, changed) =
        (schemas.written::<Deleted>(), schemas.read::<PasswordWish>(), schemas.written::<PasswordChanged>());
    let path = format!("{BASE}/subscriber");
    let this = format!("{path}/{{subscriberId}}");
    let create = Operation::new("POST", path.clone(), "createSubscriber", "Makes a user of a piece")
        .about("The password is told here alone. Without an `idempotency-key`, a repeated request makes another subscriber.")
        .may_take(wish, json!({"userId": "ben", "displayName": "Ben Bakker"}))
        .shows(201, "The subscriber can sign in.", one.clone(), subscriber())
        .tells(201, "location", place());
    let list = Operation::new("GET", path.clone(), "listSubscribers", "The subscribers")
        .query("userId", json!({"type": "string"}), "Only this one.")
        .query("type", words(&["persistent", "temporary"]), "Only those.")
        .query("state", words(&["active", "deleting"]), "Only those.")
        .answers(200, "A page, without passwords.", some);
    let named = Operation::new("DELETE", path, "deleteSubscriberByName", "Deletes a subscriber by name")
        .about("One of `userId` and `identity` has to be said. The rest is as for deleting by id.")
        .query("userId", json!({"type": "string"}), "Who.")
        .query("identity", json!({"type": "string"}), "Who, as `userId@domain`.")
        .answers(200, "The subscriber is gone.", gone.clone());
    let read = Operation::new("GET", this.clone(), "readSubscriber", "One subscriber").answers(
        200,
        "The subscriber, without password.",
        one,
    );
    let told = json!({"subscriberId": "0d1f5a3e-7c58-4b0e-9a39-2f8f4d6f2b11", "identity": "ben@shop.example",
        "deleted": true, "product": PRODUCT, "sessionsEnded": 2, "callsEnded": 1});
    let delete = Operation::new("DELETE", this.clone(), "deleteSubscriber", "Deletes a subscriber")
        .about("Calls end, all clients are forced out, and the piece is available again when this is answered.")
        .shows(200, "The subscriber is gone.", gone, told);
    let set = Operation::new("PUT", format!("{this}/password"), "setPassword", "Gives a subscriber another password")
        .about("Without a `password`, the gateway makes one. All sessions end.")
        .may_take(password, json!({"password": "correct horse battery"}))
        .answers(200, "Told this once.", changed);
    vec![
        call(once(create), schemas, &[412]),
        call(page(list), schemas, &[]),
        call(named, schemas, &[404]),
        call(read, schemas, &[404]),
        call(delete, schemas, &[404]),
        call(set, schemas, &[404]),
    ]
}
