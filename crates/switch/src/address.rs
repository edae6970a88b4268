//! What people and applications write as an address, brought to the one form by which users are compared (protocol §10).

/// `user@domain` without scheme, for `text` as written by somebody of the domain `own`.
pub(crate) fn normalized(text: &str, own: &str) -> String {
    let text = text.trim();
    let (address, domain) = match text.split_once('@') {
        Some((address, domain)) if !address.is_empty() && !domain.is_empty() => (address, domain),
        _ => (text, own),
    };
    let address = address.rsplit_once(':').map_or(address, |(_, bare)| bare).trim_start();
    let (lead, rest) = lead(address);
    let digits: String = rest.chars().filter(|c| !SEPARATORS.contains(*c)).collect();
    let number = !digits.is_empty() && digits.bytes().all(|digit| digit.is_ascii_digit());
    let at = if domain.starts_with('@') { "" } else { "@" };
    format!("{lead}{}{at}{domain}", if number { &digits } else { rest })
}

/// What people write between digits.
const SEPARATORS: &str = " -.()+";

/// The special characters in front of a telephone number, and the rest; nothing is set aside in front of anything else.
fn lead(address: &str) -> (&str, &str) {
    let rest = address.trim_start_matches(['#', '+', '*']);
    let starts = rest.starts_with(|c: char| c.is_ascii_digit() || "(|".contains(c));
    let phone = rest.chars().skip(1).all(|c| c.is_ascii_digit() || SEPARATORS.contains(c));
    let lead = address.strip_suffix(rest).unwrap_or_default();
    if starts && phone { (lead, rest) } else { ("", address) }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn addresses_of_the_protocols_table() {
        let rows = [
            ("bob", "bob@example.com"),
            ("bob@other.com", "bob@other.com"),
            ("sip:bob@other.com", "bob@other.com"),
            ("sip:bob", "bob@example.com"),
            ("sips:bob@other.com", "bob@other.com"),
            ("bob.smith", "bob.smith@example.com"),
            ("tel:+16135550100", "+16135550100@example.com"),
            ("+1 (613) 555-0100", "+16135550100@example.com"),
            ("613-555-0100", "6135550100@example.com"),
            ("(613) 555-0100", "6135550100@example.com"),
            ("sip:+16135550100@pstn.example.com", "+16135550100@pstn.example.com"),
            ("*98", "*98@example.com"),
            ("#31#6135550100", "#31#6135550100@example.com"),
            ("*67 613 555 0100", "*676135550100@example.com"),
            ("12-34@x.com", "1234@x.com"),
            ("1-800-FLOWERS", "1-800-FLOWERS@example.com"),
            ("+bob", "+bob@example.com"),
            ("sip:bob@other.com:5060", "bob@other.com:5060"),
            ("bob@", "bob@@example.com"),
            ("@bob", "@bob@example.com"),
            ("", "@example.com"),
            ("  bob \t", "bob@example.com"),
            ("-", "-@example.com"),
            ("sip: bob@other.com", "bob@other.com"),
        ];
        for (text, wanted) in rows {
            assert_eq!(normalized(text, "example.com"), wanted, "{text}");
            let again = format!("sip:{}", normalized(text, "example.com"));
            if !wanted.starts_with('@') && !wanted.contains("@@") {
                assert_eq!(normalized(&again, "else.where"), wanted, "{text}, normalized by the client already");
            }
        }
    }
}
