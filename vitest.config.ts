import { defineConfig } from 'vitest/config'

export default defineConfig({
  test: {
    include: ['__test__/**/*.test.ts'],
    // A native abort kills a fork, not the run.
    pool: 'forks',
    testTimeout: 60_000,
    hookTimeout: 60_000,
    // The package under test is loaded by Node as users load it, not transformed: one copy of every module.
    server: { deps: { external: [/\/dist\//] } },
  },
})
