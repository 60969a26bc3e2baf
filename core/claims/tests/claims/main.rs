//! Claims on a directory: one owner at a time has a name, whoever dies, sleeps or is late.

mod alone;
mod marks;
mod misfortunes;
mod puppet;
mod races;

use std::path::Path;
use std::time::Duration;

use jobwise_claims::{Answer, Claim, Owner, Terms};

fn join(root: &Path, lease: Duration) -> Owner {
    Owner::join(
        &root.join(".claims"),
        &Terms {
            lease,
            ..Terms::new("test")
        },
    )
    .unwrap()
}

fn won(answer: Answer) -> Claim {
    match answer {
        Answer::Won(claim) => claim,
        Answer::Held(by) => panic!("held by {by}"),
    }
}

fn held(answer: &Answer) -> bool {
    matches!(answer, Answer::Held(_))
}
