use jobwise_kit::Digest;

use crate::format::Value;

/// What the results of a process depend on: stored as attributes of its results group, and as a
/// digest that is the same only for the same set.
///
/// ```
/// use jobwise_usid::process::Parameters;
/// let at = |cutoff: f64| Parameters::new("FFT_Filtering 1").with("low_pass_cut_off", cutoff);
/// assert_eq!(at(1e5).digest(), at(1e5).digest());
/// assert_ne!(at(1e5).digest(), at(1e5).with("noise_threshold", 1e-6).digest());
/// ```
#[derive(Clone, Debug)]
pub struct Parameters {
    /// What is computed, and in which version of its meaning.
    what: String,
    entries: Vec<Entry>,
}

#[derive(Clone, Debug)]
struct Entry {
    name: String,
    value: Value,
    role: Role,
    /// What runs did that did not have this parameter yet.
    before: Option<String>,
}

#[derive(Clone, Copy, Debug, PartialEq, Eq)]
enum Role {
    /// Other programs store it too.
    Shared,
    /// Only we store it.
    Ours,
    /// Results do not depend on it.
    Note,
}

impl Parameters {
    /// No parameters of `what`, a name with the version of its meaning.
    pub fn new(what: &str) -> Parameters {
        Parameters {
            what: what.to_owned(),
            entries: Vec::new(),
        }
    }

    /// Adds a parameter that other programs store under the same name.
    #[must_use]
    pub fn with(self, name: &str, value: impl Into<Value>) -> Self {
        self.add(name, value.into(), Role::Shared)
    }

    /// Adds a parameter that other programs do not store.
    #[must_use]
    pub fn own(self, name: &str, value: impl Into<Value>) -> Self {
        self.add(name, value.into(), Role::Ours)
    }

    /// Adds a remark: stored, and not part of what must be equal.
    #[must_use]
    pub fn note(self, name: &str, value: impl Into<Value>) -> Self {
        self.add(name, value.into(), Role::Note)
    }

    fn add(mut self, name: &str, value: Value, role: Role) -> Self {
        self.entries.push(Entry {
            name: name.to_owned(),
            value,
            role,
            before: None,
        });
        self
    }

    /// Adds a parameter that results did not always depend on; `before` says what was done without
    /// it. Results that were made then are others.
    #[must_use]
    pub fn since(self, name: &str, value: impl Into<Value>, before: &str) -> Self {
        let mut all = self.own(name, value);
        if let Some(entry) = all.entries.last_mut() {
            entry.before = Some(before.to_owned());
        }
        all
    }

    /// All of them, as attributes.
    pub fn attributes(&self) -> impl Iterator<Item = (&str, &Value)> {
        self.entries
            .iter()
            .map(|entry| (entry.name.as_str(), &entry.value))
    }

    /// The digest of all but the remarks.
    pub fn digest(&self) -> String {
        self.digest_of(|entry| entry.role != Role::Note)
    }

    /// What an earlier version did instead, where results with this digest are its own for the same
    /// request.
    pub(super) fn before(&self, digest: &str) -> Option<String> {
        let former = |entry: &Entry| entry.role != Role::Note && entry.before.is_none();
        let is_former = self.digest_of(former) == digest;
        self.did_before().filter(|_| is_former)
    }

    /// What was done before the parameters that are new.
    fn did_before(&self) -> Option<String> {
        let before: Vec<&str> = self
            .entries
            .iter()
            .filter_map(|entry| entry.before.as_deref())
            .collect();
        (!before.is_empty()).then(|| before.join(", and "))
    }

    fn digest_of(&self, is_part: impl Fn(&Entry) -> bool) -> String {
        let mut entries: Vec<&Entry> = self.entries.iter().filter(|e| is_part(e)).collect();
        entries.sort_by(|a, b| a.name.cmp(&b.name));
        let digest = Digest::new(&self.what);
        let whole = entries.iter().fold(digest, |digest, entry| {
            digest.text(&entry.name, &exactly(&entry.value))
        });
        whole.finish()
    }

