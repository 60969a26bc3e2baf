# Lists what there is to do.
default:
    @just --list

# Builds all programs, for threads.
build:
    cargo build --release

# Builds all programs for threads and ranks.
build-mpi:
    cargo build --release --features mpi

# Tests all that needs neither MPI nor a GPU, or the crates that are named: just test -p jobwise-gmf
test *crates:
    cargo test {{crates}}

# Runs everything that can be checked on this machine; of one program: just check gmf
check *app:
    ci/test {{app}}

# Runs the commands of the pages, or of one: just commands README.md
commands *pages:
    ci/commands {{pages}}

# Builds the documentation site into target/site.
site:
    ci/site

# Formats, and asks for lints.
tidy:
    cargo fmt --all
    cargo clippy --workspace --all-targets --exclude jobwise-mpi -- -D warnings
