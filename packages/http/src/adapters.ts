/** @polvo/http/adapters: polvo's handlers inside other frameworks' servers. None of these is imported, nor has to be there. */
export { type ExpressHandler, type ExpressRequest, toExpressHandler } from './adapters/express.ts'
export {
  type FastifyHandler,
  type FastifyLike,
  type FastifyPlugin,
  type FastifyReplyLike,
  type FastifyRequestLike,
  toFastifyHandler,
  toFastifyPlugin,
} from './adapters/fastify.ts'
export { type FetchHandler, toFetchHandler } from './adapters/fetch.ts'
export { type HonoContextLike, type HonoHandler, toHonoHandler } from './adapters/hono.ts'
export type { Hosted, HostedOnNode, StopOptions } from './adapters/host.ts'
export { type NodeListener, toNodeListener } from './adapters/node.ts'
export type { FoundParams, HostedHandler, HostedHandlerOptions } from './adapters/target.ts'
