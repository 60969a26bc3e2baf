//! The [signal-processing] section of a configuration.
