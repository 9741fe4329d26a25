/** Channels with a buffer, which are to do what asyncio's queues do where nobody is between two chairs; see decision 0022. */
import { channel, type Receiver, type Sender } from 'polvo'
import type { Drafts, Family, Plays } from '../family.ts'
import type { Op } from '../program.ts'

export type ChannelOperation =
  | Op<'send', { channel: number; item: number }>
  | Op<'receive', { channel: number }>
  | Op<'sendNowait', { channel: number; item: number }>
  | Op<'receiveNowait', { channel: number }>
  | Op<'closeSender', { channel: number }>
  | Op<'closeReceiver', { channel: number }>

export const channels: Family = {
  simple: { send: 26, receive: 20, sendNowait: 9, receiveNowait: 5, closeSender: 1.5, closeReceiver: 1.5 },
  waking: ['send', 'receive', 'sendNowait', 'receiveNowait', 'closeSender', 'closeReceiver'],
}

/** A queue has 0 for the last. */
const CAPACITIES = [1, 3, Number.POSITIVE_INFINITY]

class Channels {
  readonly all: readonly [Sender<number>, Receiver<number>][] = CAPACITIES.map((capacity) =>
    channel<number>(capacity),
  )
}

/** Most programs are about the first. */
const CHOICES = [0, 0, 0, 0, 1, 2]

export const channelDrafts: Drafts<ChannelOperation> = {
  send: ({ random }) => ({ channel: random.pick(CHOICES), item: random.between(1, 99) }),
  receive: ({ random }) => ({ channel: random.pick(CHOICES) }),
  sendNowait: ({ random }) => ({ channel: random.pick(CHOICES), item: random.between(1, 99) }),
  receiveNowait: ({ random }) => ({ channel: random.pick(CHOICES) }),
  closeSender: ({ random }) => ({ channel: random.pick(CHOICES) }),
  closeReceiver: ({ random }) => ({ channel: random.pick(CHOICES) }),
}

export const channelPlays: Plays<ChannelOperation> = {
  send: ({ stage }, { channel: number, item }) => stage.state(Channels).all[number]![0].send(item),
  receive: ({ stage }, { channel: number }) => stage.state(Channels).all[number]![1].receive(),
  sendNowait({ stage }, { channel: number, item }) {
    stage.state(Channels).all[number]![0].sendNowait(item)
    return []
  },
  receiveNowait: ({ stage }, { channel: number }) => stage.state(Channels).all[number]![1].receiveNowait(),
  closeSender({ stage }, { channel: number }) {
    stage.state(Channels).all[number]![0].close()
    return []
  },
  closeReceiver({ stage }, { channel: number }) {
    stage.state(Channels).all[number]![1].close()
    return []
  },
}
