import { jsonOf, native } from './native.ts'
import { engineVersion } from './version.ts'

/** What is running here. */
export interface EngineInfo {
  /** Always `omega-v2`. */
  name: string
  /** Version of the npm package. */
  version: string
  /** Version of the native core. */
  coreVersion: string
  /** Target triple that the core was built for. */
  target: string
  /** `release` builds are what should be measured. */
  profile: string
  /** Threads of the default pool. */
  threads: number
  node: string
  platform: string
  arch: string
}

/**
 * Versions and platform.
 *
 * @throws {OmegaError} `NATIVE_UNAVAILABLE`
 */
export function engineInfo(): EngineInfo {
  const core: { version: string; target: string; profile: string; threads: number } = jsonOf(native().coreInfo())
  return {
    name: 'omega-v2',
    version: engineVersion(),
    coreVersion: core.version,
    target: core.target,
    profile: core.profile,
    threads: core.threads,
    node: process.version,
    platform: process.platform,
    arch: process.arch,
  }
}
