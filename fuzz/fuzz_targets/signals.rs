#![no_main]

mod guard;

libfuzzer_sys::fuzz_target!(|data: &[u8]| guard::run(omega_fuzz::signals, data));
