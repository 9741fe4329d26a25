import type { Coroutine } from 'polvo'

function* cook(dish: string): Coroutine<string> {
  console.log('start', dish)
  yield
  console.log('go on with', dish)
  return `${dish}, done`
}

const soup = cook('soup')
console.log('nothing has run')
soup.next()
console.log('it stands at its yield')
console.log(soup.next().value)
