//! The visible lists: every adapter of `dialects` and `providers` stands in its crate's `ALL`, in order.

use proc_macro2::{Delimiter, TokenStream, TokenTree};

use super::{File, assert_none, files};

/// The crates that keep an `ALL`, each with the files in its `src` that are shared by its adapters.
const LISTS: &[(&str, &[&str])] = &[
    (
        "dialects",
        &[
            "field_tables",
            "kling_fields",
            "kling_frames",
            "kling_given",
            "kling_media",
            "kling_models",
            "kling_options",
            "kling_resale",
            "kling_sizes",
        ],
    ),
    ("providers", &["base64_media", "json_call"]),
];

/// Modules directly in the crate's `src`, as files or folders, but for `lib` and the shared ones.
fn adapters(crate_name: &str, shared: &[&str], files: &[File]) -> Vec<String> {
    let source = format!("crates/{crate_name}/src/");
    let mut names: Vec<String> = files
        .iter()
        .filter_map(|file| file.path.strip_prefix(&source))
        .map(|rest| {
            rest.split('/')
                .next()
                .unwrap_or(rest)
                .trim_end_matches(".rs")
                .to_owned()
        })
        .filter(|name| name != "lib" && !shared.contains(&name.as_str()))
        .collect();
    names.sort();
    names.dedup();
    names
}

/// The modules named in `static ALL: … = &[&module::Adapter, …]`, in their order.
fn listed(lib: &str) -> Vec<String> {
    let tokens: Vec<TokenTree> = lib
        .parse::<TokenStream>()
        .expect("lib.rs is Rust")
        .into_iter()
        .collect();
    let declared = tokens.windows(2).position(|pair| {
        matches!(pair[0].to_string().as_str(), "static" | "const") && pair[1].to_string() == "ALL"
    });
    let value = tokens
        .iter()
        .skip(declared.unwrap_or(tokens.len()))
        .skip_while(|token| token.to_string() != "=");
    let list = value
        .take_while(|token| token.to_string() != ";")
        .find_map(|token| match token {
            TokenTree::Group(group) if group.delimiter() == Delimiter::Bracket => Some(group.stream()),
            _ => None,
        });
    let entries: Vec<String> = list
        .into_iter()
        .flatten()
        .map(|token| token.to_string())
        .collect();
    entries
        .windows(3)
        .filter(|three| three[0] == "&" && three[2] == ":")
        .map(|three| three[1].clone())
        .collect()
}

/// What is wrong between the adapters that exist and the list.
fn unlisted(crate_name: &str, adapters: &[String], listed: &[String]) -> Vec<String> {
    let missing = adapters
        .iter()
        .filter(|name| !listed.contains(name))
        .map(|name| format!("`{name}` is in crates/{crate_name}/src but not in `ALL`"));
    let disordered = (!listed.is_sorted()).then(|| format!("`ALL` of `{crate_name}` is not sorted"));
    missing.chain(disordered).collect()
}

fn names(names: &[&str]) -> Vec<String> {
    names.iter().map(|name| (*name).to_owned()).collect()
}

#[test]
fn every_adapter_stands_in_the_list_of_its_crate() {
    let files = files();
    for (crate_name, shared) in LISTS {
        let lib = format!("crates/{crate_name}/src/lib.rs");
        let lib = files
            .iter()
            .find(|file| file.path == lib)
            .expect("the crate has a lib.rs");
        assert_none(&unlisted(
            crate_name,
            &adapters(crate_name, shared, &files),
            &listed(&lib.text),
        ));
    }
}

#[test]
fn an_adapter_may_be_a_file_or_a_folder() {
    let files = [
        File::new("crates/dialects/src/lib.rs", ""),
        File::new("crates/dialects/src/elk.rs", ""),
        File::new("crates/dialects/src/kling/submit.rs", ""),
        File::new("crates/dialects/src/kling/status.rs", ""),
        File::new("crates/dialects/src/spelling.rs", ""),
        File::new("crates/dialects/fixtures/elk/submit.json", ""),
    ];
    assert_eq!(adapters("dialects", &["spelling"], &files), ["elk", "kling"]);
}

#[test]
fn the_list_is_read_from_the_code_and_not_from_comments() {
    let lib = "//! `ALL` names &draft::Draft.\n/// Sorted.\n\
               pub static ALL: &[&dyn Dialect] = &[&elk::Elk, /* &old::Old, */ &kling::Kling];\n\
               static OTHER: &[&dyn Dialect] = &[&later::Later];";
    assert_eq!(listed(lib), ["elk", "kling"]);
    assert_eq!(listed("//! Nothing yet."), names(&[]));
}

#[test]
fn an_adapter_that_is_not_listed_is_noticed() {
    let wrong = unlisted("providers", &names(&["animatic", "kling"]), &names(&["animatic"]));
    assert_eq!(wrong, ["`kling` is in crates/providers/src but not in `ALL`"]);
}

#[test]
fn a_list_out_of_order_is_noticed() {
    let both = names(&["kling", "elk"]);
    assert_eq!(
        unlisted("dialects", &both, &both),
        ["`ALL` of `dialects` is not sorted"]
    );
}
