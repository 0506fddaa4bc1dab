import type { Row } from '../row/schema.ts'

/**
 * Runs the iterations of one or more sides in turns, the order turned round each time (A B, B A, A B), so that heat
 * and other drift strike all alike. A side that is done leaves its turns to the others. Returns the rows of each.
 */
export async function runInTurns(sides: readonly AsyncGenerator<Row>[]): Promise<Row[][]> {
  const rows = sides.map((): Row[] => [])
  let turn = sides.map((side, index) => ({ side, index }))
  while (turn.length) {
    const done = new Set<number>()
    for (const { side, index } of turn) {
      const next = await side.next()
      if (next.done) done.add(index)
      else rows[index]!.push(next.value)
    }
    turn = turn.filter(({ index }) => !done.has(index)).toReversed()
  }
  return rows
}
