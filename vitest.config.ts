import { defineConfig } from 'vitest/config'

// Packages are tested from their sources: the private export condition saves a build. Conditions such as 'import' are not for
// this list: Node is given it too, and would then hand ES modules to the `require()` of packages that have both.
const conditions = ['polvo-source', 'node', 'module']

export default defineConfig({
  resolve: { conditions },
  ssr: { resolve: { conditions } },
  test: {
    include: [
      'packages/*/test/**/*.test.ts',
      'examples/test/**/*.test.ts',
      'benchmarks/test/**/*.test.ts',
      'test/**/*.test.ts',
    ],
    pool: 'forks',
  },
})
