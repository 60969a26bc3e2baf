//! Frames sent to whoever asks.
