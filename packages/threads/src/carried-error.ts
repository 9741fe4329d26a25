/**
 * Errors on their way between threads. Structured cloning keeps neither the class name nor properties such as
 * `code`, so an error is taken apart here, and put together in `arrived-error.ts`.
 */

export type CarriedError =
  | { readonly kind: 'value'; readonly value: unknown }
  | {
      readonly kind: 'error'
      readonly className: string
      readonly message: string
      readonly stack: string | undefined
      readonly properties: Readonly<Record<string, unknown>>
      readonly cause: CarriedError | null
      /** Of an AggregateError. */
      readonly errors: readonly CarriedError[] | null
    }

/** How many causes of causes are carried. */
const DEEPEST = 8

export function packError(error: unknown, depth = 0): CarriedError {
  if (!(error instanceof Error)) return { kind: 'value', value: isSendable(error) ? error : String(error) }
  const { name, message, stack, cause } = error
  const isDeeper = depth < DEEPEST
  return {
    kind: 'error',
    className: name === 'Error' ? error.constructor.name : name,
    message: String(message),
    stack,
    properties: propertiesOf(error),
    cause: cause === undefined || !isDeeper ? null : packError(cause, depth + 1),
    errors:
      error instanceof AggregateError && isDeeper
        ? error.errors.map((one) => packError(one, depth + 1))
        : null,
  }
}

const OWN = new Set(['name', 'message', 'stack', 'cause', 'errors'])

function propertiesOf(error: Error): Record<string, unknown> {
  const { code } = error as { code?: unknown }
  const entries = Object.entries({ ...error, ...(code === undefined ? {} : { code }) })
  return Object.fromEntries(entries.filter(([name, value]) => !OWN.has(name) && isSendable(value)))
}

/** Whether structured cloning takes it. */
export function isSendable(value: unknown): boolean {
  if (typeof value === 'function' || typeof value === 'symbol') return false
  if (typeof value !== 'object') return true
  try {
    structuredClone(value)
    return true
  } catch {
    return false
  }
}
