import { createServer } from 'node:http'
import type { AddressInfo } from 'node:net'
import { expect, onTestFinished, test } from 'vitest'
import { openPage } from './chromium.ts'

const page = `<!doctype html><html lang="en"><title>A page</title><h1>Hello</h1>
  <button onclick="document.title = 'pressed'">Press me</button><script>console.error('never mind'); missing()</script>`

test('a page is opened, read, asked, and pressed on', async () => {
  const server = createServer((_request, response) => response.end(page)).listen(0, '127.0.0.1')
  onTestFinished(() => void server.close())
  await using browser = await openPage()
  await browser.goto(`http://127.0.0.1:${(server.address() as AddressInfo).port}/`)
  expect(await browser.evaluate('Promise.resolve(document.title)')).toBe('A page')
  expect(await browser.spoken()).toEqual(['heading Hello', 'button Press me'])
  await browser.press('Tab')
  await browser.press('Enter')
  expect(await browser.evaluate('document.title')).toBe('pressed')
  expect(browser.errors()).toEqual(['Uncaught'])
  expect((await browser.screenshot()).subarray(1, 4).toString()).toBe('PNG')
  await expect(browser.evaluate('nobody')).rejects.toThrow('nobody is not defined')
  await expect(browser.goto('http://127.0.0.1:1/')).rejects.toThrow('cannot be opened')
})
