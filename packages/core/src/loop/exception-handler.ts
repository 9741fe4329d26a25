/** What the loop tells its exception handler: an error that nobody is left to hear, or a program that misbehaves. */
export interface ExceptionContext {
  /** What happened, in one line. */
  message: string
  /** The error, where there is one. */
  exception?: unknown
  /** The task concerned, where there is one. */
  task?: unknown
  /** The future concerned, where there is one. */
  future?: unknown
  /** The callback concerned, where there is one. */
  handle?: unknown
  [detail: string]: unknown
}

const SHOWN_APART = new Set(['message', 'exception'])

/** Print a report to stderr: the message, the objects concerned, the error with its stack. */
export function printReport(context: ExceptionContext): void {
  const details = Object.entries(context).filter(([name]) => !SHOWN_APART.has(name))
  const lines: unknown[] = [`[polvo] ${context.message}`]
  for (const [name, value] of details) lines.push(`\n  ${name}:`, value)
  if (context.exception !== undefined) lines.push('\n ', context.exception)
  console.error(...lines)
}
