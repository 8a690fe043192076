// Generated from index.ts by scripts/bundle-types.mjs. Do not edit.
import { z } from 'zod';

/** Names of the indicators, as `indicators.*` knows them. */
type IndicatorName = keyof IndicatorParams;
/** Parameters of each indicator. */
interface IndicatorParams {
    atr: {
        /** Smoothing length, in bars. Default: 14. */
        period?: number | undefined;
    };
    bollinger: {
        /** Window length, in bars. Default: 20. */
        period?: number | undefined;
        /** Half width of the band, in standard deviations. Default: 2. */
        stdFactor?: number | undefined;
    };
    choppiness: {
        /** Window length, in bars. Default: 14. */
        period?: number | undefined;
    };
    dema: {
        /** Look-back length of the averages, in bars: alpha = 2 / (period + 1). */
        period: number;
    };
    dmi: {
        /** Smoothing length, in bars: alpha = 1 / period. Default: 14. */
        period?: number | undefined;
    };
    ema: {
        /** Look-back length, in bars: alpha = 2 / (period + 1). */
        period: number;
    };
    garchVolatility: {
        /** Weight of the last shock. From alpha + beta = 1 on there is no value. Default: 0.05. */
        alpha?: number | undefined;
        /** Weight of the last variance. From alpha + beta = 1 on there is no value. Default: 0.9. */
        beta?: number | undefined;
        /** Constant of the variance, in scaled units squared, below 0 counts as 0; derived if left out. */
        omega?: number | undefined;
        /** Logarithmic returns, not simple ones. Default: true. */
        useLogReturns?: boolean | undefined;
        /** Factor on returns inside the recursion: 100 makes percent. Default: 100. */
        scale?: number | undefined;
        /** Returns after the first one before a value is given. Default: 50. */
        minPeriods?: number | undefined;
        /** Lower bound of the deviation, in scaled units. Default: 0.000001. */
        sigmaFloor?: number | undefined;
    };
    garchVolatilityLocal: {
        /** Index of the bar; the last one if left out. */
        idx?: number | undefined;
        /** Number of bars that are looked at, the last one included. Default: 400. */
        lookback?: number | undefined;
        /** Weight of the last shock. From alpha + beta = 1 on there is no value. Default: 0.05. */
        alpha?: number | undefined;
        /** Weight of the last variance. From alpha + beta = 1 on there is no value. Default: 0.9. */
        beta?: number | undefined;
        /** Constant of the variance, in scaled units squared, below 0 counts as 0; derived if left out. */
        omega?: number | undefined;
        /** Logarithmic returns, not simple ones. Default: true. */
        useLogReturns?: boolean | undefined;
        /** Factor on returns inside the recursion: 100 makes percent. Default: 100. */
        scale?: number | undefined;
        /** Returns after the first one before a value is given. Default: 50. */
        minPeriods?: number | undefined;
        /** Lower bound of the deviation, in scaled units. Default: 0.000001. */
        sigmaFloor?: number | undefined;
    };
    kalmanGarchZscore: {
        /** Variance of the measurement; r + q must be above 0. Default: 0.01. */
        r?: number | undefined;
        /** Variance of the process; r + q must be above 0. Default: 1. */
        q?: number | undefined;
        /** Weight of the last shock. From alpha + beta = 1 on there is no value. Default: 0.05. */
        alpha?: number | undefined;
        /** Weight of the last variance. From alpha + beta = 1 on there is no value. Default: 0.9. */
        beta?: number | undefined;
        /** Constant of the variance, in scaled units squared, below 0 counts as 0; derived if left out. */
        omega?: number | undefined;
        /** Logarithmic returns, not simple ones. Default: true. */
        useLogReturns?: boolean | undefined;
        /** Factor on returns inside the recursion: 100 makes percent. Default: 100. */
        scale?: number | undefined;
        /** Returns after the first one before a value is given. Default: 50. */
        minPeriods?: number | undefined;
        /** Lower bound of the deviation, in scaled units. Default: 0.000001. */
        sigmaFloor?: number | undefined;
    };
    kalmanGarchZscoreLocal: {
        /** Index of the bar; the last one if left out. */
        idx?: number | undefined;
        /** Number of bars that are looked at, the last one included. Default: 400. */
        lookback?: number | undefined;
        /** Variance of the measurement; r + q must be above 0. Default: 0.01. */
        r?: number | undefined;
        /** Variance of the process; r + q must be above 0. Default: 1. */
        q?: number | undefined;
        /** Weight of the last shock. From alpha + beta = 1 on there is no value. Default: 0.05. */
        alpha?: number | undefined;
        /** Weight of the last variance. From alpha + beta = 1 on there is no value. Default: 0.9. */
        beta?: number | undefined;
        /** Constant of the variance, in scaled units squared, below 0 counts as 0; derived if left out. */
        omega?: number | undefined;
        /** Logarithmic returns, not simple ones. Default: true. */
        useLogReturns?: boolean | undefined;
        /** Factor on returns inside the recursion: 100 makes percent. Default: 100. */
        scale?: number | undefined;
        /** Returns after the first one before a value is given. Default: 50. */
        minPeriods?: number | undefined;
        /** Lower bound of the deviation, in scaled units. Default: 0.000001. */
        sigmaFloor?: number | undefined;
    };
    kalmanMean: {
        /** Variance of the measurement; r + q must be above 0. Default: 0.01. */
        r?: number | undefined;
        /** Variance of the process; r + q must be above 0. Default: 1. */
        q?: number | undefined;
    };
    kalmanZscore: {
        /** Window of the deviation, in bars. Default: 100. */
        window?: number | undefined;
        /** Variance of the measurement; r + q must be above 0. Default: 0.01. */
        r?: number | undefined;
        /** Variance of the process; r + q must be above 0. Default: 1. */
        q?: number | undefined;
    };
    macd: {
        /** Look-back length of the fast average, in bars. Default: 12. */
        fast?: number | undefined;
        /** Look-back length of the slow average, in bars. Default: 26. */
        slow?: number | undefined;
        /** Look-back length of the signal line, in bars. Default: 9. */
        signal?: number | undefined;
    };
    momentum: {
        /** Distance of the two values, in bars. */
        period: number;
    };
    roc: {
        /** Distance of the two values, in bars. Default: 14. */
        period?: number | undefined;
    };
    rollingMean: {
        /** Window length, in bars. */
        n: number;
    };
    rollingStd: {
        /** Window length, in bars. */
        n: number;
    };
    rsi: {
        /** Smoothing length, in bars: alpha = 1 / period. Default: 14. */
        period?: number | undefined;
    };
    sma: {
        /** Window length, in bars. */
        period: number;
    };
    tema: {
        /** Look-back length of the averages, in bars: alpha = 2 / (period + 1). */
        period: number;
    };
    volClusterSeries: {
        /** Index of the bar; the last one if left out. */
        idx?: number | undefined;
        /** Average true range in price (despite its name), or local GARCH volatility. Default: "garch_forecast". */
        feature?: 'atr_points' | 'garch_forecast' | undefined;
        /** Smoothing length of the average true range, in bars. Default: 14. */
        atrLength?: number | undefined;
        /** Bars of the GARCH window; 0 and less mean 500. Default: 500. */
        garchLookback?: number | undefined;
        /** Weight of the last shock. From alpha + beta = 1 on there is no value. Default: 0.05. */
        alpha?: number | undefined;
        /** Weight of the last variance. From alpha + beta = 1 on there is no value. Default: 0.9. */
        beta?: number | undefined;
        /** Constant of the variance, in scaled units squared, below 0 counts as 0; derived if left out. */
        omega?: number | undefined;
        /** Logarithmic returns, not simple ones. Default: true. */
        useLogReturns?: boolean | undefined;
        /** Factor on returns inside the recursion: 100 makes percent. Default: 100. */
        scale?: number | undefined;
        /** Returns after the first one before a value is given. Default: 50. */
        minPeriods?: number | undefined;
        /** Lower bound of the deviation, in scaled units. Default: 0.000001. */
        sigmaFloor?: number | undefined;
    };
    volClusterState: {
        /** Index of the bar; the last one if left out. */
        idx?: number | undefined;
        /** Number of latest values that are grouped; below 1 counts as 1. Default: 200. */
        window?: number | undefined;
        /** Number of groups asked for; below 1 counts as 1. Default: 3. */
        k?: number | undefined;
        /** Number of values that there must be; below 1 counts as 1. Default: 60. */
        minPoints?: number | undefined;
        /** Group the logarithms of the values. Default: true. */
        logTransform?: boolean | undefined;
    };
    zscore: {
        /** Window of the deviation and of the rolling mean, in bars. Default: 100. */
        window?: number | undefined;
        /** Which mean the distance is taken from. Default: "rolling". */
        meanSource?: 'rolling' | 'ema' | undefined;
        /** Look-back length of the exponential mean, in bars; required if mean_source is ema. */
        emaPeriod?: number | undefined;
    };
}
/** What each indicator reads: one series, or bars. */
interface IndicatorInputs {
    atr: 'bars';
    bollinger: 'series';
    choppiness: 'bars';
    dema: 'series';
    dmi: 'bars';
    ema: 'series';
    garchVolatility: 'series';
    garchVolatilityLocal: 'series';
    kalmanGarchZscore: 'series';
    kalmanGarchZscoreLocal: 'series';
    kalmanMean: 'series';
    kalmanZscore: 'series';
    macd: 'series';
    momentum: 'series';
    roc: 'series';
    rollingMean: 'series';
    rollingStd: 'series';
    rsi: 'series';
    sma: 'series';
    tema: 'series';
    volClusterSeries: 'bars';
    volClusterState: 'series';
    zscore: 'series';
}
/** The outputs of each indicator. */
interface IndicatorOutputs {
    atr: 'value';
    bollinger: 'upper' | 'middle' | 'lower';
    choppiness: 'value';
    dema: 'value';
    dmi: 'plusDi' | 'minusDi' | 'adx';
    ema: 'value';
    garchVolatility: 'value';
    garchVolatilityLocal: 'value';
    kalmanGarchZscore: 'value';
    kalmanGarchZscoreLocal: 'value';
    kalmanMean: 'value';
    kalmanZscore: 'value';
    macd: 'macd' | 'signal';
    momentum: 'value';
    roc: 'value';
    rollingMean: 'value';
    rollingStd: 'value';
    rsi: 'value';
    sma: 'value';
    tema: 'value';
    volClusterSeries: 'value';
    volClusterState: 'value';
    zscore: 'value';
}
/** What each indicator gives: series as long as the input, or something about one bar. */
interface IndicatorResults {
    atr: 'series';
    bollinger: 'series';
    choppiness: 'series';
    dema: 'series';
    dmi: 'series';
    ema: 'series';
    garchVolatility: 'series';
    garchVolatilityLocal: 'window';
    kalmanGarchZscore: 'series';
    kalmanGarchZscoreLocal: 'point';
    kalmanMean: 'series';
    kalmanZscore: 'series';
    macd: 'series';
    momentum: 'series';
    roc: 'series';
    rollingMean: 'series';
    rollingStd: 'series';
    rsi: 'series';
    sma: 'series';
    tema: 'series';
    volClusterSeries: 'window';
    volClusterState: 'clusters';
    zscore: 'series';
}
/** Keys of the core metrics. */
type MetricKey$1 = 'total_trades' | 'wins' | 'losses' | 'win_rate' | 'profit_gross' | 'fees_total' | 'profit_net' | 'max_drawdown' | 'max_drawdown_abs' | 'max_drawdown_duration_bars' | 'avg_r_multiple' | 'profit_factor' | 'avg_trade_pnl' | 'expectancy' | 'active_days' | 'trades_per_day' | 'avg_win' | 'avg_loss' | 'largest_win' | 'largest_loss' | 'calmar_ratio' | 'sharpe_trade_r' | 'sortino_trade_r' | 'sharpe_equity_daily' | 'sortino_equity_daily';
/** Keys of the metrics beyond the core. */
type ExtendedMetricKey$1 = 'total_return' | 'cagr' | 'volatility_annual' | 'best_day' | 'worst_day' | 'best_month' | 'worst_month' | 'positive_months' | 'sqn' | 'kelly_fraction' | 'payoff_ratio' | 'win_rate_net' | 'profit_factor_net' | 'expectancy_pnl' | 'avg_r_price' | 'exposure_time' | 'avg_trade_duration_minutes' | 'max_trade_duration_minutes' | 'avg_trade_duration_bars' | 'max_consecutive_wins' | 'max_consecutive_losses' | 'ulcer_index_daily' | 'recovery_factor' | 'tail_ratio' | 'var_95' | 'cvar_95' | 'omega_ratio' | 'skew' | 'kurtosis_excess' | 'time_in_drawdown' | 'avg_drawdown' | 'avg_drawdown_duration_bars' | 'deepest_drawdown_duration_bars' | 'max_drawdown_duration_days' | 'buy_hold_return' | 'beta' | 'alpha_annual' | 'benchmark_correlation' | 'trades_without_r';

