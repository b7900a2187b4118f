//! The list of all dialects, and who answers at the root.

use domain::Dialect;

use super::elsewhere;
use super::markdown::{Page, code};

/// One rule of the root, told where everyone is served that it speaks of.
struct Rule {
    of: &'static [&'static str],
    text: &'static str,
}

/// The rules of the root, in their order.
const ROOT: &[Rule] = &[
    Rule {
        of: &[],
        text: "A key that was made for one dialect (`reelway keys create --dialect <name>`) is answered in that dialect \
               at every path that the dialect has.",
    },
    Rule {
        of: &["elk", "kling"],
        text: "`/kling/v1/videos/text2video` and `/kling/v1/videos/image2video`: a submit whose body has `model_name` is \
               native and is answered natively; any other is unified. A read is answered as its task was submitted; a \
               task that was submitted in neither of the two is answered unified. Who may not come in is answered \
               unified.",
    },
    Rule {
        of: &["ezmodel", "kling"],
        text: "`/kling/v1/videos/multi-image2video`: a submit whose body has `model` and no `model_name` is EZModel's, any \
               other is native. A read is answered in EZModel's envelope unless its task was submitted natively.",
    },
    Rule {
        of: &[],
        text: "Every other path belongs to the dialect that names it in the table above. Where nothing is served, the \
               dialect says so whose other paths begin in the same way.",
    },
    Rule {
        of: &[],
        text: "Keys are judged before bodies: without a good key nobody learns whether a body would do.",
    },
];

/// The page.
pub(super) fn render() -> String {
    let mut page = Page::new("Dialects");
    page.text(
        "A dialect is how a client speaks. Each is served under a mount of its own, where it answers alone: set a \
         client's base URL to the gateway's address with the mount behind it. Most have their vendor's paths at the \
         root too, for clients that let only the host be changed. One task has many faces: what was submitted in one \
         dialect can be read in every other by its owner.",
    );
    let rows = dialects::ALL.iter().map(|dialect| {
        let name = dialect.name();
        [
            format!("[{}]({name}.md)", dialect.guide().title),
            code(name),
            code(dialect.mount()),
            roots(*dialect),
        ]
    });
    page.table(
        ["dialect", "name", "mount", "at the root"],
        &rows.collect::<Vec<_>>(),
    );
    page.section("Who answers at the root");
    page.text("In this order:");
    let served = |name: &&str| dialects::ALL.iter().any(|dialect| dialect.name() == *name);
    let rules = ROOT.iter().filter(|rule| rule.of.iter().all(served));
    page.numbered(rules.map(|rule| rule.text));
    page.text(
        "Under a mount every path is answered in that mount's dialect, whatever the root does. What holds in every \
         dialect, such as idempotency keys, waiting and dry runs, is at the end of each page.",
    );
    elsewhere::write(&mut page);
    page.done()
}

/// The paths at the root, ids left out, each once.
fn roots(dialect: &dyn Dialect) -> String {
    let paths = dialect.routes().iter().flat_map(|route| route.roots);
    let mut roots: Vec<String> = Vec::new();
    for path in paths {
        let root = code(path.trim_end_matches("/{id}").trim_end_matches("/{model}"));
        if !roots.contains(&root) {
            roots.push(root);
        }
    }
    // A vendor's paths that are served behind a reseller's prefix too are named once.
    let all = roots.clone();
    let is_twin = |root: &String| {
        let plain = root.strip_prefix("`/kling/").map(|rest| format!("`/{rest}"));
        plain.is_some_and(|plain| all.contains(&plain))
    };
    roots.retain(|root| !is_twin(root));
    if roots.len() < all.len() {
        roots.push("those with `/v1/` also behind `/kling`".to_owned());
    }
    if roots.is_empty() {
        "–".to_owned()
    } else {
        roots.join("<br>")
    }
}
