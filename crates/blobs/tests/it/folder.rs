//! The folder: the exam, and what lies on the disk before, during and after.

use std::fs::{self, Metadata};
use std::io;
use std::os::unix::fs::{MetadataExt, PermissionsExt};
use std::path::{Path, PathBuf};
use std::sync::Arc;
use std::task::Poll;

use blobs::{CHUNK_BYTES, Folder};
use bytes::Bytes;
use domain::blobs::{BlobError, stream_of};
use domain::{BlobKey, Blobs, ByteStream};
use futures_util::{StreamExt, poll, stream};
use tempfile::TempDir;

const ABC: &str = "ba7816bf8f01cfea414140de5dae2223b00361a396177a9cb410ff61f20015ad";

fn home() -> (TempDir, PathBuf, Folder) {
    let home = tempfile::tempdir().expect("a temporary folder is made");
    let root = home.path().join("blobs");
    let folder = Folder::open(&root).expect("a new folder opens");
    (home, root, folder)
}

/// Every file below a path, sorted.
fn files(path: &Path) -> Vec<PathBuf> {
    let mut found = Vec::new();
    for entry in fs::read_dir(path).expect("a folder is listed") {
        let path = entry.expect("a folder is listed").path();
        if path.is_dir() {
            found.extend(files(&path));
        } else {
            found.push(path);
        }
    }
    found.sort();
    found
}

fn facts(path: &Path) -> Metadata {
    fs::metadata(path).expect("the file is there")
}

fn mode(path: &Path) -> u32 {
    facts(path).permissions().mode() & 0o777
}

