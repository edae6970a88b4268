//! What a gateway answers by itself: as much of it as the switch has a part in. There is no store.

use kandy_switch::{
    Criterion, Directory, Fault, Identified, Notice, Now, Page, PeopleRoute, Request, Response, Service, Sort, Switch,
    UserKey, code, parameter, parameters,
};
use kandy_wire::{
    Value, parse,
    people::{DirectoryResponse, UserProfileResponse},
};

const EMPTY: Fault = Fault::new(404, code::NOTHING_THERE, "There is no store here.");
const QUERY: Fault = Fault::new(400, code::VALUE, "The query is not what this request takes.");

/// Answers a request on a resource of people.
pub(super) fn serve(switch: &mut Switch, directory: &Directory, now: Now, request: &Request<'_>) -> Response {
    let identified = match switch.identify(now, request) {
        Ok(identified) => identified,
        Err(refusal) => return refusal,
    };
    let family = identified.family;
    answer(switch, directory, now, request, identified).unwrap_or_else(|fault| fault.response(family))
}

fn answer(
    switch: &mut Switch,
    directory: &Directory,
    now: Now,
    request: &Request<'_>,
    identified: Identified,
) -> Result<Response, Fault> {
    let Identified { user, device, route, .. } = identified;
    let body = request.body;
    match route {
        PeopleRoute::Presence => {
            let said = switch.presence_wish(now, &user, device, body)?;
            Ok(switch.publish(now, said))
        }
        PeopleRoute::PresenceWatcher => switch.watch_presence(now, &user, device, body),
        PeopleRoute::SubscribeEvent => switch.subscribe_events(now, &user, device, body),
        PeopleRoute::UpdateEvent(id) => switch.update_events(now, &user, &id, body),
        PeopleRoute::UnsubscribeEvent(id) => switch.unsubscribe_events(&user, &id),
        PeopleRoute::Directory => {
            let realms = switch.accounts().realms();
            search(directory, |domain| realms.reaches(user.domain(), domain), request.query)
        }
        PeopleRoute::Profile => Ok(Response::ok(&UserProfileResponse { user_profile_data: directory.profile(&user) })),
        PeopleRoute::SendMessage => {
            let members = parse(body).ok().filter(Value::is_object).ok_or(Fault::BODY)?;
            let to = members.get("to").and_then(Value::as_str).unwrap_or_default();
            tell(switch, now, &user, &[to.to_owned()], members.clone())
        }
        PeopleRoute::Send => {
            let to = parameters(request.query, "tos").ok_or(QUERY)?;
            tell(switch, now, &user, &to, Value::Object(Default::default()))
        }
        _ => Err(EMPTY),
    }
}

/// A message reaches its receivers, and is not kept.
fn tell(switch: &mut Switch, now: Now, by: &UserKey, to: &[String], members: Value) -> Result<Response, Fault> {
    for user in switch.find_receivers(to, by).ok_or(EMPTY)? {
        switch.notify(now, &user, Service::Im, &Notice::new(members.clone()));
    }
    Err(EMPTY)
}

fn search(directory: &Directory, reached: impl Fn(&str) -> bool, query: &str) -> Result<Response, Fault> {
    let given = |name| parameter(query, name);
    let number = |name| given(name).map_or(Ok(100), |text| text.parse().map_err(|_| QUERY));
    let criterion = Criterion::numbered(given("criteriaType").as_deref()).ok_or(QUERY)?;
    let sort = Sort::named(given("sort").as_deref()).ok_or(QUERY)?;
    let page =
        Page { start: number("start")?, count: number("count")?, sort, descending: given("descending").is_some() };
    Ok(Response::ok(&DirectoryResponse {
        directory: directory.search(reached, criterion, given("criteria").as_deref(), page),
    }))
}
