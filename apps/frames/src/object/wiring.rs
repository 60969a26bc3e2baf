use super::decoder::Decoder;
use super::encoder::Encoder;
use super::layout::{Layout, Written, whole_objects};
use crate::archive::Result;

/// The readout channel of a bolometer.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub struct ChannelMapping {
    /// The address of the board, as the bits of an IPv4 address.
    pub board_ip: i32,
    /// The serial number of the board.
    pub board_serial: i32,
    /// The slot of the board in its crate.
    pub board_slot: i32,
    /// The serial number of the crate; 0 in old files, which do not say.
    pub crate_serial: i32,
    /// The module on the board.
    pub module: i32,
    /// The channel of the module.
    pub channel: i32,
}

impl Layout for ChannelMapping {
    const NEWEST: u32 = 2;

    fn read(from: &mut Decoder<'_>, version: u32) -> Result<Self> {
        from.base()?;
        Ok(ChannelMapping {
            board_ip: from.number()?,
            board_serial: from.number()?,
            board_slot: from.number()?,
            crate_serial: if version < 2 { 0 } else { from.number()? },
            module: from.number()?,
            channel: from.number()?,
        })
    }

    fn write(&self, to: &mut Encoder) -> Written {
        to.base();
        let board = [self.board_ip, self.board_serial, self.board_slot];
        let place = [self.crate_serial, self.module, self.channel];
        to.numbers(board.into_iter());
        to.numbers(place.into_iter());
        Ok(())
    }
}

whole_objects! {
    ChannelMapping, 20;
}
