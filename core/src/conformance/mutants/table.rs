/// One row for each mutant: what is wrong, and the laws that must notice it, each with a part of
/// what it must say.
macro_rules! table {
    ($(#[doc = $wrong:literal] $mutant:ident: $($law:literal says $says:literal),+;)*) => {
        /// A fault, and the laws that must notice it.
        #[derive(Clone, Copy, Debug, PartialEq, Eq)]
        pub enum Mutant {
            $(#[doc = $wrong] $mutant,)*
        }

        impl Mutant {
            /// Every mutant.
            pub const ALL: &[Mutant] = &[$(Mutant::$mutant),*];

            /// The names of the laws that must notice it, and a part of what each must say: the
            /// promise that is broken.
            pub fn laws(self) -> &'static [(&'static str, &'static str)] {
                match self {
                    $(Mutant::$mutant => &[$(($law, $says)),+],)*
                }
            }
        }
    };
}

table! {
    /// The backend loses an outcome.
    DropsItem: "once" says "wrote";
    /// The backend runs the first hand-out twice.
    RepeatsItem: "once" says "items were read";
    /// The backend reports two outcomes under each other's index.
    SwapsOutcomes: "same_answer" says "other rows than expected";
    /// The backend loses outcomes that are errors.
    SwallowsErrors: "item_errors" says "ranks that failed";
    /// The backend starts all there is at once.
    TakesTooMuch: "bounded" says "alive at once";
    /// The backend keeps all outcomes until the end.
    KeepsOutcomes: "bounded" says "alive at once";
    /// The backend starts nothing while anything is in flight.
    WaitsForEach: "overlap" says "nothing was read while an item was computed";
    /// The backend asks for all items first and does not stop when told.
    IgnoresStop: "stop" says "items after the first failed";
    /// A backend that was stopped hands out nothing in the runs that follow.
    StaysStopped: "again" says "the next run wrote";
    /// The backend gets no more than three items at once.
    NarrowHandOuts: "batches" says "items at once";
    /// Claims of the shared counter overlap.
    OverlappingClaims: "once" says "items were read";
    /// Interrupts are heard only when the run is over.
    MissedInterrupt: "stop" says "items after the first failed";
    /// Every interrupt is sent twice, so that one is left for the next run.
    RepeatsInterrupt: "again" says "after Write";
    /// A message with items of a stream is lost.
    LosesItems: "stream_once" says "arrived";
    /// A message with items of a stream comes twice.
    RepeatsItems: "stream_once" says "arrived";
    /// After a failure the last message of a stream comes twice, so that one is left for the next.
    RepeatsEnd: "stream_ends" says "arrived";
    /// A reader takes every rank for one that has room for everything.
    IgnoresCredit: "stream_backpressure" says "items were read";
    /// The error of a feed loses its cause.
    LosesCause: "stream_ends" says "the ranks ended with";
    /// The last message of a stream overtakes the one before.
    EndsEarly: "stream_once" says "arrived";
    /// A message of a stream with a notice is overtaken by the next one.
    OvertakenNotice: "stream_notices" says "came after";
    /// Items are dealt to whom has the fewest, also where a function should deal them.
    DealsByLoad: "stream_dealing" says "were dealt here instead";
    /// A panic's half-changed scratch is used for the next item.
    StaleScratch: "panics" says "wrote";
    /// Job `i` gets the items of job `i + 1`.
    WrongJob: "cover" says "instead of";
    /// The width of blocks depends on the number of ranks.
    WidthByRanks: "same_answer" says "expected";
    /// The seed depends on the job.
    SeedByJob: "seeds" says "drew";
    /// Nothing cancels a run.
    IgnoresCancel: "cancel" says "the ranks ended with";
    /// The accumulators of a reduction are merged in the end, and not before.
    MergesLate: "accumulators" says "accumulators, at most";
    /// The sink forgets what an earlier run had done.
    ForgetsDone: "resume" says "marked twice", "leased" says "was computed";
    /// Blocks are claimed under names that other ranks do not know.
    NamesByRank: "leased" says "was computed";
    /// The sink marks items before their data is there.
    MarksBeforeData: "resume" says "marked without data";
    /// The sink is not told to commit.
    ForgetsCommit: "cancel" says "rows were written and not committed";
    /// The sink is not told of items that failed.
    HidesFailures: "skip" says "the sink was told of";
    /// Errors of the sink are lost.
    SwallowsSinkErrors: "sink_errors" says "the ranks ended with";
    /// Items beyond the sink's limit are started.
    IgnoresLimit: "order" says "held";
}
