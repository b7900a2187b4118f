//! What holds in every dialect, written once.

use super::markdown::Page;

/// The section of every page.
pub(super) fn write(page: &mut Page) {
    page.section("In every dialect");
    page.text("The gateway adds these to every vendor's shapes. None of them changes a body's shape, but the dry run.");
    let row = |name: &str, meaning: &str| [format!("`{name}`"), meaning.to_owned()];
    page.table(
        ["in a request", "does"],
        &[
            row(
                "Idempotency-Key: <text>",
                "on a submit: a repeat with the same key and body is answered as the first was, with \
                 `idempotency-replayed: true`, and makes no second task; with another body it is refused",
            ),
            row(
                "Prefer: wait=<seconds>",
                "on a submit: the answer waits until the task is final, at most 300 seconds (more is cut), and is then that of a \
                 read; where the time is up before, it is that of a submit",
            ),
            row(
                "?wait=<seconds>",
                "on the read of a task: the answer waits until the status changes, at most 300 seconds; more is refused",
            ),
            row(
                "If-None-Match: <etag>",
                "on the read of a task: answered 304 without a body as long as nothing changed",
            ),
            row(
                "reelway-dry-run: true",
                "on a submit: the wish is checked and priced, and nothing is made; answered with the quote of \
                 [our own API](reelway.md)",
            ),
            row(
                "reelway-preview: true",
                "on a submit: the embedded renderer makes a storyboard, whatever could make the clip",
            ),
        ],
    );
    page.table(
        ["in an answer", "says"],
        &[
            row("reelway-task-id", "the task's id, in our own spelling"),
            row(
                "reelway-cost",
                "in dollars: what is held for the task, or what it cost once it is charged",
            ),
            row(
                "reelway-ignored-fields",
                "the paths of the body's fields that have no effect, misspelled ones too",
            ),
            row("etag", "names what a read showed"),
            row("preference-applied", "how long a submit was ready to wait"),
            row(
                "x-should-retry: false",
                "sending the same again may do it twice, or cannot help",
            ),
            row("retry-after", "when to come back, in seconds"),
        ],
    );
    page.bullets([
        "Numbers are taken where strings are documented, and the reverse: `5` and `\"5\"`. A field that is `null` \
         counts as absent. Fields that nobody knows are ignored, as vendors do, and reported.",
        "Values out of range are refused before anything is made or paid for, in the dialect's own shape, with the \
         field and what would be taken.",
        "A key is taken from `Authorization: Bearer <key>`, `Ocp-Apim-Subscription-Key: <key>` or `x-api-key: <key>`, \
         whatever the dialect.",
        "No key, no answer, also where a vendor's sample shows none; another's task is answered like one that \
         never was.",
        "Ids are the gateway's own, and every dialect takes every spelling of them. A task that was submitted in one \
         dialect can be read in every other by its owner.",
        "There is no limit on tasks at once: work that finds no free slot waits in line.",
    ]);
}
