/// Why a figure could not be made.
#[derive(Debug, thiserror::Error)]
#[non_exhaustive]
pub enum Error {
    /// The drawing cannot be rendered: the figure has no pixels, or more than memory holds.
    #[error("the figure cannot be rendered: {0}")]
    Render(String),
    /// The file cannot be written.
    #[error(transparent)]
    Stored(#[from] jobwise_kit::atomic::Error),
}

/// The result of drawing.
pub type Result<T, E = Error> = std::result::Result<T, E>;
