use crate::comm::{Message, Wire};
use crate::{Error, Result};

/// What a reader sends to a rank that computes.
pub(super) enum Parcel<I> {
    Entries(Vec<Entry<I>>),
    /// Nothing more, after so many entries to this rank; whether the feed has ended, and not only
    /// the run.
    End(u64, bool),
}

/// What a reader has for a rank that computes.
pub(super) enum Entry<I> {
    Item(usize, I),
    Notice(Vec<u8>),
}

/// The bytes of a [`Parcel::Entries`], one entry after the other.
pub(super) struct Packing {
    bytes: Vec<u8>,
    entries: usize,
}

/// A parcel of entries, before the entries: its kind and their number.
const HEAD: usize = 9;

impl Packing {
    pub(super) fn new() -> Packing {
        Packing {
            bytes: vec![0; HEAD],
            entries: 0,
        }
    }

    pub(super) fn len(&self) -> usize {
        self.entries
    }

    /// How many bytes there are.
    pub(super) fn size(&self) -> usize {
        self.bytes.len()
    }

    /// Adds an item, for a rank of the same node or of another one; returns its size in bytes.
    pub(super) fn item(&mut self, index: usize, item: &impl Wire, is_near: bool) -> usize {
        self.entry(0, |out| {
            index.put(out);
            if is_near {
                item.put_near(out);
            } else {
                item.put(out);
            }
        })
    }

    /// Adds a notice; returns its size in bytes.
    pub(super) fn notice(&mut self, notice: &[u8]) -> usize {
        self.entry(1, |out| {
            notice.len().put(out);
            out.extend_from_slice(notice);
        })
    }

    fn entry(&mut self, kind: u8, put: impl FnOnce(&mut Vec<u8>)) -> usize {
        let before = self.bytes.len();
        kind.put(&mut self.bytes);
        put(&mut self.bytes);
        self.entries += 1;
        self.bytes.len() - before
    }

    /// The parcel. What follows is the next one.
    pub(super) fn take(&mut self) -> Vec<u8> {
        let mut parcel = std::mem::replace(self, Packing::new());
        parcel.bytes[1..HEAD].copy_from_slice(&(parcel.entries as u64).to_le_bytes());
        parcel.bytes
    }
}

impl<I: Wire> Parcel<I> {
    pub(super) fn from_bytes(bytes: Vec<u8>) -> Result<Parcel<I>> {
        let mut message = Message::new(bytes);
        let input = &mut message;
        let parcel = match u8::take_message(input)? {
            0 => {
                let entries = u64::take_message(input)?;
                // What is not there is noticed at once.
                let entries = (0..entries).map(|_| Entry::take(input));
                Parcel::Entries(entries.collect::<Result<_>>()?)
            }
            1 => Parcel::End(u64::take_message(input)?, bool::take_message(input)?),
            other => return Err(Error::Malformed(format!("parcel {other}"))),
        };
        match message.as_ref().len() {
            0 => Ok(parcel),
            left => Err(Error::Malformed(format!("{left} bytes too many"))),
        }
    }

    /// The last message, after so many entries.
    pub(super) fn end(sent: u64, is_whole: bool) -> Vec<u8> {
        (1u8, sent, is_whole).to_bytes()
    }
}

impl<I: Wire> Entry<I> {
    fn take(input: &mut Message) -> Result<Entry<I>> {
        match u8::take_message(input)? {
            0 => Ok(Entry::Item(
                usize::take_message(input)?,
                I::take_message(input)?,
            )),
            1 => {
                let len = usize::take_message(input)?;
                let notice = input.split_to(len);
                let notice = notice.ok_or_else(|| Error::Malformed("a notice is cut".into()))?;
                Ok(Entry::Notice(notice.as_ref().to_vec()))
            }
            other => Err(Error::Malformed(format!("entry {other}"))),
        }
    }
}

/// What a rank that computes tells a reader: how many of its entries were taken up since, and how
/// many may now be on their way; `None` is the last one of a run.
pub(super) type Credit = Option<(usize, usize)>;
