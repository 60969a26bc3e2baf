use thiserror::Error;

/// Why a stream cannot be decoded, or samples cannot be encoded.
#[derive(Clone, Debug, Error, PartialEq, Eq)]
#[non_exhaustive]
pub enum Error {
    /// The stream is damaged, or is none.
    #[error("FLAC stream, byte {at}: {problem}")]
    Damaged {
        /// Bytes from the begin of the stream to the frame, or the piece of metadata, in question.
        at: usize,
        /// What is wrong there.
        problem: Problem,
    },
    /// The stream has another number of samples than was said.
    #[error("FLAC stream of {found} samples where {expected} are expected")]
    Count {
        /// Samples that the stream has, or that it has at least.
        found: u64,
        /// Samples that it should have.
        expected: u64,
    },
    /// The stream has more samples than the caller takes.
    #[error("FLAC stream of more than {0} samples")]
    TooLong(usize),
    /// The samples have another checksum than the stream says.
    #[error("FLAC stream: the samples have another MD5 than the stream says")]
    Md5,
    /// A sample cannot be encoded.
    #[error("sample {index} is {value}, which {depth} bits do not hold")]
    Beyond {
        /// Which one.
        index: usize,
        /// Its value.
        value: i32,
        /// The bits of each sample.
        depth: u32,
    },
    /// No such depth.
    #[error("samples of {0} bits: FLAC has 4 to 32")]
    Depth(u32),
    /// No such level.
    #[error("FLAC level {0}: there are 0 to 8")]
    Level(u32),
}

/// What is wrong with a part of a stream.
#[derive(Clone, Copy, Debug, Error, PartialEq, Eq)]
#[non_exhaustive]
pub enum Problem {
    /// It does not begin as FLAC does.
    #[error("this is no FLAC stream")]
    Foreign,
    /// It ends too soon.
    #[error("the stream is cut")]
    Cut,
    /// The description of the stream, or a value in it, is not valid.
    #[error("the description of the stream is not valid")]
    Description,
    /// There is more than one channel.
    #[error("the stream has more than one channel")]
    Channels,
    /// No frame begins where one should.
    #[error("no frame begins here")]
    Sync,
    /// A value in the head of a frame is reserved or contradicts the stream.
    #[error("the head of a frame is not valid")]
    Head,
    /// The checksum of the head of a frame is wrong.
    #[error("the head of a frame has another checksum than it says")]
    HeadChecksum,
    /// The checksum of a frame is wrong.
    #[error("a frame has another checksum than it says")]
    Checksum,
    /// The kind of a subframe, or a value in it, is reserved or impossible.
    #[error("the content of a frame is not valid")]
    Content,
    /// A sample needs more bits than the stream says samples have.
    #[error("a sample needs more bits than samples have here")]
    Beyond,
}