/** Something to know although the run went on. Codes are stable. */
interface Warning {
    code: string;
    message: string;
    /** Field of the configuration it is about. */
    path?: string;
    hint?: string;
}

/** A value of an artifact: JSON, with bigint for nanoseconds. */
type ArtifactValue = null | boolean | number | bigint | string | readonly ArtifactValue[] | {
    readonly [key: string]: ArtifactValue | undefined;
};
/** The content of `meta.json`. */
type MetaJson = {
    readonly [key: string]: ArtifactValue | undefined;
};

/** How long a run took, and how much it did. It never changes a result. */
interface Profiling {
    readonly metrics: Readonly<Record<string, number>>;
    readonly definitions: Readonly<Record<string, MetricDefinition>>;
}

/** Keys of the metrics beyond the core. */
type ExtendedMetricKey = ExtendedMetricKey$1;
/** The return of one UTC month that has a bar; partial months count. */
interface MonthlyReturn {
    year: number;
    /** 1 to 12. */
    month: number;
    /** `null` if the month starts with nothing left. */
    return: number | null;
}
/** The return of one UTC year that has a bar. */
interface YearlyReturn {
    year: number;
    return: number | null;
}
/** One drawdown, from a high to its recovery or to the end. */
interface DrawdownRow {
    /** Fraction of the high. */
    depth: number;
    /** Account currency. */
    depth_abs: number;
    duration_bars: number;
    /** Last touch of the high; the first bar for the start of the run. */
    peak_time: string;
    peak_time_ns: bigint;
    valley_time: string;
    valley_time_ns: bigint;
    /** `null`: not recovered. */
    recovery_time: string | null;
    recovery_time_ns: bigint | null;
}
/** Metrics and tables beyond the core: the content of `metrics_extended.json`. */
interface ExtendedMetrics {
    /** Rounded as in the file; one that cannot be computed is `null`. */
    readonly metrics: Readonly<Record<ExtendedMetricKey, number | null>>;
    readonly definitions: Readonly<Record<ExtendedMetricKey, MetricDefinition>>;
    readonly tables: {
        readonly monthly_returns: readonly MonthlyReturn[];
        readonly yearly_returns: readonly YearlyReturn[];
        /** The five deepest. */
        readonly drawdowns: readonly DrawdownRow[];
    };
}

/** Rows for people, typed-array columns for programs. Columns are fetched when they are first read, then kept. */
interface Table<Columns, Row> extends Iterable<Row> {
    /** Number of rows. */
    readonly length: number;
    /** One typed array per contract key; absent numbers are NaN. Your copies: writing to them changes no result. */
    readonly columns: Readonly<Columns>;
    /** For columns of closed texts (`Uint8Array`): the text behind each index. */
    readonly categories: Readonly<Record<string, readonly string[]>>;
    /**
     * One row; absent numbers are `null`.
     *
     * @throws {RangeError} if there is no such row.
     */
    row(index: number): Row;
    /** The table as an Arrow IPC stream, with dictionary-encoded text and true nulls. */
    toArrow(): Uint8Array;
}

