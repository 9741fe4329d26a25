/** What a program asks of the place it runs in. */
import { currentTask, getRunningLoop } from 'polvo'

/** The time of the loop's clock. */
export const now = (): number => getRunningLoop().time()

/** How many requests to cancel the current task are outstanding. */
export const requests = (): number | undefined => currentTask()?.cancelling()
