import { writeFileSync } from 'node:fs'

// A writer of Parquet files that no importer of ours would make: one row group, plain encoding, no compression. Written from
// the format's own specification (parquet.thrift, the compact protocol of Thrift), so that tests can hold wrong types, nulls, zones
// and orders in their hands.

/** One column. `null` makes it optional. */
export interface ParquetColumn {
  name: string
  /** `timestamp` is in nanoseconds, `local` without a zone, `millis` in milliseconds. */
  type: 'timestamp' | 'local' | 'millis' | 'int64' | 'double' | 'float' | 'text'
  values: readonly (number | bigint | string | null)[]
}

/** Writes a file with these columns, and key-value metadata if there is any. */
export function writeParquet(
  path: string,
  columns: readonly ParquetColumn[],
  metadata: Readonly<Record<string, string>> = {},
): void {
  const rows = columns[0]?.values.length ?? 0
  const parts: Buffer[] = [Buffer.from('PAR1')]
  let offset = 4
  const chunks = columns.map((column) => {
    const page = pageOf(column)
    const start = offset
    parts.push(page)
    offset += page.length
    return struct([
      [2, i64(start)],
      [
        3,
        struct([
          [1, i32(PHYSICAL[column.type])],
          [2, list(I32, [zigzag(0), zigzag(3)])],
          [3, list(BINARY, [bytes(column.name)])],
          [4, i32(0)],
          [5, i64(rows)],
          [6, i64(page.length)],
          [7, i64(page.length)],
          [9, i64(start)],
        ]),
      ],
    ])
  })
  const group = struct([
    [1, list(STRUCT, chunks.map(bodyOf))],
    [2, i64(offset - 4)],
    [3, i64(rows)],
  ])
  const pairs = Object.entries(metadata).map(([key, value]) =>
    struct([
      [1, text(key)],
      [2, text(value)],
    ]),
  )
  const root = struct([
    [4, text('schema')],
    [5, i32(columns.length)],
  ])
  const footer = bodyOf(
    struct([
      [1, i32(1)],
      [2, list(STRUCT, [root, ...columns.map(elementOf)].map(bodyOf))],
      [3, i64(rows)],
      [4, list(STRUCT, rows > 0 ? [bodyOf(group)] : [])],
      ...(pairs.length > 0 ? [[5, list(STRUCT, pairs.map(bodyOf))] as const] : []),
    ]),
  )
  const length = Buffer.alloc(4)
  length.writeUInt32LE(footer.length)
  writeFileSync(path, Buffer.concat([...(rows > 0 ? parts : parts.slice(0, 1)), footer, length, Buffer.from('PAR1')]))
}

/** Parquet's physical types: INT64 2, FLOAT 4, DOUBLE 5, BYTE_ARRAY 6. */
const PHYSICAL = { timestamp: 2, local: 2, millis: 2, int64: 2, double: 5, float: 4, text: 6 } as const

function isOptional({ values }: ParquetColumn): boolean {
  return values.includes(null)
}

/** A data page: definition levels if the column is optional, then the plain values that are there. */
function pageOf(column: ParquetColumn): Buffer {
  const { values, type } = column
  const data: Buffer[] = []
  if (isOptional(column)) {
    // Bit-packed runs of eight levels of one bit.
    const groups = Math.ceil(values.length / 8)
    const levels = Buffer.alloc(groups)
    for (const [i, value] of values.entries())
      if (value !== null) levels[i >> 3] = (levels[i >> 3] ?? 0) | (1 << (i & 7))
    const runs = Buffer.concat([varint(BigInt((groups << 1) | 1)), levels])
    const size = Buffer.alloc(4)
    size.writeUInt32LE(runs.length)
    data.push(size, runs)
  }
  for (const value of values) if (value !== null) data.push(plain(type, value))
  const body = Buffer.concat(data)
  const header = bodyOf(
    struct([
      [1, i32(0)],
      [2, i32(body.length)],
      [3, i32(body.length)],
      [
        5,
        struct([
          [1, i32(values.length)],
          [2, i32(0)],
          [3, i32(3)],
          [4, i32(3)],
        ]),
      ],
    ]),
  )
  return Buffer.concat([header, body])
}

function plain(type: ParquetColumn['type'], value: number | bigint | string): Buffer {
  if (type === 'text') {
    const content = Buffer.from(String(value))
    const size = Buffer.alloc(4)
    size.writeUInt32LE(content.length)
    return Buffer.concat([size, content])
  }
  const buffer = Buffer.alloc(type === 'float' ? 4 : 8)
  if (type === 'double') buffer.writeDoubleLE(Number(value))
  else if (type === 'float') buffer.writeFloatLE(Number(value))
  else buffer.writeBigInt64LE(BigInt(value))
  return buffer
}

/** The schema element of a column; texts and timestamps have a logical type. */
function elementOf(column: ParquetColumn): Field {
  const { name, type } = column
  const unit = struct([[type === 'millis' ? 1 : 3, struct([])]])
  const logical: Field | undefined =
    type === 'text'
      ? struct([[1, struct([])]])
      : ['timestamp', 'local', 'millis'].includes(type)
        ? struct([
            [
              8,
              struct([
                [1, { type: type === 'local' ? FALSE : TRUE, bytes: Buffer.alloc(0) }],
                [2, unit],
              ]),
            ],
          ])
        : undefined
  return struct([
    [1, i32(PHYSICAL[type])],
    [3, i32(isOptional(column) ? 1 : 0)],
    [4, text(name)],
    ...(logical ? [[10, logical] as const] : []),
  ])
}

// ---- the compact protocol of Thrift ----

const [TRUE, FALSE, I32, I64, BINARY, LIST, STRUCT] = [1, 2, 5, 6, 8, 9, 12]

interface Field {
  type: number
  bytes: Buffer
}

function i32(value: number): Field {
  return { type: I32, bytes: zigzag(value) }
}

function i64(value: number): Field {
  return { type: I64, bytes: zigzag(value) }
}

function text(value: string): Field {
  return { type: BINARY, bytes: bytes(value) }
}

function list(element: number, items: readonly Buffer[]): Field {
  const head = items.length < 15 ? Buffer.of((items.length << 4) | element) : Buffer.of(0xf0 | element)
  const size = items.length < 15 ? [] : [varint(BigInt(items.length))]
  return { type: LIST, bytes: Buffer.concat([head, ...size, ...items]) }
}

/** Fields by ascending id; each header holds the step from the one before. */
function struct(fields: readonly (readonly [id: number, field: Field])[]): Field {
  let before = 0
  const parts = fields.flatMap(([id, { type, bytes }]) => {
    const head = Buffer.of(((id - before) << 4) | type)
    before = id
    return [head, bytes]
  })
  return { type: STRUCT, bytes: Buffer.concat([...parts, Buffer.of(0)]) }
}

function bodyOf(field: Field): Buffer {
  return field.bytes
}

function bytes(value: string): Buffer {
  const content = Buffer.from(value)
  return Buffer.concat([varint(BigInt(content.length)), content])
}

function zigzag(value: number): Buffer {
  const wide = BigInt(value)
  return varint(wide < 0n ? -wide * 2n - 1n : wide * 2n)
}

function varint(value: bigint): Buffer {
  const out: number[] = []
  let rest = value
  while (rest > 127n) {
    out.push(Number(rest & 127n) | 128)
    rest >>= 7n
  }
  return Buffer.of(...out, Number(rest))
}
