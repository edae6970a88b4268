//! Subscribers: users that an account makes and deletes (provisioning §3.4, §4.4 to §4.6).

use axum::http::StatusCode;
use hmac::{Hmac, KeyInit, Mac};
use kandy_switch::{Account as User, Accounts, UserKey};
use kandy_wire::encode;
use sha2::Sha256;
use sqlx::Connection;

use super::{
    BASE, Caller, Provisioning,
    calendar::{self, Millis},
    call::{Answer, Call, decode},
    note,
    orders::{Paging, known_product},
    refusal::{Name, Refusal},
    repeat::Key,
    words::{
        self, Connection as Where, PasswordChanged, PasswordWish, Profile, SubscriberPage, SubscriberState,
        SubscriberType, SubscriberWish,
    },
};
use crate::{
    secrets::{SystemSecrets, digits},
    store::{
        Db, StoreError,
        provisioning::{
            accounts, orders,
            subscribers::{self, Filter, Key as Named, Subscriber},
        },
    },
};

/// Longest user id, in characters (provisioning §3.4).
const MAX_USER_ID: usize = 64;
/// Shortest and longest password, in characters (provisioning §3.4).
const PASSWORD: std::ops::RangeInclusive<usize> = 8..=128;
/// Characters of a password that the gateway makes (provisioning §3.4).
const MADE: usize = 24;
/// Longest name or mail address, in characters (provisioning §3.4).
const MAX_NAME: usize = 128;
/// Largest JSON of `customData`, in bytes (provisioning §3.4).
const MAX_CUSTOM: usize = 4 << 10;
/// Longest life of a temporary subscriber: ten years, which nobody means as temporary.
const MAX_LIFE: Millis = 10 * 366 * 86_400 * 1_000;

/// `POST /subscriber`
pub(super) async fn create(shared: &Provisioning, caller: &Caller, call: &Call, body: &str) -> Result<Answer, Refusal> {
    let wish = decode::<SubscriberWish>(body)?;
    let now = shared.now();
    let expires_at = checked(&wish, now)?;
    let key = Key::of(call, body)?;
    let id = uuid::Uuid::new_v4().to_string();
    let made = || match &call.idempotency_key {
        Some(key) => derived(&caller.account.seed, key, &id),
        None => SystemSecrets::random().chars().take(MADE).collect(),
    };
    let password = wish.password.clone().unwrap_or_else(made);
    if key.is_none() {
        // Most of those for whom there is no piece cost no hash.
        let stock = orders::stock(&mut *shared.people.store.read().await?, &caller.account.id, &wish.product).await?;
        if stock.used >= stock.total {
            return Err(no_piece(&wish.product, stock));
        }
    }
    // Before anything is locked: this takes its time.
    let password_hash = shared.hash(password.clone()).await?;
    let user_id = wish.user_id.as_deref().map_or_else(|| format!("u-{}", id.replace('-', "")), str::to_lowercase);
    let identity = format!("{user_id}@{}", caller.account.domain);
    let one = Subscriber {
        id,
        account: caller.account.id.clone(),
        user_id,
        identity,
        product: wish.product,
        r#type: wish.r#type,
        expires_at,
        profile: encode(&wish.profile),
        state: SubscriberState::Active,
        created_at: now,
        last_seen_at: None,
    };
    let mut writer = shared.people.store.write().await;
    if let Some(key) = &key
        && let Some(answer) = key.first(&mut writer, caller, now).await?
    {
        return repeated(caller, call, answer, wish.password);
    }
    let user = UserKey::of(&one.identity);
    if shared.switch(|switch, _| switch.accounts().find(&user).is_some())? {
        return Err(taken());
    }
    let mut db = writer.begin().await?;
    if !orders::take_piece(&mut db, &caller.account.id, &one.product).await? {
        let stock = orders::stock(&mut db, &caller.account.id, &one.product).await?;
        return Err(no_piece(&one.product, stock));
    }
    if !subscribers::add(&mut db, &one, &password_hash).await? {
        return Err(taken());
    }
    note(&mut db, caller, call, ("subscriber-create", &one.identity), now).await?;
    let told = words::Subscriber { connection: Some(call.connection.clone()), ..told(&one) };
    let location = Some(format!("{BASE}/subscriber/{}", one.id));
    let answer = Answer { status: StatusCode::CREATED, location, body: encode(&told) };
    if let Some(key) = &key {
        key.keep(&mut db, caller, &answer, now).await?;
    }
    db.commit().await?;
    // While the writer is held, so that it cannot be deleted before it is known.
    shared.enter(&one)?;
    drop(writer);
    if one.expires_at.is_some() {
        shared.expiry.notify_one();
    }
    Ok(Answer { body: encode(&words::Subscriber { password: Some(password), ..told }), ..answer })
}

