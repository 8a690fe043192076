/** Rows for people, typed-array columns for programs. Columns are fetched when they are first read, then kept. */
export interface Table<Columns, Row> extends Iterable<Row> {
  /** Number of rows. */
  readonly length: number
  /** One typed array per contract key; absent numbers are NaN. Your copies: writing to them changes no result. */
  readonly columns: Readonly<Columns>
  /** For columns of closed texts (`Uint8Array`): the text behind each index. */
  readonly categories: Readonly<Record<string, readonly string[]>>
  /**
   * One row; absent numbers are `null`.
   *
   * @throws {RangeError} if there is no such row.
   */
  row(index: number): Row
  /** The table as an Arrow IPC stream, with dictionary-encoded text and true nulls. */
  toArrow(): Uint8Array
}

/** How a table gets at its data. */
export interface TableSource<Columns, Row> {
  length: number
  columns: { [K in keyof Columns]: () => Columns[K] }
  categories: Readonly<Record<string, readonly string[]>>
  row: (columns: Columns, index: number) => Row
  toArrow: () => Uint8Array
}

/** A table over lazily fetched columns. */
export function makeTable<Columns, Row>(source: TableSource<Columns, Row>): Table<Columns, Row> {
  const columns = lazyRecord(source.columns)
  const row = (index: number): Row => {
    if (!Number.isInteger(index) || index < 0 || index >= source.length) {
      throw new RangeError(`row ${index} does not exist; the table has ${source.length} rows`)
    }
    return source.row(columns, index)
  }
  return Object.freeze({
    length: source.length,
    columns,
    categories: source.categories,
    row,
    toArrow: source.toArrow,
    *[Symbol.iterator]() {
      for (let index = 0; index < source.length; index += 1) yield row(index)
    },
  })
}

/** An object whose properties are computed when they are first read. */
function lazyRecord<T>(getters: { [K in keyof T]: () => T[K] }): T {
  const record: T = Object.create(Object.prototype)
  for (const key in getters) {
    const get = getters[key]
    Object.defineProperty(record, key, {
      enumerable: true,
      configurable: true,
      get() {
        const value = get()
        Object.defineProperty(record, key, { enumerable: true, value })
        return value
      },
    })
  }
  return record
}

/** NaN in a column is `null` in a row. */
export function orNull(value: number | undefined): number | null {
  return value === undefined || Number.isNaN(value) ? null : value
}
