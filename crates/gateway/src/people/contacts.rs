//! Personal address books (protocol §8.1).

use kandy_switch::{Fault, Response, code};
use kandy_wire::{
    Map, Value, decode, encode,
    people::{AddressBookRequest, AddressBookResponse, Book, ENTRY_ID},
};
use serde_json::value::RawValue;

use super::{Ask, People};
use crate::store::contacts::{self, Contact};

/// Longest id, in bytes.
const MAX_ID: usize = 256;
/// Largest contact, in bytes of its JSON.
const MAX_ENTRY: usize = 4 << 10;

const NONE: Fault = Fault::new(404, code::NOTHING_THERE, "There is no such contact.");
const NO_ENTRY: Fault = Fault::new(400, code::BODY, "The request has no contact.");
const ONE_ENTRY: Fault = Fault::new(400, code::BODY, "The request must have one contact.");
const BAD_ID: Fault = Fault::new(400, code::VALUE, "A contact needs a nickname that can stand in an address.");
const LARGE: Fault = Fault::new(413, code::VALUE, "A contact has at most 4096 bytes.");

/// `GET addressbook`
pub(super) async fn list(people: &People, ask: &Ask) -> Result<Response, Fault> {
    let entries = contacts::all(&mut *people.store.read().await?, &ask.user).await?;
    Ok(book(Some(entries)))
}

/// `GET addressbook/contacts/{id}`
pub(super) async fn one(people: &People, ask: &Ask, id: &str) -> Result<Response, Fault> {
    let entry = contacts::one(&mut *people.store.read().await?, &ask.user, id).await?;
    Ok(book(Some(vec![entry.ok_or(NONE)?])))
}

/// `POST addressbook/contacts/`
pub(super) async fn add(people: &People, ask: &Ask) -> Result<Response, Fault> {
    let entries = entries(ask)?;
    if entries.is_empty() {
        return Err(NO_ENTRY);
    }
    let contacts: Vec<Contact> = entries.into_iter().map(|entry| contact(entry, None)).collect::<Result<_, _>>()?;
    contacts::add(&mut *people.store.write().await, &ask.user, &contacts).await?;
    Ok(book(None))
}

/// `PUT addressbook/contacts/{id}`
pub(super) async fn change(people: &People, ask: &Ask, id: &str) -> Result<Response, Fault> {
    let [entry] = <[_; 1]>::try_from(entries(ask)?).map_err(|_| ONE_ENTRY)?;
    let contact = contact(entry, Some(id))?;
    let changed = contacts::change(&mut *people.store.write().await, &ask.user, &contact).await?;
    if changed { Ok(book(None)) } else { Err(NONE) }
}

/// `DELETE addressbook/contacts/{id}`
pub(super) async fn remove(people: &People, ask: &Ask, id: &str) -> Result<Response, Fault> {
    let removed = contacts::remove(&mut *people.store.write().await, &ask.user, id).await?;
    if removed { Ok(book(None)) } else { Err(NONE) }
}

fn entries(ask: &Ask) -> Result<Vec<Map<String, Value>>, Fault> {
    let request = decode::<AddressBookRequest>(&ask.body).map_err(|_| Fault::BODY)?;
    Ok(request.address_book_request.address_book_entries)
}

/// A contact as it is kept: everything that the client wrote, under the id of the path or else its own.
fn contact(mut entry: Map<String, Value>, path_id: Option<&str>) -> Result<Contact, Fault> {
    let own = entry.get(ENTRY_ID).and_then(Value::as_str);
    let id = path_id.or(own).filter(|id| fits_into_path(id)).ok_or(BAD_ID)?.to_owned();
    entry.insert(ENTRY_ID.into(), Value::from(id.clone()));
    let entry = encode(&entry);
    if entry.len() > MAX_ENTRY { Err(LARGE) } else { Ok((id, entry)) }
}

/// Clients put ids into addresses as they are, where browsers and this gateway take some as something else: a slash at the
/// end, and parts that mean a folder.
fn fits_into_path(id: &str) -> bool {
    !id.is_empty() && id.len() <= MAX_ID && !id.ends_with('/') && id.split('/').all(|part| part != "." && part != "..")
}

fn book(entries: Option<Vec<String>>) -> Response {
    let raw = |entry: String| RawValue::from_string(entry).ok();
    let address_book_entries = entries.map(|entries| entries.into_iter().filter_map(raw).collect());
    Response::ok(&AddressBookResponse { address_book_response: Book { status_code: 0, address_book_entries } })
}
