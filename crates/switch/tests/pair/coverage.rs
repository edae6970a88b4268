//! Which rows of the API tables a test has covered. `npm test` joins these reports into `docs/api-coverage.md`; where the
//! environment has no `API_COVERAGE`, the name of a folder, nothing is written.

use std::{fs::OpenOptions, io::Write as _};

/// Tells that rows of `tests/api/rows.json` are covered. Belongs behind the assertions about them: a test that fails before
/// says nothing.
macro_rules! covers {
    ($($id:expr),+ $(,)?) => {{
        fn here() {}
        $crate::coverage::report(file!(), std::any::type_name_of_val(&here), &[$($id),+]);
    }};
}
pub(crate) use covers;

/// `place` is the path of a function inside of the test, which is how a test finds its own name.
pub(crate) fn report(file: &str, place: &str, ids: &[&str]) {
    let Ok(folder) = std::env::var("API_COVERAGE") else { return };
    std::fs::create_dir_all(&folder).unwrap();
    let name = place.trim_end_matches("::here").trim_end_matches("::{{closure}}").rsplit("::").next().unwrap();
    let lines: String = ids.iter().map(|id| format!("{id}\t{file}\t{name}\n")).collect();
    // Tests of one process run side by side: each writes its lines at once, at the end.
    let path = format!("{folder}/rust-{}.tsv", std::process::id());
    let mut out = OpenOptions::new().create(true).append(true).open(path).unwrap();
    out.write_all(lines.as_bytes()).unwrap();
}
