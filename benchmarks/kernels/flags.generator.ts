/** The flags with the generator variant of examples/flags. Fair: it is what `npm start -- --variant generator` runs. */
import { downloadMany } from '../../examples/flags/variants/generator.ts'
import { prepareVariant } from '../flag-variant.ts'
import type { Sizes } from '../kernel.ts'

export const prepare = (sizes: Sizes) => prepareVariant(downloadMany, sizes)
