use std::collections::VecDeque;
use std::path::{Path, PathBuf};

use super::error::Error;
use super::frames::{Input, Tally};
use super::open::{check, open};
use super::options::Options;
use crate::frame::Frame;

/// The frames of inputs, one input after the other. It ends behind the first error.
#[derive(Debug)]
pub struct Files {
    names: VecDeque<PathBuf>,
    options: Options,
    current: Option<Input>,
    tally: Tally,
}

impl Files {
    /// Inputs by their names, which [`open`] understands. Each is opened when its turn comes, and
    /// all are checked at once.
    ///
    /// # Errors
    /// As [`check`], for the first name that cannot be opened.
    pub fn new(
        names: impl IntoIterator<Item = impl AsRef<Path>>,
        options: &Options,
    ) -> Result<Files, Error> {
        let names = names.into_iter().map(|name| name.as_ref().to_path_buf());
        let names: VecDeque<PathBuf> = names.collect();
        names.iter().try_for_each(check)?;
        Ok(Files {
            names,
            options: options.clone(),
            current: None,
            tally: Tally::default(),
        })
    }

    /// What was read so far, of all of them.
    pub fn tally(&self) -> Tally {
        let mut tally = self.tally;
        tally += self.current.as_ref().map(Input::tally).unwrap_or_default();
        tally
    }
}

impl Iterator for Files {
    type Item = Result<Frame, Error>;

    fn next(&mut self) -> Option<Result<Frame, Error>> {
        loop {
            if let Some(input) = &mut self.current {
                let next = input.next();
                if let Some(Err(_)) = next {
                    self.names.clear();
                }
                if next.is_some() {
                    return next;
                }
                self.tally = self.tally();
                self.current = None;
            }
            match open(self.names.pop_front()?, &self.options) {
                Ok(input) => self.current = Some(input),
                Err(error) => {
                    self.names.clear();
                    return Some(Err(error));
                }
            }
        }
    }
}
