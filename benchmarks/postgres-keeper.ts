/** Keeps a PostgreSQL server for a sample: prints where it is, and removes it when its standard input ends. */
import { startPostgres } from '../packages/postgres/test/support/postgres-server.ts'

const server = await startPostgres({ settings: { shared_buffers: '128MB' } })
console.log(server.url)
for await (const _ of process.stdin);
await server.dispose()
