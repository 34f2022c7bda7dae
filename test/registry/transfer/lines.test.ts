import { expect, test } from 'vitest'
import { linesIn } from '../../../registry/transfer/lines.ts'

async function* inParts(bytes: Buffer, size: number): AsyncGenerator<Buffer> {
  for (let at = 0; at < bytes.length; at += size) yield bytes.subarray(at, at + size)
}

test.each([1, 2, 3, 7, 100])('are the same from parts of %i bytes', async (size) => {
  const lines = await collect(linesIn(inParts(Buffer.from('ü😀\n\nlast\n'), size)))
  expect(lines).toEqual(['ü😀', '', 'last'])
})

test('end with the file where the last one does not end', async () => {
  expect(await collect(linesIn(inParts(Buffer.from('a\nb'), 9)))).toEqual(['a', 'b'])
})

test('are refused where they are not UTF-8', async () => {
  const lines = collect(linesIn(inParts(Buffer.from([97, 10, 0xff, 10]), 9)))
  await expect(lines).rejects.toThrow('Line 2 of the file cannot be imported (it is not UTF-8)')
})

test('are refused where they are longer than any that an export writes', async () => {
  const megabyte = Buffer.alloc(1024 * 1024, 'a')
  const endless = (async function* () {
    for (;;) yield megabyte
  })()
  await expect(collect(linesIn(endless))).rejects.toThrow('Line 1 of the file cannot be imported (it is longer')
})

async function collect(lines: AsyncIterable<string>): Promise<string[]> {
  const all: string[] = []
  for await (const line of lines) all.push(line)
  return all
}
