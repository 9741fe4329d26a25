// rediss: the same through TLS.
import { writeFileSync } from 'node:fs'
import { join } from 'node:path'
import { run } from 'polvo'
import { expect, test } from 'vitest'
import { cert, key } from '../../core/test/support/certificate.ts'
import { ConnectionError, createClient } from '../src/index.ts'
import { describeRedis, freePort, RedisServer } from './support/server.ts'
import { afterTest, errorOf } from './support/world.ts'

describeRedis('rediss', () => {
  async function secureServer(): Promise<number> {
    const server = new RedisServer(await freePort())
    afterTest(() => server.stop())
    const files = { cert: join(server.folder, 'cert.pem'), key: join(server.folder, 'key.pem') }
    writeFileSync(files.cert, cert)
    writeFileSync(files.key, key)
    const port = await freePort()
    const lines = [
      `tls-port ${port}`,
      `tls-cert-file ${files.cert}`,
      `tls-key-file ${files.key}`,
      'tls-auth-clients no',
      `tls-ca-cert-file ${files.cert}`,
    ]
    writeFileSync(server.config, `${lines.join('\n')}\n`)
    await server.start()
    return port
  }

  test('with a certificate that is trusted', async () => {
    const port = await secureServer()
    const client = createClient({ url: `rediss://localhost:${port}`, tls: { ca: cert } })
    await run(async () => {
      await client.set('a', 'b')
      expect(await client.get('a')).toBe('b')
      expect(await client.blpop('queue', 0.01)).toBe(null)
      await client.close()
    })
  })

  test('with one that is not: the error says so at once', async () => {
    const port = await secureServer()
    const client = createClient(`rediss://localhost:${port}`)
    const error = await errorOf(() => client.get('a'))
    expect(error).toBeInstanceOf(ConnectionError)
    expect(error.message).toMatch(/self-signed certificate.*tls: \{ ca \}/)
    await run(() => client.close())
  })

  test('on a server that speaks none: there is an error', async () => {
    const server = new RedisServer(await freePort())
    afterTest(() => server.stop())
    await server.start()
    const options = { reconnectWithin: 0, connectTimeout: 200 }
    const client = createClient({ url: `rediss://localhost:${server.port}`, ...options })
    expect(await errorOf(() => client.get('a'))).toBeInstanceOf(ConnectionError)
    await run(() => client.close())
  })
})