/// The first answer once more, with the password that it had: the client's own, or one that follows from the key.
fn repeated(caller: &Caller, call: &Call, first: Answer, given: Option<String>) -> Result<Answer, Refusal> {
    let mut body: serde_json::Value = serde_json::from_str(&first.body).map_err(|_| Refusal::failed())?;
    let id = body.get("subscriberId").and_then(serde_json::Value::as_str).unwrap_or_default();
    let key = call.idempotency_key.as_deref().unwrap_or_default();
    let password = given.unwrap_or_else(|| derived(&caller.account.seed, key, id));
    if let Some(members) = body.as_object_mut() {
        members.insert("password".into(), password.into());
    }
    Ok(Answer { body: encode(&body), ..first })
}

/// A password that can be told once more to whoever has the key, and that nothing in the store tells: the key is kept as a hash.
fn derived(seed: &str, key: &str, id: &str) -> String {
    let mac = Hmac::<Sha256>::new_from_slice(seed.as_bytes());
    // Keys of any length are taken, so there always is one.
    let bytes = mac.map(|mac| mac.chain_update(key).chain_update("\n").chain_update(id).finalize().into_bytes());
    digits(bytes.unwrap_or_default().as_slice()).take(MADE).collect()
}

/// What is wrong with a wish; otherwise when the subscriber's time is over.
fn checked(wish: &SubscriberWish, now: Millis) -> Result<Option<Millis>, Refusal> {
    known_product(&wish.product)?;
    if let Some(id) = &wish.user_id {
        let plain = |c: char| c.is_ascii_alphanumeric() || "._-".contains(c);
        if id.is_empty() || id.len() > MAX_USER_ID || !id.chars().all(plain) {
            return Err(Refusal::field("userId", "1 to 64 of the characters a-z, 0-9, dot, underscore and hyphen"));
        }
    }
    password_fits(wish.password.as_deref())?;
    let Profile { first_name, last_name, email, display_name, custom_data } = &wish.profile;
    for (name, text) in
        [("firstName", first_name), ("lastName", last_name), ("email", email), ("displayName", display_name)]
    {
        let fits = |text: &String| text.chars().count() <= MAX_NAME && !text.chars().any(char::is_control);
        if !text.as_ref().is_none_or(fits) {
            return Err(Refusal::field(name, "at most 128 characters long, without control characters"));
        }
    }
    if custom_data.as_ref().is_some_and(|data| encode(data).len() > MAX_CUSTOM) {
        return Err(Refusal::field("customData", "an object of at most 4 KiB as JSON"));
    }
    let Some(text) = &wish.expires_at else { return Ok(None) };
    if wish.r#type != SubscriberType::Temporary {
        return Err(Refusal::field("expiresAt", "left out, because the type is not temporary"));
    }
    let at = calendar::read(text).filter(|at| (now..now.saturating_add(MAX_LIFE)).contains(at));
    at.map(Some).ok_or_else(|| Refusal::field("expiresAt", "a time of RFC 3339 to come, within ten years"))
}

fn password_fits(password: Option<&str>) -> Result<(), Refusal> {
    let fits = |text: &str| PASSWORD.contains(&text.chars().count()) && !text.chars().any(char::is_control);
    if password.is_none_or(fits) {
        return Ok(());
    }
    Err(Refusal::field("password", "8 to 128 characters long, without control characters"))
}

/// `GET /subscriber`
pub(super) async fn list(shared: &Provisioning, caller: &Caller, call: &Call) -> Result<Answer, Refusal> {
    let place = Paging::of(call)?;
    let mut filter = Filter { user_id: call.parameter("userId").map(|id| id.to_lowercase()), ..Filter::default() };
    if let Some(word) = call.parameter("type") {
        let wanted = || Refusal::field("type", "persistent or temporary");
        filter.r#type = Some(SubscriberType::named(&word).ok_or_else(wanted)?);
    }
    if let Some(word) = call.parameter("state") {
        filter.state =
            Some(SubscriberState::named(&word).ok_or_else(|| Refusal::field("state", "active or deleting"))?);
    }
    let mut reader = shared.people.store.read().await?;
    let (found, all) = subscribers::page(&mut reader, &caller.account.id, &filter, place.skip(), place.size).await?;
    drop(reader);
    let subscribers = found.iter().map(|one| shared.seen(one)).collect::<Result<_, _>>()?;
    Ok(Answer::ok(&SubscriberPage { subscribers, place: place.told(all) }))
}

