/** What runs functions beside each other without tasks. Fair: it exports nothing else. */
export { default } from 'p-queue'
