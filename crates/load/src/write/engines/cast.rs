//! Who takes part, and who talks with whom.

use kandy_people::Chat;

use super::super::{GROUP, READERS, Writing, readers};
use crate::plan::Flavour;

/// Readers by number: the one that is a Link client hears what UC clients write, because Link has no history to look at.
const LINK_READER: usize = 1;

/// All users, and all conversations.
#[derive(Debug)]
pub(super) struct Cast {
    /// By number: those who write, then those who only listen.
    pub(super) users: Vec<(String, Flavour)>,
    /// How many of them write.
    pub(super) writers: usize,
    /// Who is in each conversation; whoever is a writer writes in it. A Link client takes no part in a group but by listening.
    pub(super) conversations: Vec<Vec<usize>>,
}

impl Cast {
    /// Every writer talks with a reader and with the writer next to it, who is of the other flavour; UC writers and readers have
    /// groups.
    pub(super) fn new(plan: &Writing) -> Self {
        let names = plan.writers();
        let writers = names.len();
        let reader = |number: usize| writers + number % READERS;
        let flavour = |number: usize| match number >= writers {
            true if number == reader(LINK_READER) => Flavour::Link,
            true => Flavour::Uc,
            false if number % 2 == 1 => Flavour::Link,
            false => Flavour::Uc,
        };
        let users =
            names.into_iter().chain(readers()).enumerate().map(|(number, user)| (user, flavour(number))).collect();
        let mut conversations = Vec::new();
        for number in 0..writers {
            conversations
                .push(vec![number, if number % 2 == 0 { reader(number / 2) } else { reader(LINK_READER + 1) }]);
            if number % 2 == 1 {
                conversations.push(vec![number - 1, number]);
            }
        }
        let uc: Vec<usize> = (0..writers).step_by(2).collect();
        for some in uc.chunks(GROUP - READERS) {
            conversations.push(some.iter().copied().chain((0..READERS).map(reader)).collect());
        }
        Self { users, writers, conversations }
    }

    /// The conversations in which somebody writes, with their numbers, as that client names them.
    pub(super) fn chats(&self, number: usize) -> Vec<(usize, Chat)> {
        self.joined(number).into_iter().map(|at| (at, self.chat(at, number))).collect()
    }

    /// The numbers of the conversations that somebody is in.
    pub(super) fn joined(&self, number: usize) -> Vec<usize> {
        let all = self.conversations.iter().enumerate();
        all.filter(|(_, members)| members.contains(&number)).map(|(at, _)| at).collect()
    }

    /// A conversation as this client of it names it.
    pub(super) fn chat(&self, conversation: usize, number: usize) -> Chat {
        let members = self.conversations.get(conversation).into_iter().flatten().filter(|member| **member != number);
        let names = members.filter_map(|member| self.users.get(*member)).map(|(user, _)| user.clone());
        let mut destination: Vec<String> = names.collect();
        destination.sort();
        let kind = if destination.len() > 1 { "group" } else { "im" };
        Chat { destination, kind: kind.to_owned() }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn half_are_of_each_flavour_and_nobody_of_link_is_alone_with_link() {
        let cast = Cast::new(&Writing { clients: 20, kills: 1, seed: 1, wait: 1 });
        let is_uc = |number: &usize| cast.users[*number].1 == Flavour::Uc;
        assert_eq!((cast.users.len(), (0..20).filter(is_uc).count()), (23, 10));
        assert!(cast.conversations.iter().all(|members| members.len() > 1 && members.iter().any(is_uc)));
        assert!((0..23).all(|number| !cast.joined(number).is_empty()));
        // A thread with a reader, one with a neighbour, and for UC a group.
        assert_eq!([0, 1].map(|number| cast.chats(number).len()), [3, 2]);
        let link_reader: Vec<usize> = cast.joined(20 + LINK_READER);
        assert!(link_reader.iter().flat_map(|at| &cast.conversations[*at]).filter(|n| **n < 20).all(is_uc));
    }

    #[test]
    fn a_conversation_is_named_by_the_others() {
        let cast = Cast::new(&Writing { clients: 2, kills: 1, seed: 1, wait: 1 });
        let neighbours = cast.conversations.iter().position(|members| *members == [0, 1]).unwrap();
        assert_eq!(cast.chat(neighbours, 0).destination, ["writer-1@example.com"]);
        assert_eq!(cast.chat(neighbours, 1).destination, ["writer-0@example.com"]);
        let group = cast.chat(cast.conversations.len() - 1, 0);
        assert_eq!((group.kind.as_str(), group.destination.len()), ("group", READERS));
    }
}
