import { OmegaError } from './errors.ts'
import { type Answer, type Binding, native, unwrap } from './native.ts'

/** What long work is doing. */
export interface Progress {
  /** `load`, `prepare`, `simulate`, `report`, `write`, `import`, `generate`, `inspect` or `resample`. */
  phase: string
  /** Steps of the phase that are done. */
  done: number
  /** Steps of the phase in all; 0 if unknown. */
  total: number
  /** Estimated milliseconds until the phase ends; `null` while unknown. */
  etaMs: number | null
}

/** Options of every call that takes long. */
export interface JobOptions {
  /** Aborting it rejects the promise with `ABORTED` and leaves nothing behind. */
  signal?: AbortSignal | undefined
  /** Called at most twenty times a second. */
  onProgress?: ((progress: Progress) => void) | undefined
}

const POLL_MS = 50

/** Throws `ABORTED` if the signal is aborted. */
export function throwIfAborted(signal: AbortSignal | undefined): void {
  if (signal?.aborted) throw aborted(signal)
}

function aborted(signal: AbortSignal | undefined): OmegaError {
  return new OmegaError('ABORTED', 'the work was cancelled', { category: 'runtime', cause: signal?.reason })
}

/**
 * Reports progress.
 *
 * @throws {OmegaError} `ABORTED` if the listener throws; `cause` is what it threw.
 */
export function tell(onProgress: JobOptions['onProgress'], progress: Progress): void {
  try {
    onProgress?.(progress)
  } catch (cause) {
    throw new OmegaError('ABORTED', 'onProgress threw, so the work was cancelled', { category: 'runtime', cause })
  }
}

/** Runs one native job with progress and cancellation. `settled` is called when its work is over, well or not. */
export async function runJob(
  options: JobOptions,
  start: (binding: Binding, job: number) => Promise<Answer>,
  settled: (binding: Binding, job: number) => void = () => undefined,
): Promise<Answer> {
  const { signal, onProgress } = options
  throwIfAborted(signal)
  const binding = native()
  const job = binding.openJob()
  const cancel = () => binding.cancelJob(job)
  signal?.addEventListener('abort', cancel, { once: true })
  let thrown: unknown
  const stop = (problem: unknown) => {
    thrown ??= problem
    cancel()
  }
  const timer = onProgress && reportEvery(binding, job, onProgress, stop)
  try {
    const answer = await start(binding, job)
    if (thrown !== undefined) throw thrown
    if (signal?.aborted) throw aborted(signal)
    return unwrap(answer)
  } finally {
    clearInterval(timer)
    signal?.removeEventListener('abort', cancel)
    settled(binding, job)
    binding.closeJob(job)
  }
}

function reportEvery(
  binding: Binding,
  job: number,
  onProgress: (progress: Progress) => void,
  stop: (problem: unknown) => void,
): NodeJS.Timeout {
  let phase = ''
  let since = 0
  const timer = setInterval(() => {
    const now = binding.jobProgress(job)
    if (!now) return
    if (now.phase !== phase) {
      phase = now.phase
      since = performance.now()
    }
    const elapsed = performance.now() - since
    const etaMs = now.done > 0 && now.total > 0 ? (elapsed / now.done) * (now.total - now.done) : null
    try {
      tell(onProgress, { phase: now.phase, done: now.done, total: now.total, etaMs })
    } catch (problem) {
      clearInterval(timer)
      stop(problem)
    }
  }, POLL_MS)
  timer.unref()
  return timer
}
