/**
 * Try up to 676 URLs, get up to 194 flags: the downloader of the asyncio introductions.
 *
 *     node main.ts --every --server DELAY --max_req 100
 *     node main.ts compare
 */
import { main } from 'polvo/node'
import { compare } from './compare.ts'
import { downloadFlags } from './download.ts'
import { HELP, type Options, parseCommandLine, USAGE, UsageError } from './options.ts'

const args = process.argv.slice(2)

if (args[0] === 'compare') await main(compare)
else {
  const options = readCommandLine()
  if (options !== null) await main(() => downloadFlags(options))
}

function readCommandLine(): Options | null {
  try {
    const options = parseCommandLine(args)
    if (options === null) console.log(HELP)
    return options
  } catch (error) {
    if (!(error instanceof UsageError)) throw error
    console.error(`${USAGE}\n*** Usage error: ${error.message}`)
    process.exitCode = 2
    return null
  }
}
