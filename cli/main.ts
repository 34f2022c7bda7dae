#!/usr/bin/env node
import { enableCompileCache } from 'node:module'

// What is imported from here on is compiled once, and then kept in the folder for temporary files.
enableCompileCache()
const { watchOutput } = await import('./output.ts')
const { runCli } = await import('./run.ts')
const output = watchOutput(process)
const code = await runCli(process.argv)
process.exitCode = output.exitCodeFor(code)
