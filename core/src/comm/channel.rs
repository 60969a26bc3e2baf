/// A stream of messages between ranks, apart from all others: messages of one channel are never
/// taken for those of another.
///
/// The engine and what stands on it have channels of their own; applications have
/// [`Channel::application`].
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash)]
pub struct Channel(u16);

impl Channel {
    /// Barrier, broadcast, gather and what else all ranks do together.
    pub const COLLECTIVE: Channel = Channel(0);
    /// "Stop: I failed or was cancelled."
    pub const INTERRUPT: Channel = Channel(1);
    /// Outputs on their way to the rank that writes them.
    pub const OUTPUT: Channel = Channel(2);
    /// How far that rank has come.
    pub const PERMIT: Channel = Channel(3);
    /// Items of a stream, on their way to the ranks that compute.
    pub const STREAM: Channel = Channel(4);
    /// How many items of a stream such a rank can take.
    pub const CREDIT: Channel = Channel(5);
    /// Parts of shared arrays on their way to other nodes.
    pub const ARRAY: Channel = Channel(6);
    /// Turns of a lock.
    pub const LOCK: Channel = Channel(7);

    const RESERVED: u16 = 16;

    /// Channel `number` of the application.
    pub const fn application(number: u8) -> Channel {
        Channel(Channel::RESERVED + number as u16)
    }

    /// A number below 272 of this channel alone, for transports.
    pub const fn number(self) -> u16 {
        self.0
    }
}
