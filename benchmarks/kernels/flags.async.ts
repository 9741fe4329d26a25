/** The flags with the async variant of examples/flags. Fair: it is what `npm start -- --variant async` runs. */
import { downloadMany } from '../../examples/flags/variants/async.ts'
import { prepareVariant } from '../flag-variant.ts'
import type { Sizes } from '../kernel.ts'

export const prepare = (sizes: Sizes) => prepareVariant(downloadMany, sizes)