/** Columns of the trades table; the keys are those of `trades.json`. */
interface TradeColumns {
    position_id: Float64Array;
    order_id: Float64Array;
    /** Open time of the bar in which the position was opened, ns UTC. */
    entry_time_ns: BigInt64Array;
    exit_time_ns: BigInt64Array;
    /** +1 long, −1 short. */
    direction: Int8Array;
    order_type: Uint8Array;
    /** Fill prices, slippage included. */
    entry_price: Float64Array;
    exit_price: Float64Array;
    stop_loss: Float64Array;
    take_profit: Float64Array;
    initial_stop_loss: Float64Array;
    /** Lots. */
    size: Float64Array;
    /** Account currency, before explicit fees. */
    result: Float64Array;
    /** Intended risk in account currency. */
    risk: Float64Array;
    entry_fee: Float64Array;
    exit_fee: Float64Array;
    r_multiple: Float64Array;
    reason: Uint8Array;
    scenario_id: Float64Array;
    bars_held: Float64Array;
    /** Worst unrealised profit, account currency, never positive. */
    mae: Float64Array;
    /** Best unrealised profit, account currency, never negative. */
    mfe: Float64Array;
}
/** One closed trade. */
interface TradeRow {
    position_id: number;
    order_id: number;
    entry_time: Date;
    entry_time_ns: bigint;
    exit_time: Date;
    exit_time_ns: bigint;
    direction: 'long' | 'short';
    symbol: string;
    order_type: string;
    entry_price: number;
    exit_price: number;
    stop_loss: number | null;
    take_profit: number | null;
    initial_stop_loss: number | null;
    size: number;
    result: number;
    risk: number | null;
    entry_fee: number;
    exit_fee: number;
    r_multiple: number | null;
    reason: string;
    scenario_id: number;
    bars_held: number;
    mae: number;
    mfe: number;
}
/** Closed trades in close order. */
interface TradesTable extends Table<TradeColumns, TradeRow> {
    /** The `meta` object of a trade, parsed on demand. */
    meta(index: number): Record<string, unknown>;
}
/** Columns of the equity curve, unrounded, one row per trading bar. */
interface EquityColumns {
    /** Open time of the bar, ns UTC. */
    timestamp_ns: BigInt64Array;
    equity: Float64Array;
    balance: Float64Array;
    /** Fraction of the high water mark, 0..1. */
    drawdown: Float64Array;
    high_water: Float64Array;
}
/** One bar of the equity curve. */
interface EquityRow {
    timestamp: Date;
    timestamp_ns: bigint;
    equity: number;
    balance: number;
    drawdown: number;
    high_water: number;
}
/** Columns of the refused signals. */
interface RejectionColumns {
    order_id: Float64Array;
    /** Row of the equity table. */
    bar_index: Float64Array;
    timestamp_ns: BigInt64Array;
    reason: Uint8Array;
    /** The figure that explains the refusal (price, distance, lots), or NaN. */
    figure: Float64Array;
}
/** One refused signal. */
interface RejectionRow {
    order_id: number | null;
    bar_index: number;
    timestamp: Date;
    timestamp_ns: bigint;
    reason: string;
    detail: string;
}
/** What was written, and where. */
interface WrittenArtifacts {
    /** The run folder. */
    dir: string;
    /** `false` if an identical run was already there. */
    written: boolean;
    /** Names inside the folder. */
    files: readonly string[];
}
/** Milliseconds per stage; never part of artifacts. */
interface Timings {
    load: number;
    prepare: number;
    simulate: number;
    report: number;
    write: number;
}
/** What a metric means. */
interface MetricDefinition {
    description: string;
    domain: string;
    source: string;
    type: string;
    unit: string;
}
/** A position that was still open after the last bar. */
interface OpenPosition {
    position_id: number;
    order_id: number;
    direction: 'long' | 'short';
    entry_time_ns: bigint;
    entry_price: number;
    size: number;
    stop_loss: number | null;
    take_profit: number | null;
    unrealised: number;
}
/** The result of one backtest. */
declare class BacktestResult {
    readonly runId: string;
    readonly configHash: string;
    readonly manifestSha256: string;
    /** The content of `meta.json`; every `*_ns` is a bigint. */
    readonly meta: MetaJson;
    /** Core metrics, rounded as in the file; one that cannot be computed is `null`. */
    readonly metrics: Readonly<Record<MetricKey, number | null>>;
    readonly definitions: Readonly<Record<string, MetricDefinition>>;
    /** Metrics and tables beyond the core, computed on first use. */
    readonly extended: ExtendedMetrics;
    readonly warnings: readonly Warning[];
    /** Refused signals by code. */
    readonly rejectionCounts: Readonly<Record<string, number>>;
    /** Pending orders by terminal state and cause. */
    readonly orderCounts: Readonly<Record<string, number>>;
    readonly openPositions: readonly OpenPosition[];
    readonly trades: TradesTable;
    readonly equity: Table<EquityColumns, EquityRow>;
    readonly rejections: Table<RejectionColumns, RejectionRow>;
    /**
     * Columns that the strategy asked for, by name, one value per trading bar; NaN where undefined. Each is copied on first
     * use. `null` without the option `keepIndicators`.
     */
    readonly indicators: Readonly<Record<string, Float64Array>> | null;
    /** What was written, or `null` without `outputDir`. */
    readonly output: WrittenArtifacts | null;
    readonly timings: Readonly<Timings>;
    /** What `profiling/profiling.json` says, or `null` without `observability.profiling_mode`. */
    readonly profiling: Profiling | null;
}
/** Keys of the core metrics. */
type MetricKey = MetricKey$1;

/**
 * Reads a JSON artifact without loss: every integer under a key ending in `_ns` is a bigint.
 *
 * @throws {OmegaError} `OUT_READ` if the file is missing or not JSON.
 */
declare function readArtifact(file: string): Promise<unknown>;
/**
 * A result as a plain object for `JSON.stringify`: bigint becomes decimal text, tables become rows.
 */
declare function toPlainJson(result: BacktestResult): object;

/** Which part of the system an error belongs to. */
type ErrorCategory = 'config' | 'usage' | 'native' | 'market_data' | 'execution' | 'strategy' | 'runtime' | 'output';
/** Facts about an error, for programs. */
type ErrorDetails = Readonly<Record<string, unknown>>;
/** What an `OmegaError` carries beside code and message. */
interface OmegaErrorOptions {
    category?: ErrorCategory | undefined;
    details?: ErrorDetails | undefined;
    hint?: string | undefined;
    cause?: unknown;
}
/** An error as the native core describes it. */
interface Failure {
    code: string;
    category: string;
    message: string;
    details?: unknown;
    hint?: string | null | undefined;
}
/**
 * The only class of error that Omega throws.
 *
 * `code` is stable: never renamed or reused. `message` is one English sentence, `hint` says what to do about it.
 */
declare class OmegaError extends Error {
    readonly code: string;
    readonly category: ErrorCategory;
    readonly details: ErrorDetails;
    readonly hint?: string;
    /** `category` follows from the code if it is not given. */
    constructor(code: string, message: string, options?: OmegaErrorOptions);
    /** The error behind a failure that the native core returned as a value. */
    static fromFailure(failure: Failure): OmegaError;
    /** Everything but stack and cause, as `--json` prints it. */
    toJSON(): {
        code: string;
        category: ErrorCategory;
        message: string;
        details: ErrorDetails;
        hint?: string;
    };
}

/** What to do when the run folder exists. */
type IfExists = 'verify' | 'error' | 'replace' | 'suffix';
/** Options of {@link writeArtifacts}. */
interface WriteArtifactsOptions {
    /**
     * `verify` (default): equal content keeps the existing folder, other content is `OUT_NOT_REPRODUCIBLE`.
     * `error`: `OUT_EXISTS`. `replace`: the old folder is replaced. `suffix`: `-2`, `-3`, … is added.
     */
    ifExists?: IfExists;
    /** Writes `metrics_extended.json` as well. */
    extendedMetrics?: boolean;
}
/**
 * Writes the artifacts of a run into `directory` (the run folder itself): all of them or none.
 *
 * @throws {OmegaError} `OUT_EXISTS`, `OUT_NOT_REPRODUCIBLE`, `OUT_WRITE`, `OUT_CONTRACT`, `ARG_INVALID`.
 */
declare function writeArtifacts(result: BacktestResult, directory: string, options?: WriteArtifactsOptions): Promise<WrittenArtifacts>;

/** A parameter of a strategy or indicator. */
interface ParameterInfo {
    name: string;
    type: string;
    /** It must be given. */
    required: boolean;
    /** `undefined`: there is none. If the parameter is not required, leaving it out has a meaning of its own. */
    default?: unknown;
    /** What is allowed, in words. */
    range?: string;
    description: string;
}
/** A registered strategy. */
interface StrategyInfo {
    name: string;
    version: string;
    description: string;
    parameters: readonly ParameterInfo[];
}
/** An indicator of `indicators.*`. */
interface IndicatorInfo {
    /** snake_case, as in files and trees. */
    kind: string;
    description: string;
    /** Names of the series that it reads. */
    input: readonly string[];
    outputs: readonly string[];
    /** First defined index in terms of the parameters. */
    warmup: string;
    /** `series`: arrays as long as the input. About one bar: `window` (values of the bars before it), `point`, `clusters`. */
    result: 'series' | 'window' | 'point' | 'clusters';
    parameters: readonly ParameterInfo[];
}
/** A metric. */
interface MetricInfo {
    key: string;
    description: string;
    unit: string;
    domain: string;
    source: string;
    type: string;
    /** Whether larger or smaller values are better. */
    direction: string;
    /** `metrics.json`, or `metrics_extended.json` (on the result: `extended.metrics`). */
    file: string;
}
/** The strategies that `strategy_name` knows, sorted by name. */
declare function listStrategies(): readonly StrategyInfo[];
/** The indicators, sorted by kind. */
declare function listIndicators(): readonly IndicatorInfo[];
/** The core metrics, then those beyond them, each in the order of its table. */
declare function listMetrics(): readonly MetricInfo[];

