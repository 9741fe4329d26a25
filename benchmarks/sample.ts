/**
 * Samples one kernel in this process and prints one line of JSON: `node sample.ts KIND KERNEL SIZES`. The procedure is the
 * same for every JavaScript contestant; `sample.py` does the same in Python.
 */
import type {
  BusyKernel,
  MemoryKernel,
  OnceKernel,
  Sample,
  SampleKind,
  ServerKernel,
  Sizes,
  TimedKernel,
} from './kernel.ts'
import { bundleSample } from './samples/bundle.ts'
import { finish } from './samples/finish.ts'
import { latencySample } from './samples/latency.ts'
import { memorySample } from './samples/memory.ts'
import { onceSample } from './samples/once.ts'
import { requestsSample, servingSample } from './samples/serving.ts'
import { startupSample } from './samples/startup.ts'
import { timeSample } from './samples/time.ts'

async function take(kind: SampleKind, kernel: URL, sizes: Sizes): Promise<Sample> {
  switch (kind) {
    case 'time':
      return timeSample((await import(kernel.href)) as TimedKernel, sizes)
    case 'once':
      return onceSample((await import(kernel.href)) as OnceKernel, sizes)
    case 'memory':
      return memorySample((await import(kernel.href)) as MemoryKernel, sizes)
    case 'latency':
      return latencySample((await import(kernel.href)) as BusyKernel, sizes)
    case 'serving':
      return servingSample((await import(kernel.href)) as ServerKernel, sizes)
    case 'requests':
      return requestsSample((await import(kernel.href)) as ServerKernel, sizes)
    case 'startup':
      return startupSample(kernel)
    case 'bundle':
      return bundleSample(kernel)
  }
}

const [kind, kernelFile, sizesText = ''] = process.argv.slice(2)
const kernel = new URL(`kernels/${kernelFile}`, import.meta.url)
finish(await take(kind as SampleKind, kernel, JSON.parse(sizesText) as Sizes))
