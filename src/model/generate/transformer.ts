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
  /** Size of the vocabulary: tokens are below it, and each position has that number of logits. */
  vocab: number
  /**
   * `decomposed`: as PyTorch exports it to opset 16, with LayerNorm and Gelu as the operators that they consist of.
   * `operators`: LayerNormalization and Gelu as single operators, opset 20.
   */
  form: 'decomposed' | 'operators'
}

/** The element types of its input and opset of each form. */
const OPSETS = { decomposed: 16, operators: 20 } as const

const EPSILON = 1e-5
/** Uniform weights of ±sqrt(3 / fanIn) preserve the variance of what they multiply. */
const KEEPS_VARIANCE = Math.sqrt(3)
/** Gives logits a standard deviation of about 3, as in a trained model. */
const LOGIT_GAIN = 3 * KEEPS_VARIANCE

/**
 * A decoder-only transformer in the style of GPT-2: from int64 tokens, 1 x seq_len, through a token and a position
 * embedding, `layers` blocks of causal attention and a Gelu layer of 4 x d_model, each behind a LayerNorm and on a
 * residual stream, to the logits of all positions, 1 x seq_len x vocab. Weights are random, of the scale of trained
 * ones: attention is neither uniform nor on one token, and the logits differ. The same bytes for the same parameters.
 * @throws ProvemarkError CONFIG_INVALID if the heads do not divide the width
 */
