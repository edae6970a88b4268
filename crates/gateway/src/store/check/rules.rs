//! What must hold among the tables. Each statement finds rows that break a rule, and says which they are; none of it is secret.

use super::{Db, MOST, StoreError};

const RULES: [(&str, &str); 16] = [
    (
        "an account has more of a product in use than it has",
        "SELECT account || ' ' || product FROM inventory WHERE used < 0 OR used > total",
    ),
    (
        "the products in use are not as many as the subscribers",
        "SELECT i.account || ' ' || i.product FROM inventory i WHERE i.used <> \
        (SELECT count(*) FROM subscribers s WHERE s.account = i.account AND s.product = i.product)",
    ),
    (
        "a subscriber has a product that the account does not have",
        "SELECT s.account || ' ' || s.id FROM subscribers s WHERE NOT EXISTS \
        (SELECT 1 FROM inventory i WHERE i.account = s.account AND i.product = s.product)",
    ),
    ("a peak is lower than what came after it", "SELECT account || ' ' || month FROM peaks WHERE peak < last"),
    (
        "a message has a file that is not there",
        "SELECT CAST(a.message AS TEXT) FROM attachments a WHERE NOT EXISTS \
        (SELECT 1 FROM files f WHERE f.handle = a.file AND f.sent = 1)",
    ),
    (
        "a file was sent, and no message has it",
        "SELECT f.hash FROM files f WHERE f.sent = 1 AND NOT EXISTS (SELECT 1 FROM attachments a WHERE a.file = f.handle)",
    ),
    (
        "the contents of a file are not there, or of another size",
        "SELECT f.hash FROM files f WHERE NOT EXISTS (SELECT 1 FROM contents c WHERE c.hash = f.hash AND c.size = f.size)",
    ),
    (
        "no file has these contents",
        "SELECT c.hash FROM contents c WHERE c.hash IS NOT NULL AND NOT EXISTS \
        (SELECT 1 FROM files f WHERE f.hash = c.hash)",
    ),
    (
        "the sender of a message is not in its thread",
        "SELECT CAST(x.id AS TEXT) FROM messages x WHERE NOT EXISTS \
        (SELECT 1 FROM members m WHERE m.user = x.sender AND m.thread = x.thread)",
    ),
    (
        "a message waits for somebody who is not in its thread",
        "SELECT CAST(x.id AS TEXT) FROM undelivered u JOIN messages x ON x.id = u.message WHERE NOT EXISTS \
        (SELECT 1 FROM members m WHERE m.user = u.user AND m.thread = x.thread)",
    ),
    (
        "a message was deleted by somebody who is not in its thread",
        "SELECT CAST(x.id AS TEXT) FROM deleted d JOIN messages x ON x.id = d.message WHERE NOT EXISTS \
        (SELECT 1 FROM members m WHERE m.user = d.user AND m.thread = x.thread)",
    ),
    (
        "a member's unread messages are counted wrongly",
        "SELECT CAST(m.thread AS TEXT) || ' ' || m.user FROM members m WHERE m.unread <> \
        (SELECT count(*) FROM messages x WHERE x.thread = m.thread AND x.id > m.read_until AND x.id > m.cleared_until \
        AND x.sender <> m.user AND NOT EXISTS (SELECT 1 FROM deleted d WHERE d.user = m.user AND d.message = x.id))",
    ),
    (
        "a member's newest message is another one",
        "SELECT CAST(m.thread AS TEXT) || ' ' || m.user FROM members m WHERE m.last <> coalesce( \
        (SELECT x.id FROM messages x WHERE x.thread = m.thread AND x.id > m.cleared_until AND NOT EXISTS \
        (SELECT 1 FROM deleted d WHERE d.user = m.user AND d.message = x.id) ORDER BY x.id DESC LIMIT 1), 0)",
    ),
    (
        "a thread is erased further than its members deleted it",
        "SELECT CAST(t.id AS TEXT) FROM threads t WHERE t.erased_until > \
        (SELECT min(m.cleared_until) FROM members m WHERE m.thread = t.id)",
    ),
    (
        "an address book is counted wrongly",
        "SELECT b.user FROM books b WHERE b.contacts <> (SELECT count(*) FROM contacts c WHERE c.user = b.user) \
        OR b.bytes <> (SELECT coalesce(sum(octet_length(c.entry)), 0) FROM contacts c WHERE c.user = b.user)",
    ),
    (
        "an address book is not counted",
        "SELECT DISTINCT c.user FROM contacts c WHERE NOT EXISTS (SELECT 1 FROM books b WHERE b.user = c.user)",
    ),
];

/// The rules that are broken, and by what.
pub(super) async fn broken(db: &mut Db) -> Result<Vec<String>, StoreError> {
    let mut findings = Vec::new();
    for (rule, rows) in RULES {
        let rows: Vec<String> = sqlx::query_scalar(rows).fetch_all(&mut *db).await?;
        findings.extend(rows.iter().take(MOST).map(|row| format!("{rule}: {row}")));
    }
    Ok(findings)
}
