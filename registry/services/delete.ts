import { registryError } from '../errors.ts'
import type { Registry } from '../registry.ts'
import type { ServiceEntry } from '../store/services.ts'
import type { Transaction } from '../store/store.ts'
import { findService } from './find.ts'

/** Deletes a service that runs nowhere, with all that is recorded of it. */
export async function deleteService({ store }: Registry, name: string): Promise<ServiceEntry> {
  return store.write(async (transaction) => {
    const service = await findService(transaction.services, name)
    const reason = await findUse(transaction, service.name)
    if (reason !== undefined) throw registryError('service.in-use', { service: name, reason })
    await transaction.services.remove(service.name)
    return service
  })
}

/** Why others would miss a service: it lives somewhere, or what it wrote does. */
async function findUse({ environments, channels }: Transaction, service: string): Promise<string | undefined> {
  const [running] = await environments.currentOf(service)
  if (running) return `it runs in ${running.environment}`
  const [starting] = await environments.reservationsOf(service)
  if (starting) return `it is being rolled out in ${starting.environment}`
  const until = await channels.keptUntil(service)
  const isKept = until !== undefined && until > (await environments.now())
  return isKept ? `what it wrote is kept until ${new Date(until).toISOString()}` : undefined
}
