import { EventLoop } from 'polvo'
import { VirtualClock } from '../../src/testing/virtual-clock.ts'

/** A loop of its own in virtual time, which runs nothing until told to. */
export const virtualLoop = (): EventLoop => new EventLoop(new VirtualClock())
