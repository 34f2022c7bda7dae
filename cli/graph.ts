import { type Command, Option } from 'commander'
import type { Graph } from './api/answers.ts'
import { pathTo } from './api/client.ts'
import { addRegistryOptions, openApi, type RegistryOptions } from './options.ts'
import { printable, tableOf } from './table.ts'

type GraphOptions = RegistryOptions & {
  readonly format: 'text' | 'json' | 'mermaid' | 'dot'
  readonly environment?: string
}

export function addGraph(program: Command): void {
  const command = program
    .command('graph')
    .summary('show which services meet on which channels')
    .description('Shows which service writes, reads, serves or calls which channel.')
    .addOption(
      new Option('--format <format>', 'a table, JSON, or a drawing for Mermaid or Graphviz')
        .choices(['text', 'json', 'mermaid', 'dot'])
        .default('text'),
    )
    .option('--environment <name>', 'only what runs there')
  addRegistryOptions(command, 'concordat graph --environment production --format mermaid').action(show)
}

async function show({ format, environment, json, ...options }: GraphOptions): Promise<void> {
  const api = await openApi(options)
  const path = pathTo('graph')
  if (!json && (format === 'mermaid' || format === 'dot'))
    return console.log((await api.text(path, { environment, format })).trimEnd())
  const graph = await api.get<Graph>(path, 'edges', { environment })
  console.log(json || format === 'json' ? JSON.stringify(graph) : tell(graph))
}

function tell({ edges }: Graph): string {
  if (edges.length === 0) return 'No service has published contracts.'
  const rows = edges.map(({ service, verb, channel, versions = [] }) =>
    [service, verb, channel, versions.join(', ')].map((cell) => printable(cell, 300)),
  )
  const hasVersions = edges.some(({ versions }) => versions !== undefined)
  return tableOf(['SERVICE', 'VERB', 'CHANNEL', ...(hasVersions ? ['VERSIONS'] : [''])], rows)
}
