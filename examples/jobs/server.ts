/**
 * A JSON service with background tasks: `node server.ts [PORT]`
 *
 *     curl localhost:8080/jobs --json '{"text": "a text of some words"}'
 *     curl localhost:8080/jobs/1
 *     curl -X DELETE localhost:8080/jobs/1
 */
import { Application, HttpNotFound, HttpUnprocessable, json, runApp, StateKey } from '@polvo/http'
import { interval } from 'polvo'
import { Job } from './jobs.ts'

const WORD_MS = 100
const REPORT_MS = 60_000

const jobs = new StateKey<Map<number, Job>>('jobs')
const app = new Application()
app.state.set(jobs, new Map())

app.post('/jobs', async (request) => {
  const { text } = (await request.json()) as { text?: unknown }
  if (typeof text !== 'string') throw new HttpUnprocessable('"text" is to be a string.')
  const known = app.state.get(jobs)
  const job = new Job(app, known.size + 1, text, WORD_MS)
  known.set(job.id, job)
  return json(job.report, { status: 202, headers: { location: app.urlFor('job', { id: job.id }) } })
})

app.get('/jobs', () => [...app.state.get(jobs).values()].map(({ report }) => report))

app.get('/jobs/:id<int>', ({ params }) => find(params.id).report, { name: 'job' })

app.delete('/jobs/:id<int>', ({ params }) => {
  const job = find(params.id)
  job.cancel()
  return job.report
})

function find(id: number): Job {
  const job = app.state.get(jobs).get(id)
  if (job === undefined) throw new HttpNotFound(`There is no job ${id}.`)
  return job
}

app.onError(404, ({ message }) => json({ error: message }, { status: 404 }))
app.onError(422, ({ message }) => json({ error: message }, { status: 422 }))

/** What lives as long as the application: it is cancelled, and waited for, when that stops. */
app.onStart(() => {
  app.createTask({ name: 'reports' }, async () => {
    for await (const _ of interval(REPORT_MS)) {
      const running = [...app.state.get(jobs).values()].filter(({ state }) => state === 'running')
      console.log(`Jobs running: ${running.length}`)
    }
  })
})
app.onStop(() => {
  const cancelled = [...app.state.get(jobs).values()].filter(({ state }) => state === 'cancelled')
  console.log(`Stopped. Jobs cancelled: ${cancelled.length}`)
})

await runApp(app, { port: Number(process.argv[2] ?? 8080) })
