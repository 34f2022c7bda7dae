/** Header names and values beside those that a contract declares. */
export type PlainHeaders = { readonly [name: string]: string }

const NAME = /^[\w!#$%&'*+.^`|~-]+$/
const VALUE = /^[\t\x20-\x7e\x80-\xff]*$/

/** The same with names in lower case. Throws a TypeError for what cannot stand in a header; values may be secrets, so it does not tell them. */
export function checkedHeaders(headers: PlainHeaders): PlainHeaders {
  const checked = Object.entries(headers).map(([name, value]): [string, string] => {
    if (!NAME.test(name))
      throw new TypeError(`A header cannot be called ${JSON.stringify(name)}; use letters, digits and "-".`)
    if (typeof value !== 'string' || !VALUE.test(value))
      throw new TypeError(
        `The value of the header "${name}" cannot stand in one: it is no text, has line breaks, or goes beyond Latin-1.`,
      )
    return [name.toLowerCase(), value]
  })
  return Object.fromEntries(checked)
}
