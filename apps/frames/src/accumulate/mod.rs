//! What pipelines found in each frame, brought together.
