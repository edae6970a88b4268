//! The personal address book (api-behaviour 14, protocol §8.1).

use kandy_wire::{Map, Value};

use crate::{
    Error,
    asks::{Purpose, Subject},
    effect::{Level, Request, To},
    error::code,
    limits,
    outcome::Outcome,
    people::Cx,
    plain,
};

/// Contacts by their id.
#[derive(Debug, Default)]
pub(crate) struct Contacts {
    known: Map<String, Value>,
}

/// What an answer is needed for.
#[derive(Debug, Clone, PartialEq)]
pub(crate) enum Ask {
    Add(Value),
    /// The id it had, and the contact as it shall be.
    Update(String, Value),
    Remove(String),
    Fetch,
    Refresh,
}

const WRAPPER: &str = "addressBookResponse";

impl Contacts {
    /// `contacts.add`
    pub(crate) fn add(&mut self, mut contact: Value, cx: &mut Cx<'_>) {
        let id = plain::name(&contact, "contactId");
        let (Some(id), Value::Object(members)) = (id, &mut contact) else {
            return refuse("A contact needs a contactId.", cx);
        };
        // Servers take texts alone.
        plain::put(members, "contactId", id);
        let request =
            Request::new("POST", To::User, "addressbook/contacts/").wrapped("addressBookRequest", entry(&contact));
        cx.ask(Subject::Contacts, Purpose::Contacts(Ask::Add(contact)), request);
    }

    /// `contacts.update`, in both its forms.
    pub(crate) fn update(&mut self, id: Option<String>, mut contact: Value, cx: &mut Cx<'_>) {
        let own = plain::name(&contact, "contactId");
        let (Some(id), Value::Object(members)) = (id.or_else(|| own.clone()), &mut contact) else {
            return refuse("A contact needs a contactId.", cx);
        };
        plain::put(members, "contactId", own.unwrap_or_else(|| id.clone()));
        let request = Request::new("PUT", To::User, path(&id)).wrapped("addressBookRequest", entry(&contact));
        cx.ask(Subject::Contacts, Purpose::Contacts(Ask::Update(id, contact)), request);
    }

    /// `contacts.remove`
    pub(crate) fn remove(&mut self, id: Option<String>, cx: &mut Cx<'_>) {
        match id {
            Some(id) => {
                let request = Request::new("DELETE", To::User, path(&id));
                cx.ask(Subject::Contacts, Purpose::Contacts(Ask::Remove(id)), request);
            }
            None => refuse("Which contact? A contactId is needed.", cx),
        }
    }

    /// `contacts.fetch`
    pub(crate) fn fetch(&mut self, id: Option<String>, cx: &mut Cx<'_>) {
        match id {
            Some(id) => {
                let request = Request::new("GET", To::User, path(&id));
                cx.ask(Subject::Contacts, Purpose::Contacts(Ask::Fetch), request);
            }
            None => refuse("Which contact? A contactId is needed.", cx),
        }
    }

    /// `contacts.refresh`
    pub(crate) fn refresh(&mut self, cx: &mut Cx<'_>) {
        let request = Request::new("GET", To::User, "addressbook");
        cx.ask(Subject::Contacts, Purpose::Contacts(Ask::Refresh), request);
    }

    pub(crate) fn answered(&mut self, ask: Ask, outcome: &Outcome, cx: &mut Cx<'_>) {
        let answer = match outcome.read(WRAPPER) {
            Ok(answer) => answer,
            Err(trouble) => {
                let (what, otherwise) = match ask {
                    Ask::Refresh => ("The contacts could not be fetched.", code::CONTACTS_REFRESH),
                    Ask::Fetch => ("The contact could not be fetched.", code::CONTACTS),
                    Ask::Add(_) => ("The contact could not be added.", code::CONTACTS),
                    Ask::Update(..) => ("The contact could not be updated.", code::CONTACTS),
                    Ask::Remove(_) => ("The contact could not be removed.", code::CONTACTS),
                };
                return cx.out.fail("contacts:error", &trouble.error(what, otherwise));
            }
        };
        match ask {
            Ask::Add(contact) => {
                self.keep(contact.clone(), cx);
                cx.answer(&|| contact.clone());
                cx.out.emit("contacts:new", contact.clone());
                cx.out.emit("contacts:change", contact);
            }
            Ask::Update(id, contact) => {
                self.known.remove(&id);
                cx.answer(&|| contact.clone());
                self.keep(contact, cx);
            }
            Ask::Remove(id) => drop(self.known.remove(&id)),
            Ask::Fetch => match plain::list(answer, "addressBookEntries").first() {
                Some(entry) => {
                    cx.answer(&|| contact(entry));
                    self.keep(contact(entry), cx);
                }
                None => {
                    let error = Error::new(code::CONTACTS, "The contact could not be fetched. The answer holds none.");
                    return cx.out.fail("contacts:error", &error);
                }
            },
            Ask::Refresh => {
                self.known = Map::new();
                for entry in plain::list(answer, "addressBookEntries") {
                    self.keep(contact(entry), cx);
                }
                cx.answer(&|| self.all());
            }
        }
        cx.out.tell("contacts:change");
    }

    /// `contacts.get(contactId)`
    pub(crate) fn get(&self, id: &str) -> Value {
        self.known.get(id).cloned().unwrap_or_default()
    }

    /// `contacts.getAll()`: by id.
    pub(crate) fn all(&self) -> Value {
        Value::Object(self.known.clone())
    }

    fn keep(&mut self, contact: Value, cx: &mut Cx<'_>) {
        let Some(id) = plain::name(&contact, "contactId") else {
            return cx.out.log(Level::Warn, "a contact without a nickname was left out");
        };
        if self.known.len() < limits::PEOPLE || self.known.contains_key(&id) {
            self.known.insert(id, contact);
        } else {
            cx.out.log(Level::Warn, "too many contacts to keep one more");
        }
    }
}

fn path(id: &str) -> String {
    ["addressbook/contacts/", &plain::segment(id)].concat()
}

/// A contact as it is sent: its id is `nickname`, and members without a value are left out.
fn entry(contact: &Value) -> Map<String, Value> {
    let mut entry = Map::new();
    for (key, value) in contact.as_object().into_iter().flatten() {
        let nothing = match value {
            Value::Null => true,
            Value::Bool(is) => !is,
            Value::Number(number) => number.as_f64() == Some(0.0),
            Value::String(text) => text.is_empty(),
            Value::Array(list) => list.is_empty(),
            Value::Object(members) => members.is_empty(),
        };
        if !nothing {
            plain::put(&mut entry, if key == "contactId" { "nickname" } else { key }, value.clone());
        }
    }
    let mut members = Map::new();
    plain::put(&mut members, "addressBookEntries", vec![Value::Object(entry)]);
    members
}

/// A contact as the server keeps it.
fn contact(entry: &Value) -> Value {
    let mut members = entry.as_object().cloned().unwrap_or_default();
    if let Some(id) = members.remove("nickname") {
        plain::put(&mut members, "contactId", id);
    }
    Value::Object(members)
}

fn refuse(why: &str, cx: &mut Cx<'_>) {
    cx.out.fail("contacts:error", &Error::new(code::USERS_ARGUMENT, why));
}
