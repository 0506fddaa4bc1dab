// A prover that keeps its keys loaded: usage server.mjs PORT SIZE. It compiles a fully connected layer of SIZE inputs
// and outputs on o1js when it starts, and then proves and verifies on request.
import { createServer } from 'node:http'
import { Cache, Field, Provable, verify, ZkProgram } from 'o1js'

const [port, size] = process.argv.slice(2).map(Number)
const weights = Array.from({ length: size }, (_, o) =>
  Array.from({ length: size }, (_, i) => Field(((31 * o + 17 * i) % 7) + 1)),
)
const program = ZkProgram({
  name: 'dense',
  publicOutput: Provable.Array(Field, size),
  methods: {
    infer: {
      privateInputs: [Provable.Array(Field, size)],
      async method(input) {
        const sum = (row) =>
          row.reduce((total, weight, i) => total.add(input[i].mul(weight)), Field(0)).seal()
        return { publicOutput: weights.map(sum) }
      },
    },
  },
})
const { verificationKey } = await program.compile({ cache: Cache.None })

async function answer(path, body) {
  if (path === '/prove') {
    const { proof } = await program.infer(JSON.parse(body).input.map((value) => Field(value)))
    return proof.toJSON()
  }
  if (path === '/verify') return { valid: await verify(JSON.parse(body), verificationKey) }
  throw new Error(`no such path: ${path}`)
}

createServer(async (request, response) => {
  let body = ''
  for await (const chunk of request) body += chunk
  try {
    response.end(JSON.stringify(await answer(request.url, body)))
  } catch (error) {
    response.writeHead(400).end(String(error))
  }
}).listen(port, '127.0.0.1')
