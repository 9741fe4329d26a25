import { contextValues } from 'polvo/lowlevel'
import { isSendable } from './carried-error.ts'
import type { CarriedContext } from './messages.ts'

/** The context variables of the running code that can be cloned, by name; null where there are none. */
export function carryContext(): CarriedContext | null {
  const values = contextValues()
  if (values.size === 0) return null
  const carried = [...values].map(([variable, value]) => [variable.name, value] as const)
  return carried.filter(([, value]) => isSendable(value))
}
