// Changes one line of the engine at a time and expects the comparison with the second engine to notice. Repeats the claim
// of docs/correctness.md. Works on a copy; takes about a minute per change.
//
//   node scripts/mutations.mjs [first [last]]
import { spawnSync } from 'node:child_process'
import { cpSync, mkdtempSync, readFileSync, rmSync, writeFileSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { hostTarget, root } from './setup.mjs'

/** [file, line, changed line, what it stands for] */
const MUTATIONS = [
  [
    'execution/src/rules.rs',
    'x <= y + self.touch_tolerance',
    'x < y - self.touch_tolerance',
    'level tests without tolerance',
  ],
  [
    'execution/src/rules.rs',
    'touch_tolerance: 1e-4 * instrument.tick_size',
    'touch_tolerance: 0.0',
    'no touch tolerance',
  ],
  [
    'execution/src/exits.rs',
    'Direction::Long => candle.low <= self.stop,',
    'Direction::Long => candle.low < self.stop - 1e-5,',
    'a stop needs a tick more',
  ],
  [
    'execution/src/exits.rs',
    'Direction::Short => candle.low <= self.target,',
    'Direction::Short => candle.high <= self.target,',
    'a target tested against the wrong extreme',
  ],
  [
    'execution/src/exits.rs',
    '(GapStop::Open, Direction::Long) if live_from_open => stop_loss.min(open),',
    '(GapStop::Open, Direction::Long) if live_from_open => stop_loss,',
    'a long stop at its level after a gap',
  ],
  [
    'execution/src/exits.rs',
    '(TargetGap::Open, Direction::Short) if live_from_open => take_profit.min(open),',
    '(TargetGap::Open, Direction::Short) if live_from_open => take_profit,',
    'no better target at a gap',
  ],
  [
    'execution/src/pending.rs',
    'let gap = if waits_for_fall(direction, order_type) { open <= price } else { open >= price };',
    'let gap = if waits_for_fall(direction, order_type) { open < price } else { open > price };',
    'an open at the price is no gap',
  ],
  [
    'execution/src/pending.rs',
    '(OrderType::Limit, LimitGap::Price) => (price, gap),',
    '(OrderType::Limit, LimitGap::Price) => (worse, gap),',
    'limits filled worse than their price',
  ],
  [
    'execution/src/pending.rs',
    '(OrderType::Market | OrderType::Stop, _) => (worse, gap),',
    '(OrderType::Market | OrderType::Stop, _) => (price, gap),',
    'stop orders filled at their price after a gap',
  ],
  [
    'execution/src/pending.rs',
    '(OrderType::Limit, LimitGap::WorseOfPriceAndOpen) => (worse, true),',
    '(OrderType::Limit, LimitGap::WorseOfPriceAndOpen) => (worse, gap),',
    'filled_at_open of the literal formula',
  ],
  [
    'execution/src/slippage.rs',
    'let price = if buys { fill.base + slip } else { fill.base - slip };',
    'let price = fill.base + slip;',
    'slippage in favour of sellers',
  ],
  [
    'execution/src/trip.rs',
    '(self.exit_price - self.entry_price) * self.direction.sign() * instrument.contract_size * self.lots',
    '(self.exit_price - self.entry_price) * self.direction.sign() * instrument.contract_size',
    'profit without lots',
  ],
  [
    'execution/src/levels.rs',
    'distance + tolerance < smallest',
    'distance < smallest',
    'no tolerance in the stop distance',
  ],
  ['types/src/lot_grid.rs', '(raw / self.step + 1e-6).floor()', '(raw / self.step).floor()', 'a naive floor of lots'],
  [
    'portfolio/src/account.rs',
    'position.entry_fee * closing.lots / position.initial_lots',
    'position.entry_fee',
    'the whole entry fee on a part',
  ],
  [
    'portfolio/src/account.rs',
    'self.charge(closing.fee);',
    'self.charge(closing.fee);\n        self.charge(closing.fee);',
    'the exit fee twice',
  ],
  [
    'portfolio/src/valuation.rs',
    'Direction::Long => &self.bid_close,',
    'Direction::Long => &self.ask_close,',
    'longs marked at the ask',
  ],
  [
    'backtest/src/pricing.rs',
    'if filled_here && !self.rules.closes_beyond_target(direction, level, candle.close) {',
    'if false && filled_here && candle.close > 0.0 {',
    'targets of limits count at once',
  ],
  [
    'backtest/src/pricing.rs',
    'Some(bars) => bar.saturating_add(bars as usize),',
    'Some(bars) => bar.saturating_add(bars as usize + 1),',
    'orders live a bar longer',
  ],
  [
    'backtest/src/pricing.rs',
    'Some(instant) if instant <= self.market.clock.open_ns(bar) => {',
    'Some(instant) if instant < self.market.clock.open_ns(bar) => {',
    'an order may end when it is placed',
  ],
  [
    'backtest/src/gates.rs',
    '(bar.saturating_sub(entry) as u64) < self.bars',
    '(bar.saturating_sub(entry) as u64) <= self.bars',
    'cooldown of one bar more',
  ],
  [
    'backtest/src/gates.rs',
    'if open >= self.max_positions {',
    'if open > self.max_positions {',
    'one position too many',
  ],
  [
    'backtest/src/gates.rs',
    'if self.needs_balance && standing.balance <= 0.0 {',
    'if self.needs_balance && standing.balance < -1e9 {',
    'an empty account trades',
  ],
  [
    'backtest/src/book.rs',
    'bar > self.placed && self.trigger',
    'bar >= self.placed && self.trigger',
    'orders trigger in the bar that places them',
  ],
  ['backtest/src/desk.rs', 'if remaining == 0.0 {', 'if remaining >= 0.0 {', 'a partial close starts the cooldown'],
  [
    'backtest/src/desk.rs',
    'first_tested: if entry.moment == Moment::Close { bar + 1 } else { bar },',
    'first_tested: bar + 1,',
    'no test in the trigger bar',
  ],
  [
    'backtest/src/desk.rs',
    'let is_free = reason == ExitReason::Timeout && !plan.rules.timeout_costs;',
    'let is_free = false;',
    'timeouts of v1_parity pay',
  ],
  [
    'backtest/src/simulate.rs',
    '    desk.close_touched(bar)?;\n    desk.manage(bar)?;',
    '    desk.manage(bar)?;\n    desk.close_touched(bar)?;',
    'rules before stops and targets',
  ],
  [
    'backtest/src/simulate.rs',
    '    desk.apply_modifications(bar);\n    desk.trigger_orders(bar)?;',
    '    desk.trigger_orders(bar)?;\n    desk.close_touched(bar)?;\n    desk.apply_modifications(bar);',
    'moved stops act a step late',
  ],
  ['execution/src/rules.rs', 'timeout_costs: false,', 'timeout_costs: true,', 'timeouts of v1_parity cost something'],
  [
    'execution/src/rules.rs',
    'limit_gap: LimitGap::Price,\n                pending: PendingRule::AtPrice,',
    'limit_gap: LimitGap::Price,\n                pending: PendingRule::Checked,',
    'pending orders of v1_parity are checked',
  ],
]

const copy = mkdtempSync(join(tmpdir(), 'omega-mutations-'))
const skipped = /(^|\/)(target|node_modules|dist|\.git)$/
cpSync(root, copy, { recursive: true, filter: (path) => !skipped.test(path.slice(root.length)) })
const env = { ...process.env, OMEGA_ORACLE_CASES: process.env.OMEGA_ORACLE_CASES ?? '3000', CARGO_INCREMENTAL: '1' }
const args = ['test', '--release', '--quiet', '--target', hostTarget(), '-p', 'omega-backtest', '--test', 'oracle']

function run() {
  return spawnSync('cargo', args, { cwd: copy, env, encoding: 'utf8', maxBuffer: 1 << 28 })
}

const [first = 1, last = MUTATIONS.length] = process.argv.slice(2).map(Number)
const survivors = []
let done = 0
try {
  const sound = run()
  if (sound.status !== 0) throw new Error(`the engine does not pass unchanged:\n${sound.stdout}${sound.stderr}`)
  for (const [index, [file, from, to, what]] of MUTATIONS.entries()) {
    if (index + 1 < first || index + 1 > last) continue
    const path = join(copy, 'crates', file)
    const source = readFileSync(path, 'utf8')
    if (source.split(from).length !== 2) throw new Error(`${file} does not hold exactly once: ${from}`)
    writeFileSync(
      path,
      source.replace(from, () => to),
    )
    const { status, stdout, stderr } = run()
    writeFileSync(path, source)
    if (/^error(\[|: could not compile)/m.test(stderr))
      throw new Error(`change ${index + 1} does not compile:\n${stderr}`)
    const found = /differs: (.*)/.exec(stdout + stderr)?.[1] ?? (status === 0 ? 'NOT NOTICED' : 'a failing run')
    if (status === 0) survivors.push(what)
    done += 1
    process.stdout.write(`${String(index + 1).padStart(2)}. ${what}: ${found.slice(0, 110)}\n`)
  }
} finally {
  rmSync(copy, { recursive: true, force: true })
}
process.stdout.write(`${done - survivors.length} of ${done} changes noticed\n`)
process.exitCode = survivors.length === 0 ? 0 : 1
