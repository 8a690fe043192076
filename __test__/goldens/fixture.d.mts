/** The folder of all fixtures. */
export const GOLDENS: string

/** The artifacts that are compared. */
export const FILES: readonly string[]

/** How a golden run is made. */
export interface GoldenOptions {
  threads?: number
  /** Output root below the folder; default `out`. */
  out?: string
}

export function goldenNames(): string[]
export function prepareGolden(name: string, folder: string): Promise<void>
export function runGolden(name: string, folder: string, options?: GoldenOptions): Promise<string>
export function makeGolden(name: string, folder: string, options?: GoldenOptions): Promise<string>
