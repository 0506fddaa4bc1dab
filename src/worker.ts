import { inject } from 'vitest'
import { hideCompiled } from './compile-cache.ts'
import { listenToTracks } from './track/define.ts'
import { registerSuite } from './track/suite.ts'

hideCompiled()
const plan = inject('provemark')

// The reporter ends a run on Ctrl+C: a worker that dies first would leave its prover alive and its row unwritten.
process.on('SIGINT', () => {})
process.on('SIGTERM', () => {})

listenToTracks((track) => registerSuite(track, plan))
