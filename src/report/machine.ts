import { type Variant, variantOf } from '../row/identity.ts'
import { rememberLast } from '../row/json.ts'
import { describeProved } from '../row/proved.ts'
import type { Machine, Row } from '../row/schema.ts'

/** `AMD EPYC 7B13 · 2 cores · 24.0 GB · Debian GNU/Linux 12 · kernel 6.1.0 · node v24.21.0`. */
export function describeMachine({ cpu, cores, mem_mb, os, kernel, node, container }: Machine): string | null {
  const parts = [
    cpu,
    cores != null && `${cores} ${cores === 1 ? 'core' : 'cores'}`,
    mem_mb != null && `${(mem_mb / 1024).toFixed(1)} GB`,
    os,
    kernel && `kernel ${kernel}`,
    node && `node ${node}`,
    container && `in ${container}`,
  ]
  return parts.filter((part) => typeof part === 'string').join(' · ') || null
}

/** `gnark scale_bits=8`, or `gnark (a)` for a side of a comparison. */
export function labelSide(label: string | null, side: Row['side']): string | null {
  return label ? `${label}${side ? ` (${side})` : ''}` : (side ?? null)
}

/** `gnark 0.14.0`. */
export function describeVersion(prover: Row['prover']): string | null {
  return prover ? [prover.name, prover.version].filter(Boolean).join(' ') : null
}

/** `gnark 0.14.0 · Groth16 over BN254, set-up toy, security bits unknown`. */
export function describeProver({ prover, security }: Row): string | null {
  const name = describeVersion(prover)
  if (!name || !security) return name
  const { scheme, field, setup, bits } = security
  const proved = describeProved(security)
  return `${name} · ${scheme} over ${field}, set-up ${setup}, security bits ${bits}${proved.length ? `; proves: ${proved.join(', ')}` : ''}`
}

/** `threads 2, scale_bits 12`: everything that distinguishes the variants of a prover. */
export const describeSettings = (row: Row): string | null => describeParts(variantOf(row).parts)

/** Consecutive rows usually share their variant, so its text is cached. */
const describeParts = rememberLast(
  (parts: Variant['parts']): string | null => {
    const show = (value: unknown) => (typeof value === 'object' ? JSON.stringify(value) : String(value))
    const texts = Object.entries(parts).map(([name, value]) => `${name} ${show(value)}`)
    return texts.join(', ') || null
  },
  (a, b) => a === b,
)

/** `1a2b3c4d`, or `1a2b3c4d with changes` if the working tree was not clean. */
export function describeCommit({ commit, dirty }: { commit: string | null; dirty: boolean }): string | null {
  return commit && `${commit.slice(0, 8)}${dirty ? ' with changes' : ''}`
}
