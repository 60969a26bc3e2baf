//! Files with known content.
