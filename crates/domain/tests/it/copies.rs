//! Marked copies stand beside the results and are none.

use domain::Id;
use testkit::sample;

#[test]
fn a_marked_copy_is_no_result_and_is_found_by_its_own() {
    let mut course = sample::birth(Id(1)).task.course;
    course.artifacts = vec![
        sample::artifact(Id(2)),
        sample::artifact(Id(3)),
        sample::marked_copy(Id(4), 1),
    ];
    let results: Vec<_> = course.results().map(|(place, file)| (place, file.id.0)).collect();
    assert_eq!(results, [(0, Id(2)), (1, Id(3))]);
    assert_eq!(course.marked_copy(0), None);
    assert_eq!(
        course.marked_copy(1).map(|(place, file)| (place, file.id.0)),
        Some((2, Id(4)))
    );
}

#[test]
fn what_was_kept_before_there_were_copies_is_read_as_results() {
    let old = serde_json::json!({
        "id": "00000000000000000000000000000002", "kind": "video",
        "blob": "0707070707070707070707070707070707070707070707070707070707070707",
        "bytes": 1234, "content_type": "video/mp4", "facts": {},
    });
    let now = serde_json::to_value(sample::artifact(Id(2))).expect("it can be written");
    assert_eq!(now.get("marked_copy_of"), None);
    let mut old = old;
    old["id"] = now["id"].clone();
    old["blob"] = now["blob"].clone();
    let read: domain::Artifact = serde_json::from_value(old).expect("an old row can be read");
    assert_eq!(read.marked_copy_of, None);
}
