# The six verbs. Everything else is a `cargo` or `reelway` command.

# Start the gateway over the embedded defaults.
run *ARGS:
    cargo run --release -- serve {{ARGS}}

# Run every suite, or the suites named.
test *SUITES:
    ./test {{SUITES}}

# Check formatting, lints, licences and dependencies.
lint:
    ./test fmt clippy deny

# Format the sources.
fmt:
    cargo fmt --all

# Rewrite the generated files that tests compare; read the diff before you commit it.
bless:
    BLESS=1 cargo test --workspace --locked

# Measure; the numbers are ratios taken in one run.
bench *ARGS:
    cargo run --release -p bench -- {{ARGS}}
