use jobwise_core::{Cluster, Comm, SharedAtomics, panics};

fn here(comm: &dyn Cluster) {
    let comm: &dyn Comm = comm;
    comm.barrier().expect("all ranks are here");
}

/// All ranks add to one word, and count another up by replacing it, which is lost when two do so at
/// once.
pub(crate) fn are_atomic(comm: &dyn Cluster, adds: usize) {
    let far = comm.nodes().count() > 1;
    let adds = if far { adds / 50 } else { adds } / comm.size();
    let words = comm.words(70).expect("70 words");
    assert_eq!(words.len(), 70);
    for at in 0..words.len() {
        assert_eq!(words.load(at).expect("a word"), 0);
    }
    here(comm);
    let mut last = None;
    for _ in 0..adds {
        let before = words.add(3, 1).expect("an addition");
        assert!(last.is_none_or(|last| last < before));
        last = Some(before);
        count_up(&*words, 69);
    }
    here(comm);
    let all = (adds * comm.size()) as u64;
    assert_eq!(words.load(3).expect("a word"), all);
    assert_eq!(words.load(69).expect("a word"), all);
    assert_eq!(words.load(4).expect("a word"), 0);
    here(comm);
    if comm.rank() == 0 {
        assert_eq!(words.add(3, u64::MAX).expect("wraps"), all);
        assert_eq!(words.replace(3, all, 5).expect("not"), all - 1);
        assert_eq!(words.load(3).expect("a word"), all - 1);
        assert_eq!(words.replace(3, all - 1, u64::MAX).expect("done"), all - 1);
        assert_eq!(words.load(3).expect("a word"), u64::MAX);
    }
    let beyond = panics::caught(|| words.load(70)).expect_err("there is no such word");
    assert!(beyond.to_string().contains("70"), "{beyond}");
}

fn count_up(words: &dyn SharedAtomics, at: usize) {
    let mut value = words.load(at).expect("a word");
    loop {
        let before = words.replace(at, value, value + 1).expect("a replacement");
        if before == value {
            return;
        }
        value = before;
    }
}

/// Words are given back though ranks drop theirs at different times, and are 0 when they come
/// again.
pub(crate) fn come_and_go(comm: &dyn Cluster, rounds: usize) {
    let mut late = None;
    for round in 0..rounds {
        let words = comm.words(round % 5).expect("words again");
        for at in 0..words.len() {
            let before = words.add(at, 1).expect("an addition");
            assert!(
                before < comm.size() as u64,
                "word {at} in round {round}: {before}"
            );
        }
        if comm.rank() % 2 == 1 {
            late = Some(words);
        }
        let counter = comm.counter().expect("a counter");
        let before = counter.fetch_add(1).expect("an addition");
        assert!(before < comm.size() as u64, "counter {round}: {before}");
        // As after every run: all ranks have ended with it before they make the next but one.
        here(comm);
    }
    drop(late);
}
