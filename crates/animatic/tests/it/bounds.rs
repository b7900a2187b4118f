//! Wishes outside their bounds are refused by name, before anything is drawn.

use animatic::{MAX_PROMPT_BYTES, MAX_REFERENCES, RenderError, Watch, Wish, render};

use crate::media::small;

fn refused(field: &str, wish: &Wish) {
    let error = wish.check().expect_err("the wish is out of bounds");
    assert_eq!(error.field, field);
    assert!(
        error.to_string().contains(&format!("`{field}`")),
        "`{error}` does not name the field"
    );
    assert!(!error.allowed.is_empty());
    let rendered = render(wish, &mut |_| Watch::Continue);
    assert_eq!(
        rendered.expect_err("the render refuses too"),
        RenderError::Wish(error)
    );
}

#[test]
fn sides_out_of_bounds_are_refused() {
    for width in [0, 62, 321, 3842, u32::MAX] {
        refused("width", &Wish { width, ..small() });
    }
    for height in [0, 2, 181, 4000] {
        refused("height", &Wish { height, ..small() });
    }
    refused(
        "width",
        &Wish {
            width: 2162,
            height: 2200,
            ..small()
        },
    );
    refused(
        "height",
        &Wish {
            width: 3840,
            height: 2162,
            ..small()
        },
    );
}

#[test]
fn rates_and_lengths_out_of_bounds_are_refused() {
    for fps in [0, 61] {
        refused("fps", &Wish { fps, ..small() });
    }
    for duration_ms in [0, 499, 60_001, u32::MAX] {
        refused(
            "duration_ms",
            &Wish {
                duration_ms,
                ..small()
            },
        );
    }
}

#[test]
fn endless_prompts_are_refused() {
    let endless = "x".repeat(MAX_PROMPT_BYTES + 1);
    refused(
        "prompt",
        &Wish {
            prompt: endless.clone(),
            ..small()
        },
    );
    refused(
        "negative_prompt",
        &Wish {
            negative_prompt: Some(endless),
            ..small()
        },
    );
    assert!(
        Wish {
            prompt: "x".repeat(MAX_PROMPT_BYTES),
            ..small()
        }
        .check()
        .is_ok()
    );
}

#[test]
fn what_is_no_picture_is_refused() {
    let text = b"this is no picture".to_vec();
    refused(
        "first_frame",
        &Wish {
            first_frame: Some(text.clone()),
            ..small()
        },
    );
    refused(
        "last_frame",
        &Wish {
            last_frame: Some(text.clone()),
            ..small()
        },
    );
    refused(
        "references[0]",
        &Wish {
            references: vec![text],
            ..small()
        },
    );
    let gif = b"GIF89a\x01\x00\x01\x00\x00\x00\x00;".to_vec();
    refused(
        "first_frame",
        &Wish {
            first_frame: Some(gif),
            ..small()
        },
    );
}

#[test]
fn too_many_references_are_refused() {
    refused(
        "references",
        &Wish {
            references: vec![Vec::new(); MAX_REFERENCES + 1],
            ..small()
        },
    );
}

#[test]
fn the_largest_and_the_smallest_wishes_are_allowed() {
    let largest = Wish {
        width: 3840,
        height: 2160,
        fps: 60,
        duration_ms: 60_000,
        ..small()
    };
    assert_eq!(largest.check(), Ok(()));
    assert_eq!(largest.frames(), 3600);
    assert_eq!(
        Wish {
            width: 2160,
            height: 3840,
            ..small()
        }
        .check(),
        Ok(())
    );
    assert_eq!(
        Wish {
            width: 64,
            height: 64,
            fps: 1,
            duration_ms: 500,
            ..small()
        }
        .check(),
        Ok(())
    );
}
