/** A connector that is given its sockets, connected already: for tests without a network. */
import type { Socket } from 'node:net'
import { type Connected, Connector, type Target } from './connector.ts'
import type { Route } from './route.ts'

export class GivenConnector extends Connector {
  private readonly give: () => Socket

  constructor(give: () => Socket) {
    super({
      tls: {},
      socketPath: null,
      lookup: undefined,
      localAddress: undefined,
      family: undefined,
      happyEyeballsDelay: undefined,
    })
    this.give = give
  }

  override open(_route: Route, _target: Target, onSocket: (socket: Socket) => void, done: Connected): void {
    const socket = this.give()
    onSocket(socket)
    setImmediate(() => done(null, socket))
  }
}
