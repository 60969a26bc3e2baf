//! The binary form of values: numbers, texts, versions of classes, pointers.
