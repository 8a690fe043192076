//! Closes positions in news windows, or holds their levels still (execution.md 8.9).

use omega_types::{Bar, ExitReason, order::PositionView};
use serde::Deserialize;

use crate::{
    glance::{Glance, Ground},
    memory::Memory,
    reader::{Reader, Settings},
    resolve::Action,
    rules::Rule,
};

pub(crate) const ID: &str = "news_exit";

#[derive(Debug, Deserialize)]
#[serde(deny_unknown_fields)]
struct NewsExit {
    mode: Mode,
}

#[derive(Debug, Clone, Copy, PartialEq, Eq, Deserialize)]
#[serde(rename_all = "snake_case")]
enum Mode {
    Close,
    FreezeStops,
}

pub(crate) fn read(settings: Settings, reader: &mut Reader<'_>) -> Option<Box<dyn Rule>> {
    let rule: NewsExit = reader.settings(settings)?;
    Some(Box::new(rule))
}

impl Rule for NewsExit {
    fn decide(&self, glance: &Glance<'_>, _memory: &mut Memory) -> Option<Action> {
        glance.ground.news_blocked.contains(glance.bar).then_some(match self.mode {
            Mode::Close => Action::Close(ExitReason::News),
            Mode::FreezeStops => Action::Freeze,
        })
    }

    /// Holding still what nobody moves changes nothing.
    fn next_due(&self, ground: &Ground, _view: &PositionView, from: Bar, _memory: &mut Memory) -> Option<Bar> {
        match self.mode {
            Mode::Close => ground.next_in(&ground.news_blocked, from),
            Mode::FreezeStops => None,
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::testing::{ground, long, rule};

    #[test]
    fn positions_close_or_freeze_while_news_block() {
        // execution.md 8.9.
        let ground = ground(&[1.1; 6]).with_news(&[2, 3, 5]).trading(0..5);
        let view = long(1.1, None);
        let (close, freeze) = (rule(ID, r#"{"mode": "close"}"#), rule(ID, r#"{"mode": "freeze_stops"}"#));
        let decided =
            |rule: &dyn Rule, bar| rule.decide(&Glance { ground: &ground.0, view: &view, bar }, &mut Memory::default());
        assert_eq!(
            [1, 2, 3, 4].map(|bar| decided(&*close, bar)),
            [None, Some(Action::Close(ExitReason::News)), Some(Action::Close(ExitReason::News)), None]
        );
        assert_eq!([1, 2].map(|bar| decided(&*freeze, bar)), [None, Some(Action::Freeze)]);
        let due = |rule: &dyn Rule, from| rule.next_due(&ground.0, &view, from, &mut Memory::default());
        assert_eq!([0, 3, 4].map(|from| due(&*close, from)), [Some(2), Some(3), None]);
        assert_eq!(due(&*freeze, 0), None);
    }
}
