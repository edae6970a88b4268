//! The operator's own addresses.

use serde_json::json;

use kandy_wire::history::MwiResponse;

use super::{
    operation::Operation,
    refusals::{self, Form, reason},
    schemas::Schemas,
};
use crate::{
    operator::{
        audit::Page,
        words::{
            AccountList, AccountWish, AccountWords, ClientList, ClientWish, ClientWords, OrderList, Pair, Settlement,
        },
    },
    people::voicemail::Mailbox,
    provisioning::words::{ErrorBody, Order},
};

const TAG: &str = "Operator";
const BASE: &str = "/operator/v1";

/// The rows.
pub(super) fn operations(schemas: &mut Schemas) -> Vec<Operation> {
    let mut rows = accounts(schemas);
    rows.extend(clients(schemas));
    rows.extend(orders(schemas));
    rows.extend(pairs(schemas));
    rows.extend([audit(schemas), mailbox(schemas)]);
    rows.into_iter().map(|row| row.tag(TAG).needs(&["operator"])).collect()
}

/// Adds the refusals of addresses about accounts, and those about the key.
fn about_accounts(row: Operation, schemas: &mut Schemas, more: &[u16]) -> Operation {
    let (refused, bare) = (schemas.written::<ErrorBody>(), refusals::body(schemas, Form::Bare));
    let row = [404, 400, 500].iter().chain(more).fold(row, |row, status| {
        // Where no key is set, there is nothing.
        let schema = if *status == 404 { json!({"anyOf": [refused, bare]}) } else { refused.clone() };
        let answer = json!({"description": reason(*status), "content": {"application/json": {"schema": schema}}});
        let answer = schemas.answer(format!("operator-{status}"), answer);
        row.answer(*status, answer)
    });
    refusals::with(row, schemas, Form::Bare, &[401, 429])
}

fn accounts(schemas: &mut Schemas) -> Vec<Operation> {
    let (wish, one, all) =
        (schemas.read::<AccountWish>(), schemas.written::<AccountWords>(), schemas.written::<AccountList>());
    let path = format!("{BASE}/accounts");
    let this = format!("{path}/{{account}}");
    let made = json!({"accountId": "shop", "domain": "shop.gw.example", "level": "production", "limitEur": 250,
        "unitPriceEur": 3.5, "quota": {"limit": 60, "interval": 1, "timeUnit": "minute"}});
    let list = Operation::new("GET", path.clone(), "listAccounts", "All accounts, with what they have").answers(
        200,
        "The accounts.",
        all,
    );
    let create = Operation::new("POST", path, "createAccount", "Makes an account")
        .about("`domain` is needed; it is that of its subscribers.")
        .takes(wish.clone(), made)
        .answers(201, "The account.", one.clone());
    let read =
        Operation::new("GET", this.clone(), "readAccount", "One account").answers(200, "The account.", one.clone());
    let change = Operation::new("PUT", this, "changeAccount", "Changes what is given")
        .may_take(wish, json!({"limitQuantity": 50, "blocked": false}))
        .answers(200, "The account.", one);
    [(list, &[][..]), (create, &[412]), (read, &[]), (change, &[])]
        .into_iter()
        .map(|(row, more)| about_accounts(row, schemas, more))
        .collect()
}

fn clients(schemas: &mut Schemas) -> Vec<Operation> {
    let (wish, one, all) =
        (schemas.read::<ClientWish>(), schemas.written::<ClientWords>(), schemas.written::<ClientList>());
    let path = format!("{BASE}/accounts/{{account}}/clients");
    let list = Operation::new("GET", path.clone(), "listClients", "The clients of an account").answers(
        200,
        "Without secrets.",
        all,
    );
    let create = Operation::new("POST", path, "createClient", "A client, with its secret")
        .may_take(wish.clone(), json!({"clientId": "shop-backend", "name": "Shop", "email": "it@shop.example"}))
        .answers(201, "The secret is told this once.", one.clone());
    let change = Operation::new("PUT", format!("{BASE}/clients/{{client}}"), "changeClient", "Changes a client")
        .about("`approved: false` voids its tokens, `entitled: false` answers 403 to everything, `newSecret: true` gives it another secret.")
        .may_take(wish, json!({"newSecret": true}))
        .answers(200, "The client.", one);
    [(list, &[][..]), (create, &[412, 503]), (change, &[503])]
        .into_iter()
        .map(|(row, more)| about_accounts(row, schemas, more))
        .collect()
}

fn orders(schemas: &mut Schemas) -> Vec<Operation> {
    let (why, one, all) = (schemas.read::<Settlement>(), schemas.written::<Order>(), schemas.written::<OrderList>());
    let path = format!("{BASE}/accounts/{{account}}/orders");
    let this = format!("{path}/{{orderNumber}}");
    let kinds = json!({"type": "string", "enum": ["pendingApproval", "fulfilled", "rejected"]});
    let list = Operation::new("GET", path, "listOrdersOfAccount", "The newest 100 orders of an account")
        .query("status", kinds, "Only those.")
        .answers(200, "The orders.", all);
    let approve = Operation::new("POST", format!("{this}/approve"), "approveOrder", "Fulfils an order that waits")
        .may_take(why.clone(), json!({}))
        .answers(200, "The order.", one.clone());
    let reject = Operation::new("POST", format!("{this}/reject"), "rejectOrder", "Ends an order that waits")
        .may_take(why, json!({"reason": "Beyond the contract."}))
        .answers(200, "The order.", one);
    [(list, &[][..]), (approve, &[412]), (reject, &[412])]
        .into_iter()
        .map(|(row, more)| about_accounts(row, schemas, more))
        .collect()
}

fn pairs(schemas: &mut Schemas) -> Vec<Operation> {
    let pair = schemas.written::<Pair<'_>>();
    let path = format!("{BASE}/pairs/{{one}}/{{other}}");
    let open = Operation::new("PUT", path.clone(), "openPair", "Lets the subscribers of two accounts reach each other");
    let close = Operation::new("DELETE", path, "closePair", "They reach each other no longer");
    [open, close]
        .into_iter()
        .map(|row| about_accounts(row.answers(200, "The pair.", pair.clone()), schemas, &[]))
        .collect()
}

fn audit(schemas: &mut Schemas) -> Operation {
    let page = schemas.written::<Page>();
    let text = || json!({"type": "string"});
    let row = Operation::new("GET", format!("{BASE}/audit"), "readAuditLog", "The audit log, newest line first")
        .query("account", text(), "Only of this account; empty for users of the accounts file.")
        .query("actor", text(), "Only by this one.")
        .query("before", json!({"type": "integer"}), "Only lines before this id.")
        .query("max", json!({"type": "integer", "minimum": 1, "maximum": 1000}), "Lines of a page; 100 if not said.")
        .answers(200, "A page.", page);
    refusals::with(row, schemas, Form::Bare, &[400, 401, 404, 429, 500])
}

fn mailbox(schemas: &mut Schemas) -> Operation {
    let (counts, told) = (schemas.read::<Mailbox>(), schemas.written::<MwiResponse>());
    let row = Operation::new(
        "PUT",
        format!("{BASE}/users/{{user}}/voicemail"),
        "setMailbox",
        "Says how many messages wait in a mailbox",
    )
    .about("All clients of the user are told at once.")
    .takes(counts, json!({"voice": {"newMessages": 3, "oldMessages": 1}}))
    .answers(200, "What the user's clients read.", told);
    refusals::with(row, schemas, Form::Bare, &[400, 401, 403, 404, 408, 413, 429, 500])
}
