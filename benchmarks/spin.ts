/** Keep the thread busy: what becomes due meanwhile is due at once when it is free again. */
export function spin(ms: number): void {
  const end = performance.now() + ms
  while (performance.now() < end);
}
