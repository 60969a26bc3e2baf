//! Samples compressed without loss.
