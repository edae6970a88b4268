//! All conversations, in the order in which they came to be known.

use kandy_wire::{Map, Value};

use super::conversation::Conversation;
use crate::{
    Chat,
    effect::{Effects, Level},
    limits,
    people::Cx,
    plain,
};

/// Conversations, found by their number, by who is in them, or by the server's id.
#[derive(Debug, Default)]
pub(crate) struct Chats {
    /// By rising numbers.
    all: Vec<Conversation>,
    /// From the text of a name to the number.
    index: Map<String, Value>,
}

impl Chats {
    /// The number of the conversation of this name; it is made if there is none. True if it was made.
    pub(crate) fn ensure(&mut self, chat: &Chat, name: Option<String>, cx: &mut Cx<'_>) -> (u64, bool) {
        let known = self.key(chat);
        let key = known.unwrap_or_else(|| self.make(chat, name, cx));
        if let Some(conversation) = self.by_key_mut(key) {
            conversation.touched = cx.now;
        }
        (key, known.is_none())
    }

    pub(crate) fn by_name(&self, chat: &Chat) -> Option<&Conversation> {
        self.by_key(self.key(chat)?)
    }

    pub(crate) fn by_name_mut(&mut self, chat: &Chat) -> Option<&mut Conversation> {
        let key = self.key(chat)?;
        self.by_key_mut(key)
    }

    pub(crate) fn by_key(&self, key: u64) -> Option<&Conversation> {
        self.all.get(self.at(key)?)
    }

    pub(crate) fn by_key_mut(&mut self, key: u64) -> Option<&mut Conversation> {
        let at = self.at(key)?;
        self.all.get_mut(at)
    }

    /// The name of the conversation with this id at the server.
    pub(crate) fn by_thread(&self, thread: &str) -> Option<&Chat> {
        let key = self.index.get(&thread_text(thread))?.as_u64()?;
        self.by_key(key).map(|conversation| &conversation.chat)
    }

    /// The server's id of a conversation has become known.
    pub(crate) fn set_thread(&mut self, key: u64, thread: &str) {
        let Some(conversation) = self.by_key_mut(key) else { return };
        let before = conversation.thread.replace(thread.to_owned());
        if let Some(before) = before {
            self.index.remove(&thread_text(&before));
        }
        plain::put(&mut self.index, &thread_text(thread), key);
    }

    pub(crate) fn iter(&self) -> impl Iterator<Item = &Conversation> {
        self.all.iter()
    }

    pub(crate) fn remove(&mut self, key: u64) {
        if let Some(at) = self.at(key) {
            let gone = self.all.remove(at);
            self.index.remove(&text(&gone.chat));
            if let Some(thread) = &gone.thread {
                self.index.remove(&thread_text(thread));
            }
        }
    }

    fn make(&mut self, chat: &Chat, name: Option<String>, cx: &mut Cx<'_>) -> u64 {
        if self.all.len() >= limits::CONVERSATIONS {
            self.give_one_up(cx.out);
        }
        let key = cx.ids.number();
        let name = name.unwrap_or_else(|| ["people-", &key.to_string()].concat());
        plain::put(&mut self.index, &text(chat), key);
        self.all.push(Conversation::new(key, chat.clone(), name));
        key
    }

    /// Makes room: the conversation that was quiet for longest goes, but none with a message that is being sent.
    fn give_one_up(&mut self, out: &mut Effects) {
        let quiet = self.all.iter().filter(|conversation| conversation.sending == 0 && conversation.fetching == 0);
        if let Some(key) = quiet.min_by_key(|conversation| conversation.touched).map(|conversation| conversation.key) {
            self.remove(key);
            out.log(Level::Warn, "too many conversations: the one that was quiet for longest was forgotten here");
        }
    }

    fn key(&self, chat: &Chat) -> Option<u64> {
        self.index.get(&text(chat))?.as_u64()
    }

    fn at(&self, key: u64) -> Option<usize> {
        self.all.binary_search_by_key(&key, |conversation| conversation.key).ok()
    }
}

/// A name as one text. Control characters do not occur in names of users.
fn text(chat: &Chat) -> String {
    let mut text = chat.kind.clone();
    for user in &chat.destination {
        text.push('\u{1}');
        text.push_str(user);
    }
    text
}

fn thread_text(thread: &str) -> String {
    ["\u{2}", thread].concat()
}