/** One run: everything that can change its result, and nothing else. */
declare const BacktestConfig: z.ZodObject<{
    schema_version: z.ZodDefault<z.ZodLiteral<"2">>;
    strategy_name: z.ZodString;
    symbol: z.ZodString;
    start_date: z.ZodString;
    end_date: z.ZodString;
    run_mode: z.ZodDefault<z.ZodEnum<{
        dev: "dev";
        prod: "prod";
    }>>;
    data_mode: z.ZodDefault<z.ZodEnum<{
        candle: "candle";
        tick: "tick";
    }>>;
    execution_variant: z.ZodDefault<z.ZodEnum<{
        v2: "v2";
        v1_parity: "v1_parity";
    }>>;
    rng_seed: z.ZodDefault<z.ZodNullable<z.ZodInt>>;
    warmup_bars: z.ZodDefault<z.ZodInt>;
    timeframes: z.ZodObject<{
        primary: z.ZodDefault<z.ZodEnum<{
            M1: "M1";
            M5: "M5";
            M15: "M15";
            M30: "M30";
            H1: "H1";
            H4: "H4";
            D1: "D1";
            W1: "W1";
        }>>;
        additional: z.ZodDefault<z.ZodArray<z.ZodEnum<{
            M1: "M1";
            M5: "M5";
            M15: "M15";
            M30: "M30";
            H1: "H1";
            H4: "H4";
            D1: "D1";
            W1: "W1";
        }>>>;
        additional_source: z.ZodDefault<z.ZodEnum<{
            separate_parquet: "separate_parquet";
            aggregate_from_primary: "aggregate_from_primary";
        }>>;
        mapping_mode: z.ZodDefault<z.ZodEnum<{
            close: "close";
            open: "open";
        }>>;
        stale_limit_bars: z.ZodDefault<z.ZodInt>;
    }, z.core.$strip>;
    sessions: z.ZodDefault<z.ZodNullable<z.ZodArray<z.ZodObject<{
        start: z.ZodString;
        end: z.ZodString;
        timezone: z.ZodOptional<z.ZodString>;
    }, z.core.$strip>>>>;
    account: z.ZodPrefault<z.ZodObject<{
        initial_balance: z.ZodDefault<z.ZodNumber>;
        account_currency: z.ZodDefault<z.ZodString>;
        risk_per_trade: z.ZodDefault<z.ZodNumber>;
        max_positions: z.ZodDefault<z.ZodInt>;
        fx: z.ZodPrefault<z.ZodObject<{
            mode: z.ZodDefault<z.ZodEnum<{
                auto: "auto";
                candles: "candles";
                static: "static";
            }>>;
            hub: z.ZodDefault<z.ZodString>;
            stale_limit_bars: z.ZodDefault<z.ZodInt>;
            static_rates: z.ZodDefault<z.ZodRecord<z.ZodString, z.ZodNumber>>;
        }, z.core.$strip>>;
        sizing: z.ZodPrefault<z.ZodDiscriminatedUnion<[z.ZodObject<{
            kind: z.ZodLiteral<"risk">;
        }, z.core.$strip>, z.ZodObject<{
            kind: z.ZodLiteral<"risk_percent">;
            percent: z.ZodNumber;
        }, z.core.$strip>, z.ZodObject<{
            kind: z.ZodLiteral<"fixed_lots">;
            lots: z.ZodNumber;
        }, z.core.$strip>, z.ZodObject<{
            kind: z.ZodLiteral<"notional">;
            amount: z.ZodNumber;
        }, z.core.$strip>, z.ZodObject<{
            kind: z.ZodLiteral<"equity_percent">;
            percent: z.ZodNumber;
        }, z.core.$strip>], "kind">>;
    }, z.core.$strip>>;
    costs: z.ZodPrefault<z.ZodObject<{
        enabled: z.ZodDefault<z.ZodBoolean>;
        fee_multiplier: z.ZodDefault<z.ZodNumber>;
        slippage_multiplier: z.ZodDefault<z.ZodNumber>;
        spread_multiplier: z.ZodDefault<z.ZodNumber>;
        pip_size: z.ZodDefault<z.ZodNullable<z.ZodNumber>>;
        pip_buffer_factor: z.ZodDefault<z.ZodNullable<z.ZodNumber>>;
    }, z.core.$strip>>;
    execution: z.ZodPrefault<z.ZodObject<{
        limit_gap_fill: z.ZodDefault<z.ZodEnum<{
            worse: "worse";
            better: "better";
            plan_literal: "plan_literal";
        }>>;
        close_open_at_end: z.ZodDefault<z.ZodBoolean>;
        pending_expiry_bars: z.ZodDefault<z.ZodNullable<z.ZodInt>>;
        max_pending_orders: z.ZodDefault<z.ZodNullable<z.ZodInt>>;
        allowed_directions: z.ZodDefault<z.ZodEnum<{
            long: "long";
            short: "short";
            both: "both";
        }>>;
        allowed_order_types: z.ZodDefault<z.ZodArray<z.ZodEnum<{
            limit: "limit";
            market: "market";
            stop: "stop";
        }>>>;
        cooldown_bars: z.ZodDefault<z.ZodInt>;
        cooldown_minutes: z.ZodDefault<z.ZodInt>;
        cooldown_minutes_after_exit: z.ZodDefault<z.ZodInt>;
        market_fill: z.ZodDefault<z.ZodEnum<{
            signal_close: "signal_close";
            next_open: "next_open";
        }>>;
        on_opposite: z.ZodDefault<z.ZodEnum<{
            reverse: "reverse";
            close: "close";
            ignore: "ignore";
        }>>;
    }, z.core.$strip>>;
    news_filter: z.ZodPrefault<z.ZodObject<{
        enabled: z.ZodDefault<z.ZodBoolean>;
        minutes_before: z.ZodDefault<z.ZodInt>;
        minutes_after: z.ZodDefault<z.ZodInt>;
        min_impact: z.ZodDefault<z.ZodEnum<{
            high: "high";
            low: "low";
            medium: "medium";
        }>>;
        currencies: z.ZodDefault<z.ZodNullable<z.ZodArray<z.ZodString>>>;
    }, z.core.$strip>>;
    logging: z.ZodPrefault<z.ZodObject<{
        enable_entry_logging: z.ZodDefault<z.ZodBoolean>;
        logging_mode: z.ZodDefault<z.ZodEnum<{
            trades_only: "trades_only";
            full: "full";
        }>>;
    }, z.core.$strip>>;
    observability: z.ZodPrefault<z.ZodObject<{
        profiling_mode: z.ZodDefault<z.ZodBoolean>;
    }, z.core.$strip>>;
    metrics: z.ZodPrefault<z.ZodObject<{
        robustness: z.ZodPrefault<z.ZodObject<{
            enabled: z.ZodDefault<z.ZodBoolean>;
            mode: z.ZodDefault<z.ZodEnum<{
                fast: "fast";
                full: "full";
                off: "off";
            }>>;
            scores_variant: z.ZodDefault<z.ZodEnum<{
                v2: "v2";
                v1_parity: "v1_parity";
            }>>;
            top_k: z.ZodDefault<z.ZodInt>;
            penalty_cap: z.ZodDefault<z.ZodNumber>;
            dd_floor_frac: z.ZodDefault<z.ZodNumber>;
            rescale_to_unit: z.ZodDefault<z.ZodBoolean>;
            jitter_frac: z.ZodDefault<z.ZodNumber>;
            jitter_repeats: z.ZodDefault<z.ZodInt>;
            jitter_include: z.ZodDefault<z.ZodNullable<z.ZodArray<z.ZodString>>>;
            jitter_exclude: z.ZodDefault<z.ZodNullable<z.ZodArray<z.ZodString>>>;
            dropout_frac: z.ZodDefault<z.ZodNumber>;
            dropout_runs: z.ZodDefault<z.ZodInt>;
            cost_shock_factors: z.ZodDefault<z.ZodArray<z.ZodNumber>>;
            cost_shock_targets: z.ZodDefault<z.ZodArray<z.ZodEnum<{
                fees: "fees";
                slippage: "slippage";
                spread: "spread";
            }>>>;
        }, z.core.$strip>>;
        data_jitter: z.ZodPrefault<z.ZodObject<{
            repeats: z.ZodDefault<z.ZodInt>;
            atr_period: z.ZodDefault<z.ZodInt>;
            sigma_atr: z.ZodDefault<z.ZodNumber>;
            penalty_cap: z.ZodDefault<z.ZodNumber>;
            min_price: z.ZodDefault<z.ZodNumber>;
            fraq: z.ZodDefault<z.ZodNumber>;
            noise: z.ZodDefault<z.ZodEnum<{
                gaussian: "gaussian";
                alternating: "alternating";
            }>>;
        }, z.core.$strip>>;
        timing_jitter: z.ZodPrefault<z.ZodObject<{
            divisors: z.ZodDefault<z.ZodArray<z.ZodInt>>;
            min_months: z.ZodDefault<z.ZodInt>;
        }, z.core.$strip>>;
        ulcer: z.ZodPrefault<z.ZodObject<{
            ulcer_cap: z.ZodDefault<z.ZodNumber>;
        }, z.core.$strip>>;
        stability: z.ZodPrefault<z.ZodObject<{
            s_min_balance_frac: z.ZodDefault<z.ZodNumber>;
        }, z.core.$strip>>;
        tp_sl_stress: z.ZodPrefault<z.ZodObject<{
            max_bars: z.ZodDefault<z.ZodNullable<z.ZodInt>>;
        }, z.core.$strip>>;
        p_values: z.ZodPrefault<z.ZodObject<{
            n_boot: z.ZodDefault<z.ZodInt>;
            method: z.ZodDefault<z.ZodEnum<{
                iid: "iid";
                stationary: "stationary";
            }>>;
            mean_block: z.ZodDefault<z.ZodNullable<z.ZodInt>>;
            centered: z.ZodDefault<z.ZodBoolean>;
        }, z.core.$strip>>;
        monte_carlo: z.ZodPrefault<z.ZodObject<{
            paths: z.ZodDefault<z.ZodInt>;
            method: z.ZodDefault<z.ZodEnum<{
                stationary: "stationary";
                shuffle: "shuffle";
                bootstrap: "bootstrap";
                skip: "skip";
            }>>;
            mean_block: z.ZodDefault<z.ZodNullable<z.ZodInt>>;
            ruin_frac: z.ZodDefault<z.ZodNumber>;
        }, z.core.$strip>>;
        overfitting: z.ZodPrefault<z.ZodObject<{
            pbo_blocks: z.ZodDefault<z.ZodInt>;
        }, z.core.$strip>>;
    }, z.core.$strip>>;
    trade_management: z.ZodPrefault<z.ZodObject<{
        enabled: z.ZodDefault<z.ZodBoolean>;
        stop_update_policy: z.ZodDefault<z.ZodEnum<{
            apply_next_bar: "apply_next_bar";
            apply_immediate: "apply_immediate";
        }>>;
        tp_update_policy: z.ZodDefault<z.ZodEnum<{
            any: "any";
            forbid: "forbid";
            extend_only: "extend_only";
        }>>;
        rules: z.ZodPrefault<z.ZodObject<{
            max_holding_time: z.ZodPrefault<z.ZodObject<{
                max_holding_minutes: z.ZodDefault<z.ZodNullable<z.ZodInt>>;
                enabled: z.ZodDefault<z.ZodBoolean>;
                only_scenarios: z.ZodDefault<z.ZodArray<z.ZodInt>>;
            }, z.core.$strip>>;
            break_even: z.ZodOptional<z.ZodObject<{
                trigger: z.ZodObject<{
                    mode: z.ZodEnum<{
                        atr: "atr";
                        r: "r";
                        pips: "pips";
                    }>;
                    value: z.ZodNumber;
                    atr_period: z.ZodDefault<z.ZodInt>;
                }, z.core.$strip>;
                buffer_pips: z.ZodDefault<z.ZodNumber>;
                enabled: z.ZodDefault<z.ZodBoolean>;
                only_scenarios: z.ZodDefault<z.ZodArray<z.ZodInt>>;
            }, z.core.$strip>>;
            trailing_stop: z.ZodOptional<z.ZodObject<{
                distance: z.ZodObject<{
                    mode: z.ZodEnum<{
                        atr: "atr";
                        r: "r";
                        pips: "pips";
                    }>;
                    atr_period: z.ZodDefault<z.ZodInt>;
                    value: z.ZodNumber;
                }, z.core.$strip>;
                activation: z.ZodPrefault<z.ZodObject<{
                    mode: z.ZodEnum<{
                        atr: "atr";
                        r: "r";
                        pips: "pips";
                    }>;
                    value: z.ZodNumber;
                    atr_period: z.ZodDefault<z.ZodInt>;
                }, z.core.$strip>>;
                reference: z.ZodDefault<z.ZodEnum<{
                    close: "close";
                    extreme: "extreme";
                }>>;
                step_pips: z.ZodDefault<z.ZodNumber>;
                enabled: z.ZodDefault<z.ZodBoolean>;
                only_scenarios: z.ZodDefault<z.ZodArray<z.ZodInt>>;
            }, z.core.$strip>>;
            session_end: z.ZodOptional<z.ZodObject<{
                minutes_before: z.ZodDefault<z.ZodInt>;
                cancel_pending: z.ZodDefault<z.ZodBoolean>;
                weekend_close_utc: z.ZodDefault<z.ZodNullable<z.ZodString>>;
                enabled: z.ZodDefault<z.ZodBoolean>;
                only_scenarios: z.ZodDefault<z.ZodArray<z.ZodInt>>;
            }, z.core.$strip>>;
            news_exit: z.ZodOptional<z.ZodObject<{
                mode: z.ZodDefault<z.ZodEnum<{
                    close: "close";
                    freeze_stops: "freeze_stops";
                }>>;
                enabled: z.ZodDefault<z.ZodBoolean>;
                only_scenarios: z.ZodDefault<z.ZodArray<z.ZodInt>>;
            }, z.core.$strip>>;
            partial_close: z.ZodOptional<z.ZodObject<{
                levels: z.ZodArray<z.ZodObject<{
                    trigger: z.ZodObject<{
                        mode: z.ZodEnum<{
                            atr: "atr";
                            r: "r";
                            pips: "pips";
                        }>;
                        value: z.ZodNumber;
                        atr_period: z.ZodDefault<z.ZodInt>;
                    }, z.core.$strip>;
                    fraction: z.ZodNumber;
                }, z.core.$strip>>;
                enabled: z.ZodDefault<z.ZodBoolean>;
                only_scenarios: z.ZodDefault<z.ZodArray<z.ZodInt>>;
            }, z.core.$strip>>;
            kill_switch: z.ZodOptional<z.ZodObject<{
                max_drawdown_pct: z.ZodDefault<z.ZodNullable<z.ZodNumber>>;
                max_daily_loss: z.ZodDefault<z.ZodNullable<z.ZodNumber>>;
                max_daily_loss_pct: z.ZodDefault<z.ZodNullable<z.ZodNumber>>;
                max_consecutive_losses: z.ZodDefault<z.ZodNullable<z.ZodInt>>;
                reset: z.ZodDefault<z.ZodEnum<{
                    never: "never";
                    next_day: "next_day";
                }>>;
                enabled: z.ZodDefault<z.ZodBoolean>;
                only_scenarios: z.ZodDefault<z.ZodArray<z.ZodInt>>;
            }, z.core.$strip>>;
        }, z.core.$strip>>;
    }, z.core.$strip>>;
    data: z.ZodPrefault<z.ZodObject<{
        quotes: z.ZodDefault<z.ZodEnum<{
            bid_ask: "bid_ask";
            single: "single";
        }>>;
        spread_pips: z.ZodDefault<z.ZodNumber>;
    }, z.core.$strip>>;
    strategy_parameters: z.ZodDefault<z.ZodRecord<z.ZodString, z.ZodUnknown>>;
}, z.core.$strip>;
/** A normalised configuration: every default filled, every value in its canonical form. */
type BacktestConfig = z.output<typeof BacktestConfig>;
type Written = DeepReadonly<z.input<typeof BacktestConfig>>;
/** A configuration as users write it; `as const` objects fit too. */
interface BacktestConfigInput extends Omit<Written, 'strategy_name'> {
    /** Strategy to run; may be left out if the options of the run bring one. */
    readonly strategy_name?: string | undefined;
}
type DeepReadonly<T> = T extends readonly (infer Element)[] ? readonly DeepReadonly<Element>[] : T extends object ? {
    readonly [Key in keyof T]: DeepReadonly<T[Key]>;
} : T;

