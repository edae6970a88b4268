//! The tables against the program.

use std::{collections::BTreeMap, path::Path};

use kandy_switch::ROUTES;

use super::{document, schemas::Schemas};
use crate::{operator::api::Resource as OperatorResource, provisioning::Resource};

/// The variants of a kind of resource with their paths, of which the compiler knows that none is missing.
macro_rules! resources {
    ($kind:ty { $($pattern:pat => $one:expr, $path:literal;)* }) => {{
        fn path(resource: &$kind) -> &'static str {
            match resource {
                $($pattern => $path,)*
            }
        }
        [$($one),*].map(|resource| (path(&resource), resource.methods()))
    }};
}

/// Method and path of every row, and how often it is there.
fn rows() -> BTreeMap<(String, String), usize> {
    let mut rows = BTreeMap::new();
    for row in document::operations(&mut Schemas::new()) {
        *rows.entry((row.method.to_owned(), row.path)).or_default() += 1;
    }
    rows
}

/// What the program serves.
fn served() -> Vec<(String, String)> {
    let text = String::new;
    let provisioning = resources!(Resource {
        Resource::Orders => Resource::Orders, "/order";
        Resource::Order(_) => Resource::Order(text()), "/order/{orderNumber}";
        Resource::Inventory => Resource::Inventory, "/inventory";
        Resource::Subscribers => Resource::Subscribers, "/subscriber";
        Resource::Subscriber(_) => Resource::Subscriber(text()), "/subscriber/{subscriberId}";
        Resource::Password(_) => Resource::Password(text()), "/subscriber/{subscriberId}/password";
        Resource::Usage => Resource::Usage, "/usage";
    });
    let operator = resources!(OperatorResource<'_> {
        OperatorResource::Accounts => OperatorResource::Accounts, "/accounts";
        OperatorResource::Account(_) => OperatorResource::Account(""), "/accounts/{account}";
        OperatorResource::Clients(_) => OperatorResource::Clients(""), "/accounts/{account}/clients";
        OperatorResource::Orders(_) => OperatorResource::Orders(""), "/accounts/{account}/orders";
        OperatorResource::Approve(..) => OperatorResource::Approve("", ""), "/accounts/{account}/orders/{orderNumber}/approve";
        OperatorResource::Reject(..) => OperatorResource::Reject("", ""), "/accounts/{account}/orders/{orderNumber}/reject";
        OperatorResource::Client(_) => OperatorResource::Client(""), "/clients/{client}";
        OperatorResource::Pair(..) => OperatorResource::Pair("", ""), "/pairs/{one}/{other}";
    });
    let below = |base: &str, (path, methods): (&str, &'static str)| {
        let path = format!("{base}{path}");
        methods.split(", ").map(move |method| (method.to_owned(), path.clone())).collect::<Vec<_>>()
    };
    // Of push services one stands for all there.
    let routes =
        ROUTES.iter().map(|(method, path)| (method.to_string(), path.replace("/push/apple/", "/push/{provider}/")));
    let others = [
        ("POST", crate::provisioning::token::PATH),
        ("GET", crate::provisioning::BASE),
        ("GET", "/operator/v1/audit"),
        ("PUT", "/operator/v1/users/{user}/voicemail"),
        ("GET", "/notification/1.0/websocket/{channel}"),
        // One route with the conversation alone.
        ("GET", "/{version}/rm/delete/{thread}/{message}"),
        ("GET", super::PATH),
        ("GET", "/healthz"),
        ("GET", "/readyz"),
    ];
    routes
        .chain(provisioning.into_iter().flat_map(|row| below(crate::provisioning::BASE, row)))
        .chain(operator.into_iter().flat_map(|row| below("/operator/v1", row)))
        .chain(others.into_iter().map(|(method, path)| (method.to_owned(), path.to_owned())))
        .collect()
}

#[test]
fn everything_that_is_served_is_described_once() {
    let wanted: BTreeMap<_, usize> = served().into_iter().map(|row| (row, 1)).collect();
    assert_eq!(wanted.len(), served().len(), "no row is there twice");
    assert_eq!(rows(), wanted);
}

#[test]
fn schemas_have_one_meaning() {
    let mut schemas = Schemas::new();
    document::operations(&mut schemas);
    assert_eq!(schemas.ambiguous(), Vec::<String>::new());
}

#[test]
fn what_is_named_is_there() {
    fn references(value: &serde_json::Value, found: &mut Vec<String>) {
        match value {
            serde_json::Value::Object(members) => {
                found.extend(members.get("$ref").and_then(|to| to.as_str()).map(str::to_owned));
                members.values().for_each(|value| references(value, found));
            }
            serde_json::Value::Array(items) => items.iter().for_each(|item| references(item, found)),
            _ => {}
        }
    }
    let description: serde_json::Value = serde_json::from_str(&document::text()).unwrap();
    let mut found = Vec::new();
    references(&description, &mut found);
    assert!(found.len() > 100, "{}", found.len());
    for reference in found {
        assert!(description.pointer(reference.trim_start_matches('#')).is_some(), "{reference}");
    }
    let schemes = &description["components"]["securitySchemes"];
    let operations =
        description["paths"].as_object().unwrap().values().flat_map(|path| path.as_object().unwrap().values());
    let mut ids: Vec<&str> = Vec::new();
    for operation in operations {
        ids.push(operation["operationId"].as_str().unwrap());
        for credential in operation["security"].as_array().unwrap() {
            assert!(credential.as_object().unwrap().keys().all(|name| schemes.get(name).is_some()), "{credential}");
        }
        for parameter in operation["parameters"].as_array().unwrap() {
            assert_ne!(parameter["description"], "", "{parameter}");
        }
        let tag = &operation["tags"][0];
        assert!(description["tags"].as_array().unwrap().iter().any(|known| known["name"] == *tag), "{tag}");
    }
    let count = ids.len();
    ids.sort_unstable();
    ids.dedup();
    assert_eq!(ids.len(), count, "ids are unique");
}

/// `UPDATE=1` writes it anew.
#[test]
fn the_description_in_docs_is_that_which_is_served() {
    let file = Path::new(env!("CARGO_MANIFEST_DIR")).join("../../docs/openapi.json");
    if std::env::var_os("UPDATE").is_some() {
        std::fs::write(&file, document::text()).unwrap();
    }
    let kept = std::fs::read_to_string(&file).unwrap_or_default();
    assert!(kept == document::text(), "UPDATE=1 cargo test -p kandy-gateway openapi writes docs/openapi.json anew");
}
