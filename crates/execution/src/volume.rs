//! The volumes that can be traded, and rounding to them (execution.md 6.3).

use omega_types::{LotGrid, trade::RejectionCode};

use crate::{Refusal, VolumeRule};

/// Smallest volume, step and largest volume, in lots. Made by [`crate::Instrument::resolve`], which checks them.
#[derive(Debug, Clone, Copy, PartialEq)]
pub struct VolumeGrid {
    /// Smallest volume, a multiple of the step.
    pub min: f64,
    /// Largest volume.
    pub max: f64,
    /// The steps between them.
    pub grid: LotGrid,
    max_steps: f64,
}

/// A volume on the grid.
#[derive(Debug, Clone, Copy, PartialEq)]
pub struct Volume {
    /// Lots.
    pub lots: f64,
    /// More was wanted than the symbol allows.
    pub capped: bool,
}

impl VolumeGrid {
    pub(crate) fn new(min: f64, step: f64, max: f64) -> Self {
        let grid = LotGrid::new(min, step);
        Self { min, max, grid, max_steps: grid.floor(max) }
    }

    /// Rounds `raw` lots down to the grid by `rule`.
    ///
    /// # Errors
    ///
    /// `volume_below_minimum` under [`VolumeRule::Reject`], with the raw lots as figure.
    pub fn quantise(&self, raw: f64, rule: VolumeRule) -> Result<Volume, Refusal> {
        match rule {
            VolumeRule::Reject => self.floor(raw),
            VolumeRule::Raise => Ok(self.raise(raw)),
        }
    }

    fn floor(&self, raw: f64) -> Result<Volume, Refusal> {
        let steps = self.grid.floor(raw);
        let capped = steps > self.max_steps;
        let steps = if capped { self.max_steps } else { steps };
        if steps.is_nan() || steps < self.grid.min_steps {
            return Err(Refusal { reason: RejectionCode::VolumeBelowMinimum, figure: raw });
        }
        Ok(Volume { lots: self.grid.lots(steps), capped })
    }

    /// Omega V1: counted from the minimum, raised to it, at most the maximum.
    fn raise(&self, raw: f64) -> Volume {
        let capped = raw > self.max;
        let bounded = if capped {
            self.max
        } else if raw > self.min {
            raw
        } else {
            self.min
        };
        let step = self.grid.step;
        let steps = ((bounded - self.min + 1e-12) / step).floor();
        Volume { lots: self.min + steps * step, capped }
    }
}

#[cfg(test)]
mod tests {
    use proptest::prelude::*;

    use super::*;

    #[test]
    fn volumes_are_floored_in_whole_steps() {
        // execution.md 12, example 14, and the everyday numbers of 6.3 on which a naive floor fails.
        let hundredths = VolumeGrid::new(0.01, 0.01, 200.0);
        let tenths = VolumeGrid::new(0.1, 0.1, 50.0);
        let lots = |grid: &VolumeGrid, raw| grid.quantise(raw, VolumeRule::Reject).map(|v| v.lots).ok();
        for (raw, expected) in [
            (0.29, Some(0.29)),
            (0.57, Some(0.57)),
            (0.47, Some(0.47)),
            (1.13, Some(1.13)),
            (0.305, Some(0.30)),
            (0.0099, None),
            (0.49999999999999956, Some(0.50)),
        ] {
            assert_eq!(lots(&hundredths, raw), expected, "{raw}");
        }
        assert_eq!(lots(&tenths, 0.3), Some(0.3));
        assert_eq!(lots(&tenths, 0.0999), None);
        assert_eq!(lots(&VolumeGrid::new(1.0, 1.0, 10.0), 3.7), Some(3.0));
        assert_eq!(lots(&VolumeGrid::new(0.3, 0.3, 9.0), 1.0), Some(3.0 * 0.3));
    }

    #[test]
    fn more_than_the_maximum_is_capped_and_less_than_the_minimum_refused() {
        let grid = VolumeGrid::new(0.01, 0.01, 200.0);
        assert_eq!(grid.quantise(250.0, VolumeRule::Reject), Ok(Volume { lots: 200.0, capped: true }));
        assert_eq!(grid.quantise(f64::INFINITY, VolumeRule::Reject), Ok(Volume { lots: 200.0, capped: true }));
        for raw in [0.0099, 0.0, -1.0, f64::NAN] {
            let refusal = grid.quantise(raw, VolumeRule::Reject).unwrap_err();
            assert_eq!(refusal.reason, RejectionCode::VolumeBelowMinimum);
        }
    }

    #[test]
    fn parity_counts_from_the_minimum_and_raises_to_it() {
        // Omega V1's own trades hold 0.15000000000000002 = 0.01 + 14 * 0.01 and 0.27 = 0.01 + 26 * 0.01.
        let grid = VolumeGrid::new(0.01, 0.01, 200.0);
        let lots = |raw| grid.quantise(raw, VolumeRule::Raise).unwrap();
        assert_eq!(lots(0.157).lots, 0.15000000000000002);
        assert_eq!(lots(0.2789).lots, 0.27);
        assert_eq!(lots(0.0001), Volume { lots: 0.01, capped: false });
        assert_eq!(lots(250.0), Volume { lots: 0.01 + 19_999.0 * 0.01, capped: true });
    }

    proptest! {
        /// Invariant 5 of execution.md 14, first half: a multiple of the step within the bounds.
        #[test]
        fn lots_lie_on_the_grid(
            raw in 0.0..400.0_f64, steps in 1_u32..50,
            per_lot in prop::sample::select(vec![1.0, 2.0, 10.0, 100.0, 1000.0]),
        ) {
            let step = 1.0 / per_lot;
            let grid = VolumeGrid::new(f64::from(steps) / per_lot, step, 200.0);
            if let Ok(volume) = grid.quantise(raw, VolumeRule::Reject) {
                let n = volume.lots / step;
                prop_assert!((n - n.round()).abs() < 1e-6);
                prop_assert!(volume.lots >= grid.min && volume.lots <= grid.max);
                prop_assert!(volume.lots <= raw + 1e-6 * step);
                prop_assert!(volume.capped || raw - volume.lots < step);
            } else {
                prop_assert!(raw < grid.min);
            }
        }
    }
}
