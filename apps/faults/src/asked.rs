/// The number that a variable of the environment asks for, if it is set.
///
/// # Panics
/// It is no number.
pub(crate) fn number(name: &str) -> Option<u64> {
    let text = std::env::var(name).ok()?;
    let number = text.parse();
    Some(number.unwrap_or_else(|_| panic!("{name}={text}: is no number")))
}
