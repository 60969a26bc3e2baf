//! How ranks of several nodes reach the words of rank 0.

use std::env;
use std::rc::Rc;

use jobwise_core::{Comm, Error, Result, SharedAtomics};

use crate::comm::MpiComm;
use crate::onesided::{Asking, NodeWords, OWNER, Reach, Window};

/// What rank 0 is told counts.
const WORDS: &str = "JOBWISE_WORDS";

impl MpiComm {
    /// Words of a group on several nodes. Collective.
    pub(crate) fn far_words(&self, count: usize) -> Result<Rc<dyn SharedAtomics>> {
        let group = &self.group;
        if let Some(Reach::OneSided) = group.reach.get() {
            // Frees what it can before it asks for more.
            self.everyone(true)?;
            let window = self.agree_to(Window::new(&group.link, count))?;
            return Ok(group.kept.keep(window));
        }
        if group.reach.get().is_none() && !self.told_to_send()? {
            match self.first_window(count)? {
                Ok(window) => {
                    group.reach.get_or_init(|| Reach::OneSided);
                    return Ok(group.kept.keep(window));
                }
                Err(why) if self.rank() == 0 => log::info!(
                    "MPI has no one-sided operations between these nodes ({why}): counters, locks \
                     and tasks go by messages"
                ),
                Err(_) => {}
            }
        }
        group.reach.get_or_init(|| Reach::Messages);
        self.asked_words(count)
    }

    /// The first window of a group, or why it has none; on every rank alike. Collective.
    fn first_window(&self, count: usize) -> Result<Result<Window, String>> {
        self.everyone(true)?;
        let window = Window::new(&self.group.link, count);
        let outcomes = self.everyone(window.as_ref().err().map(ToString::to_string))?;
        match (outcomes.into_iter().flatten().next(), window) {
            (None, Ok(window)) => Ok(Ok(window)),
            (None, Err(error)) => Err(error),
            (Some(why), window) => {
                // Freeing is collective, and others have none.
                std::mem::forget(window);
                Ok(Err(why))
            }
        }
    }

    /// Words for which other nodes ask. Collective.
    fn asked_words(&self, count: usize) -> Result<Rc<dyn SharedAtomics>> {
        let group = &self.group;
        let asking = if let Some(asking) = group.asking.get() {
            asking
        } else {
            let asking = self.agree_to(Asking::new(&group.link))?;
            group.asking.get_or_init(|| asking)
        };
        let near = self.nodes.of(self.rank()) == self.nodes.of(OWNER);
        let memory = self.memory(NodeWords::shape(if near { count } else { 0 }))?;
        let words = group.kept.keep(asking.next(count, near, memory));
        // Nobody asks for words that the owner has not made.
        self.everyone(true)?;
        Ok(words)
    }

    /// Whether words are to go by messages whatever MPI has. Collective.
    fn told_to_send(&self) -> Result<bool> {
        let comm: &dyn Comm = self;
        let mut told = match env::var_os(WORDS) {
            Some(value) if comm.rank() == 0 => value.to_string_lossy().into_owned().into_bytes(),
            _ => Vec::new(),
        };
        comm.broadcast(0, &mut told)?;
        match &*told {
            b"" => Ok(false),
            b"messages" => Ok(true),
            other => Err(Error::Program(
                format!(
                    "{WORDS}={}: set it to messages, or not at all",
                    String::from_utf8_lossy(other)
                )
                .into(),
            )),
        }
    }
}
