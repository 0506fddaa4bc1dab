import { writeFileSync } from 'node:fs'
import { join } from 'node:path'
import { expect, test } from 'vitest'
import { temporaryFolder } from '../../fixtures/run-bench.ts'
import { createClock, type FigureNoise } from '../../src/gate/self-test/noise.ts'
import { fitComponents, logLikelihood, type Vector } from './components.ts'
import { fitFigures, fitMachine, type Sequence } from './fit.ts'

/** The series that reference.py works with. */
function listVectors(): Vector[] {
  const run = { at: [...Array(8).keys()], side: Array<number>(8).fill(0) }
  const comparison = { at: [...Array(12).keys()] }
  const layouts = [
    { ...run, progress: run.at.map((t) => t / 7) },
    {
      ...comparison,
      side: comparison.at.map((t) => (t + Math.floor(t / 2)) % 2),
      progress: comparison.at.map((t) => Math.floor(t / 2) / 5),
    },
  ] as const
  return Array.from({ length: 20 }, (_, v) => {
    const layout = layouts[v < 12 ? 0 : 1]
    const logs = layout.at.map(
      (t, i) =>
        0.1 * Math.sin(2.1 * v ** 2 + 1) +
        0.03 * Math.sin(0.8 * t + v) +
        0.05 * Math.sin(1.3 * (v + 2) * t ** 2 + v) +
        0.08 * Math.sin(7 * v + 3 * layout.side[i]! + 1) +
        0.06 * layout.progress[i]! * Math.sin(5 * v + 2 * layout.side[i]!),
    )
    return { logs, layout }
  })
}

// Source: reference.py, scipy 1.18.1.
test('the likelihood and its maximum agree with scipy', () => {
  const vectors = listVectors()
  const components = { run: 0.06, side: 0.02, shared: 0.03, own: 0.04, drift: 0.03, lasting: 0.6 }
  expect(logLikelihood(vectors, components)).toBeCloseTo(255.6586650354335, 8)
  const [best] = fitComponents([vectors])
  expect(logLikelihood(vectors, best!)).toBeGreaterThan(283.2358044354669 - 0.001)
})

const TRUE: FigureNoise = {
  run: 0.08,
  side: 0.03,
  shared: 0.06,
  lasting: 0.7,
  own: 0.03,
  drift: 0.04,
  load: 0.8,
  loadSpread: 0.2,
  loadLasting: 0.8,
  bursts: 0.01,
  burstLength: 2,
  burstMean: 1,
}

/** As many iterations as scripts/collect-runs.ts measures in a run and in a comparison, of five times as many. */
function measure(noise: FigureNoise, seed: number): Sequence[] {
  const clock = createClock(seed)
  const runs = Array.from({ length: 150 }, () => clock.run(noise, 10))
  const comparisons = Array.from({ length: 75 }, (): Sequence => {
    const [a, b] = clock.turns(noise, 20)
    const order = a!.times.flatMap(() => ['a', 'b'] as const)
    const of = (name: 'times' | 'disturbed') =>
      order.map((side, t) => (side === 'a' ? a : b)![name][Math.floor(t / 2)]!)
    return { times: of('times'), disturbed: of('disturbed'), sides: order }
  })
  return [...runs, ...comparisons]
}

test('known noise is recovered from simulated runs and comparisons', () => {
  const fitted = fitFigures([measure(TRUE, 303)])[0]!
  const ratio = (name: keyof FigureNoise) => fitted[name] / TRUE[name]
  const sds = ['run', 'side', 'shared', 'own', 'load', 'loadSpread'] as const
  expect(sds.filter((name) => ratio(name) < 0.8 || ratio(name) > 1.2)).toEqual([])
  // Of 75 comparisons, which show less of it than of all else.
  expect(Math.abs(ratio('drift') - 1)).toBeLessThan(0.35)
  expect(Math.abs(fitted.lasting - TRUE.lasting)).toBeLessThan(0.1)
  expect(Math.abs(fitted.loadLasting - TRUE.loadLasting)).toBeLessThan(0.05)
  // Weak bursts pass for noise.
  expect(ratio('bursts')).toBeGreaterThan(0.5)
  expect(ratio('bursts')).toBeLessThan(1.1)
  expect(Math.abs(fitted.burstLength - TRUE.burstLength)).toBeLessThan(0.5)
  expect(ratio('burstMean')).toBeGreaterThan(0.9)
  expect(ratio('burstMean')).toBeLessThan(1.7)
})

test('quiet iterations have no load, no bursts, and nothing that is shared', () => {
  const quiet = { ...TRUE, shared: 0, side: 0, drift: 0, load: 0, loadSpread: 0, bursts: 0 }
  const fitted = fitFigures([measure(quiet, 101)])[0]!
  expect(fitted).toMatchObject({ load: 0, loadSpread: 0, bursts: 0 })
  expect(fitted.side).toBeLessThan(0.01)
  expect(fitted.drift).toBeLessThan(0.01)
  // What does not last is the iteration's own.
  expect(Math.hypot(fitted.own, fitted.shared)).toBeCloseTo(0.03, 2)
})

test('a load that shows in every iteration is what the rows tell', () => {
  const fitted = fitFigures([measure({ ...TRUE, load: 3, loadSpread: 0.01 }, 505)])[0]!
  expect(fitted.load).toBeCloseTo(3, 2)
  expect(fitted.loadSpread).toBeCloseTo(0.01, 2)
})

test('phases of a prover that are long enough are fitted, and what their runs have in common', async () => {
  const clock = createClock(404)
  const noise = { ...TRUE, shared: 0, side: 0, drift: 0, load: 0, loadSpread: 0, bursts: 0 }
  const common = 0.6
  const lines = Array.from({ length: 300 }, (_, run) => {
    const shared = Math.sqrt(common) * clock.normal()
    return [
      ['witness', 1, 10],
      ['prove', 2, 10],
      ['verify', 0.01, 10],
      ['compile', 1, 3],
    ].map(([phase, length, n]) => {
      const { times } = clock.run(noise, n as number, shared + Math.sqrt(1 - common) * clock.normal())
      const figures = times.map((time) => time * (length as number))
      return JSON.stringify({ run: String(run), prover: 'x', phase, time_s: figures, cpu_s: [], mem_mb: [] })
    })
  })
  const file = join(await temporaryFolder(), 'idle.jsonl')
  writeFileSync(file, lines.flat().join('\n'))
  const fitted = fitMachine([file])
  expect(fitted.figures.map(({ figure }) => figure)).toEqual(['x witness', 'x prove'])
  expect(Math.abs(fitted.common - common)).toBeLessThan(0.1)
})

test('what tells the sides apart is the same for all figures', () => {
  const figures = [0.02, 0.06].map((own, i) => measure({ ...TRUE, own }, 505 + 101 * i))
  const [a, b] = fitFigures(figures.map((sequences) => sequences.slice(130, 190)))
  expect([a!.side, a!.drift]).toEqual([b!.side, b!.drift])
  expect(a!.side / TRUE.side).toBeGreaterThan(0.7)
  expect(a!.side / TRUE.side).toBeLessThan(1.3)
  expect(b!.own / a!.own).toBeGreaterThan(2)
})
