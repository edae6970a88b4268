//! The members of a thread stand in two places: in its name, by which it is found, and one by one.

use futures_util::TryStreamExt;

use super::{Db, MOST, StoreError};

/// A thread, and one of its members.
type Row = (i64, String, i64, Option<String>, Option<i64>);

/// What is wrong with the members of threads.
pub(super) async fn wrong(db: &mut Db) -> Result<Vec<String>, StoreError> {
    let rows = "SELECT t.id, t.members, t.is_group, m.user, m.number FROM threads t \
        LEFT JOIN members m ON m.thread = t.id ORDER BY t.id, m.number";
    let mut rows = sqlx::query_as::<_, Row>(rows).fetch(db);
    let mut findings = Vec::new();
    let mut thread: Option<Thread> = None;
    while let Some((id, name, is_group, user, number)) = rows.try_next().await? {
        if thread.as_ref().is_none_or(|thread| thread.id != id) {
            findings.extend(thread.take().and_then(|thread| thread.fault()));
        }
        let thread = thread.get_or_insert_with(|| Thread { id, name, is_group: is_group != 0, members: Vec::new() });
        thread.members.extend(user.zip(number));
    }
    findings.extend(thread.and_then(|thread| thread.fault()));
    findings.truncate(MOST);
    Ok(findings)
}

struct Thread {
    id: i64,
    name: String,
    is_group: bool,
    members: Vec<(String, i64)>,
}

impl Thread {
    fn fault(&self) -> Option<String> {
        let named = self.name.split('\n').zip(1_i64..);
        let right = self.members.iter().map(|(user, number)| (&**user, *number)).eq(named);
        let good = right && self.is_group == (self.members.len() > 2);
        (!good).then(|| format!("the members of a thread are not those of its name: {}", self.id))
    }
}
