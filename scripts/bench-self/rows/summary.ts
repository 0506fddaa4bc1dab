import { join } from 'node:path'
import type { Benchmark, Comparison, Context } from '../benchmark.ts'
import { writeRows } from '../many-rows.ts'
import { provemarkCommand, runMeasured, takeTurns, type CommandToRun } from '../processes.ts'

const MOST = 3
const MOST_MB = 300

/** What is read out of a million rows, and the same figures by SQL. */
export const summary: Benchmark = {
  name: 'summary',
  what: 'summary, gate and report of 1,000,000 rows',
  against: 'DuckDB on the same file',
  async run(context) {
    const rows = join(context.dir, 'rows.jsonl')
    const baseline = join(context.dir, 'baseline.jsonl')
    await writeRows(rows, context.quick ? 100_000 : 1_000_000)
    await writeRows(baseline, 10_000)
    const page = join(context.dir, 'report.html')
    const gate = ['--baseline', baseline, '--budget', 'time_s=+50%', '--run', 'all']
    return [
      ...(await compare(context, 'summary', ['summary', '--json', '--run', 'all', rows], ['summary', rows])),
      ...(await compare(context, 'gate', ['gate', rows, ...gate], ['gate', rows, baseline])),
      ...(await compare(context, 'report', ['report', rows, '--run', 'all', '-o', page], ['report', rows])),
    ]
  },
}

async function compare(
  context: Context,
  what: string,
  ours: string[],
  other: string[],
): Promise<Comparison[]> {
  const script = join(import.meta.dirname, '../python/summarize_rows.py')
  const query: CommandToRun = { file: context.python, args: [script, ...other], cwd: context.dir }
  const samples = await takeTurns(
    context.quick ? 1 : 3,
    () => runMeasured(provemarkCommand(context, ours)),
    () => runMeasured(query),
  )
  const command = `provemark ${ours.join(' ')}`.replaceAll(`${context.dir}/`, '')
  return [
    {
      what,
      unit: 's',
      ours: samples.ours.map(({ timeS }) => timeS),
      other: samples.other.map(({ timeS }) => timeS),
      commands: {
        ours: command,
        other: `python summarize_rows.py ${other.join(' ')}`.replaceAll(`${context.dir}/`, ''),
      },
      by: 'ratio',
      limit: MOST,
    },
    {
      what: `${what}, peak memory`,
      unit: 'MB',
      ours: samples.ours.map(({ memMb }) => memMb),
      commands: { ours: command },
      by: 'absolute',
      limit: MOST_MB,
    },
  ]
}
