/** Puts the ONNX package's node cases to the embedded prover and writes what came out into docs/gnark.md. */
import { readFileSync, writeFileSync } from 'node:fs'
import { gnark } from '../src/prover/gnark.ts'
import { judgeNodeCases, renderNodeCases } from './judges/node-cases.ts'

const PAGE = 'docs/gnark.md'
const START = '<!-- node cases -->'
const END = '<!-- end of node cases -->'

const { bin } = await gnark.locate({ onProgress: console.error })
const page = readFileSync(PAGE, 'utf8')
const [start, end] = [page.indexOf(START), page.indexOf(END)]
if (start < 0 || end < start) throw new Error(`${PAGE} has no place for the node cases`)
const section = renderNodeCases(judgeNodeCases(bin))
writeFileSync(PAGE, `${page.slice(0, start + START.length)}\n\n${section}\n\n${page.slice(end)}`)
