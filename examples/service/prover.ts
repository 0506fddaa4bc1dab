/** A service on o1js: the keys are made once, when it starts; then each proof is a request. */
import { join } from 'node:path'
import { commandProver } from 'provemark/prover'

export default commandProver({
  name: 'o1js-service',
  title: 'one fully connected layer on o1js, keys kept loaded',
  version: '2.15.0',
  security: {
    scheme: 'Kimchi (PLONKish), Pickles',
    field: 'Pasta curves',
    setup: 'transparent',
    zero_knowledge: true,
    weights: 'fixed',
    input: 'hidden',
    output: 'public',
  },
  service: {
    start: ['node', join(import.meta.dirname, 'server.mjs'), '{port}', '{params.size}'],
    readyS: 180,
  },
  phases: {
    prove: {
      request: { path: '/prove', body: '{input}', save: 'proof' },
      artifacts: { proof: { file: 'proof.json' } },
    },
    verify: { request: { path: '/verify', body: '{proof}', accepts: /"valid":true/ } },
  },
  tamper: {
    output: { artifact: 'proof', forge: raiseOutput },
  },
})

/** The last output one higher. */
function raiseOutput(bytes: Uint8Array): Uint8Array {
  const proof = JSON.parse(Buffer.from(bytes).toString('utf8')) as { publicOutput: string[] }
  const last = proof.publicOutput.pop()!
  proof.publicOutput.push(String(BigInt(last) + 1n))
  return Buffer.from(JSON.stringify(proof))
}
