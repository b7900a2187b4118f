//! The address guard and the way out: no spelling, no name, no redirect and no environment leads the
//! house to an address that the operator did not open.

use std::collections::BTreeMap;
use std::io::Write as _;
use std::net::IpAddr;
use std::process::Command;
use std::sync::Arc;

use bytes::Bytes;
use domain::Transport as _;
use domain::transport::{OutReply, OutRequest, TransportError};
use futures_util::StreamExt as _;
use reelway::transport::Outside;
use reelway::transport::guard::{Refused, Rules, check_hop, check_url};
use reelway::transport::lookup::Lookup;
use serde::Deserialize;

use crate::site::{Act, Answers, Site, answer, endless, redirect};

/// Fewest spellings that the corpus must refuse, and fewest that it must take.
const REFUSED_MIN: usize = 300;
const TAKEN_MIN: usize = 40;
/// The time-out of requests that are meant to come through, and of those that are not.
const PATIENT_MS: u64 = 20_000;
const HASTY_MS: u64 = 300;
/// The largest body of every request here.
const LIMIT_BYTES: u64 = 10_000;

#[derive(Deserialize)]
struct Corpus {
    take: Vec<String>,
    by_resolution: Vec<String>,
    refuse: BTreeMap<String, Vec<String>>,
}

fn corpus() -> Corpus {
    toml::from_str(include_str!("../corpus/addresses.toml")).expect("the corpus is readable")
}

fn rules(hosts: &[String]) -> Rules {
    Rules::new(false, hosts).expect("hosts")
}

fn outside(hosts: &[String], answers: &Arc<Answers>) -> Outside {
    Outside::new(rules(hosts), Arc::clone(answers) as _).expect("a way out")
}

fn request(method: &str, url: &str, timeout_ms: u64) -> OutRequest {
    OutRequest {
        method: method.to_owned(),
        url: url.to_owned(),
        headers: vec![("authorization".to_owned(), "Bearer secret".to_owned())],
        body: Bytes::new(),
        timeout_ms,
        limit_bytes: LIMIT_BYTES,
    }
}

async fn get(outside: &Outside, url: &str) -> Result<OutReply, TransportError> {
    outside.send(request("GET", url, PATIENT_MS)).await
}

async fn refusal(outside: &Outside, url: &str) -> String {
    match get(outside, url).await {
        Err(TransportError::Refused(reason)) => reason,
        Err(error) => panic!("`{url}` was not refused: {error}"),
        Ok(reply) => panic!("`{url}` answered {}", reply.status),
    }
}

async fn body(reply: OutReply) -> std::io::Result<Vec<u8>> {
    let mut body = reply.body;
    let mut whole = Vec::new();
    while let Some(chunk) = body.next().await {
        whole.extend_from_slice(&chunk?);
    }
    Ok(whole)
}

#[test]
fn the_corpus_is_refused_and_taken_as_it_says() {
    let (corpus, rules) = (corpus(), Rules::default());
    let refused: Vec<&String> = corpus.refuse.values().flatten().collect();
    let wrong: Vec<_> = refused
        .iter()
        .filter(|text| check_url(text, &rules).is_ok())
        .collect();
    assert!(wrong.is_empty(), "taken: {wrong:?}");
    let taken = corpus.take.iter().chain(&corpus.by_resolution);
    let wrong: Vec<_> = taken
        .filter_map(|text| Some((text, check_url(text, &rules).err()?)))
        .collect();
    assert!(wrong.is_empty(), "refused: {wrong:?}");
    assert!(refused.len() >= REFUSED_MIN, "{}", refused.len());
    assert!(corpus.take.len() >= TAKEN_MIN, "{}", corpus.take.len());
    // Past the capture of what passing tests print: how much was held against the guard is worth a line.
    let (inside, outside) = (refused.len(), corpus.take.len());
    drop(writeln!(
        std::io::stderr(),
        "address corpus: {inside} spellings refused, 0 through; {outside} taken"
    ));
}

