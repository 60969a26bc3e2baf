//! The classes of objects.

pub mod channel_block;
