//! Golden pairs that are no fixtures of a dialect, because no dialect judges what they are about: where each is
//! proved instead.

use std::path::Path;

use super::markdown::{Page, code};

/// A test by its file, from the workspace on, and its name.
struct Proof {
    file: &'static str,
    test: &'static str,
}

/// A pair that is proved elsewhere.
struct Row {
    pair: &'static str,
    about: &'static str,
    proofs: &'static [Proof],
}

const fn proof(file: &'static str, test: &'static str) -> Proof {
    Proof { file, test }
}

/// Every such pair.
const ROWS: &[Row] = &[
    Row {
        pair: "L8",
        about: "no key, and tokens that are wrong, early or expired",
        proofs: &[proof(
            "crates/reelway/tests/it/keys.rs",
            "every_way_to_be_refused_has_the_code_that_kling_gives",
        )],
    },
    Row {
        pair: "L9",
        about: "more work than there are slots: it waits in line instead of being refused with 1303, as the page of \
                the native dialect says",
        proofs: &[proof(
            "crates/reelway/tests/it/native.rs",
            "more_work_than_there_are_slots_waits_in_line_and_is_not_refused_with_1303",
        )],
    },
    Row {
        pair: "L20",
        about: "what is left of an account, in units",
        proofs: &[
            proof(
                "crates/reelway/tests/it/bills.rs",
                "a_credit_is_counted_down_in_the_vendors_units_until_it_is_used_up",
            ),
            proof(
                "crates/reelway/tests/it/bills.rs",
                "the_balance_is_a_pack_of_units_and_bad_questions_are_refused_by_field",
            ),
        ],
    },
    Row {
        pair: "N11",
        about: "a good token opens nothing of the new standard",
        proofs: &[proof(
            "crates/reelway/tests/it/keys.rs",
            "a_good_token_opens_nothing_of_the_new_standard",
        )],
    },
    Row {
        pair: "N17",
        about: "signatures of callbacks: ours by the documented vectors and as a receiver verifies them, the \
                vendor's as we verify them, not older than five minutes",
        proofs: &[
            proof(
                "crates/reelway/src/webhooks.rs",
                "signatures_are_those_of_the_documented_vectors",
            ),
            proof(
                "crates/reelway/tests/it/deliver/sockets.rs",
                "kling_calls_back_in_its_own_words_signed_and_with_a_link_that_opens",
            ),
            proof(
                "crates/providers/src/kling/signing.rs",
                "a_signature_holds_for_its_body_its_secret_and_five_minutes",
            ),
            proof(
                "crates/reelway/tests/it/hints.rs",
                "a_callback_makes_the_next_look_earlier",
            ),
        ],
    },
];

/// Whether a pair is proved elsewhere.
pub(crate) fn is_proved(pair: &str) -> bool {
    ROWS.iter().any(|row| row.pair == pair)
}

/// The section of the index.
pub(super) fn write(page: &mut Page) {
    page.section("Golden pairs");
    page.text(
        "What every dialect takes and answers is checked by pairs of requests and answers, which lie as data in \
         `crates/dialects/fixtures`. Those that come from the vendors' contracts have numbers there: L of Kling's \
         native calls, N of its new standard, U of the unified shape, E of EZModel, P and Q of Pixazo. A few are \
         about what no dialect judges, and are proved elsewhere:",
    );
    let rows = ROWS.iter().map(|row| {
        let proofs = row
            .proofs
            .iter()
            .map(|proof| format!("{} in {}", code(proof.test), code(proof.file)));
        [
            row.pair.to_owned(),
            row.about.to_owned(),
            proofs.collect::<Vec<_>>().join("<br>"),
        ]
    });
    page.table(["pair", "about", "proved by"], &rows.collect::<Vec<_>>());
    page.text(
        "What new-api, the software behind many resellers, really answers on the unified paths is not imitated: there \
         the unified dialect goes by the documents, and who needs that software's envelope has it in the dialect of \
         EZModel, which runs it.",
    );
}

#[test]
fn every_pair_that_is_no_fixture_is_proved_by_a_test_that_is_there() {
    let root = Path::new(env!("CARGO_MANIFEST_DIR")).join("../..");
    for row in ROWS {
        assert!(!row.proofs.is_empty(), "{} is proved by nothing", row.pair);
        for Proof { file, test } in row.proofs {
            let text = std::fs::read_to_string(root.join(file)).unwrap_or_default();
            assert!(
                text.contains(&format!("fn {test}(")),
                "{file} has no test `{test}`"
            );
        }
    }
}
