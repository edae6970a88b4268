//! Clients of an account: projects that get tokens (provisioning §4.6).

use axum::http::StatusCode;
use sqlx::Connection;

use super::{
    api::{Asked, MAX_TEXT, named, no_account, note},
    words::{ClientList, ClientWish, ClientWords},
};
use crate::{
    provisioning::{
        call::{Answer, decode},
        refusal::{Name, Refusal},
    },
    secrets::SystemSecrets,
    store::provisioning::accounts::{self, Client},
};

pub(super) async fn clients(shared: &Asked, account: &str) -> Result<Answer, Refusal> {
    let mut reader = shared.people.store.read().await?;
    accounts::find(&mut reader, account).await?.ok_or_else(no_account)?;
    let clients = accounts::clients(&mut reader, account).await?;
    let clients = clients.into_iter().map(|client| client_words(client, None)).collect();
    Ok(Answer::ok(&ClientList { clients }))
}

pub(super) async fn add_client(shared: &Asked, account: &str, body: &str) -> Result<Answer, Refusal> {
    let wish = decode::<ClientWish>(body)?;
    let id = wish.client_id.clone().unwrap_or_else(|| uuid::Uuid::new_v4().to_string());
    named("clientId", &id)?;
    let secret = SystemSecrets::random();
    let secret_hash = shared.hash(secret.clone()).await?;
    let client = Client {
        account: account.to_owned(),
        secret_hash,
        name: id.clone(),
        email: String::new(),
        approved: true,
        entitled: true,
        id,
    };
    let client = changed_client(client, &wish)?;
    let mut writer = shared.people.store.write().await;
    let mut db = writer.begin().await?;
    accounts::find(&mut db, account).await?.ok_or_else(no_account)?;
    if !accounts::add_client(&mut db, &client).await? {
        return Err(Refusal::new(Name::AccountExists, "This clientId is in use."));
    }
    note(&mut db, shared, account, "client-create", &client.id).await?;
    db.commit().await?;
    Ok(Answer { status: StatusCode::CREATED, ..Answer::ok(&client_words(client, Some(secret))) })
}

pub(super) async fn change_client(shared: &Asked, id: &str, body: &str) -> Result<Answer, Refusal> {
    let wish = decode::<ClientWish>(body)?;
    if wish.client_id.is_some() {
        return Err(Refusal::new(Name::InvalidField, "clientId stays what it is."));
    }
    let secret = wish.new_secret.then(SystemSecrets::random);
    let secret_hash = match &secret {
        Some(secret) => Some(shared.hash(secret.clone()).await?),
        None => None,
    };
    let mut writer = shared.people.store.write().await;
    let mut db = writer.begin().await?;
    let unknown = || Refusal::new(Name::ClientNotFound, "There is no such client.");
    let client = accounts::find_client(&mut db, id).await?.ok_or_else(unknown)?;
    let mut client = changed_client(client, &wish)?;
    if let Some(hash) = secret_hash {
        client.secret_hash = hash;
        accounts::drop_tokens_of(&mut db, &client.id).await?;
    }
    accounts::change_client(&mut db, &client).await?;
    note(&mut db, shared, &client.account, "client-change", &client.id).await?;
    db.commit().await?;
    Ok(Answer::ok(&client_words(client, secret)))
}

fn changed_client(client: Client, wish: &ClientWish) -> Result<Client, Refusal> {
    for (name, text) in [("name", &wish.name), ("email", &wish.email)] {
        if text.as_ref().is_some_and(|text| text.chars().count() > MAX_TEXT || text.chars().any(char::is_control)) {
            return Err(Refusal::field(name, "at most 128 characters long, without control characters"));
        }
    }
    Ok(Client {
        name: wish.name.clone().unwrap_or(client.name),
        email: wish.email.clone().unwrap_or(client.email),
        approved: wish.approved.unwrap_or(client.approved),
        entitled: wish.entitled.unwrap_or(client.entitled),
        ..client
    })
}

fn client_words(client: Client, client_secret: Option<String>) -> ClientWords {
    ClientWords {
        client_id: client.id,
        account_id: client.account,
        name: client.name,
        email: client.email,
        approved: client.approved,
        entitled: client.entitled,
        client_secret,
    }
}
