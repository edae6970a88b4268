//! Messages: instant messages of Link clients, conversations and files of UC clients.

use schemars::JsonSchema;
use serde_json::{Value, json};

use super::{
    operation::Operation,
    refusals::{self, Form},
    schemas::Schemas,
    sessions::{OF_USER, USER},
    shapes::{ImRequest, ImResponse, Message, MessagingRefusal, Sent, Success, Thread, Unread, Uploaded},
};

const TAG: &str = "Messages";

/// The rows.
pub(super) fn operations(schemas: &mut Schemas) -> Vec<Operation> {
    let mut rows = vec![instant(schemas)];
    rows.extend(rich(schemas));
    rows.extend(files(schemas));
    rows.into_iter().map(|row| row.tag(TAG).needs(&USER)).collect()
}

fn instant(schemas: &mut Schemas) -> Operation {
    let (wish, sent) = (schemas.read::<ImRequest>(), schemas.written::<ImResponse>());
    let row =
        Operation::new("POST", format!("{OF_USER}/instantmessage"), "sendInstantMessage", "Sends a text to one user")
            .takes(
                wish,
                json!({"imRequest": {"toUrl": "bob@example.com", "message": "Lunch?", "clientMessageId": "m-1"}}),
            )
            .shows(
                200,
                "Kept, and told to the receiver.",
                sent,
                json!({"imResponse": {"statusCode": 0, "messageId": "41", "when": 1_795_252_443_500_i64}}),
            );
    refusals::of_user(row, schemas, Form::Wrapped("imResponse"), &[404])
}

fn rich(schemas: &mut Schemas) -> Vec<Operation> {
    let text = || json!({"type": "string"});
    let texts = |most: u32| json!({"type": "array", "items": {"type": "string"}, "maxItems": most});
    let number = || json!({"type": "integer", "minimum": 1});
    let page = |row: Operation| {
        row.query("max", number(), "Entries of the page, at most 200; 50 if not said.").query(
            "before",
            number(),
            "Only what is older than this message id.",
        )
    };
    let send = Operation::new("GET", "/{version}/rm/send", "sendMessage", "Sends a message to one user or to several")
        .about("Needs a receiver, and a text or a file.")
        .query("to", texts(50), "A receiver.")
        .query("tos", texts(50), "Receivers of a group message.")
        .query("txt", text(), "The text, at most 16 KiB.")
        .query("attach", texts(20), "Handles of files.")
        .query(
            "clientMessageId",
            text(),
            "The client's own id, 1 to 128 bytes; a message with the same id is kept once.",
        )
        .answers(200, "The message, or why there is none.", either::<Sent>(schemas));
    let threads = Operation::new("GET", "/{version}/rm/threads", "listThreads", "The conversations, newest first")
        .query("type", json!({"type": "string", "enum": ["internal", "im", "group"]}), "With one, or with several.")
        .query("thread", text(), "Only this one.")
        .answers(200, "A page.", either::<Vec<Thread>>(schemas));
    let thread = Operation::new("GET", "/{version}/rm/thread", "readThread", "One conversation")
        .query("id", text(), "Its name.")
        .answers(200, "A list with the conversation.", either::<Vec<Thread>>(schemas));
    let messages = Operation::new(
        "GET",
        "/{version}/rm/thread/{thread}",
        "listMessages",
        "Messages of a conversation, oldest first",
    )
    .query("id", text(), "Only this one.")
    .answers(200, "The newest ones, or those before.", either::<Vec<Message>>(schemas));
    let clear =
        Operation::new("GET", "/{version}/rm/delete/{thread}", "clearThread", "Deletes a conversation for the user")
            .answers(200, "Deleted; the others keep theirs.", either::<bool>(schemas));
    let delete = Operation::new(
        "GET",
        "/{version}/rm/delete/{thread}/{message}",
        "deleteMessage",
        "Deletes a message for the user",
    )
    .answers(200, "Deleted; the others keep theirs.", either::<bool>(schemas));
    let read = Operation::new("GET", "/{version}/rm/read/{thread}", "markRead", "Everything up to a message is read")
        .query("id", text(), "Id of the message.")
        .answers(200, "How much is not read yet.", either::<Unread>(schemas));
    [send, page(threads), thread, page(messages), clear, delete, read]
        .into_iter()
        .map(|row| refusals::of_user(row, schemas, Form::Messaging, &[]))
        .collect()
}

/// The answer of UC messaging: what was asked for, or why not.
fn either<T: JsonSchema>(schemas: &mut Schemas) -> Value {
    json!({"anyOf": [schemas.written::<Success<T>>(), schemas.written::<MessagingRefusal>()]})
}

fn files(schemas: &mut Schemas) -> Vec<Operation> {
    let form = json!({"multipart/form-data": {"schema": {"type": "object", "required": ["raw"],
        "properties": {"raw": {"type": "string", "contentMediaType": "application/octet-stream",
            "description": "The file, with name and media type."}}}}});
    let upload =
        Operation::new("POST", "/{version}/rm/upload", "uploadFile", "Uploads a file to send it with a message")
            .body(true, form)
            .answers(200, "Its handle.", schemas.written::<Success<Uploaded>>());
    let told = |name: &str, text: &str| json!({(name): {"description": text, "schema": {"type": "string"}}});
    let contents = |text: &str| {
        json!({"description": text, "headers": told("content-disposition", "The name, to save it under."),
        "content": {"*/*": {"schema": {}}}})
    };
    let too_far = json!({"description": "The file has no such part.", "content": {"*/*": {"schema": {}}},
        "headers": told("content-range", "How long the file is.")});
    let download = Operation::new(
        "GET",
        "/{version}/rm/file/{file}",
        "downloadFile",
        "A file, for its owner and for who was sent it",
    )
    .header("range", json!({"type": "string", "pattern": "^bytes=[0-9]+-[0-9]*$"}), "One part alone.")
    .answer(200, contents("The file, as a type that cannot run in a browser."))
    .answer(206, contents("The part."))
    .answer(416, too_far);
    vec![refusals::of_user(upload, schemas, Form::Uc, &[]), refusals::of_user(download, schemas, Form::Uc, &[404])]
}
