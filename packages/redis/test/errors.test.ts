// The errors: their classes, codes and words.
import { isCancelled, run, TimeoutError } from 'polvo'
import { expect, test } from 'vitest'
import { connectError, replyError } from '../src/errors.ts'
import {
  AuthenticationError,
  BusyLoadingError,
  ConnectionError,
  ExecAbortError,
  LockTimeoutError,
  NoScriptError,
  PermissionError,
  ReadOnlyError,
  RedisError,
  ReplyError,
  ResponseTimeoutError,
} from '../src/index.ts'
import { describeRedis } from './support/server.ts'
import { clientFor, errorOf, sharedServer } from './support/world.ts'

test.each([
  ['WRONGPASS invalid username-password pair', AuthenticationError, 'POLVO_REDIS_AUTHENTICATION'],
  ['NOAUTH Authentication required.', AuthenticationError, 'POLVO_REDIS_AUTHENTICATION'],
  ['ERR invalid password', AuthenticationError, 'POLVO_REDIS_AUTHENTICATION'],
  ["NOPERM this user has no permissions to run the 'get' command", PermissionError, 'POLVO_REDIS_PERMISSION'],
  ['NOSCRIPT No matching script.', NoScriptError, 'POLVO_REDIS_NO_SCRIPT'],
  ['LOADING Redis is loading the dataset in memory', BusyLoadingError, 'POLVO_REDIS_BUSY_LOADING'],
  ["READONLY You can't write against a read only replica.", ReadOnlyError, 'POLVO_REDIS_READ_ONLY'],
  ['EXECABORT Transaction discarded', ExecAbortError, 'POLVO_REDIS_EXEC_ABORT'],
  ['ERR unknown command', ReplyError, 'POLVO_REDIS_REPLY'],
  ['value is not what it should be', ReplyError, 'POLVO_REDIS_REPLY'],
])('each word of the server has its class and code: %s', (answer, Class, code) => {
  const cause = new Error(answer)
  const error = replyError('get', cause)
  expect(error.constructor).toBe(Class)
  expect(error).toMatchObject({ code, command: 'get', cause, name: Class.name })
  expect(error).toBeInstanceOf(ReplyError)
  expect(error).toBeInstanceOf(RedisError)
  expect(error.message).toContain(answer)
})

test('time limits are TimeoutErrors, and RedisErrors all the same', () => {
  for (const error of [new ResponseTimeoutError('x'), new LockTimeoutError('x')]) {
    expect(error).toBeInstanceOf(TimeoutError)
    expect(error).toBeInstanceOf(RedisError)
    expect(error.code).toBe('POLVO_TIMEOUT')
  }
  expect(new TimeoutError('x')).not.toBeInstanceOf(RedisError)
  expect(new ResponseTimeoutError('x')).not.toBeInstanceOf(ConnectionError)
})

test('an address that was tried in several ways gives all reasons', () => {
  const cause = new AggregateError(
    [new Error('connect to ::1 failed'), new Error('connect to 127.0.0.1 failed')],
    '',
  )
  expect(connectError('redis localhost:6379', cause).message).toBe(
    'redis localhost:6379: no connection: connect to ::1 failed, connect to 127.0.0.1 failed.',
  )
})

describeRedis('errors of a real server', () => {
  const shared = sharedServer()

  test('a user without permission', async () => {
    shared.server.cli('acl', 'setuser', 'guest', 'on', '>secret', '~*', '+get', '+info', '+hello', '+auth')
    const client = clientFor(shared.server, { username: 'guest', password: 'secret' })
    const error = await errorOf(() => client.set('a', 'private'))
    expect(error).toBeInstanceOf(PermissionError)
    expect(error.message).not.toContain('private')
    expect(await run(() => client.get('a'))).toBe(null)
  })

  test('an error is none of a cancellation', async () => {
    const client = clientFor(shared.server)
    expect(isCancelled(await errorOf(() => client.call('nothing')))).toBe(false)
  })
})
