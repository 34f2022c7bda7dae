/** Texts in a format, the plainest first; among them one of at least a given length, where the format has such. */
export function samplesOf(format: string, minLength: number): readonly string[] {
  const known = Object.hasOwn(FORMATS, format) ? FORMATS[format] : undefined
  if (known === undefined) return []
  const long = known.long?.(minLength)
  return long === undefined ? known.samples : [...known.samples, long]
}

/** Patterns that every text in a format matches; there may be texts that match and are not in it. */
export function shapesOf(format: string): readonly string[] {
  const shape = Object.hasOwn(FORMATS, format) ? FORMATS[format]?.shape : undefined
  return shape === undefined ? [] : [shape]
}

type Format = {
  readonly samples: readonly string[]
  readonly long?: (length: number) => string
  readonly shape?: string
}

const HEX = '[0-9a-fA-F]'
const DAY = '\\d{4}-\\d{2}-\\d{2}'
const TIME = '\\d{2}:\\d{2}:\\d{2}(?:\\.\\d+)?(?:[zZ]|[+-]\\d{2}(?::?\\d{2})?)'

const FORMATS: { readonly [format: string]: Format } = {
  uuid: {
    samples: [
      '00000000-0000-4000-8000-000000000000',
      '7d444840-9dc0-11d1-b245-5ffdce74fad2',
      'FFFFFFFF-ffff-4fff-bfff-ffffffffffff',
      'urn:uuid:00000000-0000-4000-8000-000000000000',
    ],
    shape: `^(?:[uU][rR][nN]:[uU][uU][iI][dD]:)?${HEX}{8}-${HEX}{4}-${HEX}{4}-${HEX}{4}-${HEX}{12}$`,
  },
  'date-time': {
    samples: ['2000-01-01T00:00:00Z', '2000-01-01T00:00:00.000Z', '2026-11-20T08:30:00+01:00', '2026-11-20t08:30:00z'],
    long: (length) => `2000-01-01T00:00:00.${'0'.repeat(Math.max(1, length - 21))}Z`,
    shape: `^${DAY}[tT\\s]${TIME}$`,
  },
  date: { samples: ['2000-01-01', '2026-11-20'], shape: `^${DAY}$` },
  time: {
    samples: ['00:00:00Z', '08:30:00+01:00'],
    long: (length) => `00:00:00.${'0'.repeat(Math.max(1, length - 10))}Z`,
    shape: `^${TIME}$`,
  },
  duration: { samples: ['P1D', 'PT1H30M'], long: (length) => `P${'1'.repeat(Math.max(1, length - 2))}D`, shape: '^P.' },
  email: {
    samples: ['a@b.c', 'a@example.com', 'someone@example.com'],
    long: (length) => `${'a'.repeat(Math.max(1, length - 12))}@example.com`,
    shape: '^.+@.+\\..+$',
  },
  hostname: { samples: ['a', 'example.com', 'www.example.com'], shape: '^.{1,253}$' },
  uri: {
    samples: ['a:b', 'https://example.com/', 'http://example.com/a?b=c', 'urn:a:b'],
    long: (length) => `https://example.com/${'a'.repeat(Math.max(0, length - 20))}`,
    shape: '^[a-zA-Z][a-zA-Z0-9+.-]*:',
  },
  url: {
    samples: ['https://example.com/'],
    long: (length) => `https://example.com/${'a'.repeat(Math.max(0, length - 20))}`,
  },
  'uri-reference': { samples: ['', 'a', '/a', 'https://example.com/'], long: (length) => 'a'.repeat(length) },
  'uri-template': { samples: ['', 'a', 'https://example.com/{a}'], long: (length) => 'a'.repeat(length) },
  ipv4: { samples: ['0.0.0.0', '127.0.0.1', '255.255.255.255'], shape: '^\\d{1,3}\\.\\d{1,3}\\.\\d{1,3}\\.\\d{1,3}$' },
  ipv6: { samples: ['::', '::1', '2001:db8::1'], shape: '^[0-9a-fA-F:.]{2,}$' },
  regex: { samples: ['', 'a', '^a$'], long: (length) => 'a'.repeat(length) },
  'json-pointer': { samples: ['', '/', '/a'], long: (length) => `/${'a'.repeat(Math.max(0, length - 1))}` },
  'json-pointer-uri-fragment': { samples: ['#', '#/a'], long: (length) => `#/${'a'.repeat(Math.max(0, length - 2))}` },
  'relative-json-pointer': {
    samples: ['0', '0#', '1/a'],
    long: (length) => `0/${'a'.repeat(Math.max(0, length - 2))}`,
  },
  byte: { samples: ['', 'YQ=='], long: (length) => 'A'.repeat(Math.ceil(length / 4) * 4) },
}
