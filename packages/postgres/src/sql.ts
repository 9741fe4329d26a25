/** SQL as templates: what is put in becomes a parameter, never text. */
import { misuse } from 'polvo/lowlevel'

/** A piece of SQL with its values, made by the `sql` tag; a whole statement, or a part to put into another one. */
export class Sql<Row extends object = Record<string, unknown>> {
  /** What its rows are. */
  declare readonly row: Row
  /** Texts and values in turn: one text more than there are values. */
  readonly #texts: readonly string[]
  readonly #values: readonly unknown[]

  /** @internal */
  constructor(texts: readonly string[], values: readonly unknown[]) {
    this.#texts = texts
    this.#values = values
  }

  /** The statement, with `$1`, `$2` … where values go. */
  get text(): string {
    const [first = '', ...rest] = this.#texts
    return rest.reduce((text, next, i) => `${text}$${i + 1}${next}`, first)
  }

  /** The values, in the order of their numbers. */
  get values(): readonly unknown[] {
    return this.#values
  }

  /** @internal Append it to a statement that is being put together. */
  _appendTo(texts: string[], values: unknown[]): void {
    texts.push(`${texts.pop() ?? ''}${this.#texts[0]}`, ...this.#texts.slice(1))
    values.push(...this.#values)
  }

  toString(): string {
    return `<Sql ${this.text}>`
  }
}

function template<Row extends object = Record<string, unknown>>(
  strings: TemplateStringsArray,
  ...parts: readonly unknown[]
): Sql<Row> {
  if (!Array.isArray(strings) || !('raw' in strings)) {
    throw misuse(
      'sql is a tag for templates, written right before the backtick. For text that is SQL there is sql.raw().',
    )
  }
  const texts: string[] = [strings[0] as string]
  const values: unknown[] = []
  for (const [i, part] of parts.entries()) {
    if (part instanceof Sql) part._appendTo(texts, values)
    else {
      if (part === undefined) throw undefinedValue(texts)
      values.push(part)
      texts.push('')
    }
    texts.push(`${texts.pop()}${strings[i + 1]}`)
  }
  return new Sql<Row>(texts, values)
}

function undefinedValue(texts: readonly string[]): TypeError {
  const before = (texts.at(-1) as string).slice(-30)
  return misuse(`The value after \`…${before}\` is undefined. Give null where NULL is meant.`)
}

/** A name, or several joined by dots, quoted: `sql.id('public', 'user')` is `"public"."user"`. */
function id(...names: [string, ...string[]]): Sql {
  const quoted = names.map((name) => {
    if (typeof name !== 'string' || name === '' || name.includes('\0')) {
      throw misuse(`sql.id() takes names, and was given ${JSON.stringify(name)}.`)
    }
    return `"${name.replaceAll('"', '""')}"`
  })
  return new Sql([quoted.join('.')], [])
}

/**
 * Values, or pieces of SQL, with commas between them, for `in (…)` and `values (…)`.
 * @throws TypeError for an empty list, which no SQL can have there: `= any(${array})` takes any length.
 */
function list(items: readonly unknown[]): Sql {
  if (!Array.isArray(items) || items.length === 0) {
    throw misuse(
      'sql.list() takes an array of at least one item. Compare with `= any(…)` of an array where it may be empty.',
    )
  }
  return join(items, ', ')
}

/** Values, or pieces of SQL, with `separator` between them, which is SQL: `sql.join(conditions, ' and ')`. May be empty. */
function join(items: readonly unknown[], separator: string): Sql {
  const texts = ['']
  const values: unknown[] = []
  for (const [i, item] of items.entries()) {
    if (i > 0) texts.push(`${texts.pop()}${separator}`)
    template(plain, item)._appendTo(texts, values)
  }
  return new Sql(texts, values)
}

const plain: TemplateStringsArray = Object.assign(['', ''], { raw: ['', ''] })

/** Text that is SQL already. Never make it of what comes from outside. */
function raw(text: string): Sql {
  if (typeof text !== 'string') throw misuse(`sql.raw() takes text, and was given ${String(text)}.`)
  return new Sql([text], [])
}

/**
 * A statement as a template, whose values are sent beside it, so that nothing has to be escaped. The type argument says what
 * the rows are.
 *
 *     const { rows } = await pool.query(sql<User>`select * from users where id = ${id}`)
 *     sql`select * from ${sql.id(table)} where kind in (${sql.list(kinds)}) ${onlyNew ? sql`and age < ${7}` : sql``}`
 *
 * @throws TypeError for a value that is undefined
 */
export const sql: typeof template & {
  /** A name, or several joined by dots, quoted: `sql.id('public', 'user')` is `"public"."user"`. */
  readonly id: typeof id
  /** Values, or pieces of SQL, with commas between them, at least one: `in (${sql.list(kinds)})`. */
  readonly list: typeof list
  /** Values, or pieces of SQL, with `separator` between them, which is SQL. May be empty. */
  readonly join: typeof join
  /** Text that is SQL already. Never make it of what comes from outside. */
  readonly raw: typeof raw
} = Object.assign(template, { id, list, join, raw })
