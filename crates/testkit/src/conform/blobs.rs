//! The exam of the `Blobs` port. It asks by the trait alone, so that a folder and an object store sit
//! the same one; what only a folder can get wrong is asked beside the folder.

use std::io;
use std::ops::Range;
use std::sync::Arc;

use bytes::Bytes;
use domain::blobs::{BlobError, Kept, stream_of};
use domain::{BlobKey, Blobs, ByteStream};
use futures_util::future::join_all;
use futures_util::{StreamExt, stream};

/// Most bytes that any implementation may hand over in one chunk.
pub const MOST_CHUNK_BYTES: usize = 1024 * 1024;
/// A limit that no question but those about limits comes near.
const AMPLE_BYTES: u64 = 64 * 1024 * 1024;
/// Length of the large blob.
const LARGE_BYTES: usize = 8 * 1024 * 1024;
/// Length of the pieces in which the exam hands content over.
const PIECE_BYTES: usize = 10_007;
/// SHA-256 of nothing, by FIPS 180.
const HASH_OF_NOTHING: &str = "e3b0c44298fc1c149afbf4c8996fb92427ae41e4649b934ca495991b7852b855";
/// SHA-256 of `abc`, by FIPS 180.
const HASH_OF_ABC: &str = "ba7816bf8f01cfea414140de5dae2223b00361a396177a9cb410ff61f20015ad";

/// Asks every question. The warehouse may be full of other blobs; the exam's own are of no others' use.
///
/// # Panics
/// When an answer is wrong.
pub async fn sit(blobs: Arc<dyn Blobs>) {
    let blobs = blobs.as_ref();
    what_was_put_comes_back_whole(blobs).await;
    the_key_is_the_sha256_of_the_content(blobs).await;
    an_empty_blob_is_a_blob(blobs).await;
    a_range_is_end_exclusive_and_clipped(blobs).await;
    a_range_behind_the_last_byte_is_refused(blobs).await;
    the_limit_is_the_last_length_that_fits(blobs).await;
    a_failing_source_leaves_nothing(blobs).await;
    the_same_content_is_kept_once(blobs).await;
    puts_at_the_same_time_do_not_disturb_each_other(blobs).await;
    a_deleted_blob_is_absent_and_may_be_deleted_again(blobs).await;
    a_deleted_blob_may_be_put_again(blobs).await;
    an_unknown_key_is_absent(blobs).await;
    a_large_blob_comes_in_bounded_chunks(blobs).await;
    a_source_is_not_asked_after_its_end(blobs).await;
}

/// An unfolded stream panics when it is asked after its end, and providers hand such streams over.
async fn a_source_is_not_asked_after_its_end(blobs: &dyn Blobs) {
    let pieces = stream::unfold(0_u8, |n| async move {
        (n < 3).then(|| (Ok(Bytes::from(vec![n; PIECE_BYTES])), n + 1))
    });
    let kept = blobs
        .put(Box::pin(pieces), AMPLE_BYTES)
        .await
        .expect("a plain put");
    assert_eq!(kept.bytes, 3 * PIECE_BYTES as u64, "all pieces arrived");
}

async fn what_was_put_comes_back_whole(blobs: &dyn Blobs) {
    let content = content(1, 100_000);
    let kept = put(blobs, &content).await;
    assert_eq!(kept.bytes, 100_000, "put answers the length");
    assert_eq!(
        read(blobs, &kept.key, None).await,
        content,
        "get answers what was put"
    );
    let again = read(blobs, &kept.key, None).await;
    assert_eq!(again, content, "reading uses nothing up");
}

async fn the_key_is_the_sha256_of_the_content(blobs: &dyn Blobs) {
    let pieces = ["a", "", "bc"].map(|piece| Ok(Bytes::from_static(piece.as_bytes())));
    let kept = blobs.put(Box::pin(stream::iter(pieces)), AMPLE_BYTES).await;
    let kept = kept.expect("three bytes in three pieces are kept");
    assert_eq!(
        kept.key.as_str(),
        HASH_OF_ABC,
        "the pieces do not show in the key"
    );
    assert_eq!(kept.bytes, 3);
}

async fn an_empty_blob_is_a_blob(blobs: &dyn Blobs) {
    let pieceless: ByteStream = Box::pin(stream::empty());
    for source in [pieceless, stream_of(Bytes::new())] {
        let kept = blobs
            .put(source, 0)
            .await
            .expect("nothing fits into a limit of nothing");
        assert_eq!(kept.key.as_str(), HASH_OF_NOTHING);
        assert_eq!(kept.bytes, 0);
    }
    let key = BlobKey::new(HASH_OF_NOTHING).expect("the constant is a hash");
    assert_eq!(
        read(blobs, &key, None).await,
        Bytes::new(),
        "an empty blob is read as nothing"
    );
    for range in [0..0, 0..1, 3..9] {
        let answer = blobs.get(&key, Some(range.clone())).await.err();
        assert!(
            matches!(answer, Some(BlobError::OutOfRange)),
            "an empty blob has no byte for {range:?}"
        );
    }
}

