//! What says where a clip comes from: the mark in the copy that is asked for, and the words in every file.

use animatic::Wish;

use crate::media::{difference, frames, probe, rendered, small};

fn with_copy() -> Wish {
    Wish {
        marked_copy: true,
        sound: false,
        ..small()
    }
}

#[test]
fn the_clip_is_the_same_with_and_without_a_marked_copy() {
    let without = rendered(&Wish {
        marked_copy: false,
        ..with_copy()
    });
    let with = rendered(&with_copy());
    assert_eq!(without.bytes, with.bytes);
    assert!(without.marked.is_none());
    assert!(with.marked.is_some_and(|copy| copy != with.bytes));
}

#[test]
fn the_copy_bears_the_mark_in_its_upper_right_corner_and_nowhere_else() {
    let clip = rendered(&with_copy());
    let copy = frames(&clip.marked.expect("a copy was asked for"));
    let plain = frames(&clip.bytes);
    assert_eq!(copy.len(), plain.len());
    for (number, (copy, plain)) in copy.iter().zip(&plain).enumerate() {
        let part = |frame: &[u8], rows: std::ops::Range<usize>, columns: std::ops::Range<usize>| -> Vec<u8> {
            rows.flat_map(|row| frame[row * 320..][columns.clone()].to_vec())
                .collect()
        };
        let corner = difference(&part(copy, 2..16, 270..318), &part(plain, 2..16, 270..318));
        let rest = difference(&part(copy, 30..180, 0..320), &part(plain, 30..180, 0..320));
        assert!(corner > 2.0, "frame {number}: no mark, only {corner:.2} levels");
        assert!(rest < 1.5, "frame {number}: {rest:.2} levels away from the mark");
    }
}

#[test]
fn every_file_says_what_made_it_and_not_what_was_asked() {
    let clip = rendered(&with_copy());
    for file in [&clip.bytes, clip.marked.as_ref().expect("a copy was asked for")] {
        let found = probe(file);
        let tags = &found["format"]["tags"];
        let tool = tags["encoder"].as_str().expect("the tool is named");
        assert_eq!(tool, concat!("Reelway animatic ", env!("CARGO_PKG_VERSION")));
        for name in ["comment", "description"] {
            let text = tags[name].as_str().expect("the file says what it is");
            assert!(text.contains("storyboard preview"), "{name}: {text}");
        }
        assert!(!tags.to_string().contains("kitten"), "the prompt is in the file");
    }
}
