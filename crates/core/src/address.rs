//! Destinations in the form `sip:user@domain` (protocol §10).

/// Brings a destination into the form `sip:user@domain`. `own` is the user name of the login, whose domain fills in a
/// missing one.
pub(crate) fn normalize(destination: &str, own: &str) -> String {
    let text = destination.trim();
    let own_domain = own.trim().split_once('@').map_or("", |(_, domain)| domain);
    let (address, domain) = match text.split_once('@') {
        Some((address, domain)) if !address.is_empty() && !domain.is_empty() => (address, domain),
        _ => (text, own_domain),
    };
    let address = address.rsplit_once(':').map_or(address, |(_, rest)| rest).trim_start();
    let (leading, rest) = split_leading(address);
    let digits: String = rest.chars().filter(|c| !" -.()+".contains(*c)).collect();
    let rest = if !digits.is_empty() && digits.chars().all(|c| c.is_ascii_digit()) { digits.as_str() } else { rest };
    let at = if domain.starts_with('@') { "" } else { "@" };
    format!("sip:{leading}{rest}{at}{domain}")
}

/// Puts the domain of `own` behind a number that the server reported without one (api-behaviour 7.2).
pub(crate) fn complete(number: &str, own: &str) -> String {
    match own.split_once('@') {
        Some((_, domain)) if !number.is_empty() && !number.contains('@') => format!("{number}@{domain}"),
        _ => number.to_owned(),
    }
}

/// `#31#`-like service codes stay as they are; one run of `#`, `+`, `*` before a telephone number is set aside.
fn split_leading(address: &str) -> (&str, &str) {
    let rest = address.trim_start_matches(['#', '+', '*']);
    let leading = address.strip_suffix(rest).unwrap_or_default();
    let phone = rest.starts_with(|c: char| c.is_ascii_digit() || c == '(' || c == '|')
        && rest.chars().skip(1).all(|c| c.is_ascii_digit() || " -.()+".contains(c));
    if !leading.is_empty() && phone { (leading, rest) } else { ("", address) }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn every_example_of_the_protocol() {
        let rows = [
            ("bob", "sip:bob@example.com"),
            ("bob@other.com", "sip:bob@other.com"),
            ("sip:bob@other.com", "sip:bob@other.com"),
            ("sip:bob", "sip:bob@example.com"),
            ("sips:bob@other.com", "sip:bob@other.com"),
            ("bob.smith", "sip:bob.smith@example.com"),
            ("tel:+16135550100", "sip:+16135550100@example.com"),
            ("+1 (613) 555-0100", "sip:+16135550100@example.com"),
            ("613-555-0100", "sip:6135550100@example.com"),
            ("(613) 555-0100", "sip:6135550100@example.com"),
            ("sip:+16135550100@pstn.example.com", "sip:+16135550100@pstn.example.com"),
            ("*98", "sip:*98@example.com"),
            ("#31#6135550100", "sip:#31#6135550100@example.com"),
            ("*67 613 555 0100", "sip:*676135550100@example.com"),
            ("12-34@x.com", "sip:1234@x.com"),
            ("1-800-FLOWERS", "sip:1-800-FLOWERS@example.com"),
            ("+bob", "sip:+bob@example.com"),
            ("sip:bob@other.com:5060", "sip:bob@other.com:5060"),
            ("bob@", "sip:bob@@example.com"),
            ("@bob", "sip:@bob@example.com"),
            ("", "sip:@example.com"),
            ("  bob ", "sip:bob@example.com"),
        ];
        for (input, wanted) in rows {
            assert_eq!(normalize(input, "alice@example.com"), wanted, "{input}");
        }
    }

    #[test]
    fn what_is_normal_stays_as_it_is() {
        for own in ["alice@example.com", " alice@example.com\r\n"] {
            for input in ["bob", "613-555-0100", "bob@other.com", "sip: bob@other.com"] {
                let once = normalize(input, own);
                assert_eq!(normalize(&once, own), once, "{input} of {own:?}");
            }
        }
    }

    #[test]
    fn numbers_without_a_domain_get_our_own() {
        assert_eq!(complete("6135550100", "alice@example.com"), "6135550100@example.com");
        assert_eq!(complete("bob@x.test", "alice@example.com"), "bob@x.test");
        assert_eq!(complete("bob", "alice"), "bob");
        assert_eq!(complete("", "alice@example.com"), "");
    }
}