export function generateTransformer(params: TransformerParams & { seed: number }): OnnxModel {
  checkTransformer(params)
  return new TransformerBuilder(params).transformer()
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
class TransformerBuilder extends GraphBuilder {
  readonly #params: TransformerParams
  readonly #isDecomposed: boolean

  constructor(params: TransformerParams & { seed: number }) {
    super(params.seed)
    this.#params = params
    this.#isDecomposed = params.form === 'decomposed'
  }

  transformer(): OnnxModel {
    const { layers, d_model, seq_len, vocab, form } = this.#params
    const tokens = this.input('tokens', [1, seq_len], DATA_TYPE.INT64)
    const words = this.uniform('wte.weight', [vocab, d_model], 1)
    const positions = this.uniform('wpe.weight', [1, seq_len, d_model], 0.5)
    const embedded = this.add('Gather', 'wte', [words, tokens], { axis: 0 })
    let stream = this.add('Add', 'embedding', [embedded, positions])
    this.#storeConstants()
    for (let layer = 0; layer < layers; layer++) {
      const name = `h${layer}`
      const attended = this.#attention(`${name}.attn`, this.#norm(`${name}.ln_1`, stream))
      stream = this.add('Add', `${name}.add_1`, [stream, attended])
      const mapped = this.#mlp(`${name}.mlp`, this.#norm(`${name}.ln_2`, stream))
      stream = this.add('Add', `${name}.add_2`, [stream, mapped])
    }
    const head = this.weight('lm_head.weight', [d_model, vocab], d_model, LOGIT_GAIN)
    this.add('MatMul', 'lm_head', [this.#norm('ln_f', stream), head], {}, ['logits'])
    return this.build('transformer', ['logits'], { opset: OPSETS[form] })
  }

  /** What all layers share. */
  #storeConstants(): void {
    const { d_model, heads, seq_len } = this.#params
    this.integers('qkv_split', [d_model, d_model, d_model])
    this.integers('heads_shape', [1, seq_len, heads, d_model / heads])
    this.integers('stream_shape', [1, seq_len, d_model])
    this.scalar('attention_scale', 1 / Math.sqrt(d_model / heads))
    this.scalar('minus_infinity', -Infinity)
    const isLater = Array.from({ length: seq_len ** 2 }, (_, at) => at % seq_len > Math.floor(at / seq_len))
    this.booleans('is_later', [1, 1, seq_len, seq_len], isLater)
    if (!this.#isDecomposed) return
    this.scalar('two', 2)
    this.scalar('epsilon', EPSILON)
    this.scalar('sqrt_2', Math.SQRT2)
    this.scalar('one', 1)
    this.scalar('half', 0.5)
  }

  #attention(name: string, x: string): string {
    const { d_model } = this.#params
    const qkv = this.#linear(`${name}.c_attn`, x, d_model, 3 * d_model)
    const parts = ['q', 'k', 'v'].map((part) => `${name}.${part}`) as [string, string, string]
    this.add('Split', `${name}.split`, [qkv, 'qkv_split'], { axis: 2 }, parts)
    const [q, k, v] = parts.map((part, index) => {
      const cut = this.add('Reshape', `${part}.reshape`, [part, 'heads_shape'])
      // Keys come transposed: heads x width x tokens.
      return this.add('Transpose', `${part}.transpose`, [cut], {
        perm: index === 1 ? [0, 2, 3, 1] : [0, 2, 1, 3],
      })
    }) as [string, string, string]
    const products = this.add('MatMul', `${name}.qk`, [q, k])
    const scaled = this.add('Mul', `${name}.scale`, [products, 'attention_scale'])
    const masked = this.add('Where', `${name}.mask`, ['is_later', 'minus_infinity', scaled])
    const shares = this.add('Softmax', `${name}.softmax`, [masked], { axis: -1 })
    const mixed = this.add('MatMul', `${name}.av`, [shares, v])
    const turned = this.add('Transpose', `${name}.transpose`, [mixed], { perm: [0, 2, 1, 3] })
    const joined = this.add('Reshape', `${name}.reshape`, [turned, 'stream_shape'])
    return this.#linear(`${name}.c_proj`, joined, d_model, d_model)
  }

  #mlp(name: string, x: string): string {
    const { d_model } = this.#params
    const wide = this.#linear(`${name}.c_fc`, x, d_model, 4 * d_model)
    return this.#linear(`${name}.c_proj`, this.#gelu(`${name}.gelu`, wide), 4 * d_model, d_model)
  }

  #linear(name: string, x: string, inFeatures: number, outFeatures: number): string {
    const weight = this.weight(`${name}.weight`, [inFeatures, outFeatures], inFeatures, KEEPS_VARIANCE)
    const bias = this.uniform(`${name}.bias`, [outFeatures], 0.1)
    const product = this.add('MatMul', `${name}.matmul`, [x, weight])
    return this.add('Add', `${name}.add`, [bias, product])
  }

  #gelu(name: string, x: string): string {
    if (!this.#isDecomposed) return this.add('Gelu', name, [x])
    const scaled = this.add('Div', `${name}.div`, [x, 'sqrt_2'])
    const erf = this.add('Erf', `${name}.erf`, [scaled])
    const raised = this.add('Add', `${name}.add`, [erf, 'one'])
    const product = this.add('Mul', `${name}.mul`, [x, raised])
    return this.add('Mul', `${name}.half`, [product, 'half'])
  }

  #norm(name: string, x: string): string {
    const { d_model } = this.#params
    const weight = this.uniform(`${name}.weight`, [d_model], 0.5, 1)
    const bias = this.uniform(`${name}.bias`, [d_model], 0.1)
    if (!this.#isDecomposed)
      return this.add('LayerNormalization', name, [x, weight, bias], {
        axis: -1,
        epsilon: { float: EPSILON },
      })
    const last = { axes: [-1] }
    const mean = this.add('ReduceMean', `${name}.mean`, [x], last)
    const centred = this.add('Sub', `${name}.sub`, [x, mean])
    const squared = this.add('Pow', `${name}.pow`, [centred, 'two'])
    const variance = this.add('ReduceMean', `${name}.variance`, [squared], last)
    const raised = this.add('Add', `${name}.epsilon`, [variance, 'epsilon'])
    const deviation = this.add('Sqrt', `${name}.sqrt`, [raised])
    const normal = this.add('Div', `${name}.div`, [centred, deviation])
    const scaled = this.add('Mul', `${name}.mul`, [normal, weight])
    return this.add('Add', `${name}.add`, [scaled, bias])
  }
}
