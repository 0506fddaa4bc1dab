/**
 * Runs a prover, a service and a process of several phases that misbehave at random, for 30 minutes or as many as are
 * given. Says whether every row is accounted for and whether the harness grows, and writes docs/reliability.md:
 * npm run soak [-- MINUTES [SEED]]
 */
import { findFaults } from './soak/judge.ts'
import { renderSoak } from './soak/render.ts'
import { soak } from './soak/run.ts'
import { writeBlock } from './reliability/block.ts'

const [minutes = '30', seed = String(Date.now() % 1e6)] = process.argv.slice(2)
console.log(`soak of ${minutes} minutes, seed ${seed}`)
const result = await soak(Number(minutes) * 60, seed)
const faults = findFaults(result)
const text = await renderSoak(result, faults)
console.log(`\n${text}`)
writeBlock('soak', text)
process.exitCode = faults.length ? 1 : 0
