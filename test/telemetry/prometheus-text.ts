export type Labels = Readonly<Record<string, string>>
export type ParsedSample = { readonly name: string; readonly labels: Labels; readonly value: number }
export type ParsedFamily = {
  readonly name: string
  readonly help: string
  readonly type: string
  readonly samples: readonly ParsedSample[]
}

const NUMBER = /^(?:NaN|[+-]Inf|-?(?:0|[1-9]\d*)(?:\.\d+)?(?:e[+-]\d+)?)$/
const SAMPLE = /^([a-zA-Z_:][a-zA-Z0-9_:]*)(?:\{(.+)\})? (\S+)$/s
const LABEL = /([a-zA-Z_][a-zA-Z0-9_]*)="((?:[^"\\]|\\["\\n])*)"(,|$)/y

/** Reads the text form 0.0.4 and throws for whatever is not exactly as Prometheus has it. */
export function parseMetrics(text: string): Map<string, ParsedFamily> {
  if (text !== '' && !text.endsWith('\n')) throw new Error('the last line has no end')
  const families = new Map<string, ParsedFamily & { samples: ParsedSample[] }>()
  let help: RegExpExecArray | null = null
  let family: (ParsedFamily & { samples: ParsedSample[] }) | undefined
  for (const line of text.split('\n').slice(0, -1)) {
    const isHelp = /^# HELP (\S+) ((?:[^\\]|\\[\\n])*)$/.exec(line)
    const isType = /^# TYPE (\S+) (counter|gauge|histogram)$/.exec(line)
    if (isHelp) help = isHelp
    else if (isType) {
      const [, name = '', type = ''] = isType
      if (help?.[1] !== name) throw new Error(`TYPE of ${name} does not follow its HELP`)
      if (families.has(name)) throw new Error(`${name} stands twice`)
      family = { name, type, help: unescape(help[2] ?? ''), samples: [] }
      families.set(name, family)
    } else if (family) family.samples.push(parseSample(line, family))
    else throw new Error(`nobody knows to what it belongs: ${line}`)
  }
  for (const each of families.values()) check(each)
  return families
}

function parseSample(line: string, family: ParsedFamily): ParsedSample {
  const [, name = '', labels = '', number = ''] = SAMPLE.exec(line) ?? []
  const suffixes = family.type === 'histogram' ? ['_bucket', '_sum', '_count'] : ['']
  if (!suffixes.some((suffix) => name === family.name + suffix) || !NUMBER.test(number))
    throw new Error(`no sample of ${family.name}: ${line}`)
  return { name, labels: parseLabels(labels), value: Number(number.replace('Inf', 'Infinity')) }
}

function parseLabels(text: string): Labels {
  const labels: Record<string, string> = {}
  LABEL.lastIndex = 0
  for (let end = 0; end < text.length; end = LABEL.lastIndex) {
    const found = LABEL.exec(text)
    if (!found) throw new Error(`no labels: ${text}`)
    const [, name = '', value = ''] = found
    if (Object.hasOwn(labels, name)) throw new Error(`the label ${name} stands twice: ${text}`)
    labels[name] = unescape(value)
  }
  return labels
}

function unescape(text: string): string {
  return text.replaceAll(/\\(.)/g, (_, letter: string) => (letter === 'n' ? '\n' : letter))
}

function check({ name, type, samples }: ParsedFamily): void {
  const keys = samples.map((sample) => sample.name + keyOf(sample.labels))
  if (new Set(keys).size !== keys.length) throw new Error(`a series of ${name} stands twice`)
  if (type !== 'histogram') return
  let before = { bound: Number.NEGATIVE_INFINITY, count: 0 }
  for (const { name: line, labels, value } of samples) {
    if (line === `${name}_bucket`) {
      const bound = Number(labels.le?.replace('Inf', 'Infinity'))
      if (!(bound > before.bound && value >= before.count)) throw new Error(`the buckets of ${name} do not grow`)
      before = { bound, count: value }
    } else if (line === `${name}_count`) {
      if (before.bound !== Number.POSITIVE_INFINITY || before.count !== value)
        throw new Error(`${name} does not add up`)
      before = { bound: Number.NEGATIVE_INFINITY, count: 0 }
    }
  }
}

/** The value of one series, or undefined where it is not shown. */
export function valueIn(text: string, name: string, labels: Labels = {}): number | undefined {
  const samples = [...parseMetrics(text).values()].flatMap((family) => family.samples)
  return samples.find((each) => each.name === name && keyOf(each.labels) === keyOf(labels))?.value
}

function keyOf(labels: Labels): string {
  return JSON.stringify(Object.entries(labels).sort(([a], [b]) => (a < b ? -1 : 1)))
}