#[tokio::test]
async fn the_folder_passes_the_exam() {
    let (_home, root, folder) = home();
    testkit::conform::blobs::sit(Arc::new(folder)).await;
    assert_eq!(
        files(&root.join("tmp")),
        Vec::<PathBuf>::new(),
        "nothing is left half-written"
    );
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn two_processes_may_put_the_same_content_at_one_path() {
    let (_home, root, one) = home();
    let other = Folder::open(&root).unwrap();
    let putting = [one, other].map(|folder| {
        tokio::spawn(async move {
            for _ in 0..5 {
                let kept = folder
                    .put(in_pieces(&content(4_000_000)), u64::MAX)
                    .await
                    .unwrap();
                assert_eq!(kept.bytes, 4_000_000);
            }
        })
    });
    for put in putting {
        put.await.unwrap();
    }
    assert_eq!(files(&root).len(), 1, "one blob and nothing beside it");
}

#[tokio::test]
async fn a_blob_lies_under_the_first_two_digits_of_its_key() {
    let (_home, root, folder) = home();
    folder.put(stream_of("abc".into()), 3).await.unwrap();
    assert_eq!(files(&root), vec![root.join("ba").join(ABC)]);
    assert_eq!(fs::read(root.join("ba").join(ABC)).unwrap(), b"abc");
}

#[tokio::test]
async fn blobs_and_folders_are_for_their_owner_only() {
    let (_home, root, folder) = home();
    folder.put(stream_of("abc".into()), 3).await.unwrap();
    for path in [root.clone(), root.join("tmp"), root.join("ba")] {
        assert_eq!(mode(&path), 0o700, "{}", path.display());
    }
    assert_eq!(mode(&root.join("ba").join(ABC)), 0o600);
}

#[tokio::test]
async fn leftovers_of_a_crash_are_removed_at_open_and_blobs_stay() {
    let (_home, root, folder) = home();
    folder.put(stream_of("abc".into()), 3).await.unwrap();
    drop(folder);
    for name in ["1-0", "1-1", "whatever"] {
        fs::write(root.join("tmp").join(name), "half").unwrap();
    }
    let folder = Folder::open(&root).unwrap();
    assert_eq!(files(&root), vec![root.join("ba").join(ABC)]);
    assert!(folder.get(&BlobKey::new(ABC).unwrap(), None).await.is_ok());
}

#[tokio::test]
async fn an_open_beside_a_running_put_leaves_its_file_alone() {
    let (_home, root, folder) = home();
    let pieces = in_pieces(&content(1_000_000));
    let opening = root.clone();
    let beside = pieces.inspect(move |_| drop(Folder::open(&opening).unwrap()));
    let kept = folder.put(Box::pin(beside), u64::MAX).await.unwrap();
    assert_eq!(kept.bytes, 1_000_000);
    assert_eq!(files(&root).len(), 1);
}

#[tokio::test]
async fn no_key_shows_a_blob_before_its_last_byte_has_come() {
    let (_home, root, folder) = home();
    let mut pieces = in_pieces(&content(2_000_000));
    let watched = root.clone();
    let watching = stream::poll_fn(move |context| {
        let all = files(&watched);
        assert!(
            all.iter().all(|file| file.parent() == Some(&watched.join("tmp"))),
            "{all:?}"
        );
        let piece = pieces.poll_next_unpin(context);
        if let Poll::Ready(None) = piece {
            let written: u64 = all.iter().map(|file| facts(file).len()).sum();
            assert!(written > 1_000_000, "bytes go to the disk while they come");
        }
        piece
    });
    let kept = folder.put(Box::pin(watching), u64::MAX).await.unwrap();
    assert_eq!(
        files(&root),
        vec![root.join(&kept.key.as_str()[..2]).join(kept.key.as_str())]
    );
}

#[tokio::test]
async fn a_refused_or_broken_put_removes_its_file_before_it_answers() {
    let (_home, root, folder) = home();
    let refused = folder.put(in_pieces(&content(2_000_000)), 1_000_000).await;
    assert!(matches!(
        refused,
        Err(BlobError::TooLarge {
            limit_bytes: 1_000_000
        })
    ));
    assert_eq!(files(&root), Vec::<PathBuf>::new());
    let broken = in_pieces(&content(2_000_000)).chain(stream::iter([Err(io::Error::other("broke"))]));
    let failed = folder.put(Box::pin(broken), u64::MAX).await;
    assert!(matches!(failed, Err(BlobError::Io(_))));
    assert_eq!(files(&root), Vec::<PathBuf>::new());
}

#[test]
fn a_put_that_its_caller_gives_up_removes_its_file() {
    let (_home, root, folder) = home();
    let mut builder = tokio::runtime::Builder::new_current_thread();
    let runtime = builder.max_blocking_threads(1).build().unwrap();
    runtime.block_on(async {
        let unending = in_pieces(&content(1_000_000)).chain(stream::pending());
        let mut put = folder.put(Box::pin(unending), u64::MAX);
        while files(&root).iter().all(|file| facts(file).len() == 0) {
            assert!(poll!(&mut put).is_pending());
            next_turn().await;
        }
        drop(put);
        next_turn().await;
    });
    assert_eq!(files(&root), Vec::<PathBuf>::new());
}

/// Waits until the one thread for blocking work has done what was handed to it before.
async fn next_turn() {
    let turn = tokio::task::spawn_blocking(|| ());
    turn.await.expect("nothing cannot fail");
}

#[tokio::test]
async fn a_blob_that_is_there_is_kept_and_a_damaged_one_is_mended() {
    let (_home, root, folder) = home();
    let path = root.join("ba").join(ABC);
    folder.put(stream_of("abc".into()), 3).await.unwrap();
    let before = facts(&path).ino();
    folder.put(stream_of("abc".into()), 3).await.unwrap();
    assert_eq!(facts(&path).ino(), before, "the first file stays");
    fs::write(&path, "ab").unwrap();
    folder.put(stream_of("abc".into()), 3).await.unwrap();
    assert_eq!(fs::read(&path).unwrap(), b"abc");
    assert_eq!(files(&root), vec![path]);
}

#[tokio::test]
async fn a_blob_is_read_in_chunks_of_at_most_the_named_size() {
    let (_home, _root, folder) = home();
    let key = folder
        .put(in_pieces(&content(1_000_000)), u64::MAX)
        .await
        .unwrap()
        .key;
    let chunks = folder.get(&key, None).await.unwrap();
    let lengths: Vec<usize> = chunks.map(|chunk| chunk.unwrap().len()).collect().await;
    assert!(lengths.iter().all(|length| *length <= CHUNK_BYTES), "{lengths:?}");
    assert_eq!(lengths.iter().sum::<usize>(), 1_000_000);
}

#[tokio::test]
async fn a_reader_goes_on_after_its_blob_was_deleted() {
    let (_home, _root, folder) = home();
    let content = content(1_000_000);
    let key = folder.put(in_pieces(&content), u64::MAX).await.unwrap().key;
    let chunks = folder.get(&key, None).await.unwrap();
    folder.delete(&key).await.unwrap();
    let chunks: Vec<Bytes> = chunks.map(Result::unwrap).collect().await;
    assert_eq!(chunks.concat(), content);
}

fn content(length: usize) -> Bytes {
    (0..length).map(|at| at.to_le_bytes()[at % 3] ^ 0x55).collect()
}

fn in_pieces(content: &Bytes) -> ByteStream {
    let pieces = content.chunks(9_999).map(|piece| Ok(content.slice_ref(piece)));
    Box::pin(stream::iter(pieces.collect::<Vec<_>>()))
}
