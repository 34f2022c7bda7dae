#!/usr/bin/env node
import { readFileSync } from 'node:fs'
import { findPackageJSON } from 'node:module'
import { Command } from 'commander'
import { addCheck } from './check.ts'
import { addDeadLetters } from './dead-letters.ts'
import { run } from './exit.ts'
import { addExport } from './export.ts'
import { addImport } from './import.ts'
import { addServe } from './serve.ts'

process.exitCode = await run(buildProgram(), process.argv)

function buildProgram(): Command {
  const program = new Command('concordat')
    .description('Services agree in writing on what crosses the wire, and nobody breaks the agreement unseen.')
    // Options after a command are the command's: its own --version names a service's version.
    .enablePositionalOptions()
    .version(ownVersion(), '--version', "print Concordat's own version")
    .exitOverride()
    .showHelpAfterError()
  addServe(program)
  addCheck(program)
  addExport(program)
  addImport(program)
  addDeadLetters(program)
  return program
}

function ownVersion(): string {
  const { version } = JSON.parse(readFileSync(findPackageJSON(import.meta.url) ?? 'package.json', 'utf8')) as {
    version: string
  }
  return version
}
