import { ProvemarkError } from '../../errors.ts'
import { DATA_TYPE, type OnnxModel } from '../onnx.ts'
import { GraphBuilder } from './graph-builder.ts'

export interface TransformerParams {
  layers: number
  heads: number
  /** Width of the residual stream; a multiple of `heads`. */
  d_model: number
  /** Tokens of the input; each attends to itself and to those before it. */
  seq_len: number
  /** Number of words: tokens are below it, and each position has as many logits. */
  vocab: number
  /**
   * `decomposed`: as PyTorch exports it to opset 16, LayerNorm and Gelu as the operators that they consist of.
   * `operators`: LayerNormalization and Gelu as operators of their own, opset 20.
   */
  form: 'decomposed' | 'operators'
}

/** The element types of its input and opset of each form. */
const OPSETS = { decomposed: 16, operators: 20 } as const

const EPSILON = 1e-5
/** Uniform weights of ±sqrt(3 / fanIn) keep the variance of what they multiply. */
const KEEPS_VARIANCE = Math.sqrt(3)
/** Logits with a standard deviation of about 3, as those of a trained model. */
const LOGIT_GAIN = 3 * KEEPS_VARIANCE

/**
 * A decoder-only transformer in the manner of GPT-2: from int64 tokens, 1 x seq_len, through a table of words and one
 * of positions, `layers` blocks of causal attention and a Gelu layer of 4 x d_model, each behind a LayerNorm and on a
 * residual stream, to the logits of all positions, 1 x seq_len x vocab. Weights are random, of the scale of trained
 * ones: attention is neither uniform nor on one token, and the logits differ. The same bytes for the same parameters.
 * @throws ProvemarkError CONFIG_INVALID if the heads do not divide the width
 */
export function generateTransformer(params: TransformerParams & { seed: number }): OnnxModel {
  checkTransformer(params)
  return new TransformerBuilder(params).build()
}

/**
 * Checks parameters without making weights.
 * @throws ProvemarkError CONFIG_INVALID if the heads do not divide the width
 */
export function checkTransformer({ d_model, heads }: Pick<TransformerParams, 'd_model' | 'heads'>): void {
  if (d_model % heads !== 0) {
    throw new ProvemarkError('CONFIG_INVALID', `d_model ${d_model} is not a multiple of ${heads} heads`, {
      hint: `set d_model to a multiple of ${heads}, or change the number of heads`,
    })
  }
}

/** Builds the parts of a transformer; each takes and returns names of values of 1 x seq_len x d_model. */
class TransformerBuilder {
  readonly #graph: GraphBuilder
  readonly #params: TransformerParams
  readonly #isDecomposed: boolean

  constructor(params: TransformerParams & { seed: number }) {
    this.#params = params
    this.#graph = new GraphBuilder(params.seed)
    this.#isDecomposed = params.form === 'decomposed'
  }

