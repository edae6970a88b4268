//! Calls, and what is kept of them.

use kandy_wire::{
    call::{
        CallControlRequest, CallControlResponse, CallDispositionRequest, CallDispositionResponse, ClickToCallRequest,
        ClickToCallResponse,
    },
    history::{LogHistoryResponse, MwiResponse},
};
use serde_json::json;

use super::{
    operation::Operation,
    people::done,
    refusals::{self, Form},
    schemas::Schemas,
    sessions::{OF_USER, USER},
};

/// The rows.
pub(super) fn operations(schemas: &mut Schemas) -> Vec<Operation> {
    let mut rows: Vec<Operation> = control(schemas).into_iter().map(|row| row.tag("Calls")).collect();
    rows.extend(history(schemas).into_iter().map(|row| row.tag("History")));
    rows.into_iter().map(|row| row.needs(&USER)).collect()
}

fn control(schemas: &mut Schemas) -> Vec<Operation> {
    let (wish, done) = (schemas.read::<CallControlRequest>(), schemas.written::<CallControlResponse>());
    let path = format!("{OF_USER}/callControl");
    let session = format!("{path}/callSessions/{{session}}");
    let offer = json!({"callControlRequest": {"type": "callStart", "from": "sip:alice@example.com",
        "to": "sip:bob@example.com", "sdp": "v=0\r\n"}});
    let well = json!({"callControlResponse": {"statusCode": 0}});
    let start = Operation::new("POST", path.clone(), "startCall", "Starts a call").takes(wish.clone(), offer).shows(
        200,
        "The call goes out.",
        done.clone(),
        json!({"callControlResponse": {"statusCode": 0, "sessionData": "c7Bq1kXh2V"}}),
    );
    let abandon = Operation::new("DELETE", path, "abandonCall", "Ends the call whose start was not answered yet")
        .shows(200, "It ends.", done.clone(), well.clone());
    let act = Operation::new(
        "PUT",
        session.clone(),
        "controlCall",
        "Rings, answers, updates, transfers, or says that one is there",
    )
    .takes(wish, json!({"callControlRequest": {"type": "ringing"}}))
    .shows(200, "Done.", done.clone(), well.clone());
    let end = Operation::new("DELETE", session, "endCall", "Ends a call").shows(200, "It ends.", done, well);
    let wrapped = Form::Wrapped("callControlResponse");
    let mut rows: Vec<Operation> =
        [(start, &[404, 409][..]), (abandon, &[404]), (act, &[404, 409]), (end, &[404, 409])]
            .into_iter()
            .map(|(row, more)| refusals::of_user(row, schemas, wrapped, more))
            .collect();
    let (wish, done) = (schemas.read::<CallDispositionRequest>(), schemas.written::<CallDispositionResponse>());
    let dispose = Operation::new(
        "POST",
        format!("{OF_USER}/calldisposition"),
        "disposeOfCall",
        "Rejects or forwards a ringing call",
    )
    .takes(wish, json!({"callDispositionRequest": {"action": "reject", "sessionData": "c7Bq1kXh2V"}}))
    .shows(200, "Done.", done, json!({"callDispositionResponse": {"statusCode": 0}}));
    rows.push(refusals::of_user(dispose, schemas, wrapped, &[404, 409]));
    let (wish, done) = (schemas.read::<ClickToCallRequest>(), schemas.written::<ClickToCallResponse>());
    let click =
        Operation::new("POST", format!("{OF_USER}/clicktocall"), "clickToCall", "Rings the user, then calls somebody")
            .takes(
                wish,
                json!({"clickToCallRequest": {"callingParty": "alice@example.com", "calledParty": "bob@example.com"}}),
            )
            .shows(200, "The user's devices ring.", done, json!({"clickToCallResponse": {"statusCode": 0}}));
    rows.push(refusals::of_user(click, schemas, Form::Wrapped("clickToCallResponse"), &[409]));
    rows
}

fn history(schemas: &mut Schemas) -> Vec<Operation> {
    let log = schemas.written::<LogHistoryResponse>();
    let mailbox = schemas.written::<MwiResponse>();
    let path = format!("{OF_USER}/logHistory");
    let number = || json!({"type": "integer", "minimum": 0});
    let list = Operation::new("GET", path.clone(), "listCalls", "The call history, newest first")
        .query("startIndex", number(), "Records before the page; 0 if not said.")
        .query("count", number(), "Records of the page, at most 200; 50 if not said.")
        .answers(200, "A page.", log);
    let clear = Operation::new("DELETE", path, "clearCalls", "Forgets the call history").answers(
        200,
        "Forgotten.",
        done(schemas, "logRecord"),
    );
    let remove =
        Operation::new("DELETE", format!("{OF_USER}/logRecord/{{record}}"), "removeCall", "Forgets one record")
            .answers(200, "Forgotten.", done(schemas, "logRecord"));
    let read =
        Operation::new("GET", format!("{OF_USER}/voicemail"), "readMailbox", "How many messages wait in the mailbox")
            .answers(200, "The indicators; `statusCode` 52 where there never was a message.", mailbox);
    [
        (list, "logHistory", &[][..]),
        (clear, "logRecord", &[]),
        (remove, "logRecord", &[404]),
        (read, "mwiresponse", &[]),
    ]
    .into_iter()
    .map(|(row, wrapper, more)| refusals::of_user(row, schemas, Form::Wrapped(wrapper), more))
    .collect()
}
