/** Where the flags come from, by label. */
import { resource, type Usable, use } from 'polvo'
import type { ServerLabel } from '../options.ts'
import { nginxSite } from './nginx.ts'
import { serverProcess } from './server-process.ts'

export interface Site {
  readonly url: string
  /** Of the picture files: the public site has GIFs. */
  readonly extension: 'png' | 'gif'
}

/** A site as a resource: servers of our own are started before the body, and stopped after it. */
export function flagSite(label: ServerLabel): Usable<Site> {
  return resource<Site>(function* (provide) {
    switch (label) {
      case 'REMOTE':
        return yield* provide({ url: 'https://www.fluentpython.com/data/flags', extension: 'gif' })
      case 'NGINX':
        return yield* use(nginxSite(), (url) => provide({ url, extension: 'png' }))
      default:
        return yield* use(serverProcess(), ({ sites }) => provide({ url: sites[label], extension: 'png' }))
    }
  })
}
