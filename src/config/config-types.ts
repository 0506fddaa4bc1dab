// Made by scripts/generate-docs.ts from the schemas of the config: change those.

/** Options of every run. */
export type RunConfig = {
  /** sizes of the built-in tracks; default: quick */
  profile?: 'quick' | 'full' | undefined
  /** seed of weights, inputs and resampling; default: 42 */
  seed?: number | undefined
  /** iterations of each phase: 3, or compile=1,prove=5; default: 3; quick: compile=1,witness=3,prove=3,verify=3 */
  iterations?: number | { [key in 'compile' | 'witness' | 'prove' | 'verify']?: number } | undefined
  /** repeat witness, prove and verify until the median time is precise enough: target=0.05,min=6; default: off */
  sampling?: {
    /** relative half-width of the interval to reach; default: 0.05 */
    target?: number | undefined
    /** confidence of the interval; default: 0.95 */
    confidence?: number | undefined
    /** fewest iterations; default: 6 */
    min?: number | undefined
    /** most iterations; default: 30 */
    max?: number | undefined
    /** wall clock to spend on one phase of a point, s; default: 300 */
    budget_s?: number | undefined
  } | undefined
  /** NAME[,bin=PATH][,KEY=VALUE], or the path of a module that exports a prover; default: gnark */
  provers?: string[] | undefined
  /** run only the points with these ids; default: all */
  points?: string[] | undefined
  /** appended to the ids of the points; default: none */
  tag?: string | undefined
  /** JSONL file for the rows of all selected tracks; default: benchmarking/NAME.jsonl for each */
  results?: string | undefined
  /** HTML file for the report of all rows in the results files, written when the run ends; default: none */
  report?: string | undefined
  /** wait until each row is on the disk itself, so that it survives a power loss; default: false */
  fsync?: boolean | undefined
  /** folder of the generated models; default: benchmarking/onnx */
  onnx_dir?: string | undefined
  /** folder of the generated inputs; default: benchmarking/inputs */
  inputs_dir?: string | undefined
  /** values of the generated inputs, in [-1, 1); default: uniform */
  input_values?: 'uniform' | 'normal' | 'zero' | undefined
  /** threads of a phase; with several numbers each is a separate variant; a prover whose threads cannot be set is limited to as many CPUs; default: the prover's own choice */
  threads?: number | number[] | undefined
  /** concurrent proofs, for services and warm provers; with several numbers each is a separate variant; default: 1 */
  concurrency?: number | number[] | undefined
  /** longest time that a phase may take, seconds; default: no limit */
  timeout_s?: number | { [key in 'compile' | 'witness' | 'prove' | 'verify']?: number } | undefined
  /** most memory that a phase may use, MB; default: no limit */
  memory_limit_mb?: number | undefined
  /** program that starts each phase; the phase is measured inside it: srun, docker, taskset, nice; default: none */
  launcher?: string[] | undefined
  /** drop the files that a phase reads from the page cache before it starts (cold), read them into it (warm), or leave them as they are; part of the variant; default: as-is */
  page_cache?: 'as-is' | 'cold' | 'warm' | undefined
  /** skip points that need more memory than is free, judging by the prover's own rule or the rows of smaller points; default: true */
  memory_guard?: boolean | undefined
  /** after the first successful verify of a point, check that a forged proof and a forged output are rejected; default: false; quick: true */
  controls?: boolean | undefined
  /** number of inputs for which the controls compare the output with the float model: the point's own, and others drawn with the seed; default: 1 */
  inputs?: number | undefined
  /** folder of the artifacts during a run; default: the system's temporary folder */
  work_dir?: string | undefined
  /** what to do while another run is using this machine; --no-lock means off; default: wait */
  lock?: 'wait' | 'refuse' | 'off' | undefined
  /** largest size of the cache of compiled circuits, MB, for runs that do not measure compile; 0 turns it off; default: 4096 */
  circuit_cache_mb?: number | undefined
  /** iterations whose artifacts are kept after a point; others are removed as soon as no phase can need them; default: none */
  keep?: 'none' | 'last' | 'failed' | 'all' | undefined
  /** skip points and iterations whose artifacts, judging by their last size, do not fit on the disk; default: true */
  disk_guard?: boolean | undefined
}

