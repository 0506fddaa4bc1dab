import { array, assert, integer, property, uint8Array } from 'fast-check'
import { expect, test } from 'vitest'
import { OutputCollector, readTail } from './output.ts'
import { HeadTail } from './stream.ts'

function collect(chunks: Iterable<Buffer>, ...keepLines: RegExp[]): OutputCollector {
  const output = new OutputCollector({ keepLines })
  for (const chunk of chunks) output.write(chunk)
  output.end()
  return output
}

function* repeat(text: string, bytes: number): Generator<Buffer> {
  const block = Buffer.from(text.repeat(Math.ceil(65_536 / text.length)))
  for (let length = 0; length < bytes; length += block.length) yield block
}

test('a line to keep is found wherever it stands, however it is cut into chunks', () => {
  assert(
    property(integer({ min: 0, max: 1_500_000 }), integer({ min: 200, max: 70_000 }), (before, size) => {
      const text = Buffer.from(`${'x'.repeat(before)}\ntotalCost=42\n${'y'.repeat(1_500_000)}`)
      const chunks = Array.from({ length: Math.ceil(text.length / size) }, (_, i) =>
        text.subarray(i * size, (i + 1) * size),
      )
      const kept = collect(chunks, /totalCost=\d+/).text()
      expect(kept.match(/totalCost=42/g)).toHaveLength(1)
      expect(kept.length).toBeLessThan(1_400_000)
    }),
    {
      numRuns: 60,
      examples: [
        [270_000, 70_000],
        [255_990, 65_536],
        [262_138, 1000],
      ],
    },
  )
})

test('a line that stands again beyond the head or before the tail is kept each time', () => {
  assert(
    property(integer({ min: 1, max: 500 }), integer({ min: 1, max: 500 }), (inHead, inTail) => {
      const line = 'gates=7\n'
      // Chunks that begin in the head and end in the dropped part, and the other way round.
      const chunks = [
        Buffer.alloc(256 * 1024 - inHead, '.'),
        Buffer.from(line.repeat(64)),
        Buffer.alloc(1000, '\n'),
        Buffer.from(line.repeat(64)),
        Buffer.alloc(1024 * 1024 - inTail, '.'),
      ]
      expect(
        collect(chunks, /gates=\d+/)
          .text()
          .match(/gates=7/g),
      ).toHaveLength(128)
    }),
    {
      numRuns: 30,
      examples: [
        [8, 8],
        [500, 500],
      ],
    },
  )
})

test('a figure in a long line with colours is not lost where the output is cut', () => {
  const line = `${'\x1b[32m'.repeat(600)}constraints: 42\n`
  for (const before of [50, 100, 2000]) {
    const chunks = [Buffer.alloc(256 * 1024 - before, '.\n'), Buffer.from(line), ...repeat('y\n', 1_500_000)]
    expect(collect(chunks, /constraints: \d+/).text()).toContain('constraints: 42')
  }
})

test('a counter is found in a line without end', () => {
  const chunks = [...repeat('x', 3e6), Buffer.from('totalCost=42 '), ...repeat('x', 3e6)]
  expect(collect(chunks, /totalCost=\d+/).text()).toContain('totalCost=42')
})

test('lines to keep are bounded too: the first and the last for each expression, and a warning if there are more', () => {
  const lines = Array.from({ length: 60_000 }, (_, i) => `totalCost=${i} ${'x'.repeat(20)}\n`)
  const chunks = lines.map((line) => Buffer.from(line))
  chunks.splice(30_000, 0, Buffer.from('\u001B[1mgates\u001B[0m=7\n'))
  const output = collect(chunks, /totalCost=/, /gates=/)
  const text = output.text()
  expect(text.length).toBeLessThan(1_500_000)
  expect(text).toContain('totalCost=59999 ')
  expect(text).toContain('totalCost=0 ')
  // Coloured, and in the midst of the others.
  expect(text.match(/gates.*=7/g)).toHaveLength(1)
  expect(output.warnings()).toEqual([
    'more than 1000 lines of the output match /totalCost=/: some were left out',
  ])
  expect(collect(chunks, /gates=/).warnings()).toEqual([])
  expect(collect(chunks.slice(0, 20_000), /totalCost=/).warnings()).toEqual([])
})

test('an expression that remembers its place sees every line', () => {
  const text = collect(
    [...repeat('x\n', 3e5), Buffer.from('a=1\na=2\na=3\n'), ...repeat('x\n', 3e6)],
    /a=\d/g,
  ).text()
  expect(text.match(/a=\d/g)).toEqual(['a=1', 'a=2', 'a=3'])
})

test('characters of several bytes survive a cut between chunks', () => {
  const bytes = Buffer.from('größe=5 µ\n')
  const seen: string[] = []
  const output = new OutputCollector({ onLine: (line) => seen.push(line) })
  for (const byte of bytes) output.write(Buffer.from([byte]))
  output.end()
  expect(output.text()).toBe('größe=5 µ\n')
  expect(seen).toEqual(['größe=5 µ'])
})

test('a tail is what a person would read on the terminal', () => {
  const output = '\u001B[31merror\u001B[0m: no witness\n10%\r50%\r100% done\r\n\n  \nlast'
  expect(readTail(Buffer.from(output))).toBe('error: no witness\n100% done\nlast')
})

test('a tail is bounded in lines and in their length', () => {
  const many = Array.from({ length: 1000 }, (_, i) => `line ${i}`).join('\n')
  expect(readTail(Buffer.from(many)).split('\n')).toEqual(
    Array.from({ length: 20 }, (_, i) => `line ${980 + i}`),
  )
  expect(readTail(Buffer.from('x'.repeat(1_000_000)))).toHaveLength(501)
  expect(readTail(Buffer.alloc(0))).toBe('')
})

test('the first and the last bytes are kept, however they arrive', () => {
  assert(
    property(
      array(uint8Array({ maxLength: 40 }), { maxLength: 40 }),
      integer({ min: 1, max: 50 }),
      integer({ min: 1, max: 50 }),
      (chunks, headLimit, tailLimit) => {
        const all = Buffer.concat(chunks)
        const kept = new HeadTail(headLimit, tailLimit)
        for (const chunk of chunks) kept.write(chunk)
        const beyond = all.subarray(headLimit)
        expect(kept.head()).toEqual(all.subarray(0, headLimit))
        expect(kept.tail()).toEqual(beyond.subarray(Math.max(0, beyond.length - tailLimit)))
        const { from, to } = kept.dropped
        expect(from + (to - from) + kept.tail().length).toBe(all.length)
      },
    ),
  )
})
