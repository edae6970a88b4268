//! What a gateway serves from its store: who may ask is decided by the switch, what there is is kept here. Files of messages are
//! not simulated, and refused with a sentence that says so.

use std::collections::BTreeMap;

use kandy_switch::{
    CallRecord, Criterion, Directory, Fault, Identified, Now, PAGE, Page, PeopleRoute, Request, Response, Sort, Switch,
    UserKey, code, parameter,
};
use kandy_wire::{
    Map, Value, decode,
    history::{
        CALL_LOG, Direction, LogHistory, LogHistoryResponse, LogItem, LogRecord, Mwi, MwiResponse, NO_VOICE_MESSAGES,
    },
    people::{
        AddressBookRequest, AddressBookResponse, Book, DirectoryResponse, ENTRY_ID, Localization, UserProfileResponse,
    },
    presence::done,
};

use crate::messages::Messages;

/// Records that are kept of a user's calls, and contacts of an address book. The oldest records give way; further contacts are
/// refused.
const KEPT: usize = 10_000;

const NO_CONTACT: Fault = Fault::new(404, code::NOTHING_THERE, "There is no such contact.");
const NO_ENTRY: Fault = Fault::new(400, code::BODY, "The request must have one contact with a nickname.");
const FULL: Fault = Fault::new(413, code::VALUE, "The test gateway keeps 10,000 contacts.");
const NO_RECORD: Fault = Fault::new(404, code::NOTHING_THERE, "There is no such record.");
const BAD_PAGE: Fault = Fault::new(400, code::VALUE, "Counts and places in a list must be numbers.");
const BAD_TYPE: Fault = Fault::new(400, code::VALUE, "criteriaType must be a number from 1 to 5.");
/// The one thing that is not simulated.
pub(crate) const NO_FILES: Fault =
    Fault::new(501, code::NOT_ENABLED, "The test gateway does not simulate files of messages.");
const BAD_SORT: Fault = Fault::new(400, code::VALUE, "sort must be userId, firstName or lastName.");

/// Everything that is kept.
#[derive(Default)]
pub(crate) struct People {
    messages: Messages,
    contacts: BTreeMap<UserKey, BTreeMap<String, Map<String, Value>>>,
    directory: Directory,
    /// By number, so the newest are last.
    records: BTreeMap<u64, CallRecord>,
    last_record: u64,
}

impl People {
    /// Nothing yet but the directory of these accounts.
    pub(crate) fn new(accounts: &kandy_switch::Accounts) -> Self {
        Self { directory: Directory::new(accounts), ..Self::default() }
    }

    /// A call is over for one of its parties.
    pub(crate) fn record(&mut self, record: CallRecord) {
        self.last_record += 1;
        self.records.insert(self.last_record, record);
        if self.records.len() > KEPT {
            self.records.pop_first();
        }
    }

    /// Messages that are known to have arrived.
    pub(crate) fn arrived(&mut self, all: Vec<(UserKey, u64)>) {
        self.messages.arrived(all);
    }

    /// Tells those who have just come what they missed.
    pub(crate) fn catch_up(&self, switch: &mut Switch, now: Now) {
        self.messages.catch_up(switch, now);
    }

    /// Serves a request on a resource that the gateway keeps.
    pub(crate) fn serve(&mut self, switch: &mut Switch, now: Now, request: &Request<'_>) -> Response {
        let by = match switch.identify(now, request) {
            Ok(by) => by,
            Err(refusal) => return refusal,
        };
        self.answer(switch, now, &by, request).unwrap_or_else(|fault| fault.response(by.family))
    }

    fn answer(
        &mut self,
        switch: &mut Switch,
        now: Now,
        by: &Identified,
        request: &Request<'_>,
    ) -> Result<Response, Fault> {
        let (user, body) = (&by.user, request.body);
        match &by.route {
            PeopleRoute::SendMessage => self.messages.send_link(switch, now, by, request),
            PeopleRoute::Send => self.messages.send_uc(switch, now, by, request),
            PeopleRoute::Presence => {
                let said = switch.presence_wish(now, user, by.device, body)?;
                Ok(switch.publish(now, said))
            }
            PeopleRoute::PresenceWatcher => switch.watch_presence(now, user, by.device, body),
            PeopleRoute::SubscribeEvent => switch.subscribe_events(now, user, by.device, body),
            PeopleRoute::UpdateEvent(id) => switch.update_events(now, user, id, body),
            PeopleRoute::UnsubscribeEvent(id) => switch.unsubscribe_events(user, id),
            PeopleRoute::Contacts => Ok(book(Some(self.book_of(user).values().cloned().collect()))),
            PeopleRoute::Contact(id) => {
                let contact = self.book_of(user).get(id).cloned().ok_or(NO_CONTACT)?;
                Ok(book(Some(vec![contact])))
            }
            PeopleRoute::AddContact => self.keep(user, body, None),
            PeopleRoute::ChangeContact(id) if !self.book_of(user).contains_key(id) => Err(NO_CONTACT),
            PeopleRoute::ChangeContact(id) => self.keep(user, body, Some(id)),
            PeopleRoute::RemoveContact(id) => self.book_of(user).remove(id).map(|_| book(None)).ok_or(NO_CONTACT),
            PeopleRoute::Directory => self.search(switch, user, request.query),
            PeopleRoute::Profile => {
                Ok(Response::ok(&UserProfileResponse { user_profile_data: self.directory.profile(user) }))
            }
            PeopleRoute::Localization => Ok(Response::ok(&Localization { accept_language: "en-US".to_owned() })),
            PeopleRoute::CallLog => self.call_log(switch, user, request.query),
            PeopleRoute::ClearCallLog => {
                self.records.retain(|_, record| record.user != *user);
                Ok(Response::ok(&done("logRecord")))
            }
            PeopleRoute::RemoveCallRecord(id) => {
                let id: u64 = id.parse().map_err(|_| NO_RECORD)?;
                self.records.get(&id).filter(|record| record.user == *user).ok_or(NO_RECORD)?;
                self.records.remove(&id);
                Ok(Response::ok(&done("logRecord")))
            }
            // There is no mailbox, so nobody ever left a message.
            PeopleRoute::Voicemail => Ok(Response::ok(&MwiResponse {
                mwi_response: Mwi { status_code: NO_VOICE_MESSAGES, indicators: None },
            })),
            PeopleRoute::Threads | PeopleRoute::Thread => self.messages.list(switch.accounts(), user, request.query),
            PeopleRoute::Messages(thread) => self.messages.read(switch.accounts(), user, thread, request.query),
            PeopleRoute::Delete(thread, message) => self.messages.delete(user, thread.as_deref(), message.as_deref()),
            PeopleRoute::MarkRead(thread) => self.messages.mark_read(user, thread, request.query),
            PeopleRoute::Upload | PeopleRoute::File(_) => Err(NO_FILES),
        }
    }

