//! Whether bytes are a whole MP4 file: a walk over its outermost boxes. Nothing is decoded.

use anyhow::{bail, ensure};

/// Boxes that a playable file has.
const NEEDED: [&[u8; 4]; 3] = [b"ftyp", b"moov", b"mdat"];
/// Size and name of a box.
const HEAD_BYTES: usize = 8;

/// Checks that the boxes begin with `ftyp`, fill the file exactly and hold an index and media.
///
/// # Errors
/// What is wrong.
pub(crate) fn check(bytes: &[u8]) -> anyhow::Result<()> {
    let mut found = Vec::new();
    let mut rest = bytes;
    while !rest.is_empty() {
        let Some((head, _)) = rest.split_at_checked(HEAD_BYTES) else {
            bail!("{} bytes are left after the last box", rest.len());
        };
        let size = u32::from_be_bytes([head[0], head[1], head[2], head[3]]) as usize;
        let name = [head[4], head[5], head[6], head[7]];
        ensure!(
            (HEAD_BYTES..=rest.len()).contains(&size),
            "box `{}` says {size} bytes of {} that are left",
            name.escape_ascii(),
            rest.len()
        );
        found.push(name);
        rest = &rest[size..];
    }
    ensure!(
        found.first() == Some(NEEDED[0]),
        "it does not start with a box `ftyp`"
    );
    for needed in NEEDED {
        ensure!(
            found.contains(needed),
            "it has no box `{}`",
            needed.escape_ascii()
        );
    }
    Ok(())
}

#[cfg(test)]
mod tests {
    use super::check;

    fn boxes(names: &[&[u8; 4]]) -> Vec<u8> {
        let one = |name: &&[u8; 4]| [&12_u32.to_be_bytes()[..], &name[..], b"body"].concat();
        names.iter().flat_map(one).collect()
    }

    #[test]
    fn a_whole_file_passes() {
        assert!(check(&boxes(&[b"ftyp", b"moov", b"mdat"])).is_ok());
    }

    #[test]
    fn a_file_that_is_cut_grown_empty_or_something_else_is_found_out() {
        let whole = boxes(&[b"ftyp", b"moov", b"mdat"]);
        assert!(check(&whole[..whole.len() - 1]).is_err());
        assert!(check(&whole[..24]).is_err());
        assert!(check(&[&whole[..], b"tail"].concat()).is_err());
        assert!(check(&[]).is_err());
        assert!(check(b"<html>not found</html>").is_err());
        assert!(check(&boxes(&[b"moov", b"ftyp", b"mdat"])).is_err());
        assert!(check(&[&[0; 4][..], b"ftyp"].concat()).is_err());
    }
}
