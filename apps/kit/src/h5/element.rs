//! Element types of either byte order, as HDF5 stores them.