/// `GET /subscriber/{id}`
pub(super) async fn one(shared: &Provisioning, caller: &Caller, call: &Call, id: &str) -> Result<Answer, Refusal> {
    let one = find(shared, caller, Named::Id(id)).await?;
    Ok(Answer::ok(&words::Subscriber { connection: Some(call.connection.clone()), ..shared.seen(&one)? }))
}

/// `DELETE /subscriber/{id}`
pub(super) async fn delete(shared: &Provisioning, caller: &Caller, call: &Call, id: &str) -> Result<Answer, Refusal> {
    let one = find(shared, caller, Named::Id(id)).await?;
    let who = (caller.client.id.as_str(), call.peer.as_str(), call.id.as_str());
    Ok(Answer::ok(&shared.end(one, who).await?))
}

/// `DELETE /subscriber?userId=` or `?identity=`
pub(super) async fn delete_named(shared: &Provisioning, caller: &Caller, call: &Call) -> Result<Answer, Refusal> {
    let (user_id, identity) = (call.parameter("userId"), call.parameter("identity"));
    let (user_id, identity) = (user_id.map(|id| id.to_lowercase()), identity.map(|id| id.to_lowercase()));
    let key = match (&user_id, &identity) {
        (Some(id), None) => Named::UserId(id),
        (None, Some(identity)) => Named::Identity(identity),
        _ => {
            let message = "Say who: DELETE /subscriber/{subscriberId}, or one of userId and identity.";
            return Err(Refusal::new(Name::BadRequest, message));
        }
    };
    let one = find(shared, caller, key).await?;
    let who = (caller.client.id.as_str(), call.peer.as_str(), call.id.as_str());
    Ok(Answer::ok(&shared.end(one, who).await?))
}

/// `PUT /subscriber/{id}/password`
pub(super) async fn set_password(
    shared: &Provisioning,
    caller: &Caller,
    call: &Call,
    id: &str,
    body: &str,
) -> Result<Answer, Refusal> {
    let wish = decode::<PasswordWish>(body)?;
    password_fits(wish.password.as_deref())?;
    let one = find(shared, caller, Named::Id(id)).await?;
    let password = wish.password.unwrap_or_else(|| SystemSecrets::random().chars().take(MADE).collect());
    let hash = shared.hash(password.clone()).await?;
    let mut writer = shared.people.store.write().await;
    let mut db = writer.begin().await?;
    if !subscribers::set_password(&mut db, &one.id, &hash).await? {
        return Err(unknown());
    }
    note(&mut db, caller, call, ("subscriber-password", &one.identity), shared.now()).await?;
    db.commit().await?;
    shared.people.sign_in.forget(&UserKey::of(&one.identity));
    let sessions_ended = shared.switch(|switch, now| switch.log_out(now, &one.identity))?;
    let changed = PasswordChanged { subscriber_id: one.id, identity: one.identity, password, sessions_ended };
    Ok(Answer::ok(&changed))
}

async fn find(shared: &Provisioning, caller: &Caller, key: Named<'_>) -> Result<Subscriber, Refusal> {
    let mut reader = shared.people.store.read().await?;
    subscribers::find(&mut reader, &caller.account.id, key).await?.ok_or_else(unknown)
}

fn unknown() -> Refusal {
    Refusal::new(Name::SubscriberNotFound, "There is no such subscriber.")
}

fn no_piece(product: &str, stock: orders::Stock) -> Refusal {
    let message = format!("No {product} is available: order more, or delete a subscriber.");
    Refusal::new(Name::InsufficientProducts, message).with(format!("total {}, used {}", stock.total, stock.used))
}

fn taken() -> Refusal {
    Refusal::new(Name::SubscriberExists, "This userId is in use.").with("userId")
}

/// Adds everybody whom the store knows, and closes their domains, before a switch is made of them.
///
/// # Errors
/// When the store fails.
pub(crate) async fn enter_all(db: &mut Db, users: &mut Accounts) -> Result<(), StoreError> {
    for account in accounts::all(db).await? {
        users.close_domain(&account.domain);
    }
    for (one, other) in accounts::pairs(db).await? {
        users.open_pair(&one, &other);
    }
    for one in subscribers::all(db).await? {
        if one.state == SubscriberState::Active
            && let Err(error) = users.add(user(&one))
        {
            // The operator's own list has somebody of this name since.
            tracing::warn!(%error, user = one.identity, "a subscriber cannot log in");
        }
    }
    Ok(())
}

