/** @polvo/postgres/kysely: the query builder Kysely on a pool of ours. Every public name is exported here. */
export { PolvoDialect, type PolvoDialectOptions } from './kysely-dialect.ts'