#[test]
fn private_addresses_and_plain_http_are_taken_where_the_operator_says_so() {
    let hosts = ["10.0.0.7:9000", "[fd00::7]:80", "Media.lan", "nas.home.:443"].map(str::to_owned);
    let listed = rules(&hosts);
    for (text, good) in [
        ("http://10.0.0.7:9000/a.png", true),
        ("https://10.0.0.7:9000/a.png", true),
        ("http://167772167:9000/a.png", true),
        ("http://10.0.0.7:9001/a.png", false),
        ("http://10.0.0.7/a.png", false),
        ("http://10.0.0.8:9000/a.png", false),
        ("http://[fd00:0::7]/a.png", true),
        ("http://[fd00::7]:81/a.png", false),
        ("http://media.lan/a.png", true),
        ("https://media.lan:7777/a.png", true),
        ("http://a.media.lan/a.png", false),
        ("https://nas.home./", true),
        ("http://nas.home./", false),
        ("http://u@10.0.0.7:9000/a.png", false),
        ("ftp://10.0.0.7:9000/a.png", false),
    ] {
        assert_eq!(check_url(text, &listed).is_ok(), good, "{text}");
    }
    let all = Rules::new(true, &[]).expect("no hosts");
    assert!(check_url("http://127.0.0.1:9000/a.png", &all).is_ok());
    assert!(check_url("http://u@127.0.0.1:9000/a.png", &all).is_err());
    for entry in [
        "",
        "http://a.lan",
        "a.lan/x",
        "u@a.lan",
        "a.lan:99999",
        "::1",
        "a b",
    ] {
        assert_eq!(Rules::new(false, &[entry.to_owned()]), Err(entry.to_owned()));
    }
}

#[tokio::test]
async fn names_are_judged_by_every_address_that_they_lead_to() {
    let corpus = corpus();
    let public: IpAddr = "93.184.215.14".parse().expect("an address");
    for (answers, good) in [
        (&["93.184.215.14"][..], true),
        (&["127.0.0.1"], false),
        (&["93.184.215.14", "127.0.0.1"], false),
        (&["10.0.0.7", "93.184.215.14"], false),
        (&["93.184.215.14", "::1"], false),
        (&["::ffff:10.0.0.7"], false),
        (&["64:ff9b::a9fe:a9fe"], false),
        (&[], false),
    ] {
        let lookup = Lookup::judged(Answers::of(&[answers]));
        for url in &corpus.by_resolution {
            let target = check_url(url, &Rules::default()).expect("good by its spelling");
            let found = lookup.addresses(target.url.host_str().expect("a host")).await;
            assert_eq!(found.is_ok(), good, "{url} at {answers:?}");
        }
    }
    let rebinding = Answers::of(&[&["93.184.215.14"], &["127.0.0.1"]]);
    let lookup = Lookup::judged(Arc::clone(&rebinding) as _);
    let first = lookup.addresses("rebind.example.net").await.expect("public");
    assert_eq!((first, rebinding.asked()), (vec![public], 1));
    let second = lookup.addresses("rebind.example.net").await.expect_err("inside");
    assert!(second.downcast_ref::<Refused>().is_some());
}

#[tokio::test]
async fn nothing_is_sent_to_a_name_that_leads_inside() {
    let site = Site::start(|_| answer(200, "text/plain", b"secret")).await;
    for addresses in [&["127.0.0.1"][..], &["93.184.215.14", "127.0.0.1"]] {
        let outside = outside(&[], &Answers::of(&[addresses]));
        let url = format!("https://media.example.com:{}/a.png", site.address.port());
        let reason = refusal(&outside, &url).await;
        assert_eq!(reason, "it does not lead to the public network");
    }
    assert_eq!(site.heads().len(), 0);
}

