// The tests that the how-tos show, as a reader would run them.
await import('../../docs/how-to/orders.contract.test.ts')
await import('../../docs/how-to/orders-read.contract.test.ts')
