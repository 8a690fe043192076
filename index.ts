export { readArtifact, toPlainJson } from './api/artifacts/read.ts'
export { type IfExists, type WriteArtifactsOptions, writeArtifacts } from './api/artifacts/write.ts'
export { listIndicators, listMetrics, listStrategies } from './api/catalogue-list.ts'
export type { BacktestConfig, BacktestConfigInput } from './api/config/backtest-config.ts'
export type { MigratedConfig } from './api/config/migrate.ts'
export { configJsonSchema, migrateV1, parseConfig, safeParseConfig } from './api/config/public.ts'
export { type GenerateDataInput, type GenerateReport, generateData } from './api/data/generate-data.ts'
export { type ImportDataInput, type ImportReport, importData } from './api/data/import-data.ts'
export {
  type ImportNewsInput,
  type ImportNewsReport,
  importNews,
  type MappedImpact,
} from './api/data/import-news.ts'
export { type InspectDataInput, type InspectReport, inspectData } from './api/data/inspect-data.ts'
export {
  type Anchor,
  type ResampledFile,
  type ResampleInput,
  type ResampleReport,
  resample,
} from './api/data/resample.ts'
export {
  attachDataset,
  type CreateDatasetInput,
  createDataset,
  type Dataset,
  type LoadDatasetInput,
  type LoadDatasetOptions,
  loadDataset,
  type Ohlcv,
  type Series,
  type Timeframe,
} from './api/dataset.ts'
export { type EngineInfo, engineInfo } from './api/engine-info.ts'
export { type ErrorCategory, OmegaError } from './api/errors.ts'
export type { DrawdownRow, ExtendedMetrics, MonthlyReturn, YearlyReturn } from './api/extended.ts'
export { type IndicatorWindow, indicators, type VolatilityClusters } from './api/indicators.ts'
export type { JobOptions, Progress } from './api/job.ts'
export type { LogLevel } from './api/log/level.ts'
export type { RunOptions } from './api/options.ts'
export type { BacktestResult, WrittenArtifacts } from './api/result.ts'
export { runBacktest, safeRunBacktest } from './api/run-backtest.ts'
export { type SignalColumns, type SignalStrategy, signals } from './api/strategy/signals.ts'
export type { Table } from './api/table.ts'
export type { Warning } from './api/warning.ts'