/** Codes of what makes a configuration invalid, with the case each stands for. */
declare const ISSUE_CODES: {
    readonly CFG_FILE_NOT_FOUND: "The configuration file does not exist.";
    readonly CFG_FILE_READ: "The configuration file cannot be read.";
    readonly CFG_PARSE: "The configuration file is not valid JSON.";
    readonly CFG_NOT_OBJECT: "The root is not an object.";
    readonly CFG_V1_CONFIG: "The configuration has the shape of Omega V1.";
    readonly CFG_SCHEMA_VERSION: "The schema generation is not 2.";
    readonly CFG_REQUIRED: "A field is missing.";
    readonly CFG_TYPE: "A value has the wrong type.";
    readonly CFG_ENUM: "A value is not in the list.";
    readonly CFG_RANGE: "A value is out of bounds.";
    readonly CFG_FORMAT: "A text does not have the required form.";
    readonly CFG_TIMEFRAME: "A timeframe is not supported.";
    readonly CFG_DATE_INVALID: "A date is not valid.";
    readonly CFG_DATE_ORDER: "The start lies after the end.";
    readonly CFG_UNSUPPORTED: "A setting needs a feature that is not built yet.";
    readonly CFG_CONFLICT: "Two settings contradict each other.";
    readonly CFG_UNKNOWN_STRATEGY: "The strategy is not registered.";
    readonly CFG_STRATEGY_PARAM: "A strategy parameter is invalid.";
    readonly CFG_UNKNOWN_RULE: "The trade-management rule does not exist.";
    readonly CFG_UNKNOWN_KEY: "A key does not exist (strict mode; always inside trade-management rules).";
    readonly CFG_PATH_NOT_ALLOWED: "A path stands in the configuration (strict mode).";
    readonly CFG_ENGINE_REJECTED: "The core refused a configuration that this layer accepted.";
};
/** A code of {@link ISSUE_CODES}. */
type IssueCode = keyof typeof ISSUE_CODES;
/** Codes of remarks about a configuration that is valid, with the case each stands for. */
declare const WARNING_CODES: {
    readonly CFG_W_UNKNOWN_KEY: "A key does not exist and is ignored.";
    readonly CFG_W_DEFAULTED: "A field that should be written was filled in.";
    readonly CFG_W_ALIAS: "A field was given under another name.";
    readonly CFG_W_NORMALISED: "Entries of a list were removed.";
    readonly CFG_W_EMPTY_SESSIONS: "An empty list of sessions means no session gate.";
    readonly CFG_W_FULL_DAY_SESSION: "A session covers the whole day.";
    readonly CFG_W_PATH_IGNORED: "A path in the configuration is ignored.";
    readonly CFG_W_CONFLICT_RESOLVED: "One of two settings wins.";
    readonly CFG_W_NO_EFFECT: "A setting cannot act.";
    readonly CFG_W_STRATEGY: "A remark of the strategy about its parameters.";
    readonly CFG_W_MIGRATION: "A key of Omega V1 has no counterpart.";
};
/** A code of {@link WARNING_CODES}. */
type ConfigWarningCode = keyof typeof WARNING_CODES;
/** One thing wrong with a configuration. */
interface ConfigIssue {
    /** `account.initial_balance`, `sessions[0].end`; empty for the root. */
    path: string;
    code: IssueCode;
    /** One English sentence that names the allowed values. */
    message: string;
    /** What would be right. */
    expected?: string;
    /** What was given, at most 80 characters. */
    received?: string;
    /** What to do about it. */
    hint?: string;
    /** Code of the strategy's own rules: `UNKNOWN_PARAM`, `INVALID_PARAM`, `CONFLICTING_PARAMS`. */
    reason?: string;
}
/** One remark about a configuration that is valid. */
interface ConfigWarning {
    path: string;
    code: ConfigWarningCode;
    message: string;
    /** What to do about it. */
    hint?: string;
    /** Code of the strategy's own remarks, `W-…`. */
    reason?: string;
}

