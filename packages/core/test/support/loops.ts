import type { EventLoop } from 'polvo'
import { VirtualLoop } from '../../src/testing/virtual-loop.ts'

/** A loop of its own in virtual time, which runs nothing until told to. */
export const virtualLoop = (): EventLoop => new VirtualLoop()
