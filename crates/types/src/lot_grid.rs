//! Lots that can be traded, counted in whole steps.

/// Smallest volume and distance between two volumes of a symbol (execution.md 6.3).
#[derive(Debug, Clone, Copy, PartialEq)]
pub struct LotGrid {
    /// Distance between two volumes, in lots.
    pub step: f64,
    /// Smallest volume, in steps.
    pub min_steps: f64,
    /// Steps per lot if that is a whole number.
    per_lot: Option<f64>,
}

impl LotGrid {
    /// `min` is a multiple of `step`, both in lots.
    pub const fn new(min: f64, step: f64) -> Self {
        let per_lot = (1.0 / step).round();
        let is_whole = step < 1.0 && (per_lot * step - 1.0).abs() < 1e-9;
        Self { step, min_steps: (min / step).round(), per_lot: if is_whole { Some(per_lot) } else { None } }
    }

    /// Whole steps in `raw` lots. 1e-6 of a step absorbs representation error, so that no step is lost to it.
    pub fn floor(&self, raw: f64) -> f64 {
        (raw / self.step + 1e-6).floor()
    }

    /// Steps in `lots`, which lie on the grid.
    pub fn steps(&self, lots: f64) -> f64 {
        (lots / self.step).round()
    }

    /// Lots in `steps`: the double nearest to the decimal value where the step divides one lot (0.29, not
    /// 0.28999999999999998).
    pub fn lots(&self, steps: f64) -> f64 {
        match self.per_lot {
            Some(per_lot) => steps / per_lot,
            None => steps * self.step,
        }
    }

    /// What is left of `lots` without `part`, counted in whole steps (decisions.md 39).
    pub fn rest(&self, lots: f64, part: f64) -> f64 {
        self.lots((self.steps(lots) - self.steps(part)).max(0.0))
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    /// decisions.md 39: what remains is counted on the integer grid.
    #[test]
    fn lots_are_the_doubles_of_their_decimals() {
        // Everyday numbers of execution.md 6.3 on which plain division loses a step.
        let grid = LotGrid::new(0.01, 0.01);
        for lots in [0.29, 0.47, 0.57, 1.13] {
            assert_eq!(grid.lots(grid.floor(lots)), lots);
        }
        let tenths = LotGrid::new(0.1, 0.1);
        assert_eq!(tenths.lots(tenths.floor(0.3)), 0.3);
        // 0.58 − 0.29 is 0.28999999999999998 in binary.
        assert_eq!(grid.rest(0.58, 0.29), 0.29);
        assert_eq!((grid.rest(0.3, 0.1), grid.rest(0.3, 0.3)), (0.2, 0.0));
        // A step that does not divide a lot.
        let thirds = LotGrid::new(0.3, 0.3);
        assert_eq!((thirds.floor(1.0), thirds.min_steps), (3.0, 1.0));
        assert_eq!(thirds.rest(0.3 * 3.0, 0.3), 0.3 * 2.0);
    }
}
