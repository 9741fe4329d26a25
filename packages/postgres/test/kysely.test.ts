// The query builder Kysely on a pool of ours: it works as on pg, and its queries can be cancelled.
import { type Generated, Kysely, sql } from 'kysely'
import { call, createTask, run, TimeoutError, timeout } from 'polvo'
import { expect, test } from 'vitest'
import { UniqueViolationError } from '../src/index.ts'
import { PolvoDialect } from '../src/kysely.ts'
import { bothSpellings, describePostgres, until } from './support/servers.ts'

interface Database {
  person: { id: Generated<number>; name: string }
}

describePostgres('Kysely', (world) => {
  const database = async () => {
    const pool = world.pool({ max: 2 })
    await pool.query(
      'drop table if exists person; create table person (id serial primary key, name text unique)',
    )
    return { pool, db: new Kysely<Database>({ dialect: new PolvoDialect({ pool }) }) }
  }

  bothSpellings('selects, inserts and counts', {
    *generator() {
      const { db } = yield* call(database)
      const { id } = yield* call(() =>
        db.insertInto('person').values({ name: 'ida' }).returning('id').executeTakeFirstOrThrow(),
      )
      const found = yield* call(() => db.selectFrom('person').selectAll().where('id', '=', id).execute())
      expect(found).toEqual([{ id, name: 'ida' }])
    },
    async async() {
      const { db } = await database()
      await db
        .insertInto('person')
        .values([{ name: 'ida' }, { name: 'bo' }])
        .execute()
      const { numUpdatedRows } = await db
        .updateTable('person')
        .set({ name: 'eva' })
        .where('name', '=', 'bo')
        .executeTakeFirstOrThrow()
      expect(numUpdatedRows).toBe(1n)
      expect(await db.selectFrom('person').select('name').orderBy('name').execute()).toEqual([
        { name: 'eva' },
        { name: 'ida' },
      ])
    },
  })

  test('runs transactions, with savepoints, and rolls back what fails', async () => {
    await run(async () => {
      const { db, pool } = await database()
      await db.transaction().execute((trx) => trx.insertInto('person').values({ name: 'kept' }).execute())
      const failing = db
        .transaction()
        .setIsolationLevel('serializable')
        .execute(async (trx) => {
          await trx.insertInto('person').values({ name: 'lost' }).execute()
          await trx.insertInto('person').values({ name: 'kept' }).execute()
        })
      await expect(failing).rejects.toThrow(UniqueViolationError)
      const trx = await db.startTransaction().execute()
      const afterSavepoint = await trx.savepoint('here').execute()
      await afterSavepoint.insertInto('person').values({ name: 'undone' }).execute()
      await afterSavepoint.rollbackToSavepoint('here').execute()
      await trx.commit().execute()
      expect(await db.selectFrom('person').select('name').execute()).toEqual([{ name: 'kept' }])
      expect(pool.free).toBe(pool.size)
    })
  })

  test('streams', async () => {
    await run(async () => {
      const { db } = await database()
      await db
        .insertInto('person')
        .values(['a', 'b', 'c'].map((name) => ({ name })))
        .execute()
      const names: string[] = []
      for await (const { name } of db.selectFrom('person').select('name').stream(2)) names.push(name)
      expect(names).toEqual(['a', 'b', 'c'])
    })
  })

  test('is cancelled on the server when its task is, in a transaction too', async () => {
    await run(async () => {
      const { db, pool } = await database()
      const task = createTask(async () => await sql`select pg_sleep(10)`.execute(db))
      await until(async () => (await world.sessions()).some((line) => line.startsWith('active')))
      task.cancel()
      await expect(task).rejects.toThrow(/cancelled/)
      expect(await world.sessions()).toEqual([expect.stringMatching(/^idle/)])
      const going = timeout(50, () =>
        db.transaction().execute(async (trx) => {
          await trx.insertInto('person').values({ name: 'never' }).execute()
          await sql`select pg_sleep(10)`.execute(trx)
        }),
      )
      await expect(going).rejects.toThrow(TimeoutError)
      expect(await db.selectFrom('person').selectAll().execute()).toEqual([])
      expect([pool.size, pool.free]).toEqual([1, 1])
    })
  })

  test('looks at the tables there are', async () => {
    await run(async () => {
      const { db } = await database()
      const tables = await db.introspection.getTables()
      expect(tables.map(({ name }) => name)).toEqual(['person'])
    })
  })
})
