//! Presence, event subscriptions, address book, directory, own profile and language.

use kandy_wire::{
    Map, Value,
    people::{AddressBookRequest, AddressBookResponse, DirectoryResponse, Localization, UserProfileResponse},
    presence::{Done, EventSubscriptionRequest, EventSubscriptionResponse, PresenceRequest, PresenceWatcherRequest},
};
use serde_json::json;

use super::{
    operation::Operation,
    refusals::{self, Form},
    schemas::Schemas,
    sessions::{OF_USER, USER},
};

/// The rows.
pub(super) fn operations(schemas: &mut Schemas) -> Vec<Operation> {
    let mut rows = presence(schemas);
    rows.extend(events(schemas));
    let mut rows: Vec<Operation> = rows.into_iter().map(|row| row.tag("Presence and events")).collect();
    rows.extend(contacts(schemas).into_iter().chain(directory(schemas)).map(|row| row.tag("People")));
    rows.into_iter().map(|row| row.needs(&USER)).collect()
}

/// An answer that says how it went and nothing else.
pub(super) fn done(schemas: &mut Schemas, wrapper: &str) -> Value {
    let done = schemas.written::<Done>();
    json!({"type": "object", "properties": {wrapper: done}, "required": [wrapper]})
}

fn presence(schemas: &mut Schemas) -> Vec<Operation> {
    let (said, watched) = (schemas.read::<PresenceRequest>(), schemas.read::<PresenceWatcherRequest>());
    let publish = Operation::new("POST", format!("{OF_USER}/presence"), "publishPresence", "Says what one does")
        .about("Needs a subscription to the service `Presence`.")
        .takes(said, json!({"presenceRequest": {"status": "open", "activity": "active"}}))
        .answers(200, "Published.", done(schemas, "presenceResponse"));
    let watch = Operation::new(
        "POST",
        format!("{OF_USER}/presenceWatcher"),
        "watchPresence",
        "Asks for the presence of others",
    )
    .about("Needs a subscription to the service `Presence`. What is asked for comes as notifications.")
    .takes(watched, json!({"presenceWatcherRequest": {"userList": ["bob@example.com"], "action": "watch"}}))
    .answers(200, "It is on its way.", done(schemas, "presenceWatcherResponse"));
    vec![
        refusals::of_user(publish, schemas, Form::Wrapped("presenceResponse"), &[]),
        refusals::of_user(watch, schemas, Form::Wrapped("presenceWatcherResponse"), &[]),
    ]
}

fn events(schemas: &mut Schemas) -> Vec<Operation> {
    let (wish, answer) = (schemas.read::<EventSubscriptionRequest>(), schemas.written::<EventSubscriptionResponse>());
    let path = format!("{OF_USER}/eventSubscription");
    let one = format!("{path}/{{event}}");
    let example = json!({"eventSubscriptionRequest": {"eventType": "event:dialog",
        "subscribeUserList": ["bob@example.com"], "clientCorrelator": "c-1", "expires": 3600}});
    let add =
        Operation::new("POST", path, "subscribeEvents", "Asks for documents about the calls or presence of others")
            .about("`event:dialog` or `event:presence`; each needs a subscription to the service of its name.")
            .takes(wish.clone(), example)
            .answers(200, "The documents come as notifications.", answer.clone());
    let update = Operation::new("PUT", one.clone(), "updateEvents", "Other users, or a longer life")
        .takes(wish, json!({"eventSubscriptionRequest": {"eventType": "event:dialog", "expires": 3600}}))
        .answers(200, "Changed.", answer.clone());
    let end = Operation::new("DELETE", one, "unsubscribeEvents", "No more documents").answers(200, "Ended.", answer);
    let wrapped = Form::Wrapped("eventSubscriptionResponse");
    [(add, &[][..]), (update, &[404]), (end, &[404])]
        .into_iter()
        .map(|(row, more)| refusals::of_user(row, schemas, wrapped, more))
        .collect()
}

fn contacts(schemas: &mut Schemas) -> Vec<Operation> {
    let (wish, book) =
        (schemas.read::<AddressBookRequest>(), schemas.written::<AddressBookResponse<Map<String, Value>>>());
    let path = format!("{OF_USER}/addressbook");
    let one = format!("{path}/contacts/{{contact}}");
    let example = json!({"addressBookRequest": {"addressBookEntries": [
        {"nickname": "bob", "primaryContact": "bob@example.com", "firstName": "Bob"}]}});
    let list = Operation::new("GET", path.clone(), "listContacts", "The address book").answers(
        200,
        "All contacts.",
        book.clone(),
    );
    let add = Operation::new("POST", format!("{path}/contacts"), "addContacts", "Adds contacts")
        .about("Every member of a contact is kept. `nickname` is its id; one that is there is replaced.")
        .takes(wish.clone(), example.clone())
        .answers(200, "Added.", book.clone());
    let read =
        Operation::new("GET", one.clone(), "readContact", "One contact").answers(200, "The contact.", book.clone());
    let change = Operation::new("PUT", one.clone(), "changeContact", "Replaces a contact")
        .takes(wish, example)
        .answers(200, "Replaced.", book.clone());
    let remove = Operation::new("DELETE", one, "removeContact", "Removes a contact").answers(200, "Removed.", book);
    let wrapped = Form::Wrapped("addressBookResponse");
    [(list, &[][..]), (add, &[]), (read, &[404]), (change, &[404]), (remove, &[404])]
        .into_iter()
        .map(|(row, more)| refusals::of_user(row, schemas, wrapped, more))
        .collect()
}

fn directory(schemas: &mut Schemas) -> Vec<Operation> {
    let found = schemas.written::<DirectoryResponse>();
    let profile = schemas.written::<UserProfileResponse>();
    let language = schemas.written::<Localization>();
    let number = || json!({"type": "integer", "minimum": 0});
    let sorts = ["userId", "firstName", "lastName", "-userId", "-firstName", "-lastName"];
    let search = Operation::new(
        "GET",
        format!("{OF_USER}/directory"),
        "searchDirectory",
        "Finds people whom the user can reach",
    )
    .query("criteria", json!({"type": "string"}), "What to look for; everybody if not said.")
    .query(
        "criteriaType",
        json!({"type": "integer", "minimum": 1, "maximum": 5}),
        "Where to look: 1 first name, 2 last name, 3 both, 4 telephone number, 5 user id; everywhere if not said.",
    )
    .query("start", number(), "Entries before the page; 0 if not said.")
    .query("count", number(), "Entries of the page, at most 500; 100 if not said.")
    .query("sort", json!({"type": "string", "enum": sorts}), "By what, with `-` the other way round.")
    .answers(200, "Who was found.", found);
    let own = Operation::new("GET", format!("{OF_USER}/userProfileData"), "readProfile", "The user's own names")
        .answers(200, "The profile.", profile);
    let speaks =
        Operation::new("GET", "/rest/version/{version}/localization", "readLanguage", "The language of the client")
            .header("accept-language", json!({"type": "string"}), "As browsers send it.")
            .answers(200, "The first language of the header.", language);
    [(search, "directory"), (own, "userProfileData"), (speaks, "acceptLanguage")]
        .into_iter()
        .map(|(row, wrapper)| refusals::of_user(row, schemas, Form::Wrapped(wrapper), &[]))
        .collect()
}
