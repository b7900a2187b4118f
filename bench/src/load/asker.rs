//! One connection of the load: a request that was written down once goes out, and of the answer only its status and
//! length are looked at. It takes little of the cores that it shares with whom it asks; `wire.rs` has what reads
//! answers.

use std::net::SocketAddr;

use anyhow::{Context as _, bail, ensure};
use bytes::{Bytes, BytesMut};
use http_body_util::BodyExt as _;
use tokio::io::{AsyncReadExt as _, AsyncWriteExt as _};
use tokio::net::TcpStream;

use crate::wire::{self, Call};

/// Most headers of an answer.
const HEADERS_MAX: usize = 32;
/// Longest head and body of an answer together.
const ANSWER_BYTES_MAX: usize = 64 * 1024;
/// What is kept ready for an answer.
const ANSWER_BYTES_USUAL: usize = 4 * 1024;
/// How much of a wrong answer is shown.
const EXCERPT_BYTES: usize = 400;

/// A request as its bytes.
#[derive(Debug, Clone)]
pub(super) struct Question(Bytes);

impl Question {
    /// Writes a call down.
    ///
    /// # Errors
    /// When its body cannot be read.
    pub(super) async fn of(call: Call) -> anyhow::Result<Question> {
        let (parts, body) = call.into_parts();
        let body = body.collect().await?.to_bytes();
        let mut text = format!("{} {} HTTP/1.1\r\n", parts.method, parts.uri).into_bytes();
        for (name, value) in &parts.headers {
            text.extend_from_slice(name.as_str().as_bytes());
            text.extend_from_slice(b": ");
            text.extend_from_slice(value.as_bytes());
            text.extend_from_slice(b"\r\n");
        }
        if !body.is_empty() {
            text.extend_from_slice(format!("content-length: {}\r\n", body.len()).as_bytes());
        }
        text.extend_from_slice(b"\r\n");
        text.extend_from_slice(&body);
        Ok(Question(text.into()))
    }
}

/// A keep-alive connection.
pub(super) struct Asker {
    stream: TcpStream,
    answer: BytesMut,
}

impl Asker {
    /// Connects.
    ///
    /// # Errors
    /// When nobody listens there.
    pub(super) async fn connect(address: SocketAddr) -> anyhow::Result<Asker> {
        Ok(Asker {
            stream: wire::connect(address).await?,
            answer: BytesMut::with_capacity(ANSWER_BYTES_USUAL),
        })
    }

    /// Asks, and reads the answer to its end. Any status other than 200 is an error: a rate of errors is no rate.
    ///
    /// # Errors
    /// When the connection breaks, or the answer is not 200, is too long or does not tell its length.
    pub(super) async fn ask(&mut self, question: &Question) -> anyhow::Result<()> {
        self.stream.write_all(&question.0).await?;
        let length = loop {
            if let Some(length) = answered(&self.answer)? {
                break length;
            }
            ensure!(
                self.answer.len() < ANSWER_BYTES_MAX,
                "an answer under load is too long"
            );
            let read = self.stream.read_buf(&mut self.answer).await?;
            ensure!(read > 0, "a connection ended under load");
        };
        ensure!(
            self.answer.len() == length,
            "an answer under load goes on after its end"
        );
        self.answer.clear();
        Ok(())
    }
}

/// The length of the answer that these bytes are; none while some of it is missing.
fn answered(bytes: &[u8]) -> anyhow::Result<Option<usize>> {
    if bytes.is_empty() {
        return Ok(None);
    }
    let mut headers = [httparse::EMPTY_HEADER; HEADERS_MAX];
    let mut answer = httparse::Response::new(&mut headers);
    let parsed = answer.parse(bytes).context("an answer under load is no HTTP")?;
    let httparse::Status::Complete(head) = parsed else {
        return Ok(None);
    };
    if answer.code != Some(200) {
        let start = &bytes[..bytes.len().min(EXCERPT_BYTES)];
        bail!("an answer under load is {}", String::from_utf8_lossy(start));
    }
    let mut lengths = answer
        .headers
        .iter()
        .filter(|header| header.name.eq_ignore_ascii_case("content-length"));
    let length = lengths
        .next()
        .context("an answer under load does not tell its length")?;
    let length: usize = std::str::from_utf8(length.value)?.parse()?;
    Ok((bytes.len() >= head + length).then_some(head + length))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn an_answer_has_ended_when_all_of_its_body_is_there() {
        let answer = b"HTTP/1.1 200 OK\r\nContent-Length: 5\r\nx: y\r\n\r\nhello";
        for length in 0..answer.len() {
            assert_eq!(answered(&answer[..length]).unwrap(), None, "{length}");
        }
        assert_eq!(answered(answer).unwrap(), Some(answer.len()));
    }

    #[test]
    fn an_answer_that_is_not_200_or_tells_no_length_is_an_error() {
        let refused = answered(b"HTTP/1.1 429 Too Many\r\ncontent-length: 0\r\n\r\n").unwrap_err();
        assert!(refused.to_string().contains("429"), "{refused}");
        let endless = answered(b"HTTP/1.1 200 OK\r\ntransfer-encoding: chunked\r\n\r\n").unwrap_err();
        assert!(endless.to_string().contains("length"), "{endless}");
        assert!(answered(b"SSH-2.0\r\n").is_err());
    }

    #[tokio::test]
    async fn a_question_is_written_as_http() {
        let address = "127.0.0.1:80".parse().unwrap();
        let call = wire::submit(address, &serde_json::json!({ "n": 1 }), "k", None);
        let question = Question::of(call).await.unwrap();
        let text = String::from_utf8(question.0.to_vec()).unwrap();
        assert_eq!(
            text,
            "POST /kling/v1/videos/text2video HTTP/1.1\r\nhost: 127.0.0.1:80\r\nauthorization: Bearer k\r\n\
             content-type: application/json\r\ncontent-length: 7\r\n\r\n{\"n\":1}"
        );
    }
}