#[tokio::test]
async fn the_connection_goes_to_the_address_that_was_checked() {
    let good = Site::at("127.0.0.2:0", |_| answer(200, "text/plain", b"good")).await;
    let port = good.address.port();
    let bad = Site::at(&format!("127.0.0.1:{port}"), |_| {
        answer(200, "text/plain", b"bad")
    })
    .await;
    let answers = Answers::of(&[&["127.0.0.2"], &["127.0.0.1"]]);
    let outside = outside(&[format!("rebind.example.net:{port}")], &answers);
    let reply = get(&outside, &format!("http://rebind.example.net:{port}/a")).await;
    assert_eq!(body(reply.expect("a reply")).await.expect("a body"), b"good");
    assert_eq!((answers.asked(), bad.heads().len()), (1, 0));
    let head = good.heads().concat().to_lowercase();
    assert!(
        head.contains(&format!("host: rebind.example.net:{port}")),
        "{head}"
    );
}

#[tokio::test]
async fn tls_names_the_host_and_a_broken_handshake_sent_nothing() {
    let site = Site::start(|_| Act::Say(b"no TLS here".to_vec())).await;
    let host = format!("media.example.com:{}", site.address.port());
    let outside = outside(std::slice::from_ref(&host), &Answers::of(&[&["127.0.0.1"]]));
    let error = get(&outside, &format!("https://{host}/")).await.err();
    assert!(matches!(error, Some(TransportError::NotSent(_))), "{error:?}");
    assert!(site.heads().concat().contains("media.example.com"));
}

#[tokio::test]
async fn redirects_are_judged_hop_by_hop() {
    let inner = Site::start(|_| answer(200, "text/plain", b"secret")).await;
    let to = inner.url("/secret");
    let site = Site::start(move |path| match path {
        "/in" => redirect(&to),
        "/name" => redirect("https://localhost/"),
        "/scheme" => redirect("file:///etc/passwd"),
        "/loop" => redirect("/loop"),
        "/3" | "/2" | "/1" => redirect(&format!("/{}", path[1..].parse::<u8>().expect("a digit") - 1)),
        _ => answer(200, "text/plain", b"there"),
    })
    .await;
    let outside_answers = Answers::of(&[&[]]);
    let outside = outside(&[site.address.to_string()], &outside_answers);
    for path in ["/in", "/name", "/scheme"] {
        refusal(&outside, &site.url(path)).await;
    }
    assert_eq!(inner.heads().len(), 0);
    let before = site.heads().len();
    assert!(refusal(&outside, &site.url("/loop")).await.contains("`3`"));
    assert_eq!(site.heads().len() - before, 4);
    let reply = get(&outside, &site.url("/3")).await.expect("three hops");
    assert_eq!(body(reply).await.expect("a body"), b"there");
    let posted = outside.send(request("POST", &site.url("/in"), PATIENT_MS)).await;
    assert_eq!(posted.expect("the redirect itself").status, 302);
    assert_eq!((inner.heads().len(), outside_answers.asked()), (0, 0));
}

#[tokio::test]
async fn secrets_do_not_follow_a_redirect_to_another_host() {
    let second = Site::start(|_| answer(200, "text/plain", b"")).await;
    let to = second.url("/b");
    let first = Site::start(move |_| redirect(&to)).await;
    let hosts = [first.address.to_string(), second.address.to_string()];
    let outside = outside(&hosts, &Answers::of(&[&[]]));
    get(&outside, &first.url("/a")).await.expect("a reply");
    assert!(first.heads().concat().contains("Bearer secret"));
    assert_eq!(second.heads().len(), 1);
    assert!(!second.heads().concat().contains("Bearer secret"));
}

