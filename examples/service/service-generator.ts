/**
 * Notes over HTTP, in PostgreSQL, with a cache in Redis, in the generator spelling:
 *
 *     node service-generator.ts postgres://user@localhost/database redis://localhost PORT
 *
 * A request is a task. When its client goes away the task is cancelled, and with it the query that it waits for: the server stops
 * working for nobody, and the connection goes back to the pool as good as new. SIGTERM and Ctrl-C stop it in order.
 */
import { Application, HttpBadRequest, HttpNotFound, runApp, StateKey } from '@polvo/http'
import { createPool, type Pool, sql } from '@polvo/postgres'
import { type Client, createClient } from '@polvo/redis'
import { type Coroutine, timeout } from 'polvo'

interface Note {
  id: number
  text: string
}

const CACHE_SECONDS = 60
const REPORT_MS = 90_000

const postgres = new StateKey<Pool>('postgres')
const redis = new StateKey<Client>('redis')

function* createTable(pool: Pool): Coroutine<void> {
  yield* pool.query(
    'create table if not exists notes (id int primary key generated always as identity, text text not null)',
  )
}

function* findNote(pool: Pool, cache: Client, id: number): Coroutine<Note> {
  const cached = yield* cache.get(`note:${id}`)
  if (cached !== null) return JSON.parse(cached)
  const { rows } = yield* pool.query<Note>(sql`select id, text from notes where id = ${id}`)
  const [note] = rows
  if (note === undefined) throw new HttpNotFound(`There is no note ${id}.`)
  yield* cache.set(`note:${id}`, JSON.stringify(note), 'EX', CACHE_SECONDS)
  return note
}

const app = new Application()
const [dsn, redisUrl = 'redis://localhost', port = '8080'] = process.argv.slice(2)
app.resource(postgres, () => createPool({ dsn }))
app.resource(redis, () => createClient(redisUrl))
app.onStart(({ state }) => createTable(state.get(postgres)))

app.post('/notes', function* (request) {
  const { text } = yield* request.json<{ text?: unknown }>()
  if (typeof text !== 'string') throw new HttpBadRequest('A note is {"text": "…"}.')
  const { rows } = yield* request.app.state
    .get(postgres)
    .query<Note>(sql`insert into notes (text) values (${text}) returning id, text`)
  return rows[0]
})

app.get('/notes/:id<int>', function* ({ app: { state }, params }) {
  const note = yield* findNote(state.get(postgres), state.get(redis), params.id)
  const views = yield* state.get(redis).incr(`views:${params.id}`)
  return { ...note, views }
})

app.get('/report', function* ({ app: { state } }) {
  yield* timeout(REPORT_MS, () => state.get(postgres).query('select pg_sleep(60)'))
  return 'That took a minute.'
})

await runApp(app, { port: Number(port) })