/** A configuration of Omega V1 in the form of this version. */
interface MigratedConfig {
    /** As a user would write it: defaults are not filled in. Check it with `parseConfig`. */
    config: BacktestConfigInput;
    /** Keys of V1 without a counterpart, and settings that mean something else now. */
    warnings: readonly ConfigWarning[];
}

/** How a configuration is read. */
interface ParseConfigOptions {
    /** Unknown keys and paths are errors, and nothing that should be written is filled in. */
    strict?: boolean | undefined;
}
/** A valid configuration in its normal form, frozen. Keys that the schema does not have are kept in it. */
interface ParsedConfig {
    config: BacktestConfig;
    /** Identity of the configuration, 64 hexadecimal digits. */
    hash: string;
    warnings: ConfigWarning[];
}
/** What {@link safeParseConfig} gives. */
type SafeParsedConfig = ({
    ok: true;
} & ParsedConfig) | {
    ok: false;
    issues: ConfigIssue[];
    warnings: ConfigWarning[];
};

/** Which JSON Schema {@link configJsonSchema} makes. */
interface ConfigJsonSchemaOptions {
    /** Unknown keys are errors; better marking of typos in editors. */
    strict?: boolean;
    target?: 'draft-2020-12' | 'draft-07';
}
/**
 * Checks a configuration and brings it to its normal form.
 *
 * @throws {OmegaError} `CONFIG_INVALID` with everything that is wrong in `details.issues`.
 */
declare function parseConfig(input: unknown, options?: ParseConfigOptions): ParsedConfig;
/** As {@link parseConfig}, with the issues as a value. */
declare function safeParseConfig(input: unknown, options?: ParseConfigOptions): SafeParsedConfig;
/**
 * Rewrites a configuration of Omega V1 in the form of this version. Values are moved, not judged: check the result with
 * {@link parseConfig}. It never runs by itself.
 *
 * @throws {OmegaError} `CONFIG_INVALID` if it is no V1 configuration, or holds several strategies or symbols.
 */
declare function migrateV1(input: unknown): MigratedConfig;
/** The JSON Schema of the configuration as users write it, strategy parameters included. */
declare function configJsonSchema(options?: ConfigJsonSchemaOptions): object;

/** What long work is doing. */
interface Progress {
    /** `load`, `prepare`, `simulate`, `report`, `write`, `import`, `generate`, `inspect` or `resample`. */
    phase: string;
    /** Steps of the phase that are done. */
    done: number;
    /** Steps of the phase in all; 0 if unknown. */
    total: number;
    /** Estimated milliseconds until the phase ends; `null` while unknown. */
    etaMs: number | null;
}
/** Options of every call that takes long. */
interface JobOptions {
    /** Aborting it rejects the promise with `ABORTED` and leaves nothing behind. */
    signal?: AbortSignal | undefined;
    /** Called at most twenty times a second. */
    onProgress?: ((progress: Progress) => void) | undefined;
}

/** A bar length. */
type Timeframe = 'M1' | 'M5' | 'M15' | 'M30' | 'H1' | 'H4' | 'D1' | 'W1';
/** Candles of one side as columns; all arrays are equally long. */
interface Ohlcv {
    open: Float64Array;
    high: Float64Array;
    low: Float64Array;
    close: Float64Array;
    /** Left out: 0 for every bar. */
    volume?: Float64Array;
}
/** Aligned candles: index `i` is the same bar in every column. */
interface Series {
    /** Open times, nanoseconds since the Unix epoch, UTC. */
    time: BigInt64Array;
    bid: Required<Ohlcv>;
    /** `undefined` if the dataset has one side only (`quotes: 'single'`). */
    ask: Required<Ohlcv> | undefined;
}
/** What {@link loadDataset} loads. */
interface LoadDatasetInput {
    symbol: string;
    timeframes: readonly Timeframe[];
    /** Folder with `{SYMBOL}/{SYMBOL}_{TF}_{BID|ASK}.parquet`. Default: `OMEGA_DATA_PARQUET_ROOT`, then `data/parquet`. */
    root?: string;
    /** `single`: one file per timeframe, `{SYMBOL}_{TF}.parquet`. */
    quotes?: 'bid_ask' | 'single';
}
/** Options of {@link loadDataset}. */
interface LoadDatasetOptions extends JobOptions {
    /** Threads to use; default: one per core. */
    threads?: number;
    /** Base of relative paths; default: the working directory. */
    cwd?: string;
}
/** What {@link createDataset} takes: candles that a program already holds. */
interface CreateDatasetInput {
    symbol: string;
    series: Partial<Record<Timeframe, {
        time: BigInt64Array;
        bid: Ohlcv;
        ask?: Ohlcv;
    }>>;
}
/**
 * Candles of one symbol, loaded once and shared by every run that uses them.
 *
 * The engine's memory is never handed out: {@link series} gives copies.
 */
declare class Dataset {
    #private;
    /** Pass it to {@link attachDataset} in another worker thread of the same process. */
    readonly token: string;
    readonly symbol: string;
    /** Both sides, or one. */
    readonly quotes: 'bid_ask' | 'single';
    /** In loading order; the first is the primary one of a run that names none. */
    readonly timeframes: readonly Timeframe[];
    /**
     * The aligned candles of a timeframe. Each column is copied on first use and kept; writing to it changes nothing but
     * your copy.
     *
     * @throws {OmegaError} `ARG_INVALID` for a timeframe that is not loaded or a dataset that is closed.
     */
    series(timeframe: Timeframe): Series;
    /** Gives the memory back as soon as no run uses it. The dataset cannot be used afterwards. */
    close(): void;
    [Symbol.dispose](): void;
}
/**
 * Loads candle files off the main thread: checked, aligned, hashed.
 *
 * @throws {OmegaError} `DATA_*` for whatever is wrong with the files, `ARG_INVALID` for the arguments, `ABORTED`.
 */
declare function loadDataset(input: LoadDatasetInput, options?: LoadDatasetOptions): Promise<Dataset>;
/**
 * Makes a dataset of candles that a program already holds. The arrays are copied and checked like files.
 *
 * @throws {OmegaError} `DATA_*` for whatever is wrong with the candles, `ARG_INVALID` for missing arrays.
 */
declare function createDataset(input: CreateDatasetInput): Dataset;
/**
 * The dataset that another thread of this process has loaded; no copy is made.
 *
 * @throws {OmegaError} `ARG_INVALID` if no thread holds it any more.
 */
declare function attachDataset(token: string): Dataset;

/** What {@link generateData} makes. */
interface GenerateDataInput {
    symbol: string;
    timeframe: Timeframe;
    /** Bars of the timeframe. */
    bars: number;
    /** The same seed gives the same bytes. */
    seed: number;
    /** First day, `YYYY-MM-DD`. Default: 2020-01-06. */
    start?: string;
    /** Larger timeframes, aggregated from the same path. */
    additional?: readonly Timeframe[];
    overwrite?: boolean;
    root?: string;
    cwd?: string;
}
/** What was generated. */
interface GenerateReport {
    [key: string]: unknown;
}
/**
 * Makes reproducible synthetic bid and ask candles, marked as synthetic wherever they are used.
 *
 * @throws {OmegaError} `ARG_INVALID`, `IMPORT_EXISTS`, `IMPORT_WRITE`, `ABORTED`.
 */
declare function generateData(input: GenerateDataInput, options?: JobOptions): Promise<GenerateReport>;

/** A file, or the same content as an object. */
type FileOrObject = string | Readonly<Record<string, unknown>>;

