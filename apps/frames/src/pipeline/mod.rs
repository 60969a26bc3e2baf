//! Modules, one after the other, through which frames go.