async fn a_range_is_end_exclusive_and_clipped(blobs: &dyn Blobs) {
    let content = content(2, 200_000);
    let key = put(blobs, &content).await.key;
    let cases = [
        (0..1, 0..1),
        (0..200_000, 0..200_000),
        (0..70_000, 0..70_000),
        (65_535..65_537, 65_535..65_537),
        (99_999..150_001, 99_999..150_001),
        (199_999..200_000, 199_999..200_000),
        (199_999..200_001, 199_999..200_000),
        (150_000..u64::MAX, 150_000..200_000),
        (7..7, 7..7),
    ];
    for (asked, given) in cases {
        let answer = read(blobs, &key, Some(asked.clone())).await;
        let wanted = content.slice(index(given.start)..index(given.end));
        assert!(
            answer == wanted,
            "the range {asked:?} answers {} bytes",
            answer.len()
        );
    }
    let backwards = Range { start: 9, end: 3 };
    let answer = read(blobs, &key, Some(backwards)).await;
    assert_eq!(
        answer,
        Bytes::new(),
        "a range that ends before it starts holds nothing"
    );
}

async fn a_range_behind_the_last_byte_is_refused(blobs: &dyn Blobs) {
    let key = put(blobs, &content(3, 1_000)).await.key;
    for start in [1_000, 1_001, u64::MAX - 1] {
        let answer = blobs.get(&key, Some(start..u64::MAX)).await.err();
        assert!(
            matches!(answer, Some(BlobError::OutOfRange)),
            "a range from {start} in 1000 bytes"
        );
    }
}

async fn the_limit_is_the_last_length_that_fits(blobs: &dyn Blobs) {
    let content = content(4, 50_000);
    let kept = blobs.put(in_pieces(&content), 50_000).await;
    let key = kept.expect("exactly the limit fits").key;
    blobs.delete(&key).await.expect("a blob is deleted");
    for limit_bytes in [49_999, 1, 0] {
        let refused = blobs.put(in_pieces(&content), limit_bytes).await.err();
        let Some(BlobError::TooLarge { limit_bytes: named }) = refused else {
            panic!("50000 bytes do not fit into {limit_bytes}: {refused:?}");
        };
        assert_eq!(named, limit_bytes, "the refusal names the limit");
    }
    assert_absent(blobs, &key, "what was too large").await;

    let endless = stream::repeat_with(|| Ok(Bytes::from_static(&[1; 4_096])));
    let refused = blobs.put(Box::pin(endless), 1_000_000).await.err();
    assert!(
        matches!(refused, Some(BlobError::TooLarge { .. })),
        "a stream without an end is left at the limit"
    );
}

async fn a_failing_source_leaves_nothing(blobs: &dyn Blobs) {
    let content = content(5, 600_000);
    let mut keys = Vec::new();
    for length in [0, 1, 300_000, 600_000] {
        let part = content.slice(..length);
        let key = put(blobs, &part).await.key;
        blobs.delete(&key).await.expect("a blob is deleted");
        let broken = in_pieces(&part).chain(stream::iter([Err(io::Error::other("the source broke"))]));
        let failed = blobs.put(Box::pin(broken), AMPLE_BYTES).await.err();
        let Some(BlobError::Io(error)) = failed else {
            panic!("a source that breaks after {length} bytes fails the put: {failed:?}");
        };
        assert_eq!(
            error.to_string(),
            "the source broke",
            "the source's own words are kept"
        );
        keys.push(key);
    }
    for key in keys {
        assert_absent(blobs, &key, "what came before the source broke").await;
    }
}

async fn the_same_content_is_kept_once(blobs: &dyn Blobs) {
    let content = content(6, 30_000);
    let first = put(blobs, &content).await;
    let second = blobs.put(stream_of(content.clone()), AMPLE_BYTES).await;
    let second = second.expect("the same content again is no error");
    assert_eq!(
        first, second,
        "the same bytes have the same key, however they are cut"
    );
    assert_eq!(read(blobs, &first.key, None).await, content);
    blobs.delete(&first.key).await.expect("a blob is deleted");
    assert_absent(blobs, &first.key, "what was put twice and deleted once").await;
}

