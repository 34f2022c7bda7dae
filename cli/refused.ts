/** Why a command stops before it has an answer: `wrongUsage` is for its caller to mend, `no` is the registry's refusal. */
export type RefusedExit = 'failed' | 'wrongUsage' | 'no'

/** A command that stops with one sentence; its exit code says whose turn it is. As JSON it is what `--json` prints. */
export class Refused extends Error {
  override readonly name = 'Refused'
  readonly code: string
  readonly exit: RefusedExit
  readonly details: object

  constructor(exit: RefusedExit, code: string, message: string, { details = {}, ...options }: RefusedOptions = {}) {
    super(message, options)
    this.exit = exit
    this.code = code
    this.details = details
  }

  toJSON(): object {
    return { error: this.code, message: this.message, ...this.details }
  }
}

export type RefusedOptions = ErrorOptions & {
  /** Members that `--json` tells beside the code and the message. */
  readonly details?: object
}

/** What the caller has to mend: wrong flags together, a configuration that cannot be read, a name that is not there. */
export function wrongUsage(code: string, message: string, options?: RefusedOptions): Refused {
  return new Refused('wrongUsage', code, message, options)
}
