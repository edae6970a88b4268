//! What operations share: the schemas of types, and answers. A type has two schemas: what is read may leave out what has a
//! default, what is written has it.

use schemars::{
    JsonSchema, SchemaGenerator,
    generate::{Contract, SchemaSettings},
};
use serde_json::{Map, Value, json};

/// Collects the schemas and answers that operations name.
pub(super) struct Schemas {
    read: SchemaGenerator,
    written: SchemaGenerator,
    answers: Map<String, Value>,
}

impl Schemas {
    pub(super) fn new() -> Self {
        let generator = |contract| {
            // The dialect of OpenAPI 3.1.
            let settings = SchemaSettings::draft2020_12().with(|settings| {
                settings.definitions_path = "/components/schemas".into();
                settings.contract = contract;
                settings.meta_schema = None;
            });
            settings.into_generator()
        };
        Self { read: generator(Contract::Deserialize), written: generator(Contract::Serialize), answers: Map::new() }
    }

    /// Of a type that the gateway reads.
    pub(super) fn read<T: JsonSchema>(&mut self) -> Value {
        self.read.subschema_for::<T>().to_value()
    }

    /// Of a type that the gateway writes.
    pub(super) fn written<T: JsonSchema>(&mut self) -> Value {
        self.written.subschema_for::<T>().to_value()
    }

    /// An answer that several operations have, under a name that no other one has.
    pub(super) fn answer(&mut self, name: String, answer: Value) -> Value {
        let reference = json!({"$ref": format!("#/components/responses/{name}")});
        self.answers.insert(name, answer);
        reference
    }

    /// All schemas and answers that were named, by their names.
    pub(super) fn all(mut self) -> (Map<String, Value>, Map<String, Value>) {
        let mut all = self.read.take_definitions(true);
        // A test shows that no name is in both with another meaning.
        all.extend(self.written.take_definitions(true));
        all.values_mut().for_each(plain);
        (all, self.answers)
    }

    /// The names of schemas that are not the same read and written.
    #[cfg(test)]
    pub(super) fn ambiguous(mut self) -> Vec<String> {
        let written = self.written.take_definitions(true);
        let read = self.read.take_definitions(true).into_iter();
        read.filter(|(name, schema)| written.get(name).is_some_and(|other| other != schema))
            .map(|(name, _)| name)
            .collect()
    }
}

/// Takes out of descriptions what only readers of the program understand: links to its parts, and sections of its sources.
fn plain(schema: &mut Value) {
    match schema {
        Value::Object(members) => {
            if let Some(Value::String(text)) = members.get_mut("description") {
                *text = readable(text);
            }
            members.values_mut().for_each(plain);
        }
        Value::Array(items) => items.iter_mut().for_each(plain),
        _ => {}
    }
}

fn readable(text: &str) -> String {
    let mut parts = text.split('(');
    let mut readable = parts.next().unwrap_or_default().to_owned();
    for part in parts {
        let inside = part.split_once(')');
        match inside.filter(|(inside, _)| inside.contains('§') || inside.contains("[`")) {
            Some((_, after)) => {
                readable.truncate(readable.trim_end().len());
                readable.push_str(after);
            }
            None => {
                readable.push('(');
                readable.push_str(part);
            }
        }
    }
    // Codes are those of the protocol's list.
    readable.replace("[`", "`").replace("`]", "`").replace(" of §11.2", " of the protocol")
}

#[cfg(test)]
mod tests {
    use super::readable;

    #[test]
    fn descriptions_are_for_readers_of_the_api() {
        let rows = [
            ("Life in seconds.", "Life in seconds."),
            ("Life; must be over 300 (§1.6).", "Life; must be over 300."),
            ("One (of two) for [`RESUME`] (provisioning §2.2)", "One (of two) for `RESUME`"),
            ("Only for those that resume ([`RESUME`]).", "Only for those that resume."),
            ("0, or a code of §11.2.", "0, or a code of the protocol."),
            ("An open one (", "An open one ("),
        ];
        for (text, wanted) in rows {
            assert_eq!(readable(text), wanted);
        }
    }
}
