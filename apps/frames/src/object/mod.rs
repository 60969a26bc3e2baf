//! The classes of objects.
