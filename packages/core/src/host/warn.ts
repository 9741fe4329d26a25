/** Say something that deserves attention but stops nothing: a process warning where there are such, else the console. */
export function warn(message: string): void {
  const { process } = globalThis as { process?: { emitWarning?: (message: string, type: string) => void } }
  if (typeof process?.emitWarning === 'function') process.emitWarning(message, 'PolvoWarning')
  else console.warn(`[polvo] ${message}`)
}
