import { expect, test } from 'vitest'
import { listBlocks, read } from './markdown.ts'

const quoting = listBlocks().filter(({ language }) => !['', 'console'].includes(language))

test('every block is a picture, a console whose commands are run, or a quotation that names its file', () => {
  const others = quoting.filter(({ marker }) => !/^(file|parts of): \S+$/.test(marker))
  expect(others).toEqual([])
})

test.each(quoting.filter(({ marker }) => marker.startsWith('file: ')))(
  '$page:$line is the whole of its $marker',
  ({ marker, text }) => {
    expect(text).toBe(read(marker.replace('file: ', '')))
  },
)

test.each(quoting.filter(({ marker }) => marker.startsWith('parts of: ')))(
  '$page:$line quotes $marker, paragraph by paragraph',
  ({ marker, text }) => {
    const source = read(marker.replace('parts of: ', ''))
    expect(text.split('\n\n').filter((part) => !source.includes(part))).toEqual([])
  },
)
