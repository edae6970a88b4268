//! Address book, directory and own profile (§8).

use serde::{Deserialize, Serialize};

use crate::{Map, Value};

/// Body of `POST addressbook/contacts/` and `PUT addressbook/contacts/{id}` (§8.1).
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
#[cfg_attr(feature = "schema", derive(schemars::JsonSchema))]
#[serde(rename_all = "camelCase")]
pub struct AddressBookRequest {
    /// The wrapper's only member.
    pub address_book_request: Entries,
}

/// Contacts as the client wrote them.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
#[cfg_attr(feature = "schema", derive(schemars::JsonSchema))]
#[serde(rename_all = "camelCase")]
pub struct Entries {
    /// Members that nobody here knows are kept.
    pub address_book_entries: Vec<Map<String, Value>>,
}

/// The member of an entry by which it is found: the client's `contactId`.
pub const ENTRY_ID: &str = "nickname";

/// Answer to every request on the address book. `E` is a contact.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
#[cfg_attr(feature = "schema", derive(schemars::JsonSchema), schemars(rename = "AddressBookResponse"))]
#[serde(rename_all = "camelCase")]
pub struct AddressBookResponse<E> {
    /// The wrapper's only member.
    pub address_book_response: Book<E>,
}

/// What became of it, and the contacts that were asked for.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
#[cfg_attr(feature = "schema", derive(schemars::JsonSchema), schemars(rename = "AddressBook"))]
#[serde(rename_all = "camelCase")]
pub struct Book<E> {
    /// 0, or a code of §11.2.
    pub status_code: i64,
    /// Must not be empty where one contact was asked for.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub address_book_entries: Option<Vec<E>>,
}

/// Answer to `GET directory` (§8.2).
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
#[cfg_attr(feature = "schema", derive(schemars::JsonSchema))]
pub struct DirectoryResponse {
    /// The wrapper's only member.
    pub directory: Found,
}

/// Who was found.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
#[cfg_attr(feature = "schema", derive(schemars::JsonSchema))]
#[serde(rename_all = "camelCase")]
pub struct Found {
    /// 0, or a code of §11.2.
    pub status_code: i64,
    /// Absent where nobody was found: released clients stumble over an empty list.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub directory_items: Option<Vec<DirectoryItem>>,
}

/// Somebody in the directory.
#[derive(Debug, Clone, Default, PartialEq, Eq, Serialize, Deserialize)]
#[cfg_attr(feature = "schema", derive(schemars::JsonSchema))]
#[serde(rename_all = "camelCase")]
pub struct DirectoryItem {
    /// `user@domain`, the key of who was fetched.
    pub user_id: String,
    /// The same, the key of who was searched for.
    pub primary_contact: String,
    /// Given name.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub first_name: Option<String>,
    /// Family name.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub last_name: Option<String>,
    /// Mail address.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub email_address: Option<String>,
    /// Telephone number.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub work_phone: Option<String>,
}

/// Answer to `GET userProfileData` (§8.3).
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
#[cfg_attr(feature = "schema", derive(schemars::JsonSchema))]
#[serde(rename_all = "camelCase")]
pub struct UserProfileResponse {
    /// The wrapper's only member.
    pub user_profile_data: Profile,
}

/// Oneself.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
#[cfg_attr(feature = "schema", derive(schemars::JsonSchema))]
#[serde(rename_all = "camelCase")]
pub struct Profile {
    /// 0, or a code of §11.2.
    pub status_code: i64,
    /// Given name.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub first_name: Option<String>,
    /// Family name.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub last_name: Option<String>,
    /// Mail address.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub email_address: Option<String>,
}

/// Answer to `GET localization` (§8.3).
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
#[cfg_attr(feature = "schema", derive(schemars::JsonSchema))]
#[serde(rename_all = "camelCase")]
pub struct Localization {
    /// A language tag.
    pub accept_language: String,
}
