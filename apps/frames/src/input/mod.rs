//! Frames from files, compressed or not, from pipes and from the network.
