/** A value for each label of a metric. */
export type Labels<L extends string> = { readonly [label in L]: string }

const METRIC = /^[a-zA-Z_:][a-zA-Z0-9_:]*$/
const LABEL = /^(?!__)[a-zA-Z_][a-zA-Z0-9_]*$/

/** Refuses names that Prometheus does not take; `reserved` are those that a kind of metric needs for itself. */
export function checkNames(metric: string, labels: readonly string[], reserved: readonly string[]): void {
  if (!METRIC.test(metric))
    throw new TypeError(
      `"${metric}" is no name of a metric; it takes letters, digits, _ and :, and begins with no digit.`,
    )
  for (const label of labels)
    if (!LABEL.test(label) || reserved.includes(label))
      throw new TypeError(
        `"${label}" is no name for a label of ${metric}; take letters, digits and _, and another name.`,
      )
}

/** The labels as they stand in the text, in the order of the metric; they tell its series apart, too. */
export function writeLabels<L extends string>(names: readonly L[], labels: Labels<L>): string {
  return names.map((name) => `${name}="${escapeValue(labels[name])}"`).join(',')
}

function escapeValue(value: string): string {
  return escapeHelp(value).replaceAll('"', '\\"')
}

/** Prometheus's reader takes a NUL for the end of the text. */
export function escapeHelp(help: string): string {
  return help.toWellFormed().replaceAll('\0', '\ufffd').replaceAll('\\', '\\\\').replaceAll('\n', '\\n')
}
