// The oracle: market orders with stop and target, written from the execution rules alone and bar by bar. It shares no
// code, no data structure and no shortcut with the engine.

/** One side of the candles, whole series. */
export interface Side {
  open: ArrayLike<number>
  high: ArrayLike<number>
  low: ArrayLike<number>
  close: ArrayLike<number>
}

/** What is simulated. Prices in quote currency, money in account currency. */
export interface OracleInput {
  /** Open times of the whole series, ns. */
  time: ArrayLike<bigint>
  bid: Side
  ask: Side
  /** Length of a bar, ns. */
  duration: bigint
  /** First and last bar that is traded. */
  first: number
  last: number
  direction: ArrayLike<number>
  stopLoss: ArrayLike<number>
  takeProfit?: ArrayLike<number>
  size?: ArrayLike<number>
  /** Bit 1 closes longs, bit 2 shorts. */
  exit?: ArrayLike<number>
  contractSize: number
  tick: number
  pip: number
  volumeMin: number
  volumeStep: number
  volumeMax: number
  minStopPips: number
  balance: number
  risk: number
  maxPositions: number
  /** `quote`: account and quote currency are the same. `base`: converted with the own price of the event. */
  account: 'quote' | 'base'
  perLot: number
  minFee: number
  slippagePips: number
  bufferFactor: number
  cooldownBars: number
  cooldownMinutes: number
  cooldownMinutesAfterExit: number
  /** Minutes since UTC midnight, end exclusive; empty: always open. */
  sessions: readonly (readonly [number, number])[]
  directions: 'both' | 'long' | 'short'
  closeAtEnd: boolean
}

/** A closed trade. */
export interface OracleTrade {
  position_id: number
  order_id: number
  entry_time_ns: bigint
  exit_time_ns: bigint
  direction: 'long' | 'short'
  entry_price: number
  exit_price: number
  stop_loss: number
  take_profit: number | null
  size: number
  result: number
  risk: number
  entry_fee: number
  exit_fee: number
  r_multiple: number
  reason: string
  bars_held: number
  mae: number
  mfe: number
  gap_exit: boolean
  volume_capped: boolean
}

/** Everything that comes out. */
export interface OracleOutput {
  trades: OracleTrade[]
  equity: { equity: number; balance: number; drawdown: number; high_water: number }[]
  rejections: { order_id: number; bar_index: number; reason: string }[]
  open: { position_id: number; unrealised: number }[]
}

interface Position {
  id: number
  order: number
  d: 1 | -1
  entryIndex: number
  entry: number
  stop: number
  target: number | null
  lots: number
  risk: number
  entryFee: number
  capped: boolean
}

