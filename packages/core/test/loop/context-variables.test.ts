import { Context, ContextVar } from 'polvo'
import { contextValues, contextVarsNamed } from 'polvo/lowlevel'
import { expect, test } from 'vitest'

test('the variables of a name are found, and others are not', () => {
  const [first, second] = [new ContextVar('found by name'), new ContextVar('found by name')]
  const other = new ContextVar('another name')
  expect(contextVarsNamed('found by name')).toEqual([first, second])
  expect(contextVarsNamed('another name')).toEqual([other])
  expect(contextVarsNamed('no such name')).toEqual([])
})

test('the values of a context are those that were set in it', () => {
  const variable = new ContextVar('carried', { default: 1 })
  const context = new Context()
  context.run(() => {
    expect(contextValues().size).toBe(0)
    variable.set(2)
    expect([...contextValues()]).toEqual([[variable, 2]])
  })
})
