/** What the smallest useful program needs: an entry, a wait, and a group of tasks. */
export { run, sleep, taskGroup } from 'polvo'
