use std::collections::BTreeMap;
use std::ffi::c_int;
use std::sync::{Arc, Mutex, MutexGuard, PoisonError};

use jobwise_core::{Error, Result, Wire};

use super::Memory;
use super::request::Request;
use crate::link::Link;
use crate::progress::Service;

pub(super) const REQUEST: c_int = 0;
pub(super) const ANSWER: c_int = 1;

/// The words of a group, on their owner, as the thread that serves sees them.
pub(super) struct Answers {
    /// Of the group, for nothing else.
    link: Mutex<Link>,
    /// By the order in which they were made.
    words: Mutex<BTreeMap<u64, Arc<Memory>>>,
}

impl Answers {
    pub(super) fn new(link: Link) -> Answers {
        Answers {
            link: Mutex::new(link),
            words: Mutex::default(),
        }
    }

    /// From now on these words can be asked for.
    pub(super) fn begin(&self, number: u64, words: Arc<Memory>) {
        self.words().insert(number, words);
    }

    /// Nobody asks for these words any more.
    pub(super) fn end(&self, number: u64) {
        self.words().remove(&number);
    }

    fn words(&self) -> MutexGuard<'_, BTreeMap<u64, Arc<Memory>>> {
        self.words.lock().unwrap_or_else(PoisonError::into_inner)
    }

    fn answer(&self, request: Request) -> Result<u64> {
        let words = self.words();
        let word = words
            .get(&request.words)
            .and_then(|memory| memory.words().get(request.at));
        let word = word
            .ok_or_else(|| Error::Malformed(format!("there is no such word as in {request:?}")))?;
        Ok(request.operation.on(word))
    }
}

impl Service for Answers {
    fn serve(&self) -> Result<bool> {
        let link = self.link.lock().unwrap_or_else(PoisonError::into_inner);
        let mut asked = false;
        while let Some((from, request)) = link.take(None, REQUEST)? {
            asked = true;
            let before = self.answer(Request::from_bytes(&request)?)?;
            link.send(from, ANSWER, before.to_bytes())?;
        }
        Ok(asked)
    }
}
