/**
 * The connections to a cluster's nodes. The driver knows which node has which keys, and follows redirections (MOVED, ASK); the line
 * of what is to be sent, and what becomes of it when a node is lost, is that of a connection.
 */
import { Cluster, type Redis } from 'ioredis'
import type { Coroutine } from 'polvo'
import { CommandOperation } from './command.ts'
import { Connection, type Driver, type Outgoing } from './connection.ts'
import type { Address, Endpoint } from './endpoint.ts'
import { connectError } from './errors.ts'
import { type Argument, Sent } from './wire.ts'

/** How long to wait before what a node did not take is sent again: its place may be another's soon. */
const AGAIN_AFTER = 50

/** The driver's part for a cluster, not connected yet: it never connects by itself. */
export function openCluster({ driverOptions }: Endpoint, nodes: readonly Address[]): Cluster {
  const { host: _, port: __, retryStrategy: ___, enableOfflineQueue: ____, ...redisOptions } = driverOptions
  return new Cluster([...nodes], {
    lazyConnect: true,
    clusterRetryStrategy: null,
    // It would send again what may have been carried out.
    retryDelayOnFailover: 0,
    redisOptions: { ...redisOptions, db: 0 },
  })
}

export class ClusterConnections extends Connection {
  private failingSince: number | null = null
  private again: NodeJS.Timeout | null = null

  protected override open(): Driver {
    return openCluster(this.endpoint, this.endpoint.cluster as readonly Address[])
  }

  protected override write(driver: Driver): void {
    const streams = (driver as Cluster).nodes().flatMap(({ stream }) => (stream ? [stream] : []))
    for (const stream of streams) stream.cork()
    // So many and no more: what a node does not take stands in line again at once.
    for (let left = this.waiting; left > 0; left--) {
      const next = this.next()
      if (next === null) break
      this.leave(next)
      next._goOut(this)
    }
    for (const stream of streams) stream.uncork()
  }

  override send(sent: Sent): void {
    this.inFlight++
    ;(this.driver as Cluster).sendCommand(sent as never)
  }

  /** A transaction is one node's: that of its first key. */
  override sendTogether(sents: readonly Sent[]): void {
    const redis = this.nodeFor(sents)
    for (const sent of sents) {
      this.inFlight++
      ;(this.driver as Cluster).sendCommand(sent as never, undefined, { redis } as never)
    }
  }

  override settled(): void {
    this.failingSince = null
    super.settled()
  }

  override rejoin(outgoing: Outgoing): void {
    const now = performance.now()
    this.failingSince ??= now
    if (now - this.failingSince > this.endpoint.reconnectWithin) {
      return outgoing._refused(connectError(this.address, this.causeOf('its node cannot be reached')))
    }
    super.rejoin(outgoing)
  }

  protected override flushSoon(): void {
    if (this.failingSince === null) return super.flushSoon()
    this.again ??= setTimeout(() => {
      this.again = null
      this.flush()
    }, AGAIN_AFTER)
  }

  /** The node that has the keys of a command. Waits until the nodes are known. */
  *endpointFor(name: string, args: readonly Argument[]): Coroutine<Endpoint> {
    if (!this.isReady) yield* new CommandOperation(this, 'ping', [], 'utf8')
    const { host, port } = this.nodeFor([new Sent(nobody, name, args, null, this.keyPrefix)]).options
    return this.endpoint.forBlocking().at({ host: host as string, port: port as number })
  }

  private nodeFor(sents: readonly Sent[]): Redis {
    const driver = this.driver as Cluster
    const masters = driver.nodes('master')
    const slot = sents.map((sent) => sent.slotOfKey()).find((known) => known !== null)
    const key = slot === undefined ? undefined : driver.slots[slot]?.[0]
    const found = masters.find(({ options: { host, port } }) => `${host}:${port}` === key)
    return found ?? (masters[0] as Redis)
  }
}

const nobody = { _answered(): void {}, _refusedBy(): void {}, _lost(): void {} }
