//! Prints what the environment of a program has to say, so that it finds the fake driver and
//! compiler: `env $(environment devices=2) PROGRAM`. The argument has the options of the driver.

fn main() {
    let options = std::env::args().nth(1).unwrap_or_default();
    for (name, value) in jobwise_cuda_fake::environment(&options) {
        println!("{name}={}", value.display());
    }
}
