use std::ffi::c_int;

use jobwise_core::{Backoff, Channel, Error, Result};

use crate::link::Link;

/// The part of a message that one MPI call carries: counts are 32-bit.
const PART: usize = 1 << 30;

/// Messages of any length. The first part begins with the length of the whole; a message of one
/// part is the rule.
impl Link {
    pub(crate) fn send_message(&self, to: usize, channel: Channel, bytes: &[u8]) -> Result<()> {
        let (head, mut tail) = bytes.split_at(bytes.len().min(PART));
        let mut first = Vec::with_capacity(head.len() + 8);
        first.extend_from_slice(head);
        first.extend_from_slice(&(bytes.len() as u64).to_le_bytes());
        self.send(to, first_part(channel), first)?;
        while !tail.is_empty() {
            let (part, rest) = tail.split_at(tail.len().min(PART));
            self.send(to, further_parts(channel), part.to_vec())?;
            tail = rest;
        }
        Ok(())
    }

    pub(crate) fn send_owned(&self, to: usize, channel: Channel, mut bytes: Vec<u8>) -> Result<()> {
        if bytes.len() > PART {
            return self.send_message(to, channel, &bytes);
        }
        let length = bytes.len() as u64;
        bytes.extend_from_slice(&length.to_le_bytes());
        self.send(to, first_part(channel), bytes)
    }

    pub(crate) fn poll_message(
        &self,
        from: Option<usize>,
        channel: Channel,
    ) -> Result<Option<(usize, Vec<u8>)>> {
        let Some((sender, mut bytes)) = self.take(from, first_part(channel))? else {
            return Ok(None);
        };
        let short = || Error::Malformed(format!("rank {sender} sent a message without a length"));
        let (_, length) = bytes.split_last_chunk().ok_or_else(short)?;
        let length = u64::from_le_bytes(*length) as usize;
        bytes.truncate(bytes.len() - 8);
        // Further parts are on their way already: waiting for them is waiting for the network only.
        let mut backoff = Backoff::new();
        while bytes.len() < length {
            match self.take(Some(sender), further_parts(channel))? {
                Some((_, part)) => bytes.extend_from_slice(&part),
                None => backoff.snooze(),
            }
        }
        Ok(Some((sender, bytes)))
    }
}

fn first_part(channel: Channel) -> c_int {
    c_int::from(channel.number()) * 2
}

fn further_parts(channel: Channel) -> c_int {
    c_int::from(channel.number()) * 2 + 1
}