/** Section `gate`. */
export type GateConfig = {
  /** JSONL file to judge against, or git:REF[:PATH]; default: none */
  baseline?: string | undefined
  /** limits; the flag can be repeated; default: none */
  budgets?: (string | {
    /** field of a row, or ecc.NAME for a counter */
    metric: string
    /** only this phase */
    phase?: 'compile' | 'witness' | 'prove' | 'verify' | undefined
    /** only this track */
    track?: string | undefined
    /** only the point with this id */
    point?: string | undefined
    /** only this prover */
    prover?: string | undefined
    /** a number (4096) or a growth against the baseline (0%, +10%) */
    max: number | string
    /** what exceeding it does: fail the run (default) or warn */
    level?: 'fail' | 'warn' | undefined
  })[] | undefined
  /** largest chance that an unchanged run fails because of its times, memory or sizes; default: 0.01 */
  alpha?: number | undefined
  /** changes up to these never fail: time_s=0.05,mem_mb=5; default: time_s=0.05,mem_mb=5 */
  floors?: {
    /** seconds; default: 0.05 */
    time_s?: number | undefined
    /** MB; default: 5 */
    mem_mb?: number | undefined
  } | undefined
  /** what to do if a limit cannot be decided: end the run with 2, or warn; default: warn */
  inconclusive?: 'fail' | 'warn' | undefined
  /** older name of inconclusive; default: none */
  undecided?: 'fail' | 'warn' | undefined
  /** accept a missing baseline or figure, for the first run; default: false */
  allow_missing?: boolean | undefined
  /** file for the verdicts as JSON; default: none */
  gate_json?: string | undefined
  /** file for the verdicts as JUnit XML; default: none */
  junit?: string | undefined
  /** file for the findings as Markdown, to comment on a pull request; default: none */
  markdown?: string | undefined
  /** file for the figures in Bencher Metric Format; default: none */
  bmf?: string | undefined
}

/** Section `tracks.operators`. */
export type OperatorsConfig = {
  /** ONNX operators, one per model; default: Abs,Add,ArgMax,AveragePool,BatchNormalization,Clip,Concat,Conv,ConvTranspose,Cos,Div,Elu,Equal,Erf,Exp,Floor,Gather,Gelu,Gemm,GlobalAveragePool,Greater,GridSample,HardSigmoid,HardSwish,LayerNormalization,LeakyRelu,Log,MatMul,Max,MaxPool,Min,Mish,Mul,Neg,PRelu,Pad,Pow,Reciprocal,ReduceMax,ReduceMean,ReduceSum,Relu,Resize,Round,Selu,Sigmoid,Sign,Sin,Softmax,Softplus,Softsign,Sqrt,Sub,Tanh,Transpose,Where; quick: Conv,Exp,Gelu,LayerNormalization,MatMul,MaxPool,Mul,ReduceSum,Relu,Sigmoid,Softmax,Sqrt */
  ops?: ('Abs' | 'Add' | 'ArgMax' | 'AveragePool' | 'BatchNormalization' | 'Clip' | 'Concat' | 'Conv' | 'ConvTranspose' | 'Cos' | 'Div' | 'Elu' | 'Equal' | 'Erf' | 'Exp' | 'Floor' | 'Gather' | 'Gelu' | 'Gemm' | 'GlobalAveragePool' | 'Greater' | 'GridSample' | 'HardSigmoid' | 'HardSwish' | 'LayerNormalization' | 'LeakyRelu' | 'Log' | 'MatMul' | 'Max' | 'MaxPool' | 'Min' | 'Mish' | 'Mul' | 'Neg' | 'PRelu' | 'Pad' | 'Pow' | 'Reciprocal' | 'ReduceMax' | 'ReduceMean' | 'ReduceSum' | 'Relu' | 'Resize' | 'Round' | 'Selu' | 'Sigmoid' | 'Sign' | 'Sin' | 'Softmax' | 'Softplus' | 'Softsign' | 'Sqrt' | 'Sub' | 'Tanh' | 'Transpose' | 'Where')[] | undefined
  /** numbers of input values; operators on images get a square image of twice as many; default: 32,128,512; quick: 32 */
  sizes?: number[] | undefined
}

/** Section `tracks.mlp`. */
export type MlpConfig = {
  /** numbers of hidden layers; default: 2,4,8,16; quick: 2 */
  layers?: number[] | undefined
  /** widths of the input and of every hidden layer; default: 64,256,1024; quick: 64 */
  width?: number[] | undefined
  /** activations of the hidden layers; default: relu */
  activation?: ('relu' | 'sigmoid' | 'tanh' | 'gelu' | 'silu')[] | undefined
}