/** What {@link importData} reads and how. */
interface ImportDataInput {
    symbol: string;
    timeframe: Timeframe;
    /** Files of the bid side: CSV, `.gz` too, or Parquet. Several are merged. */
    bid?: string | readonly string[];
    /** Files of the ask side. */
    ask?: string | readonly string[];
    /** Files of data without a spread; writes `{SYMBOL}_{TF}.parquet` for runs with `data.quotes = single`. */
    single?: string | readonly string[];
    /** Files of ticks with bid and ask; they become bars of `timeframe`. Read as a stream, so they may be large. */
    ticks?: string | readonly string[];
    /** Makes the ask side: bid plus this many pips. It stays visible in every run. */
    askFromSpread?: number;
    /** Makes the ask side: bid plus this spread column of the bid file (× `point` if given, else in the price unit of the file). */
    askFromColumn?: string;
    /**
     * Bars: `native`, `generic`, `dukascopy-web`, `dukascopy-local`, `dukascopy-jforex`, `dukascopy-etc-utc`, `dukascopy-node`,
     * `histdata-ascii-m1`, `histdata-mt`, `mt5-bars`. Ticks: `dukascopy-ticks`, `histdata-ascii-ticks`, `mt5-ticks`,
     * `generic-ticks`. Default: told by the header.
     */
    format?: string;
    /** Name of the time column (`generic`, `generic-ticks`). */
    timeColumn?: string;
    /** `iso` (default), `s`, `ms`, `us`, `ns` (`generic`, `generic-ticks`). */
    timeUnit?: string;
    /** Name of the bid column (`generic-ticks`). Default `bid`. */
    bidColumn?: string;
    /** Name of the ask column (`generic-ticks`). Default `ask`. */
    askColumn?: string;
    /** The day of ticks that only show the time since midnight (`generic-ticks`): `YYYY-MM-DD`. */
    date?: string;
    /** IANA name, `UTC`, `+HH:MM`, or `ny+7` (New York wall clock plus 7 h, the usual broker server). */
    timezone?: string;
    /** Prices are divided by it: 100000 turns 158611 into 1.58611. */
    priceDivisor?: number;
    /** Size of a point, for spread columns in points. */
    point?: number;
    /** Size of a pip; default: from the symbol specifications. */
    pipSize?: number;
    symbolSpecs?: FileOrObject;
    /** Crossed quotes: `fail` (default), `drop` both sides of the bar, or `clamp` the ask to the bid. */
    onCrossed?: 'fail' | 'drop' | 'clamp';
    /** Share of bars that `drop` may drop. Default 0.01. */
    maxDrop?: number;
    calendar?: 'fx' | 'always' | 'none';
    /** Whether the stamps tell the open (default) or the close of a bar. */
    label?: 'open' | 'close';
    /** Bars without volume and movement. Default: `weekend` for bars of Dukascopy, else `none`. */
    dropFlat?: 'weekend' | 'none' | 'all';
    /** Keeps the bars that Omega V1 kept. */
    v1MarketHours?: boolean;
    /** Replaces existing files. */
    overwrite?: boolean;
    /** Data root. Default: `OMEGA_DATA_PARQUET_ROOT`, then `data/parquet`. */
    root?: string;
    cwd?: string;
}
/** What an import did. Instants are ISO text. */
interface ImportReport {
    [key: string]: unknown;
}
/**
 * Imports candles or ticks (CSV, Parquet) into the Parquet layout: checked, aligned, written whole or not at all. The same
 * bytes and options give the same files.
 *
 * @throws {OmegaError} `IMPORT_*`, `DATA_*`, `ARG_INVALID`, `ABORTED`.
 */
declare function importData(input: ImportDataInput, options?: JobOptions): Promise<ImportReport>;

/** What becomes of events whose impact is not LOW, MEDIUM or HIGH. */
type MappedImpact = 'skip' | 'low' | 'medium' | 'high';
/** What {@link importNews} reads and how. */
interface ImportNewsInput {
    /** CSV files, `.gz` too: columns `Start` or `UTC time` (UTC), `Name`, `Impact`, `Currency` and perhaps `Id`. Several are merged. */
    file: string | readonly string[];
    /** Other impacts than LOW, MEDIUM and HIGH: `{ NONE: 'skip' }` leaves such events out. Without an entry they are errors. */
    impactMap?: Readonly<Record<string, MappedImpact>>;
    /** Dates with slashes are `dd/MM/yyyy`; default: `MM/dd/yyyy`. */
    dayFirst?: boolean;
    /** The calendar. Default: `OMEGA_NEWS_CALENDAR_FILE`, then `data/news/news_calender_history.parquet`. */
    out?: string;
    /** Replaces an existing calendar. */
    overwrite?: boolean;
    cwd?: string;
}
/** What {@link importNews} did. Instants are ISO text; nanoseconds are decimal text. */
interface ImportNewsReport {
    sources: {
        path: string;
        sha256: string;
        bytes: number;
        rows: number;
    }[];
    rows_in: number;
    /** Rows left out by `impactMap`, by impact. */
    skipped: Record<string, number>;
    /** Rows left out because an earlier one has the same `Id`. */
    repeated: number;
    rows_out: number;
    /** Events that had no `Id` and got one from what they are. */
    derived_ids: number;
    impacts: Record<string, number>;
    currencies: Record<string, number>;
    path: string;
    sha256: string;
    bytes: number;
    first_time: string | null;
    first_time_ns: string | null;
    last_time: string | null;
    last_time_ns: string | null;
    warnings: Warning[];
}
/**
 * Imports an economic calendar into the Parquet file that `news_filter` reads. The same bytes and options give the same file.
 *
 * @throws {OmegaError} `IMPORT_*`; `NEWS_MISSING_COLUMN`, `NEWS_IMPACT`, `NEWS_CURRENCY` (with the line), `NEWS_EMPTY`;
 * `ARG_INVALID`, `ABORTED`.
 */
declare function importNews(input: ImportNewsInput, options?: JobOptions): Promise<ImportNewsReport>;

/** Which candles {@link inspectData} looks at. */
interface InspectDataInput {
    symbol: string;
    timeframe: Timeframe;
    quotes?: 'bid_ask' | 'single';
    calendar?: 'fx' | 'always' | 'none';
    /** Size of a pip for the spread statistics; default: from the symbol specifications, if they know the symbol. */
    pipSize?: number;
    symbolSpecs?: FileOrObject;
    root?: string;
    cwd?: string;
}
/** Rows, span, gaps, crossed bars, spread statistics, hashes and problems of candle files. */
interface InspectReport {
    [key: string]: unknown;
}
/**
 * Looks at candle files. Problems in the data are part of the report, not errors.
 *
 * @throws {OmegaError} `DATA_FILE_NOT_FOUND`, `ABORTED`.
 */
declare function inspectData(input: InspectDataInput, options?: JobOptions): Promise<InspectReport>;

/** What H4, D1 and W1 bars are counted from: 17:00 New York (weeks from Sunday), or midnight UTC (weeks from Monday). */
type Anchor = 'ny17' | 'utc';
/** What {@link resample} reads and makes. */
interface ResampleInput {
    symbol: string;
    /** Bars that are read. */
    from: Timeframe;
    /** Bars that are made; each is longer than `from`. */
    to: Timeframe | readonly Timeframe[];
    /** Both sides or one. Default: by the files that are there. */
    quotes?: 'bid_ask' | 'single';
    /** Default: `ny17` for six-letter symbols, otherwise `utc`; the other one if H4 or D1 bars lie across its borders. */
    anchor?: Anchor;
    /** Replaces existing files. */
    overwrite?: boolean;
    /** Data root. Default: `OMEGA_DATA_PARQUET_ROOT`, then `data/parquet`. */
    root?: string;
    cwd?: string;
}
/** A candle file that was made. Instants are ISO text; nanoseconds are decimal text. */
interface ResampledFile {
    side: 'bid' | 'ask' | 'single';
    timeframe: Timeframe;
    path: string;
    relative_path: string;
    sha256: string;
    bytes: number;
    rows: number;
    first_time: string | null;
    first_time_ns: string | null;
    last_time: string | null;
    last_time_ns: string | null;
}
/** What {@link resample} made. */
interface ResampleReport {
    symbol: string;
    quotes: 'bid_ask' | 'single';
    from: Timeframe;
    /** Bars that were read, both sides aligned. */
    bars: number;
    anchor: Anchor;
    timeframes: {
        timeframe: Timeframe;
        bars: number;
        /** Bars of the source that were left out, because the bar around them began before the data. */
        left_out: number;
        /** The data ends before the last bar does. */
        last_is_partial: boolean;
    }[];
    /** By timeframe, bid before ask. */
    files: ResampledFile[];
    warnings: Warning[];
}
/**
 * Makes candle files of longer timeframes from those of a shorter one: open first, high max, low min, close last, volume
 * sum, bid and ask apart, over the bars that both sides have. Nothing is filled; all files are written or none.
 *
 * @throws {OmegaError} `ARG_INVALID`, `IMPORT_EXISTS`, `IMPORT_WRITE`, `ABORTED`; `DATA_*` for the bars that are read.
 */
declare function resample(input: ResampleInput, options?: JobOptions): Promise<ResampleReport>;

/** What is running here. */
interface EngineInfo {
    /** Always `omega-v2`. */
    name: string;
    /** Version of the npm package. */
    version: string;
    /** Version of the native core. */
    coreVersion: string;
    /** Target triple that the core was built for. */
    target: string;
    /** `release` builds are what should be measured. */
    profile: string;
    /** Threads of the default pool. */
    threads: number;
    node: string;
    platform: string;
    arch: string;
}
/**
 * Versions and platform.
 *
 * @throws {OmegaError} `NATIVE_UNAVAILABLE`
 */
declare function engineInfo(): EngineInfo;

