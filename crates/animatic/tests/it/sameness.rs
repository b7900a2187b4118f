//! Equal wishes give equal bytes, different ones different bytes.

use std::hash::{DefaultHasher, Hasher};

use animatic::Wish;

use crate::media::{rendered, run, small};

fn digest(bytes: &[u8]) -> String {
    let mut hasher = DefaultHasher::new();
    hasher.write(bytes);
    format!("digest {:016x} of {} bytes", hasher.finish(), bytes.len())
}

#[test]
fn the_same_wish_gives_the_same_bytes() {
    assert_eq!(rendered(&small()).bytes, rendered(&small()).bytes);
}

#[test]
#[ignore = "a part of the test below, which runs it in a process of its own"]
fn a_process_of_its_own_renders() {
    println!("{}", digest(&rendered(&small()).bytes));
}

#[test]
fn the_same_wish_gives_the_same_bytes_in_another_process() {
    let own = std::env::current_exe().expect("the path of the test binary");
    let part = [
        "--exact",
        "sameness::a_process_of_its_own_renders",
        "--ignored",
        "--nocapture",
    ];
    let output = run(own.to_str().expect("a plain path"), "none", &part);
    let said = String::from_utf8_lossy(&output.stdout);
    let expected = digest(&rendered(&small()).bytes);
    assert!(said.contains(&expected), "`{expected}` is not in `{said}`");
}

#[test]
fn the_same_wish_gives_the_same_bytes_on_many_threads_at_once() {
    let expected = rendered(&small()).bytes;
    let threads: Vec<_> = (0..4)
        .map(|_| std::thread::spawn(|| rendered(&small()).bytes))
        .collect();
    for thread in threads {
        assert_eq!(thread.join().expect("the thread renders"), expected);
    }
}

#[test]
fn another_seed_gives_other_bytes() {
    assert_ne!(
        rendered(&small()).bytes,
        rendered(&Wish { seed: 8, ..small() }).bytes
    );
}

#[test]
fn another_prompt_gives_other_bytes() {
    assert_ne!(
        rendered(&small()).bytes,
        rendered(&Wish {
            prompt: "a boat at sea".to_owned(),
            ..small()
        })
        .bytes
    );
}

#[test]
fn a_negative_prompt_strikes_words() {
    let wish = Wish {
        prompt: "a forest by the sea".to_owned(),
        ..small()
    };
    let struck = Wish {
        negative_prompt: Some("forest".to_owned()),
        ..wish.clone()
    };
    assert_ne!(rendered(&wish).bytes, rendered(&struck).bytes);
}