#[test]
fn a_redirect_from_https_down_to_http_is_refused() {
    let rules = rules(&["media.lan".to_owned()]);
    let from = check_url("https://media.lan/a", &rules).expect("opened");
    for location in [
        "http://media.lan/a",
        "http://media.lan:443/a",
        "ftp://media.lan/a",
    ] {
        assert!(check_hop(&from, location, &rules).is_err(), "{location}");
    }
    for location in [
        "https://u@media.lan/",
        "//127.0.0.1/",
        "\\\\127.0.0.1/",
        "https://10.0.0.7/",
        "//%31%32%37.1/",
    ] {
        assert!(check_hop(&from, location, &rules).is_err(), "{location}");
    }
    for location in ["/b", "b", "?c", "https://media.lan/b", "//media.example.com/"] {
        assert!(check_hop(&from, location, &rules).is_ok(), "{location}");
    }
}

#[tokio::test]
async fn time_and_length_of_a_reply_are_bounded() {
    let site = Site::start(|path| match path {
        "/silent" => Act::Hang(Vec::new()),
        "/half" => Act::Hang(b"HTTP/1.1 200 x\r\ncontent-length: 9\r\n\r\nhalf".to_vec()),
        "/cut" => Act::Say(b"HTTP/1.1 200 x\r\ncontent-length: 9\r\n\r\nhalf".to_vec()),
        "/gone" => Act::Say(Vec::new()),
        "/headers" => Act::Say(format!("HTTP/1.1 200 x\r\nx: {}\r\n\r\n", "y".repeat(70_000)).into_bytes()),
        "/endless" => endless(),
        "/exact" => answer(200, "text/plain", &[7; 10_000]),
        _ => answer(200, "text/plain", &[7; 10_001]),
    })
    .await;
    let outside = outside(&[site.address.to_string()], &Answers::of(&[&[]]));
    for path in ["/silent", "/gone", "/headers"] {
        let error = outside
            .send(request("GET", &site.url(path), HASTY_MS))
            .await
            .err();
        assert!(
            matches!(error, Some(TransportError::Ambiguous(_))),
            "{path}: {error:?}"
        );
    }
    for (path, timeout_ms, kind) in [
        ("/half", HASTY_MS, std::io::ErrorKind::TimedOut),
        ("/cut", PATIENT_MS, std::io::ErrorKind::UnexpectedEof),
        ("/endless", PATIENT_MS, std::io::ErrorKind::FileTooLarge),
        ("/over", PATIENT_MS, std::io::ErrorKind::FileTooLarge),
    ] {
        let reply = outside.send(request("GET", &site.url(path), timeout_ms)).await;
        let error = body(reply.expect("a head")).await.expect_err("a broken body");
        assert_eq!(error.kind(), kind, "{path}");
    }
    let reply = get(&outside, &site.url("/exact")).await.expect("a reply");
    assert_eq!(body(reply).await.expect("a body").len(), 10_000);
}

#[tokio::test]
async fn a_closed_port_was_not_sent_to() {
    let site = Site::start(|_| answer(200, "text/plain", b"")).await;
    let (address, url) = (site.address.to_string(), site.url("/"));
    let outside = outside(&[address], &Answers::of(&[&[]]));
    get(&outside, &url).await.expect("open at first");
    drop(site);
    tokio::task::yield_now().await;
    let error = get(&outside, &url).await.err();
    assert!(matches!(error, Some(TransportError::NotSent(_))), "{error:?}");
}

#[test]
fn proxies_of_the_environment_are_ignored() {
    let this = std::env::current_exe().expect("this binary");
    let mut child = Command::new(this);
    child.args([
        "--exact",
        "guard::the_connection_goes_to_the_address_that_was_checked",
    ]);
    for name in [
        "http_proxy",
        "https_proxy",
        "all_proxy",
        "HTTP_PROXY",
        "HTTPS_PROXY",
        "ALL_PROXY",
    ] {
        // Nobody listens at port 1: whoever asks the proxy fails.
        child.env(name, "http://127.0.0.1:1");
    }
    child.env_remove("no_proxy").env_remove("NO_PROXY");
    let output = child.output().expect("the test runs");
    let shown = String::from_utf8_lossy(&output.stdout);
    assert!(output.status.success() && shown.contains("1 passed"), "{shown}");
}
