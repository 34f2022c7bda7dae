import type { Store, Transaction } from './store.ts'

/**
 * Writes, unless it turns out within the write that all is so already: `asItWas` ends it then with an answer, and neither the
 * data nor the audit has anything new.
 */
export async function writeChange<Value>(
  store: Pick<Store, 'write'>,
  work: (transaction: Transaction, asItWas: (value: Value) => never) => Promise<Value>,
): Promise<Value> {
  let unchanged: Unchanged<Value> | undefined
  const asItWas = (value: Value): never => {
    unchanged = new Unchanged(value)
    throw unchanged
  }
  try {
    return await store.write((transaction) => work(transaction, asItWas))
  } catch (error) {
    if (unchanged !== undefined && error === unchanged) return unchanged.value
    throw error
  }
}

class Unchanged<Value> extends Error {
  readonly value: Value

  constructor(value: Value) {
    super('The write changes nothing')
    this.value = value
  }
}
