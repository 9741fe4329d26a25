/** polvo's handlers inside Fastify: an application as a plugin, or a handler for one of Fastify's own routes. */
import type { IncomingMessage, ServerResponse } from 'node:http'
import type { Application } from '../server/application.ts'
import { Host, type Hosted, type HostedOnNode } from './host.ts'
import {
  applicationOf,
  type FoundParams,
  type HostedHandler,
  type HostedHandlerOptions,
  noteParams,
} from './target.ts'

/** What is used of a request of Fastify. */
export interface FastifyRequestLike {
  /** The message of node:http. */
  readonly raw: IncomingMessage
  /** What Fastify has found in the path. */
  readonly params: unknown
}

/** What is used of a reply of Fastify. */
export interface FastifyReplyLike {
  /** The message of node:http. */
  readonly raw: ServerResponse
  /** Leave the answer to somebody else. */
  hijack(): unknown
  /** What Fastify's hooks have put into the header. */
  getHeaders(): Record<string, number | string | string[] | undefined>
  /** Answer as where there is no route. */
  callNotFound(): unknown
}

/** What is used of an instance of Fastify. */
export interface FastifyLike {
  /** What stands before the paths of the plugin. */
  readonly prefix: string
  /** Have no body parsed that is not asked for. */
  removeAllContentTypeParsers(): unknown
  /** Say how bodies are parsed. */
  addContentTypeParser(
    type: string,
    parse: (request: never, payload: never, done: (error: Error | null) => void) => void,
  ): unknown
  /** Answer all methods. */
  all(path: string, handler: (request: FastifyRequestLike, reply: FastifyReplyLike) => void): unknown
  /** Have something done when it starts, or is closed. */
  addHook(name: 'onReady' | 'onClose', hook: () => Promise<void>): unknown
}

/** A plugin for `fastify.register()`. */
export interface FastifyPlugin extends HostedOnNode {
  /** Add what is to be added to an instance of Fastify. */
  (instance: FastifyLike): Promise<void>
}

/** A handler for a route of Fastify. */
export interface FastifyHandler extends Hosted {
  /** Answer a request. */
  (request: FastifyRequestLike, reply: FastifyReplyLike): void
}

/**
 * A plugin that adds the routes of an application to Fastify, below the prefix it is registered with. It starts the application when
 * Fastify is ready, and stops it when Fastify is closed. What the application has no route for is Fastify's 404.
 *
 *     await fastify.register(toFastifyPlugin(app), { prefix: '/api' })
 *
 * Websockets take `fastify.server.on('upgrade', plugin.upgrade)`, by their whole paths. Fastify's hooks run before it; their headers are sent along. Bodies are not parsed by Fastify there.
 * @throws TypeError for anything but an application
 */
export function toFastifyPlugin(app: Application): FastifyPlugin {
  const host = new Host(applicationOf('toFastifyPlugin()', app, undefined))
  const hosted = host.hostedOnNode
  const plugin = async (instance: FastifyLike): Promise<void> => {
    instance.removeAllContentTypeParsers()
    instance.addContentTypeParser('*', (_request, _payload, done) => done(null))
    instance.addHook('onReady', async () => await hosted.start())
    instance.addHook('onClose', async () => void (await hosted.stop()))
    const { prefix } = instance
    instance.all('/*', ({ raw }, reply) => {
      const whole = raw.url as string
      raw.url = withoutPrefix(whole, prefix)
      const pass = () => {
        raw.url = whole
        reply.callNotFound()
      }
      host.whenRunning((running) => {
        if (running !== null && !running.answers(raw.method as string, raw.url as string)) return pass()
        takeOver(reply)
        host.handle(raw, reply.raw)
      })
    })
  }
  return Object.assign(plugin, hosted)
}

/**
 * A handler of polvo for a route of Fastify.
 *
 *     fastify.get('/users/:id', toFastifyHandler(function* (request) { … request.params.id … }))
 *
 * Fastify parses the bodies of its own routes, and leaves nothing to read: for requests with bodies, register an application by
 * `toFastifyPlugin`. `stop()` is for when Fastify is closed.
 * @throws TypeError for anything but a handler
 */
export function toFastifyHandler<R>(
  handler: HostedHandler<R>,
  options: HostedHandlerOptions = {},
): FastifyHandler {
  const host = new Host(applicationOf('toFastifyHandler()', handler, options))
  const route = ({ raw, params }: FastifyRequestLike, reply: FastifyReplyLike) => {
    takeOver(reply)
    noteParams(raw, params as FoundParams)
    host.handle(raw, reply.raw)
  }
  return Object.assign(route, host.hosted)
}

/** Fastify answers no more; what its hooks have put into the header stays there. */
function takeOver(reply: FastifyReplyLike): void {
  reply.hijack()
  const headers = reply.getHeaders()
  for (const name in headers) {
    const value = headers[name]
    if (value !== undefined) reply.raw.setHeader(name, value)
  }
}

function withoutPrefix(url: string, prefix: string): string {
  const rest = url.slice(prefix.length)
  return rest.startsWith('/') ? rest : `/${rest}`
}
