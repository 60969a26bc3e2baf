use super::Mutant;

/// What is wrong in how a subject uses the engine, rather than in its backend.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(in crate::conformance) enum Flaw {
    StaleScratch,
    WrongJob,
    WidthByRanks,
    SeedByJob,
    IgnoresCancel,
    MergesLate,
    LosesCause,
    DealsByLoad,
    NamesByRank,
    /// Of the sink.
    ForgetsDone,
    MarksBeforeData,
    ForgetsCommit,
    HidesFailures,
    SwallowsSinkErrors,
    IgnoresLimit,
}

impl Mutant {
    /// What is wrong in how the engine is used, if it is that.
    pub(super) fn flaw(self) -> Option<Flaw> {
        Some(match self {
            Mutant::StaleScratch => Flaw::StaleScratch,
            Mutant::WrongJob => Flaw::WrongJob,
            Mutant::WidthByRanks => Flaw::WidthByRanks,
            Mutant::SeedByJob => Flaw::SeedByJob,
            Mutant::IgnoresCancel => Flaw::IgnoresCancel,
            Mutant::MergesLate => Flaw::MergesLate,
            Mutant::LosesCause => Flaw::LosesCause,
            Mutant::DealsByLoad => Flaw::DealsByLoad,
            Mutant::NamesByRank => Flaw::NamesByRank,
            Mutant::ForgetsDone => Flaw::ForgetsDone,
            Mutant::MarksBeforeData => Flaw::MarksBeforeData,
            Mutant::ForgetsCommit => Flaw::ForgetsCommit,
            Mutant::HidesFailures => Flaw::HidesFailures,
            Mutant::SwallowsSinkErrors => Flaw::SwallowsSinkErrors,
            Mutant::IgnoresLimit => Flaw::IgnoresLimit,
            _ => return None,
        })
    }
}