/** Section `tracks.resnet`. */
export type ResnetConfig = {
  /** numbers of residual blocks: 3 for ResNet-8, 9 for ResNet-20; default: 3,9; quick: 1 */
  blocks?: number[] | undefined
  /** channels of the first stage; each further stage doubles them; default: 16; quick: 4 */
  channels?: number[] | undefined
  /** sides of the square input, pixels; default: 32; quick: 8 */
  input_hw?: number[] | undefined
}

/** Section `tracks.transformer`. */
export type TransformerConfig = {
  /** sizes by name, which the other parameters override; default: micro,mini,nano; quick: tiny */
  size?: ('tiny' | 'micro' | 'mini' | 'nano')[] | undefined
  /** numbers of layers; default: those of the size */
  layers?: number[] | undefined
  /** numbers of attention heads; default: those of the size */
  heads?: number[] | undefined
  /** widths; a multiple of the heads; default: those of the size */
  d_model?: number[] | undefined
  /** numbers of tokens; default: those of the size */
  seq_len?: number[] | undefined
  /** vocabulary sizes; default: those of the size */
  vocab?: number[] | undefined
  /** LayerNorm and Gelu as single operators, or as the several that PyTorch exports for them; default: operators */
  form?: 'operators' | 'decomposed' | undefined
}

/** Section `tracks.depth`. */
export type DepthConfig = {
  /** blocks of the first point; default: 1 */
  depth_min?: number | undefined
  /** blocks of the last point; default: 12; quick: 3 */
  depth_max?: number | undefined
  /** side of the square input, pixels; default: 56; quick: 28 */
  input_hw?: number | undefined
  /** input channels; default: 4 */
  in_ch?: number | undefined
  /** channels of every convolution; default: 16 */
  conv_out_ch?: number | undefined
  /** width of the hidden fully connected layer; default: 128 */
  fc_hidden?: number | undefined
  /** outputs of the model; default: 10 */
  n_actions?: number | undefined
  /** largest number of 2x2 max-pools; default: 2, or no limit if stop_at_hw is given */
  pool_cap?: number | undefined
  /** pool only while the side stays at or above this many pixels; default: no limit */
  stop_at_hw?: number | undefined
}

/** Section `tracks.breadth`. */
export type BreadthConfig = {
  /** blocks of every point; default: 5; quick: 2 */
  arch_depth?: number | undefined
  /** sides of the square inputs, pixels; default: 28,56,84,112; quick: 14,20,28 */
  input_hw_list?: number[] | undefined
  /** input channels; default: 4 */
  in_ch?: number | undefined
  /** channels of every convolution; default: 16 */
  conv_out_ch?: number | undefined
  /** width of the hidden fully connected layer; default: 128 */
  fc_hidden?: number | undefined
  /** outputs of the model; default: 10 */
  n_actions?: number | undefined
  /** largest number of 2x2 max-pools; default: 2, or no limit if stop_at_hw is given */
  pool_cap?: number | undefined
  /** pool only while the side stays at or above this many pixels; default: no limit */
  stop_at_hw?: number | undefined
}

/** Section `tracks.models`. */
export type ModelsConfig = {
  /** ONNX files, by path or glob; default: none */
  model?: string[] | undefined
  /** input files, one for all models or one for each; default: none */
  input?: string[] | undefined
  /** sizes of open dimensions of a model: seq_len=64, or tokens:1=64 for a dimension without a name; default: none */
  dims?: Record<string, number> | undefined
}

/** Section `tracks.workloads`. */
export type WorkloadsConfig = {
  /** files that are not ONNX models, such as circuits, by path or glob; default: none */
  workload?: string[] | undefined
  /** input files, one for all workloads or one for each; default: none */
  input?: string[] | undefined
}

/**
 * The config sections of the tracks. Add a section for your own track by declaration merging: `declare module
 * 'provemark/plugin' { interface TrackSections { mine?: { width?: number } } }`.
 */
export interface TrackSections {
  lenet?: Record<string, never>
  operators?: OperatorsConfig
  mlp?: MlpConfig
  resnet?: ResnetConfig
  transformer?: TransformerConfig
  depth?: DepthConfig
  breadth?: BreadthConfig
  models?: ModelsConfig
  workloads?: WorkloadsConfig
}

/**
 * The argument of `provemark({…})`: options of the run, options of the gate, and a section of parameters for each
 * track.
 */
export type ProvemarkConfig = RunConfig & {
  gate?: GateConfig
  tracks?: TrackSections & Record<string, object | undefined>
}
