import { inject } from 'vitest'
import { hideCompiled } from './lib/cache.ts'
import { listenToTracks } from './track/define.ts'
import { registerSuite } from './track/suite.ts'

hideCompiled()
const plan = inject('provemark')

// The reporter ends a run on Ctrl+C. If the worker exited first, its prover would keep running and its row would be
// lost.
process.on('SIGINT', () => {})
process.on('SIGTERM', () => {})

listenToTracks((track) => registerSuite(track, plan))