    /// Why a group of another program with these attributes is not of the same parameters, in both
    /// directions; `None` if it is. Numbers in arrays may differ by 1e-5 of their value, as the
    /// format's own library has it.
    pub(super) fn differs_from(&self, attributes: &[(String, Value)]) -> Option<String> {
        let shared = self.entries.iter().filter(|e| e.role == Role::Shared);
        for Entry { name, value, .. } in shared {
            let Some((_, stored)) = attributes.iter().find(|(other, _)| other == name) else {
                return Some(format!("it has no {name}"));
            };
            if !agrees(stored, value) {
                return Some(format!("its {name} is {stored}, now {value}"));
            }
        }
        let unknown = attributes
            .iter()
            .find(|(name, _)| !self.entries.iter().any(|entry| entry.name == *name));
        unknown
            .map(|(name, value)| format!("it has {name} = {value}, now there is none"))
            .or_else(|| self.did_before())
    }
}

/// A value written out with every bit.
fn exactly(value: &Value) -> String {
    match numbers(value) {
        Some(numbers) => numbers.iter().fold(String::from("numbers"), |text, x| {
            text + &format!(" {:016x}", x.to_bits())
        }),
        None => format!("{value:?}"),
    }
}

/// The numbers of a scalar or an array.
fn numbers(value: &Value) -> Option<Vec<f64>> {
    match value {
        Value::Integer(x) => Some(vec![*x as f64]),
        Value::Float(x) => Some(vec![*x]),
        Value::Integers(x) => Some(x.iter().map(|&x| x as f64).collect()),
        Value::Floats(x) => Some(x.clone()),
        _ => None,
    }
}

fn agrees(stored: &Value, now: &Value) -> bool {
    match (numbers(stored), numbers(now)) {
        (Some(stored), Some(now)) if stored.len() == 1 && now.len() == 1 => stored == now,
        (Some(stored), Some(now)) => {
            let close = |(a, b): (&f64, &f64)| (a - b).abs() <= 1e-8 + 1e-5 * b.abs();
            stored.len() == now.len() && stored.iter().zip(&now).all(close)
        }
        (None, None) => stored == now,
        _ => false,
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn query() -> Parameters {
        Parameters::new("filter 1")
            .with("cut", 1000i64)
            .with("freqs", vec![1.0, 2.0])
            .own("write_filtered", true)
            .note("algorithm", "ours")
    }

    fn stored() -> Vec<(String, Value)> {
        vec![
            ("cut".into(), Value::Float(1000.0)),
            ("freqs".into(), Value::Floats(vec![1.0, 2.0 + 1e-6])),
        ]
    }

    #[test]
    fn groups_of_others_match_in_both_directions() {
        assert_eq!(query().differs_from(&stored()), None);
        let mut more = stored();
        more.push(("noise_threshold".into(), Value::Float(0.001)));
        assert!(
            query()
                .differs_from(&more)
                .unwrap()
                .contains("noise_threshold")
        );
        let fewer = &stored()[..1];
        assert!(query().differs_from(fewer).unwrap().contains("freqs"));
        let mut other = stored();
        other[0].1 = Value::Float(1000.001);
        assert!(query().differs_from(&other).unwrap().contains("cut"));
    }

    #[test]
    fn remarks_and_order_do_not_change_the_digest() {
        let a = Parameters::new("x").with("a", 1i64).with("b", 2i64);
        let b = Parameters::new("x")
            .with("b", 2i64)
            .note("c", "d")
            .with("a", 1i64);
        assert_eq!(a.digest(), b.digest());
        assert_ne!(a.digest(), Parameters::new("x").with("a", 1i64).digest());
        assert_ne!(a.digest(), a.clone().own("c", false).digest());
    }
}