    fn book_of(&mut self, user: &UserKey) -> &mut BTreeMap<String, Map<String, Value>> {
        self.contacts.entry(user.clone()).or_default()
    }

    fn keep(&mut self, user: &UserKey, body: &str, id: Option<&str>) -> Result<Response, Fault> {
        let request: AddressBookRequest = decode(body).map_err(|_| Fault::BODY)?;
        let mut entry = request.address_book_request.address_book_entries.into_iter().next().ok_or(NO_ENTRY)?;
        let own = entry.get(ENTRY_ID).and_then(Value::as_str);
        let id = id.or(own).filter(|id| !id.is_empty()).ok_or(NO_ENTRY)?.to_owned();
        entry.insert(ENTRY_ID.to_owned(), Value::from(id.as_str()));
        let book_of_user = self.book_of(user);
        if book_of_user.len() >= KEPT && !book_of_user.contains_key(&id) {
            return Err(FULL);
        }
        book_of_user.insert(id, entry);
        Ok(book(None))
    }

    fn search(&self, switch: &Switch, user: &UserKey, query: &str) -> Result<Response, Fault> {
        let criterion = Criterion::numbered(parameter(query, "criteriaType").as_deref()).ok_or(BAD_TYPE)?;
        let sort = parameter(query, "sort");
        let descending = sort.as_ref().is_some_and(|sort| sort.starts_with('-'));
        let sort = Sort::named(sort.as_deref().map(|sort| sort.trim_start_matches('-'))).ok_or(BAD_SORT)?;
        let page = Page { start: number(query, "start", 0)?, count: number(query, "count", PAGE)?, sort, descending };
        let realms = switch.accounts().realms();
        let reached = |domain: &str| realms.reaches(user.domain(), domain);
        let directory = self.directory.search(reached, criterion, parameter(query, "criteria").as_deref(), page);
        Ok(Response::ok(&DirectoryResponse { directory }))
    }

    fn call_log(&self, switch: &Switch, user: &UserKey, query: &str) -> Result<Response, Fault> {
        let (count, start) = (number(query, "count", 50)?.min(200), number(query, "startIndex", 0)?);
        let own = switch.accounts().number(user);
        let all = || self.records.iter().rev().filter(|(_, record)| record.user == *user);
        let log_history = LogHistory {
            status_code: 0,
            total_number_of_records: all().count().to_string(),
            log_items: all().skip(start).take(count).map(|(id, record)| item(*id, record, &own)).collect(),
        };
        Ok(Response::ok(&LogHistoryResponse { log_history }))
    }
}

/// A JSON object of those members that there are.
pub(crate) fn object<const N: usize>(members: [(&str, Option<Value>); N]) -> Value {
    members.into_iter().filter_map(|(name, value)| Some((name, value?))).collect()
}

fn number(query: &str, name: &str, otherwise: usize) -> Result<usize, Fault> {
    parameter(query, name).map_or(Ok(otherwise), |text| text.parse().map_err(|_| BAD_PAGE))
}

fn book(address_book_entries: Option<Vec<Map<String, Value>>>) -> Response {
    Response::ok(&AddressBookResponse { address_book_response: Book { status_code: 0, address_book_entries } })
}

fn item(id: u64, record: &CallRecord, own: &str) -> LogItem {
    let ours = (record.name.clone(), own.to_owned());
    let theirs = (record.remote_name.clone(), record.remote_number.clone());
    let ((caller_name, caller_display_number), (callee_name, callee_display_number)) = match record.direction {
        Direction::Outgoing => (ours, theirs),
        Direction::Incoming | Direction::Missed => (theirs, ours),
    };
    let params = LogRecord {
        record_id: id.to_string(),
        start_time: record.started.to_string(),
        duration: record.duration.to_string(),
        direction: record.direction,
        caller_name,
        caller_display_number,
        callee_name,
        callee_display_number,
        resource_location: format!("/rest/version/1/user/{own}/logRecord/{id}"),
    };
    LogItem { kind: CALL_LOG.to_owned(), params }
}
