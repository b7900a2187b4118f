//! The exam over everyone in the list, and the order of the list.

#[test]
fn every_dialect_passes_the_exam() {
    for dialect in dialects::ALL {
        testkit::conform::dialect::sit(*dialect);
    }
}

#[test]
fn the_list_is_sorted_and_names_nobody_twice() {
    let names: Vec<&str> = dialects::ALL.iter().map(|dialect| dialect.name()).collect();
    assert!(names.is_sorted_by(|a, b| a < b), "{names:?}");
}
