/** `count` durations up to `most` milliseconds, evenly spread in no order: multiples of the golden ratio, without their whole part. */
export function durations(count: number, most: number): number[] {
  return Array.from({ length: count }, (_, i) => ((i * 0.6180339887498949) % 1) * most)
}
