import { ProvemarkError } from '../errors.ts'
import type { Prover } from './contract.ts'

/** Whether a prover can be run on this machine, and the command that mends it where it cannot. */
export type Examination = { name: string; title: string } & (
  | { status: 'ok'; version: string; bin: string; sha256: string | null; variant: string | null }
  | { status: 'missing'; code: string; message: string; hint: string | null }
)

/** Looks for a prover; nothing is built or downloaded. */
export async function examineProver({ name, title, locate }: Prover, bin?: string): Promise<Examination> {
  try {
    const located = await locate({ build: false, ...(bin ? { bin } : {}) })
    const { version, sha256, variant = null } = located
    return { name, title, status: 'ok', version, bin: located.bin, sha256, variant }
  } catch (error) {
    if (!(error instanceof ProvemarkError)) throw error
    const { code, message, hint = null } = error
    return { name, title, status: 'missing', code, message, hint }
  }
}