async fn puts_at_the_same_time_do_not_disturb_each_other(blobs: &dyn Blobs) {
    let same = content(7, 500_000);
    let others: Vec<Bytes> = (0..8).map(|n| content(100 + n, 90_000)).collect();
    let all: Vec<&Bytes> = others.iter().chain([&same; 8]).collect();
    let kept = join_all(all.iter().map(|content| put(blobs, content))).await;
    for (content, kept) in all.iter().zip(&kept) {
        assert_eq!(kept.bytes, content.len() as u64);
        assert!(
            read(blobs, &kept.key, None).await == **content,
            "each put keeps its own"
        );
    }
    let mut keys: Vec<&str> = kept.iter().map(|kept| kept.key.as_str()).collect();
    keys.sort_unstable();
    keys.dedup();
    assert_eq!(
        keys.len(),
        9,
        "eight different blobs and one that came eight times"
    );
}

async fn a_deleted_blob_is_absent_and_may_be_deleted_again(blobs: &dyn Blobs) {
    let key = put(blobs, &content(8, 5_000)).await.key;
    let neighbour = put(blobs, &content(9, 5_000)).await.key;
    blobs.delete(&key).await.expect("a blob is deleted");
    assert_absent(blobs, &key, "what was deleted").await;
    blobs
        .delete(&key)
        .await
        .expect("deleting what is gone is no error");
    assert_eq!(
        read(blobs, &neighbour, None).await,
        content(9, 5_000),
        "no other goes with it"
    );
}

async fn a_deleted_blob_may_be_put_again(blobs: &dyn Blobs) {
    let content = content(10, 5_000);
    let key = put(blobs, &content).await.key;
    blobs.delete(&key).await.expect("a blob is deleted");
    assert_eq!(put(blobs, &content).await.key, key);
    assert_eq!(read(blobs, &key, None).await, content);
}

async fn an_unknown_key_is_absent(blobs: &dyn Blobs) {
    let key = BlobKey::from_sha256([0x5a; 32]);
    assert_absent(blobs, &key, "what nobody put").await;
    let answer = blobs.get(&key, Some(0..10)).await.err();
    assert!(
        matches!(answer, Some(BlobError::Absent)),
        "absent, whatever the range"
    );
    blobs
        .delete(&key)
        .await
        .expect("deleting what nobody put is no error");
}

async fn a_large_blob_comes_in_bounded_chunks(blobs: &dyn Blobs) {
    let content = content(11, LARGE_BYTES);
    let key = put(blobs, &content).await.key;
    let mut chunks = blobs.get(&key, None).await.expect("a blob is there");
    let mut at = 0;
    while let Some(chunk) = chunks.next().await {
        let chunk = chunk.expect("a blob is read to its end");
        assert!(
            chunk.len() <= MOST_CHUNK_BYTES,
            "a chunk of {} bytes",
            chunk.len()
        );
        assert!(
            content.get(at..at + chunk.len()) == Some(&chunk[..]),
            "wrong bytes at {at}"
        );
        at += chunk.len();
    }
    assert_eq!(at, LARGE_BYTES, "a large blob is read to its end");
}

/// Bytes that look like nothing else: the same for the same seed, different for another.
fn content(seed: u64, length: usize) -> Bytes {
    let mut state = seed.wrapping_add(1).wrapping_mul(0x9e37_79b9_7f4a_7c15);
    let bytes = std::iter::repeat_with(|| {
        state ^= state << 13;
        state ^= state >> 7;
        state ^= state << 17;
        state.to_le_bytes()[3]
    });
    bytes.take(length).collect()
}

fn in_pieces(content: &Bytes) -> ByteStream {
    let pieces = content
        .chunks(PIECE_BYTES)
        .map(|piece| Ok(content.slice_ref(piece)));
    let pieces: Vec<io::Result<Bytes>> = pieces.collect();
    Box::pin(stream::iter(pieces))
}

async fn put(blobs: &dyn Blobs, content: &Bytes) -> Kept {
    let kept = blobs.put(in_pieces(content), AMPLE_BYTES).await;
    kept.expect("content within its limit is kept")
}

async fn read(blobs: &dyn Blobs, key: &BlobKey, range: Option<Range<u64>>) -> Bytes {
    let opened = blobs.get(key, range.clone()).await;
    let mut chunks = opened.unwrap_or_else(|error| panic!("the range {range:?} opens: {error}"));
    let mut all = Vec::new();
    while let Some(chunk) = chunks.next().await {
        all.extend_from_slice(&chunk.expect("a blob is read to its end"));
    }
    all.into()
}

async fn assert_absent(blobs: &dyn Blobs, key: &BlobKey, what: &str) {
    let answer = blobs.get(key, None).await.err();
    assert!(
        matches!(answer, Some(BlobError::Absent)),
        "{what} must be absent: {answer:?}"
    );
}

fn index(at: u64) -> usize {
    usize::try_from(at).expect("the exam's blobs fit into memory")
}
