//! The vendor's tags in prompts, such as `<<<image_1>>>`: taken out of what is drawn, and read for what they name.

/// A prompt without its tags.
pub(super) fn plain(prompt: &str) -> String {
    let mut out = String::with_capacity(prompt.len());
    for (text, _) in parts(prompt) {
        out.push_str(text);
    }
    if out.len() == prompt.len() {
        return out;
    }
    // A tag between two words leaves a space on either side.
    out.split_whitespace().collect::<Vec<_>>().join(" ")
}

/// The names in a prompt's tags, in its order: `image_1`.
pub(super) fn named(prompt: &str) -> Vec<&str> {
    parts(prompt).into_iter().filter_map(|(_, name)| name).collect()
}

/// Texts, each with the tag that follows it.
fn parts(prompt: &str) -> Vec<(&str, Option<&str>)> {
    let mut parts = Vec::new();
    let mut rest = prompt;
    while let Some((text, after)) = rest.split_once("<<<") {
        let Some((name, after)) = after.split_once(">>>") else {
            break;
        };
        parts.push((text, Some(name.trim())));
        rest = after;
    }
    parts.push((rest, None));
    parts
}

#[cfg(test)]
mod tests {
    use super::{named, plain};

    #[test]
    fn tags_are_taken_out_and_read() {
        let prompt = "<<<image_2>>> walks with <<<element_1>>> to the sea";
        assert_eq!(plain(prompt), "walks with to the sea");
        assert_eq!(named(prompt), ["image_2", "element_1"]);
        for prompt in ["no tag at  all", "a <<< b", "a >>> b <<<"] {
            assert_eq!(plain(prompt), prompt);
            assert!(named(prompt).is_empty());
        }
    }
}
