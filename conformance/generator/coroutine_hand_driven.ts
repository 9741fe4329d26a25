/**
 * A coroutine driven by hand: next() delivers answers to whatever an awaitable yields, and the return value
 * arrives with the end.
 */

type Answer = string | number
type Questions<T> = Generator<string, T, Answer>

class Ask {
  readonly question: string

  constructor(question: string) {
    this.question = question
  }

  *[Symbol.iterator](): Questions<Answer> {
    const answer = yield this.question
    return answer
  }
}

function* interview(): Questions<string> {
  const name = yield* new Ask('your name')
  const age = yield* new Ask(`${name}, your age`)
  if (Number(age) > 30) console.log('aside:', yield* new Ask('a secret'))
  return `${name} is ${age}`
}

function drive(coroutine: Questions<string>, answers: Answer[]): string {
  let question = coroutine.next('')
  while (!question.done) {
    const answer = answers.shift()!
    console.log(question.value, '->', answer)
    question = coroutine.next(answer)
  }
  return question.value
}

console.log(drive(interview(), ['ida', 29]))
console.log(drive(interview(), ['otto', 31, 'hates tea']))
