/** A table of steps: numbered rows, a column for each name in the order of their first step. */
const WIDEST = 48

interface Row {
  readonly column: string
  readonly text: string
  readonly isMarked: boolean
}

export class Table {
  readonly #rows: Row[] = []

  add(column: string, text: string, isMarked: boolean): void {
    const short = text.length > WIDEST ? `${text.slice(0, WIDEST - 1)}…` : text
    this.#rows.push({ column, text: short, isMarked })
  }

  toString(): string {
    const columns = [...new Set(this.#rows.map(({ column }) => column))]
    const widths = columns.map((name) =>
      Math.max(name.length, ...this.#rows.map(({ column, text }) => (column === name ? text.length : 0))),
    )
    const digits = String(this.#rows.length).length
    const lineOf = (number: string, cells: readonly string[]) =>
      [number.padStart(digits + 1), ...cells.map((cell, i) => cell.padEnd(widths[i] as number))]
        .join('  ')
        .trimEnd()
    return [
      lineOf('', columns),
      ...this.#rows.map(({ column, text, isMarked }, i) =>
        lineOf(
          `${isMarked ? '*' : ''}${i + 1}`,
          columns.map((name) => (name === column ? text : '')),
        ),
      ),
    ].join('\n')
  }
}