/// A subscriber as the switch knows them.
fn user(one: &Subscriber) -> User {
    let profile = profile_of(one);
    User {
        user: one.identity.clone(),
        password: None,
        display_name: profile.display_name,
        authname: None,
        first_name: profile.first_name,
        last_name: profile.last_name,
        email: profile.email,
        phone: None,
    }
}

impl Provisioning {
    /// Lets switch and directory know a subscriber.
    fn enter(&self, one: &Subscriber) -> Result<(), Refusal> {
        let user = user(one);
        self.switch(|switch, now| switch.add_account(now, user.clone()))?.map_err(|error| {
            tracing::error!(%error, user = one.identity, "a subscriber cannot log in");
            Refusal::failed()
        })?;
        self.directory().put(&user);
        Ok(())
    }

    /// A subscriber as the answer to GET tells them.
    fn seen(&self, one: &Subscriber) -> Result<words::Subscriber, Refusal> {
        let user = UserKey::of(&one.identity);
        let online = self.switch(|switch, _| switch.is_online(&user))?;
        let last_seen_at = if online { Some(self.now()) } else { one.last_seen_at }.map(calendar::text);
        Ok(words::Subscriber { online: Some(online), last_seen_at, ..told(one) })
    }
}

pub(super) fn told(one: &Subscriber) -> words::Subscriber {
    words::Subscriber {
        subscriber_id: one.id.clone(),
        user_id: one.user_id.clone(),
        identity: one.identity.clone(),
        password: None,
        product: one.product.clone(),
        r#type: one.r#type,
        expires_at: one.expires_at.map(calendar::text),
        profile: profile_of(one),
        state: one.state,
        created_at: calendar::text(one.created_at),
        online: None,
        last_seen_at: None,
        connection: None::<Where>,
    }
}

fn profile_of(one: &Subscriber) -> Profile {
    serde_json::from_str(&one.profile).unwrap_or_default()
}

#[cfg(test)]
mod tests {
    use super::*;

    fn wish(text: &str) -> Result<Option<Millis>, String> {
        let wish = decode::<SubscriberWish>(text).map_err(|refusal| refusal.info)?;
        checked(&wish, 0).map_err(|refusal| refusal.info)
    }

    #[test]
    fn wishes_are_checked() {
        let long = "x".repeat(129);
        let custom = format!(r#"{{"customData":{{"x":"{}"}}}}"#, "y".repeat(MAX_CUSTOM));
        let rows = [
            ("", Ok(None)),
            ("{}", Ok(None)),
            (r#"{"userId":"Anna-1.x_","unknown":1}"#, Ok(None)),
            (r#"{"type":"temporary","expiresAt":"1970-01-01T00:00:01Z"}"#, Ok(Some(1_000))),
            (r#"{"userId":""}"#, Err("userId")),
            (r#"{"userId":"an na"}"#, Err("userId")),
            (r#"{"userId":"änna"}"#, Err("userId")),
            (r#"{"password":"1234567"}"#, Err("password")),
            (r#"{"password":"12345678\n"}"#, Err("password")),
            (r#"{"product":"Kandy"}"#, Err("product")),
            (r#"{"type":"temporary","expiresAt":"1969-12-31T23:59:59Z"}"#, Err("expiresAt")),
            (r#"{"expiresAt":"2026-01-01T00:00:00Z"}"#, Err("expiresAt")),
            (&format!(r#"{{"firstName":"{long}"}}"#), Err("firstName")),
            (&custom, Err("customData")),
            ("[]", Err(".")),
            ("{", Err("")),
        ];
        for (text, wanted) in rows {
            assert_eq!(wish(text), wanted.map_err(str::to_owned), "{text}");
        }
        for (text, _) in [(r#"{"userId":7}"#, ()), (r#"{"customData":[]}"#, ()), (r#"{"type":"eternal"}"#, ())] {
            assert!(wish(text).is_err(), "{text}");
        }
    }

    #[test]
    fn a_made_password_follows_from_the_key_alone() {
        let one = derived("seed", "key", "id");
        assert_eq!(one.len(), MADE);
        assert_eq!(derived("seed", "key", "id"), one);
        for (seed, key, id) in [("Seed", "key", "id"), ("seed", "keY", "id"), ("seed", "key", "iD")] {
            assert_ne!(derived(seed, key, id), one);
        }
    }
}
