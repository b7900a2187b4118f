//! Addresses of warehouses: which open, and how the others are refused.

use domain::blobs::stream_of;

async fn refusal(url: &str) -> String {
    match blobs::open(url).await {
        Ok(_) => panic!("`{url}` must not open"),
        Err(error) => error.to_string(),
    }
}

#[tokio::test]
async fn a_file_address_opens_a_folder_and_makes_it() {
    let home = tempfile::tempdir().unwrap();
    let path = home.path().join("a/b/blobs");
    for url in [
        format!("file:{}", path.display()),
        format!("file://{}", path.display()),
    ] {
        let blobs = blobs::open(&url).await.unwrap();
        let kept = blobs.put(stream_of("abc".into()), 3).await.unwrap();
        assert!(path.join("ba").join(kept.key.as_str()).is_file());
    }
}

#[tokio::test]
async fn object_storage_is_refused_by_name_until_it_is_built_in() {
    assert_eq!(
        refusal("s3://bucket/prefix").await,
        "blob storage `s3://bucket/prefix` cannot be used: this build does not have S3 yet, use `file:PATH`"
    );
}

#[tokio::test]
async fn addresses_of_no_known_form_are_refused() {
    for url in [
        "",
        "file:",
        "/var/blobs",
        "ftp://host/x",
        "FILE",
        "file://host/path",
    ] {
        let text = refusal(url).await;
        assert_eq!(
            text,
            format!("blob storage `{url}` is not understood, use `file:PATH`")
        );
    }
}

#[tokio::test]
async fn a_path_that_is_no_folder_is_refused_with_its_name() {
    let home = tempfile::tempdir().unwrap();
    let path = home.path().join("file");
    std::fs::write(&path, "in the way").unwrap();
    let text = refusal(&format!("file:{}", path.display())).await;
    let beginning = format!("the blob folder `{}` cannot be used: ", path.display());
    assert!(text.starts_with(&beginning), "{text}");
}
