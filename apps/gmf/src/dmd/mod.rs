//! Digital Metadata: values attached to sample indices.
