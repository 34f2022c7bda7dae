import { parseArgs } from 'node:util'
import { type Case, header, measure, row } from './harness.ts'

const PARTS: { readonly [part: string]: () => Promise<readonly Case[]> } = {
  wire: async () => (await import('./wire.ts')).cases,
  decide: async () => (await import('./decide.ts')).cases(),
  consume: async () => (await import('./consume.ts')).cases(),
  produce: async () => (await import('./produce.ts')).cases(),
  effects: async () => (await import('./effects.ts')).cases(),
  'http-guards': async () => (await import('./http-guards.ts')).cases(),
  registry: async () => (await import('./registry.ts')).cases(),
  'registry-crowded': async () => (await import('./registry-crowded.ts')).cases(),
  'registry-observed': async () => (await import('./registry-observed.ts')).cases(),
  'http-client': async () => (await import('./http-client.ts')).cases(),
  gates: async () => (await import('./gates.ts')).cases(),
  'registry-million': async () => (await import('./registry.ts')).millionCases(),
}

const { values, positionals } = parseArgs({
  allowPositionals: true,
  options: { json: { type: 'boolean', default: false } },
})
const unknown = positionals.filter((part) => !Object.hasOwn(PARTS, part))
if (unknown.length > 0) {
  console.error(`There is no benchmark "${unknown.join('", "')}"; there are: ${Object.keys(PARTS).join(', ')}.`)
  process.exit(2)
}

if (!values.json) console.log(header())
for (const part of positionals.length > 0 ? positionals : Object.keys(PARTS)) {
  for (const test of (await PARTS[part]?.()) ?? []) {
    const result = await measure(test)
    console.log(values.json ? JSON.stringify(result) : row(result))
  }
}
// The servers that were measured end with this process.
process.exit()
