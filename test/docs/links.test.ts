import { existsSync } from 'node:fs'
import { dirname, join } from 'node:path'
import { expect, test } from 'vitest'
import { listPages, read, root } from './markdown.ts'

type Link = { readonly page: string; readonly target: string }

const links = listPages()
  .flatMap((page) => [...read(page).matchAll(/\]\(([^)]+)\)/g)].map(([, target = '']): Link => ({ page, target })))
  .filter(({ target }) => !/^https?:/.test(target))

/** The file and the heading to which a link leads. */
function ends({ page, target }: Link): { file: string; anchor: string } {
  const [path = '', anchor = ''] = target.split('#')
  return { file: path === '' ? page : join(dirname(page), path), anchor }
}

/** The anchors of a page's headings, with the empty one for its top. */
function anchorsOf(page: string): string[] {
  const headings = [...read(page).matchAll(/^#+ (.*)$/gm)].map(([, heading = '']) => heading)
  return [
    '',
    ...headings.map((heading) =>
      heading
        .toLowerCase()
        .replaceAll(/[^\w -]/g, '')
        .replaceAll(' ', '-'),
    ),
  ]
}

test.each(links)('the link in $page to $target leads to something', (link) => {
  expect(existsSync(join(root, ends(link).file))).toBe(true)
})

test.each(links.filter(({ target }) => target.includes('#')))('the heading of $target in $page is there', (link) => {
  const { file, anchor } = ends(link)
  expect(anchorsOf(file)).toContain(anchor)
})
