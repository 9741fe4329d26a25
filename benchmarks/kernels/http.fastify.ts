/** A web server of Fastify. Fair: async handlers as in its guide, without a logger, as it comes. */
import fastify from 'fastify'

export async function serve(whenListening: (port: number) => void): Promise<void> {
  const app = fastify()
  app.get('/', async () => 'Hello, world!')
  app.get('/json', async () => ({ message: 'Hello, world!', tags: ['a', 'b'], count: 3 }))
  app.get<{ Params: { name: string } }>('/hello/:name', async ({ params }) => `Hello, ${params.name}!`)
  const url = await app.listen({ port: 0, host: '127.0.0.1' })
  whenListening(Number(new URL(url).port))
}
