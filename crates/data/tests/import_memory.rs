//! How much memory the ticks of a large file need. Alone in its process, so that nothing else counts.

mod support;

#[cfg(target_os = "linux")]
#[test]
fn memory_does_not_grow_with_the_ticks() {
    use omega_data::import::import;
    use omega_types::Watch;
    use serde_json::json;
    use support::{Folder, importing::big};

    let peak = || {
        let status = std::fs::read_to_string("/proc/self/status").unwrap();
        let line = status.lines().find(|line| line.starts_with("VmHWM:")).unwrap();
        line.split_whitespace().nth(1).unwrap().parse::<u64>().unwrap() * 1_024
    };
    let folder = Folder::new();
    let request = |file: String| {
        let request = json!({
            "data_root": folder.path().join("out"), "symbol": "EURUSD", "timeframe": "D1", "ticks": [file],
            "time_unit": "ms", "overwrite": true,
        });
        serde_json::from_value(request).unwrap()
    };
    import(&request(big(&folder, 30_000)), &Watch::default()).unwrap();
    let before = peak();
    let file = big(&folder, 3_000_000);
    let size = std::fs::metadata(&file).unwrap().len();
    import(&request(file), &Watch::default()).unwrap();
    let grown = peak() - before;
    // A hundred times the ticks: 90 MB of text, 72 MB as numbers of 8 bytes. Their bars are 209 days.
    assert!(size == 90_000_018 && grown < 5_000_000, "{grown} bytes for a file of {size}");
}
