/** The frameworks that polvo's handlers run in, each with a server of its own on a free port of loopback. */
import { once } from 'node:events'
import { createServer, type Server } from 'node:http'
import type { AddressInfo } from 'node:net'
import { getRequestListener } from '@hono/node-server'
import express from 'express'
import fastify from 'fastify'
import { Hono } from 'hono'
import {
  type Hosted,
  type HostedHandler,
  type HostedHandlerOptions,
  toExpressHandler,
  toFastifyHandler,
  toFastifyPlugin,
  toFetchHandler,
  toHonoHandler,
  toNodeListener,
} from '../../../src/adapters.ts'
import type { Application } from '../../../src/index.ts'
import { until } from '../../server/support/serving.ts'

/** A framework's server while a test runs. */
export interface Host {
  readonly url: string
  readonly port: number
  readonly server: Server
  readonly adapter: Hosted
}

export interface Framework {
  readonly name: string
  /** Whether websockets can be had from its adapter. */
  readonly hasUpgrades?: boolean
  /** Serve an application at the root. */
  readonly app: (app: Application) => Promise<Opened>
  /** Serve it below `/api`, beside a route of the framework's own: `/own`. Absent where the host has no routes. */
  readonly mounted?: (app: Application) => Promise<Opened>
  /** Serve a handler as the framework's own route for `/users/:id`. */
  readonly route?: (handler: HostedHandler, options?: HostedHandlerOptions) => Promise<Opened>
}

interface Opened {
  readonly server: Server
  readonly adapter: Hosted
  readonly close?: () => Promise<unknown>
}

const own = 'the framework’s own'

async function listening(server: Server, adapter: Hosted, close?: () => Promise<unknown>): Promise<Opened> {
  if (!server.listening) {
    server.listen(0, '127.0.0.1')
    await once(server, 'listening')
  }
  return close === undefined ? { server, adapter } : { server, adapter, close }
}

async function onExpress(build: (app: express.Express) => Hosted): Promise<Opened> {
  const app = express()
  const adapter = build(app)
  return listening(createServer(app), adapter)
}

async function onFastify(build: (instance: ReturnType<typeof fastify>) => Hosted): Promise<Opened> {
  const instance = fastify({ forceCloseConnections: true })
  const adapter = build(instance)
  await instance.listen({ port: 0, host: '127.0.0.1' })
  return listening(instance.server, adapter, () => instance.close())
}

async function onHono(build: (hono: Hono) => Hosted): Promise<Opened> {
  const hono = new Hono()
  const adapter = build(hono)
  return listening(createServer(getRequestListener(hono.fetch)), adapter)
}

export const frameworks: readonly Framework[] = [
  {
    name: 'node:http',
    hasUpgrades: true,
    app: (app) => {
      const adapter = toNodeListener(app)
      return listening(createServer(adapter), adapter)
    },
  },
  {
    name: 'Express',
    hasUpgrades: true,
    app: (app) =>
      onExpress((host) => {
        const adapter = toExpressHandler(app)
        host.use(adapter)
        return adapter
      }),
    mounted: (app) =>
      onExpress((host) => {
        const adapter = toExpressHandler(app)
        host.use('/api', adapter)
        host.get('/own', (_, response) => void response.send(own))
        host.get('/api/other', (_, response) => void response.send(own))
        return adapter
      }),
    route: (handler, options) =>
      onExpress((host) => {
        const adapter = toExpressHandler(handler, options)
        host.all('/users/:id', adapter)
        return adapter
      }),
  },
  {
    name: 'Fastify',
    hasUpgrades: true,
    app: (app) =>
      onFastify((host) => {
        const adapter = toFastifyPlugin(app)
        void host.register(adapter)
        return adapter
      }),
    mounted: (app) =>
      onFastify((host) => {
        const adapter = toFastifyPlugin(app)
        host.get('/own', async () => own)
        host.get('/api/other', async () => own)
        void host.register(adapter, { prefix: '/api' })
        return adapter
      }),
    route: (handler, options) =>
      onFastify((host) => {
        const adapter = toFastifyHandler(handler, options)
        host.all('/users/:id', adapter)
        return adapter
      }),
  },
  {
    name: 'Hono',
    app: (app) =>
      onHono((host) => {
        const adapter = toHonoHandler(app)
        host.use(adapter)
        return adapter
      }),
    mounted: (app) =>
      onHono((host) => {
        const adapter = toFetchHandler(app)
        host.get('/own', (context) => context.text(own))
        host.get('/api/other', (context) => context.text(own))
        host.mount('/api', adapter)
        return adapter
      }),
    route: (handler, options) =>
      onHono((host) => {
        const adapter = toHonoHandler(handler, options)
        host.all('/users/:id', adapter)
        return adapter
      }),
  },
  {
    name: 'a fetch host',
    app: (app) => {
      const adapter = toFetchHandler(app)
      return listening(createServer(getRequestListener(adapter)), adapter)
    },
  },
]

/** Run `body` with a server of a framework, which is closed at the end, and has no connection left. */
export async function hosting(
  opening: Promise<Opened>,
  body: (host: Host) => Promise<unknown>,
): Promise<void> {
  const { server, adapter, close } = await opening
  const { port } = server.address() as AddressInfo
  try {
    await body({ url: `http://127.0.0.1:${port}`, port, server, adapter })
  } finally {
    if (close === undefined) server.close()
    server.closeAllConnections()
    await close?.()
    await adapter.stop({ within: 0 })
    await until(() => !server.listening)
  }
}
