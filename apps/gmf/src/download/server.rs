//! One request: time-outs, and errors in words.

use std::time::Duration;

use ureq::http::Response;
use ureq::{Agent, Body};

use crate::{Error, Result};

/// Asks servers.
pub(super) struct Server {
    agent: Agent,
}

/// Why an attempt failed.
#[derive(Debug)]
pub(super) enum Failed {
    /// It may go better next time.
    Passing(String),
    /// It will fail again.
    Lasting(Error),
}

impl From<Error> for Failed {
    fn from(error: Error) -> Failed {
        Failed::Lasting(error)
    }
}

impl Server {
    /// `patience`: how long a server may say nothing.
    pub(super) fn new(patience: Duration) -> Server {
        let config = Agent::config_builder()
            .http_status_as_error(false)
            .user_agent(concat!("jobwise-gmf/", env!("CARGO_PKG_VERSION")))
            .timeout_resolve(Some(patience))
            .timeout_connect(Some(patience))
            .timeout_recv_response(Some(patience))
            .timeout_per_read(Some(patience));
        Server {
            agent: Agent::new_with_config(config.build()),
        }
    }

    /// Asks with further headers; answers of all kinds but refusals and failures of the server.
    pub(super) fn get(
        &self,
        url: &str,
        headers: &[(&str, String)],
    ) -> Result<Response<Body>, Failed> {
        let mut request = self.agent.get(url);
        for (name, value) in headers {
            request = request.header(*name, value);
        }
        let response = request.call().map_err(|error| failed(url, &error))?;
        match response.status().as_u16() {
            200 | 206 | 416 => Ok(response),
            code @ (408 | 429 | 500..) => {
                Err(Failed::Passing(format!("{url}: the server answers {code}")))
            }
            code @ (401 | 403) => Err(wrong(
                url,
                format!(
                    "the server refuses ({code}); the archive is open to members' networks only"
                ),
            )),
            code => Err(wrong(
                url,
                format!("the server answers {code}: it has no such file"),
            )),
        }
    }

    /// A page as text.
    pub(super) fn page(&self, url: &str, at_most: u64) -> Result<String, Failed> {
        let mut response = self.get(url, &[])?;
        let body = response
            .body_mut()
            .with_config()
            .limit(at_most)
            .lossy_utf8(true);
        body.read_to_string().map_err(|error| failed(url, &error))
    }
}

fn wrong(url: &str, problem: impl std::fmt::Display) -> Failed {
    Failed::Lasting(Error::Request(format!("{url}: {problem}")))
}

/// Says what happened, and whether it is worth another attempt.
pub(super) fn failed(url: &str, error: &ureq::Error) -> Failed {
    match error {
        ureq::Error::Timeout(_) => Failed::Passing(format!("{url}: the server says nothing")),
        ureq::Error::HostNotFound => {
            Failed::Passing(format!("{url}: there is no such host, or no network"))
        }
        ureq::Error::Io(io) => {
            let cause = io
                .get_ref()
                .and_then(|inner| inner.source())
                .map(ToString::to_string);
            let text = cause.map_or(io.to_string(), |cause| format!("{io} ({cause})"));
            if text.contains("certificate") {
                certificate(url, &text)
            } else {
                Failed::Passing(format!("{url}: {text}"))
            }
        }
        ureq::Error::Rustls(_) | ureq::Error::Tls(_) | ureq::Error::Pem(_) => {
            certificate(url, &error.to_string())
        }
        ureq::Error::BodyExceedsLimit(_) => wrong(url, "the answer is far too long"),
        ureq::Error::BadUri(_) | ureq::Error::Http(_) => {
            wrong(url, format!("is no address ({error})"))
        }
        _ => Failed::Passing(format!("{url}: {error}")),
    }
}

fn certificate(url: &str, problem: &str) -> Failed {
    wrong(
        url,
        format!("the server cannot prove who it is ({problem}); is this machine's clock right?"),
    )
}
