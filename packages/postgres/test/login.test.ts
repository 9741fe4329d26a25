// Who is let in: passwords, and TLS, which the requests to cancel use as well.
import { createTask, run } from 'polvo'
import { expect, test } from 'vitest'
import { cert, key } from '../../core/test/support/certificate.ts'
import { AuthorizationError } from '../src/index.ts'
import { describePostgres, errorOf, until } from './support/servers.ts'

const files = {
  'server.crt': cert,
  'server.key': key,
  'pg_hba.conf': 'host all polvo 127.0.0.1/32 trust\nhostssl all ida 127.0.0.1/32 scram-sha-256\n',
}

describePostgres(
  'logging in',
  (world) => {
    const ida = async (password: string) => {
      await world.ask(`do $$ begin
        if not exists (select from pg_roles where rolname = 'ida') then create role ida login password 'octopus'; end if;
      end $$`)
      const { port } = world.server
      const tls = { ca: cert }
      return world.pool({
        dsn: undefined,
        host: 'localhost',
        port,
        user: 'ida',
        password,
        database: 'postgres',
        tls,
      })
    }

    test('with a wrong password says so', async () => {
      const pool = await ida('squid')
      const error = await errorOf(() => pool.query('select 1'))
      expect(error).toBeInstanceOf(AuthorizationError)
      expect(error).toMatchObject({ sqlState: '28P01', code: 'POLVO_POSTGRES_AUTHORIZATION' })
      expect(error.message).toMatch(/password authentication failed for user "ida" .*Check user and password/)
      expect(pool.size).toBe(0)
    })

    test('over TLS works, and so does cancelling', async () => {
      const pool = await ida('octopus')
      await run(async () => {
        const text = 'select ssl from pg_stat_ssl where pid = pg_backend_pid()'
        expect((await pool.query(text)).rows).toEqual([{ ssl: true }])
        for (let i = 0; i < 3; i++) {
          const task = createTask(pool.query('select pg_sleep(10)'))
          await until(async () => (await world.sessions()).some((line) => line.startsWith('active')))
          task.cancel()
          await expect(task).rejects.toThrow(/cancelled/)
          expect([pool.size, pool.free]).toEqual([1, 1])
        }
        expect((await pool.query(text)).rows).toEqual([{ ssl: true }])
      })
    })

    test('over TLS with a certificate that is not known says so', async () => {
      const pool = world.pool({ tls: true, host: 'localhost' })
      const error = await errorOf(() => pool.query('select 1'))
      expect(error.message).toMatch(/^No connection to 127\.0\.0\.1:\d+: .*(self.signed|certificate)/i)
    })
  },
  { settings: { ssl: 'on' }, files },
)
