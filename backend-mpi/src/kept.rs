use std::any::Any;
use std::cell::{Cell, RefCell};
use std::rc::Rc;

/// Windows and communicators that a group has made. Freeing one is collective, but ranks drop
/// theirs at different times: each stays here until all ranks know that all have dropped it, or
/// until the group ends.
#[derive(Default)]
pub(crate) struct Kept {
    made: Cell<u64>,
    /// By number, in the order they were made, which is the same on all ranks.
    things: RefCell<Vec<(u64, Rc<dyn Any>)>>,
}

impl Kept {
    /// Keeps a thing that all ranks of the group have just made.
    pub(crate) fn keep<T: Any>(&self, thing: T) -> Rc<T> {
        let thing = Rc::new(thing);
        let number = self.made.get();
        self.made.set(number + 1);
        self.things.borrow_mut().push((number, thing.clone()));
        thing
    }

    /// The numbers of what this rank does not use any more, rising.
    pub(crate) fn unused(&self) -> Vec<u64> {
        let things = self.things.borrow();
        let unused = things
            .iter()
            .filter(|(_, thing)| Rc::strong_count(thing) == 1);
        unused.map(|&(number, _)| number).collect()
    }

    /// Frees what no rank uses any more, in the order it was made. Collective.
    pub(crate) fn free(&self, numbers: &[u64]) {
        let things = self.things.take();
        let (free, keep): (Vec<_>, _) = things
            .into_iter()
            .partition(|(number, _)| numbers.binary_search(number).is_ok());
        self.things.replace(keep);
        drop(free);
    }
}

/// The numbers that are in every list, each of which rises.
pub(crate) fn in_all(lists: &[Vec<u64>]) -> Vec<u64> {
    let Some((first, others)) = lists.split_first() else {
        return Vec::new();
    };
    let everywhere = |number: &&u64| others.iter().all(|list| list.binary_search(number).is_ok());
    first.iter().filter(everywhere).copied().collect()
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn only_what_is_unused_by_all_is_freed() {
        let kept = Kept::default();
        let things: Vec<Rc<String>> = ["a", "b", "c"].map(|name| kept.keep(name.into())).into();
        let watched: Vec<_> = things.iter().map(Rc::downgrade).collect();
        assert!(kept.unused().is_empty());
        let second = things[1].clone();
        drop(things);
        assert_eq!(kept.unused(), [0, 2]);
        let all = in_all(&[kept.unused(), vec![1, 2]]);
        assert_eq!(all, [2]);
        kept.free(&all);
        assert_eq!(
            watched
                .iter()
                .map(|w| w.upgrade().is_some())
                .collect::<Vec<_>>(),
            [true, true, false]
        );
        drop(second);
        assert_eq!(kept.unused(), [0, 1]);
        drop(kept);
        assert!(watched.iter().all(|w| w.upgrade().is_none()));
    }
}
