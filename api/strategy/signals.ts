import { OmegaError } from '../errors.ts'
import { native, type SignalsHandle, unwrap } from '../native.ts'

/**
 * Trading signals as columns, one entry per bar of the **aligned primary series of the dataset**
 * (`dataset.series(tf).time.length`); the run cuts its own window out of them. `NaN` and 0 mean "absent".
 */
export interface SignalColumns {
  /** −1 short, 0 nothing, 1 long: one order at the close of the bar. */
  direction: Int8Array
  /** 0 market (as without the column), 1 limit, 2 stop. */
  orderType?: Uint8Array
  /** Absolute price of a limit or stop order; of a market order the reference price, within the range of the bar. */
  price?: Float64Array
  /** Bars that a limit or stop order stays eligible; 0 is what `execution.pending_expiry_bars` says. */
  expireAfterBars?: Uint32Array
  /** Absolute price; required wherever `direction` is not 0 and sizing is by risk. */
  stopLoss?: Float64Array
  /** Absolute price. */
  takeProfit?: Float64Array
  /** Lots; overrides sizing by risk. */
  size?: Float64Array
  /** Bit 1 closes long positions, bit 2 short ones, at the close of the bar and before its entry. */
  exit?: Uint8Array
  /** Open times; compared bar by bar with those of the dataset. */
  time?: BigInt64Array
  /** Not built yet. */
  oco?: Uint8Array
  /** Not built yet. */
  exitFraction?: Float64Array
  /** Not built yet. */
  updateStopLoss?: Float64Array
  /** Not built yet. */
  updateTakeProfit?: Float64Array
  /** Not built yet. */
  cancel?: Uint8Array
}

const TYPES = {
  direction: Int8Array,
  orderType: Uint8Array,
  price: Float64Array,
  expireAfterBars: Uint32Array,
  stopLoss: Float64Array,
  takeProfit: Float64Array,
  size: Float64Array,
  exit: Uint8Array,
  time: BigInt64Array,
  oco: Uint8Array,
  exitFraction: Float64Array,
  updateStopLoss: Float64Array,
  updateTakeProfit: Float64Array,
  cancel: Uint8Array,
} as const

const NOT_BUILT = ['oco', 'exitFraction', 'updateStopLoss', 'updateTakeProfit', 'cancel'] as const

const handles = new WeakMap<SignalStrategy, SignalsHandle>()

/** A strategy made of signal columns; pass it as `strategy` to `runBacktest`. */
export class SignalStrategy {
  readonly form = 'signals' as const
  readonly name = 'signals'
  /** SHA-256 of the columns; it enters the configuration hash. */
  readonly sha256: string
  /** Number of bars. */
  readonly length: number
  /** Columns that were given but need a feature that is not built yet; a run that would use them is refused. */
  readonly notBuilt: readonly string[]

  /** @internal */
  constructor(handle: SignalsHandle, facts: { sha256: string; length: number; notBuilt: readonly string[] }) {
    this.sha256 = facts.sha256
    this.length = facts.length
    this.notBuilt = facts.notBuilt
    handles.set(this, handle)
  }
}

/**
 * A strategy from arrays that a model, a notebook or a loop of your own has filled. The arrays are copied here, once:
 * changing them later changes nothing.
 *
 * @throws {OmegaError} `ARG_INVALID` for a wrong array type, `SIGNALS_LENGTH` for unequal lengths, `SIGNALS_VALUE` for an
 * impossible value.
 */
export function signals(columns: SignalColumns): SignalStrategy {
  if (typeof columns !== 'object' || columns === null) {
    throw new OmegaError('ARG_INVALID', 'signals() takes an object of columns', { category: 'usage' })
  }
  for (const [name, value] of Object.entries(columns)) {
    if (!isColumnName(name)) {
      throw new OmegaError('ARG_INVALID', `signals have no column '${name}'`, {
        category: 'usage',
        details: { column: name },
        hint: `the columns are ${Object.keys(TYPES).join(', ')}`,
      })
    }
    if (value !== undefined && !(value instanceof TYPES[name])) {
      throw new OmegaError('ARG_INVALID', `signals: '${name}' must be a ${TYPES[name].name}`, {
        category: 'usage',
        details: { column: name, received: Object.prototype.toString.call(value).slice(8, -1) },
      })
    }
  }
  const { direction, stopLoss, takeProfit, price, size, orderType, expireAfterBars, exit, time } = columns
  if (direction === undefined)
    throw new OmegaError('ARG_INVALID', "signals need a column 'direction'", { category: 'usage' })
  const answer = unwrap(
    native().createSignals(direction, stopLoss, takeProfit, price, size, orderType, expireAfterBars, exit, time),
  )
  if (!answer.signals) throw new OmegaError('INTERNAL', 'the answer holds no signals', { category: 'runtime' })
  const { sha256 }: { sha256: string } = JSON.parse(answer.json ?? '{}')
  const notBuilt = NOT_BUILT.filter((name) => columns[name]?.some((value) => value !== 0 && !Number.isNaN(value)))
  return new SignalStrategy(answer.signals, { sha256, length: direction.length, notBuilt })
}

function isColumnName(name: string): name is keyof typeof TYPES {
  return Object.hasOwn(TYPES, name)
}

/** The native side of a signal strategy. */
export function signalsHandle(strategy: SignalStrategy): SignalsHandle {
  const handle = handles.get(strategy)
  if (!handle) throw new OmegaError('ARG_INVALID', 'not a strategy made by signals()', { category: 'usage' })
  return handle
}
