import pg from 'pg'

/** The peer of the stores: rows go into one table and nothing is asked. What comes while a batch is on its way is the next. */
export async function openInserts(url: string) {
  const client = new pg.Client(url)
  await client.connect()
  const table = 'CREATE TABLE IF NOT EXISTS plain (id serial PRIMARY KEY, subject text NOT NULL, text text NOT NULL)'
  await client.query(table)
  const waiting: { readonly subject: string; readonly text: string; readonly done: () => void }[] = []
  let isBusy = false
  const drain = async (): Promise<void> => {
    isBusy = true
    while (waiting.length > 0) {
      const batch = waiting.splice(0, 64)
      const columns = [batch.map(({ subject }) => subject), batch.map(({ text }) => text)]
      await client.query('INSERT INTO plain (subject, text) SELECT * FROM unnest($1::text[], $2::text[])', columns)
      for (const { done } of batch) done()
    }
    isBusy = false
  }
  return {
    insert: (subject: string, text: string): Promise<void> => {
      const inserted = new Promise<void>((done) => waiting.push({ subject, text, done }))
      if (!isBusy) void drain() // its failure ends the process, and with it the benchmark
      return inserted
    },
  }
}