/** A series of numbers; NaN is a missing value. It is copied. */
type NumericSeries = Float64Array | readonly number[];
/** Bars for indicators that need them. */
interface BarColumns {
    high: NumericSeries;
    low: NumericSeries;
    close: NumericSeries;
}
/** What an indicator reads. */
type IndicatorInput<K extends IndicatorName> = IndicatorInputs[K] extends 'series' ? NumericSeries : BarColumns;
/** Values of consecutive bars, the last of which is the bar that was asked for. */
interface IndicatorWindow {
    /** The bar of the first value; 0 if there is none. */
    start: number;
    /** NaN is undefined. */
    values: Float64Array;
}
/** Groups of the latest values of a volatility series, or why there are none. */
type VolatilityClusters = {
    status: 'ok';
    /** Number of values that were there, before the window was cut out of them. */
    sampleSize: number;
    /** Name of the group of the last value: `low`, `mid`, `high`, `very_high`, `extreme`, `cluster_5` … */
    label: string;
    /** The last value. */
    sigma: number;
    /** One label per value of the window, in the order of time: an index of `names`. */
    labels: readonly number[];
    /** The name of each label. */
    names: readonly string[];
    /** The centres, ascending, in the unit of the values. */
    centers: readonly number[];
    /** Their logarithms, if logarithms were grouped. */
    centersLog?: readonly number[];
} | {
    status: 'invalid_index' | 'insufficient_points' | 'insufficient_unique' | 'clustering_failed';
    sampleSize: number;
};
/** What an indicator gives. NaN is undefined. */
type IndicatorResult<K extends IndicatorName> = IndicatorResults[K] extends 'window' ? IndicatorWindow : IndicatorResults[K] extends 'point' ? number | undefined : IndicatorResults[K] extends 'clusters' ? VolatilityClusters : [IndicatorOutputs[K]] extends ['value'] ? Float64Array : {
    [Output in IndicatorOutputs[K]]: Float64Array;
};
/** Parameters may be left out if all of them have defaults. */
type IndicatorCall<K extends IndicatorName> = Record<never, never> extends IndicatorParams[K] ? (input: IndicatorInput<K>, params?: IndicatorParams[K]) => IndicatorResult<K> : (input: IndicatorInput<K>, params: IndicatorParams[K]) => IndicatorResult<K>;
/** Every indicator of the core: the same code that strategies use. */
type Indicators = {
    readonly [K in IndicatorName]: IndicatorCall<K>;
};
/**
 * The indicators of the core as plain functions: `indicators.sma(close, { period: 20 })`.
 *
 * A result is as long as its input; NaN means undefined. The value at `t` depends on values up to `t` only. Those with a
 * parameter `idx` answer for that bar alone: a window of values, one value or `undefined`, or clusters. Inputs are copied.
 *
 * @throws {OmegaError} `IND_PARAM` for a parameter, `IND_INPUT` for an input.
 */
declare const indicators: Indicators;

/** How much of a run is logged: everything up to this level. */
type LogLevel = 'off' | 'error' | 'warn' | 'info' | 'debug' | 'trace';

/**
 * Trading signals as columns, one entry per bar of the **aligned primary series of the dataset**
 * (`dataset.series(tf).time.length`); the run cuts its own window out of them. `NaN` and 0 mean "absent".
 */
interface SignalColumns {
    /** −1 short, 0 nothing, 1 long: one order at the close of the bar. */
    direction: Int8Array;
    /** 0 market (as without the column), 1 limit, 2 stop. */
    orderType?: Uint8Array;
    /** Absolute price of a limit or stop order; of a market order the reference price, within the range of the bar. */
    price?: Float64Array;
    /** Bars that a limit or stop order stays eligible; 0 is what `execution.pending_expiry_bars` says. */
    expireAfterBars?: Uint32Array;
    /** Absolute price; required wherever `direction` is not 0 and sizing is by risk. */
    stopLoss?: Float64Array;
    /** Absolute price. */
    takeProfit?: Float64Array;
    /** Lots; overrides sizing by risk. */
    size?: Float64Array;
    /** Bit 1 closes long positions, bit 2 short ones, at the close of the bar and before its entry. */
    exit?: Uint8Array;
    /** Open times; compared bar by bar with those of the dataset. */
    time?: BigInt64Array;
    /** Not built yet. */
    oco?: Uint8Array;
    /** Not built yet. */
    exitFraction?: Float64Array;
    /** Not built yet. */
    updateStopLoss?: Float64Array;
    /** Not built yet. */
    updateTakeProfit?: Float64Array;
    /** Not built yet. */
    cancel?: Uint8Array;
}
/** A strategy made of signal columns; pass it as `strategy` to `runBacktest`. */
declare class SignalStrategy {
    readonly form: "signals";
    readonly name = "signals";
    /** SHA-256 of the columns; it enters the configuration hash. */
    readonly sha256: string;
    /** Number of bars. */
    readonly length: number;
    /** Columns that were given but need a feature that is not built yet; a run that would use them is refused. */
    readonly notBuilt: readonly string[];
}
/**
 * A strategy from arrays that a model, a notebook or a loop of your own has filled. The arrays are copied here, once:
 * changing them later changes nothing.
 *
 * @throws {OmegaError} `ARG_INVALID` for a wrong array type, `SIGNALS_LENGTH` for unequal lengths, `SIGNALS_VALUE` for an
 * impossible value.
 */
declare function signals(columns: SignalColumns): SignalStrategy;

/** Options of {@link runBacktest}. Nothing here but `data`, `costs`, `symbolSpecs`, `fxRates`, `news` and `strategy` can change a figure. */
interface RunOptions extends JobOptions {
    /** Candles: a dataset, or the data root folder. Default: `OMEGA_DATA_PARQUET_ROOT`, then `data/parquet`. */
    data?: Dataset | string;
    /** Execution costs: YAML file or object. Default: environment, `configs/execution_costs.yaml`, then the shipped file. */
    costs?: FileOrObject;
    /** Symbol specifications: YAML file or object. Default: environment, `configs/symbol_specs.yaml`, then the shipped file. */
    symbolSpecs?: FileOrObject;
    /** Constant conversion rates: YAML file or object. Default: environment, `configs/fx_rates.yaml`; none is shipped. */
    fxRates?: FileOrObject;
    /**
     * The news calendar, a Parquet file made by `importNews`; read only if `news_filter.enabled`. Default:
     * `OMEGA_NEWS_CALENDAR_FILE`, then `data/news/news_calender_history.parquet`.
     */
    news?: string;
    /** Signals of your own, instead of a strategy named in the configuration. */
    strategy?: SignalStrategy;
    /** Output root (`backtests/<run id>` and `manifests` below it), or `false` (default): nothing is written. */
    outputDir?: string | false;
    /** Folder of the dataset manifests; default: `OMEGA_MANIFEST_DIR`, then `manifests` below the output root. */
    manifestDir?: string;
    /** What to do when the run folder exists. Default: `verify` in dev, `error` in prod. */
    ifExists?: IfExists;
    /** `false`: no equity columns; metrics are the same. Default: `true`. */
    curve?: boolean;
    /** How gaps are counted: `fx` (default for six-letter symbols), `always`, `none`. It never changes trades. */
    calendar?: 'fx' | 'always' | 'none';
    /** Share of missing bars that makes the run fail with `DATA_GAP_LOSS`. Default: `null`, never. */
    maxGapLoss?: number | null;
    /** Hash every input file again. They always are, as long as there is no cache. */
    verifyInputs?: boolean;
    /** `false`: no cache. There is none yet; a folder is refused. */
    cache?: false;
    /** Writes `metrics_extended.json` as well; `result.extended` is there in any case. */
    extendedMetrics?: boolean;
    /** Keeps the columns that the strategy asked for: `result.indicators`. */
    keepIndicators?: boolean;
    /** How much is logged. Default: `OMEGA_LOG`, then `RUST_LOG`, then `info` in dev and `warn` in prod. */
    logLevel?: LogLevel;
    /** Folder of the logs; default: `OMEGA_LOG_DIR`, then `logs` below the output root. */
    logDir?: string;
    /** Prints the log on stderr when the run is over, also without an output folder. */
    console?: boolean;
    /** Unknown keys in the configuration are errors. */
    strict?: boolean;
    /** Threads for loading and indicators; results are the same for any number. Default: one per core. */
    threads?: number;
    /** Base of relative paths. Default: the working directory. */
    cwd?: string;
    /** Name of the run folder instead of the derived one. */
    runId?: string;
}

/**
 * Runs one backtest off the main thread.
 *
 * @param input the run configuration, or the path of a JSON file that holds it
 * @throws {OmegaError} `CONFIG_INVALID` and `ARG_INVALID` before any data is read, `CFG_UNSUPPORTED` for a setting that
 * needs a feature not built yet, `DATA_*` and the codes of costs and conversion for the inputs, `ABORTED`, `OUT_*`.
 */
declare function runBacktest(input: BacktestConfigInput | string, options?: RunOptions): Promise<BacktestResult>;
/**
 * {@link runBacktest} for those who prefer values to exceptions. It never rejects with an `OmegaError`.
 */
declare function safeRunBacktest(input: BacktestConfigInput | string, options?: RunOptions): Promise<{
    ok: true;
    result: BacktestResult;
} | {
    ok: false;
    error: OmegaError;
}>;

export { BacktestConfig, BacktestResult, Dataset, OmegaError, SignalStrategy, attachDataset, configJsonSchema, createDataset, engineInfo, generateData, importData, importNews, indicators, inspectData, listIndicators, listMetrics, listStrategies, loadDataset, migrateV1, parseConfig, readArtifact, resample, runBacktest, safeParseConfig, safeRunBacktest, signals, toPlainJson, writeArtifacts };
export type { Anchor, BacktestConfigInput, CreateDatasetInput, DrawdownRow, EngineInfo, ErrorCategory, ExtendedMetrics, GenerateDataInput, GenerateReport, IfExists, ImportDataInput, ImportNewsInput, ImportNewsReport, ImportReport, IndicatorWindow, InspectDataInput, InspectReport, JobOptions, LoadDatasetInput, LoadDatasetOptions, LogLevel, MappedImpact, MigratedConfig, MonthlyReturn, Ohlcv, Progress, ResampleInput, ResampleReport, ResampledFile, RunOptions, Series, SignalColumns, Table, Timeframe, VolatilityClusters, Warning, WriteArtifactsOptions, WrittenArtifacts, YearlyReturn };