/** Runs the bar loop of the canonical variant: exits, then the strategy's exits and entries, then the equity row. */
export function simulate(input: OracleInput): OracleOutput {
  const epsilon = 1e-4 * input.tick
  const buffer = input.pip * input.bufferFactor
  const slip = input.slippagePips * input.pip
  const output: OracleOutput = { trades: [], equity: [], rejections: [], open: [] }
  let positions: Position[] = []
  let balance = input.balance
  let highWater = input.balance
  let orders = 0
  let opened = 0
  let lastEntry: number | undefined
  let lastExit: number | undefined

  const closing = (d: 1 | -1): Side => (d === 1 ? input.bid : input.ask)
  const opening = (d: 1 | -1): Side => (d === 1 ? input.ask : input.bid)
  const decision = (i: number): bigint => get(input.time, i) + input.duration
  const toAccount = (amount: number, price: number) => (input.account === 'quote' ? amount : amount / price)
  const profit = (p: Position, price: number) => toAccount((price - p.entry) * p.d * input.contractSize * p.lots, price)
  const fee = (lots: number) => Math.max(input.perLot * lots, input.minFee)

  const close = (p: Position, i: number, base: number, reason: string, gap: boolean) => {
    const price = p.d === 1 ? base - slip : base + slip
    const result = profit(p, price)
    const exitFee = fee(p.lots)
    balance += result
    balance -= exitFee
    const side = closing(p.d)
    let [worst, best] = [profit(p, price), profit(p, price)]
    for (let bar = p.entryIndex + 1; bar < i; bar += 1) {
      const [against, inFavour] = p.d === 1 ? [side.low, side.high] : [side.high, side.low]
      worst = Math.min(worst, profit(p, get(against, bar)))
      best = Math.max(best, profit(p, get(inFavour, bar)))
    }
    output.trades.push({
      position_id: p.id,
      order_id: p.order,
      entry_time_ns: get(input.time, p.entryIndex),
      exit_time_ns: get(input.time, i),
      direction: p.d === 1 ? 'long' : 'short',
      entry_price: p.entry,
      exit_price: price,
      stop_loss: p.stop,
      take_profit: p.target,
      size: p.lots,
      result,
      risk: p.risk,
      entry_fee: p.entryFee,
      exit_fee: exitFee,
      r_multiple: ((price - p.entry) * p.d) / Math.abs(p.entry - p.stop),
      reason,
      bars_held: i - p.entryIndex,
      mae: Math.min(0, worst),
      mfe: Math.max(0, best),
      gap_exit: gap,
      volume_capped: p.capped,
    })
    positions = positions.filter((other) => other !== p)
    lastExit = i
  }

  /** The gates in their order; the position, or the reason of the refusal. */
  const submit = (i: number, d: 1 | -1, order: number): Position | string => {
    const stop = input.stopLoss[i] ?? Number.NaN
    if (Number.isNaN(stop) || stop === 0) return 'missing_stop_loss'
    if (i === input.last && input.closeAtEnd) return 'end_of_data'
    if (!(balance > 0)) return 'account_depleted'
    if (input.directions !== 'both' && input.directions !== (d === 1 ? 'long' : 'short')) return 'direction_not_allowed'
    if (!inSession(decision(i), input.sessions)) return 'session_closed'
    const now = decision(i)
    const minutes = (count: number) => BigInt(count) * 60_000_000_000n
    if (lastEntry !== undefined && input.cooldownBars > 0 && i - lastEntry < input.cooldownBars) return 'cooldown'
    if (
      lastEntry !== undefined &&
      input.cooldownMinutes > 0 &&
      now - decision(lastEntry) < minutes(input.cooldownMinutes)
    ) {
      return 'cooldown'
    }
    if (
      lastExit !== undefined &&
      input.cooldownMinutesAfterExit > 0 &&
      now - decision(lastExit) < minutes(input.cooldownMinutesAfterExit)
    ) {
      return 'cooldown'
    }
    if (positions.length >= input.maxPositions) return 'max_positions_reached'

    const mark = get(closing(d).close, i)
    const given = input.takeProfit?.[i] ?? Number.NaN
    const target = Number.isNaN(given) || given === 0 ? null : given
    if (d === 1 ? !(stop < mark - epsilon) : !(mark < stop - epsilon)) return 'stop_loss_wrong_side'
    if (target !== null && (d === 1 ? !(mark < target - epsilon) : !(target < mark - epsilon)))
      return 'take_profit_wrong_side'
    const base = get(opening(d).close, i)
    const entry = d === 1 ? base + slip : base - slip
    const distance = Math.abs(entry - stop)
    if (distance + 1e-6 * input.pip < input.minStopPips * input.pip) return 'stop_distance_below_minimum'

    const wanted = input.size?.[i] ?? Number.NaN
    const explicit = !Number.isNaN(wanted) && wanted !== 0
    const raw = explicit ? wanted : input.risk / toAccount(distance * input.contractSize, entry)
    let n = Math.floor(raw / input.volumeStep + 1e-6)
    const nMax = Math.floor(input.volumeMax / input.volumeStep + 1e-6)
    const capped = n > nMax
    if (capped) n = nMax
    if (n < Math.round(input.volumeMin / input.volumeStep)) return 'volume_below_minimum'
    const k = Math.round(1 / input.volumeStep)
    const lots = input.volumeStep < 1 && Math.abs(k * input.volumeStep - 1) < 1e-9 ? n / k : n * input.volumeStep
    opened += 1
    return {
      id: opened,
      order,
      d,
      entryIndex: i,
      entry,
      stop,
      target,
      lots,
      risk: explicit ? toAccount(distance * input.contractSize * lots, entry) : input.risk,
      entryFee: fee(lots),
      capped,
    }
  }

  for (let i = input.first; i <= input.last; i += 1) {
    for (const p of positions) {
      if (p.entryIndex === i) continue
      const side = closing(p.d)
      const [open, high, low] = [get(side.open, i), get(side.high, i), get(side.low, i)]
      const stopHit = p.d === 1 ? low <= p.stop + buffer + epsilon : high >= p.stop - buffer - epsilon
      const targetHit =
        p.target !== null && (p.d === 1 ? high >= p.target - buffer - epsilon : low <= p.target + buffer + epsilon)
      if (stopHit) {
        const base = p.d === 1 ? Math.min(p.stop, open) : Math.max(p.stop, open)
        close(p, i, base, 'stop_loss', base !== p.stop)
      } else if (targetHit && p.target !== null) {
        close(p, i, p.target, 'take_profit', false)
      }
    }

    const bits = input.exit?.[i] ?? 0
    for (const p of positions) {
      if (bits & (p.d === 1 ? 1 : 2)) close(p, i, get(closing(p.d).close, i), 'signal', false)
    }
    const wish = get(input.direction, i)
    if (wish !== 0) {
      orders += 1
      const made = submit(i, wish > 0 ? 1 : -1, orders)
      if (typeof made === 'string') {
        output.rejections.push({ order_id: orders, bar_index: i - input.first, reason: made })
      } else {
        positions.push(made)
        balance -= made.entryFee
        lastEntry = i
      }
    }

    if (i === input.last && input.closeAtEnd) {
      for (const p of positions) close(p, i, get(closing(p.d).close, i), 'end_of_data', false)
    }

    let unrealised = 0
    for (const p of positions) unrealised += profit(p, get(closing(p.d).close, i))
    const equity = balance + unrealised
    highWater = Math.max(highWater, equity)
    const drawdown = highWater <= 0 ? 0 : Math.min(1, Math.max(0, (highWater - equity) / highWater))
    output.equity.push({ equity, balance, drawdown, high_water: highWater })
  }
  output.open = positions.map((p) => ({
    position_id: p.id,
    unrealised: profit(p, get(closing(p.d).close, input.last)),
  }))
  return output
}

function inSession(decision: bigint, sessions: readonly (readonly [number, number])[]): boolean {
  if (sessions.length === 0) return true
  const second = Number((decision / 1_000_000_000n) % 86_400n)
  return sessions.some(([start, end]) => {
    const [from, to] = [start * 60, end * 60]
    return to > from ? from <= second && second < to : second >= from || second < to
  })
}

function get<T>(list: ArrayLike<T>, index: number): T {
  const value = list[index]
  if (value === undefined) throw new RangeError(`no element ${index} of ${list.length}`)
  return value
}
