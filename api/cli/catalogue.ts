import type { Command } from 'commander'
import { type Finished, framed } from './frame.ts'

/** `omega strategies`, `omega indicators`, `omega metrics`: what there is. */
export function addCatalogue(program: Command): void {
  add(program, 'strategies', 'strategies, their parameters, defaults and ranges', async () => {
    const { listStrategies } = await import('../catalogue-list.ts')
    const list = listStrategies()
    return { data: list, text: list.map((s) => block(s.name, s.description, s.parameters)).join('\n\n') }
  })
  add(program, 'indicators', 'indicators, their parameters and outputs', async () => {
    const { listIndicators } = await import('../catalogue-list.ts')
    const list = listIndicators()
    return { data: list, text: list.map((i) => block(i.kind, i.description, i.parameters)).join('\n\n') }
  })
  add(program, 'metrics', 'metrics and what they mean', async () => {
    const { listMetrics } = await import('../catalogue-list.ts')
    const list = listMetrics()
    return { data: list, text: list.map((m) => `${m.key.padEnd(31)} ${m.unit.padEnd(17)} ${m.description}`).join('\n') }
  })
}

function add(program: Command, name: string, description: string, list: () => Promise<Finished>): void {
  program
    .command(name)
    .description(description)
    .action(async (_flags: object, command: Command) => framed(name, command, list))
}

interface Parameter {
  name: string
  type: string
  required: boolean
  default?: unknown
  range?: string
  description: string
}

function block(name: string, description: string, parameters: readonly Parameter[]): string {
  const rows = parameters.map((p) => {
    const preset = p.required ? 'required' : p.default === undefined ? '-' : JSON.stringify(p.default)
    return `  ${p.name.padEnd(30)} ${p.type.padEnd(10)} ${preset.padEnd(16)} ${p.range ? `${p.range}. ` : ''}${p.description}`
  })
  return [`${name}: ${description}`, ...rows].join('\n')
}
