//! Directory, own profile and language (protocol §8.2, §8.3).

use std::sync::{PoisonError, RwLockReadGuard};

use kandy_switch::{Criterion, Directory, Fault, MAX_CRITERIA, PAGE, Page, Response, Sort, code, parameter};
use kandy_wire::people::{DirectoryResponse, Localization, UserProfileResponse};

use super::{Ask, People};

const BAD_TYPE: Fault = Fault::new(400, code::VALUE, "criteriaType must be a number from 1 to 5.");
const LONG: Fault = Fault::new(400, code::VALUE, "The criteria are too long.");
const BAD_PAGE: Fault = Fault::new(400, code::VALUE, "start and count must be numbers.");
const BAD_SORT: Fault =
    Fault::new(400, code::VALUE, "sort must be userId, firstName or lastName, with a minus sign for the other way.");

/// `GET directory`, of which `start`, `count` and `sort` are ours.
pub(super) fn search(people: &People, ask: &Ask) -> Result<Response, Fault> {
    let given = |name| parameter(&ask.query, name);
    let criteria = given("criteria");
    if criteria.as_ref().is_some_and(|text| text.len() > MAX_CRITERIA) {
        return Err(LONG);
    }
    let criterion = Criterion::numbered(given("criteriaType").as_deref()).ok_or(BAD_TYPE)?;
    let number = |name, otherwise| given(name).map_or(Ok(otherwise), |text| text.parse().map_err(|_| BAD_PAGE));
    let sort = given("sort");
    let descending = sort.as_ref().is_some_and(|sort| sort.starts_with('-'));
    let sort = Sort::named(sort.as_deref().map(|sort| sort.trim_start_matches('-'))).ok_or(BAD_SORT)?;
    let page = Page { start: number("start", 0)?, count: number("count", PAGE)?, sort, descending };
    let realms = people.switch(|switch, _| switch.accounts().realms())?;
    let reached = |domain: &str| realms.reaches(ask.user.domain(), domain);
    let directory = read(people).search(reached, criterion, criteria.as_deref(), page);
    Ok(Response::ok(&DirectoryResponse { directory }))
}

/// `GET userProfileData`
pub(super) fn profile(people: &People, ask: &Ask) -> Response {
    Response::ok(&UserProfileResponse { user_profile_data: read(people).profile(&ask.user) })
}

fn read(people: &People) -> RwLockReadGuard<'_, Directory> {
    people.directory.read().unwrap_or_else(PoisonError::into_inner)
}

/// `GET localization`: the language that the browser asks for.
pub(super) fn localization(ask: &Ask) -> Response {
    Response::ok(&Localization { accept_language: ask.language.clone() })
}

/// The first language of an `accept-language` header, as far as it is one; English otherwise (RFC 9110 §12.5.4).
pub(super) fn language(header: Option<&str>) -> String {
    let first = header.and_then(|header| header.split([',', ';']).next()).unwrap_or_default().trim();
    let plain = first.chars().all(|c| c.is_ascii_alphanumeric() || c == '-');
    let tag = if !first.is_empty() && first.len() <= 35 && plain { first } else { "en-US" };
    tag.to_owned()
}

#[cfg(test)]
mod tests {
    use super::language;

    #[test]
    fn the_first_language_counts() {
        let rows = [
            (None, "en-US"),
            (Some(""), "en-US"),
            (Some("*"), "en-US"),
            (Some("de"), "de"),
            (Some("fr-CH, fr;q=0.9, en;q=0.8"), "fr-CH"),
            (Some("de;q=0.5"), "de"),
            (Some("<script>"), "en-US"),
            (Some("an-inexpressibly-long-language-of-nobody"), "en-US"),
        ];
        for (header, wanted) in rows {
            assert_eq!(language(header), wanted, "{header:?}");
        }
    }
}
