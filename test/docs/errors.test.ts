import { expect, test } from 'vitest'
import { ContractRefused } from '../../contracts/index.ts'
import { MessageRefused, NotSent, ProducerClosed, SendFailed } from '../../producers/index.ts'
import { codesIn, namesIn, read, rowsUnder } from './markdown.ts'

const registryCodes = [...read('registry/errors.ts').matchAll(/^ {2}'([a-z.-]+)': \(/gm)].map(([, code]) => code)

test('docs/errors.md lists every code of the registry, in the order of the code, and no other', () => {
  expect(registryCodes).toContain('subject.unknown')
  expect(namesIn(rowsUnder('docs/errors.md', 'Registry'))).toEqual(registryCodes)
})

test('docs/errors.md tells the status and the number with which the server answers', () => {
  const numbers = read('registry/schema-registry/refusals.ts').matchAll(/^ {2}'([a-z.-]+)': \[(\d+, \d+)\],$/gm)
  const told = rowsUnder('docs/errors.md', 'Registry').filter(([, , answer = '']) => /^\d+, \d+$/.test(answer))
  expect(Object.fromEntries(told.map(([code = '', , answer]) => [codesIn(code)[0], answer]))).toEqual(
    Object.fromEntries([...numbers].map(([, code, answer]) => [code, answer])),
  )
})

test('docs/errors.md lists the errors of contracts and producers', () => {
  const errors = [
    new MessageRefused('stream:votes', []),
    new SendFailed('stream:votes', new Error('gone')),
    new NotSent('stream:votes', new Error('late')),
    new ProducerClosed('stream:votes'),
  ]
  const { name, code } = new ContractRefused('It', [])
  expect(rowsUnder('docs/errors.md', 'Contracts')[0]?.slice(0, 2)).toEqual([`\`${name}\``, `\`${code}\``])
  expect(rowsUnder('docs/errors.md', 'Producers').map((row) => row.slice(0, 2))).toEqual(
    errors.map((error) => [`\`${error.name}\``, `\`${error.code}\``]),
  )
})

test('docs/errors.md and docs/wire.md list every reason for which a message is parked', () => {
  const [, union = ''] = /^export type DeadReason = (.*)$/m.exec(read('streams/dead-letter.ts')) ?? []
  const reasons = [...union.matchAll(/'(\w+)'/g)].map(([, reason]) => reason)
  const wire = rowsUnder('docs/wire.md', 'Dead letters').find(([field]) => field === '`_dead_reason`')
  expect(namesIn(rowsUnder('docs/errors.md', 'Consumers'))).toEqual(reasons)
  expect(codesIn(wire?.[1] ?? '')).toEqual(reasons)
})