  build(): OnnxModel {
    const graph = this.#graph
    const { layers, d_model, seq_len, vocab, form } = this.#params
    const tokens = graph.input('tokens', [1, seq_len], DATA_TYPE.INT64)
    const words = graph.uniform('wte.weight', [vocab, d_model], 1)
    const positions = graph.uniform('wpe.weight', [1, seq_len, d_model], 0.5)
    const embedded = graph.add('Gather', 'wte', [words, tokens], { axis: 0 })
    let stream = graph.add('Add', 'embedding', [embedded, positions])
    this.#storeConstants()
    for (let layer = 0; layer < layers; layer++) {
      const name = `h${layer}`
      const attended = this.#attention(`${name}.attn`, this.#norm(`${name}.ln_1`, stream))
      stream = graph.add('Add', `${name}.add_1`, [stream, attended])
      const mapped = this.#mlp(`${name}.mlp`, this.#norm(`${name}.ln_2`, stream))
      stream = graph.add('Add', `${name}.add_2`, [stream, mapped])
    }
    const head = graph.weight('lm_head.weight', [d_model, vocab], d_model, LOGIT_GAIN)
    graph.add('MatMul', 'lm_head', [this.#norm('ln_f', stream), head], {}, ['logits'])
    return graph.build('transformer', ['logits'], { opset: OPSETS[form] })
  }

  /** What all layers share. */
  #storeConstants(): void {
    const graph = this.#graph
    const { d_model, heads, seq_len } = this.#params
    graph.integers('qkv_split', [d_model, d_model, d_model])
    graph.integers('heads_shape', [1, seq_len, heads, d_model / heads])
    graph.integers('stream_shape', [1, seq_len, d_model])
    graph.scalar('attention_scale', 1 / Math.sqrt(d_model / heads))
    graph.scalar('minus_infinity', -Infinity)
    const isLater = Array.from({ length: seq_len ** 2 }, (_, at) => at % seq_len > Math.floor(at / seq_len))
    graph.booleans('is_later', [1, 1, seq_len, seq_len], isLater)
    if (!this.#isDecomposed) return
    graph.scalar('two', 2)
    graph.scalar('epsilon', EPSILON)
    graph.scalar('sqrt_2', Math.SQRT2)
    graph.scalar('one', 1)
    graph.scalar('half', 0.5)
  }

  #attention(name: string, x: string): string {
    const graph = this.#graph
    const { d_model } = this.#params
    const qkv = this.#linear(`${name}.c_attn`, x, d_model, 3 * d_model)
    const parts = ['q', 'k', 'v'].map((part) => `${name}.${part}`) as [string, string, string]
    graph.add('Split', `${name}.split`, [qkv, 'qkv_split'], { axis: 2 }, parts)
    const [q, k, v] = parts.map((part, index) => {
      const cut = graph.add('Reshape', `${part}.reshape`, [part, 'heads_shape'])
      // Keys come transposed: heads x width x tokens.
      return graph.add('Transpose', `${part}.transpose`, [cut], {
        perm: index === 1 ? [0, 2, 3, 1] : [0, 2, 1, 3],
      })
    }) as [string, string, string]
    const products = graph.add('MatMul', `${name}.qk`, [q, k])
    const scaled = graph.add('Mul', `${name}.scale`, [products, 'attention_scale'])
    const masked = graph.add('Where', `${name}.mask`, ['is_later', 'minus_infinity', scaled])
    const shares = graph.add('Softmax', `${name}.softmax`, [masked], { axis: -1 })
    const mixed = graph.add('MatMul', `${name}.av`, [shares, v])
    const turned = graph.add('Transpose', `${name}.transpose`, [mixed], { perm: [0, 2, 1, 3] })
    const joined = graph.add('Reshape', `${name}.reshape`, [turned, 'stream_shape'])
    return this.#linear(`${name}.c_proj`, joined, d_model, d_model)
  }

  #mlp(name: string, x: string): string {
    const { d_model } = this.#params
    const wide = this.#linear(`${name}.c_fc`, x, d_model, 4 * d_model)
    return this.#linear(`${name}.c_proj`, this.#gelu(`${name}.gelu`, wide), 4 * d_model, d_model)
  }

  #linear(name: string, x: string, inFeatures: number, outFeatures: number): string {
    const graph = this.#graph
    const weight = graph.weight(`${name}.weight`, [inFeatures, outFeatures], inFeatures, KEEPS_VARIANCE)
    const bias = graph.uniform(`${name}.bias`, [outFeatures], 0.1)
    const product = graph.add('MatMul', `${name}.matmul`, [x, weight])
    return graph.add('Add', `${name}.add`, [bias, product])
  }

  #gelu(name: string, x: string): string {
    const graph = this.#graph
    if (!this.#isDecomposed) return graph.add('Gelu', name, [x])
    const scaled = graph.add('Div', `${name}.div`, [x, 'sqrt_2'])
    const erf = graph.add('Erf', `${name}.erf`, [scaled])
    const raised = graph.add('Add', `${name}.add`, [erf, 'one'])
    const product = graph.add('Mul', `${name}.mul`, [x, raised])
    return graph.add('Mul', `${name}.half`, [product, 'half'])
  }

  #norm(name: string, x: string): string {
    const graph = this.#graph
    const { d_model } = this.#params
    const weight = graph.uniform(`${name}.weight`, [d_model], 0.5, 1)
    const bias = graph.uniform(`${name}.bias`, [d_model], 0.1)
    if (!this.#isDecomposed)
      return graph.add('LayerNormalization', name, [x, weight, bias], {
        axis: -1,
        epsilon: { float: EPSILON },
      })
    const last = { axes: [-1] }
    const mean = graph.add('ReduceMean', `${name}.mean`, [x], last)
    const centred = graph.add('Sub', `${name}.sub`, [x, mean])
    const squared = graph.add('Pow', `${name}.pow`, [centred, 'two'])
    const variance = graph.add('ReduceMean', `${name}.variance`, [squared], last)
    const raised = graph.add('Add', `${name}.epsilon`, [variance, 'epsilon'])
    const deviation = graph.add('Sqrt', `${name}.sqrt`, [raised])
    const normal = graph.add('Div', `${name}.div`, [centred, deviation])
    const scaled = graph.add('Mul', `${name}.mul`, [normal, weight])
    return graph.add('Add', `${name}.add`, [scaled, bias])
  }
}
