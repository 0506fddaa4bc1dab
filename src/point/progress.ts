import { writeFileSync } from 'node:fs'
import type { ProcessSample } from '../process/spec.ts'
import type { Phase } from '../row/schema.ts'

/** Shortest time between two updates, ms: people read no faster, and the disk is shared. */
const NOTE_INTERVAL_MS = 200

/** Position of a run in its plan. */
export interface Position {
  track: string
  point: string
  /** From 1. */
  index: number
  points: number
}

/** What the live line shows. */
export interface ProgressNote extends Position {
  phase: Phase
  iteration: number
  /** Time since the epoch at which the phase started, ms. */
  startedMs: number
  rssMb: number
  peakMb: number
}

/**
 * Writes the current state of the run to a file. Vitest's channel between a worker and its reporters keeps everything
 * that is sent through it, which would be too much for samples.
 */
export function reportProgress(file: string | undefined, position: Position) {
  return ({ phase, iteration }: { phase: Phase; iteration: number }) => {
    const startedMs = Date.now()
    let notedMs = 0
    const note = ({ rssMb, peakMb }: Pick<ProcessSample, 'rssMb' | 'peakMb'>) => {
      const nowMs = Date.now()
      if (!file || nowMs - notedMs < NOTE_INTERVAL_MS) return
      notedMs = nowMs
      const text: ProgressNote = { ...position, phase, iteration, startedMs, rssMb, peakMb }
      try {
        writeFileSync(file, JSON.stringify(text))
      } catch {
        // On a full disk the live line may fail, but not the run.
      }
    }
    note({ rssMb: 0, peakMb: 0 })
    return note
  }
}
