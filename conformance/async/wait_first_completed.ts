/**
 * FIRST_COMPLETED returns as soon as one member is done, the rest remaining pending and untouched, so that
 * one may wait for them again.
 */
import { createTask, FIRST_COMPLETED, run, sleep, type Task, wait } from 'polvo'

function names(tasks: Set<Task<void>>): string[] {
  return [...tasks].map((task) => task.getName()).sort()
}

async function horse(delay: number): Promise<void> {
  await sleep(delay)
}

async function main(): Promise<void> {
  let home: Set<Task<void>>
  let field = new Set([
    createTask({ name: 'star' }, horse, 90),
    createTask({ name: 'bolt' }, horse, 30),
    createTask({ name: 'duke' }, horse, 60),
  ])
  while (field.size > 0) {
    ;[home, field] = await wait(field, { returnWhen: FIRST_COMPLETED })
    console.log('home:', ...names(home))
    console.log('running:', ...names(field))
  }
}

await run(main)
