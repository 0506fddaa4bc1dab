import type {
  BreadthConfig,
  DepthConfig,
  GateConfig,
  MlpConfig,
  ModelsConfig,
  OperatorsConfig,
  ResnetConfig,
  RunConfig,
  TransformerConfig,
  WorkloadsConfig,
} from './config-types.ts'

/**
 * The config sections of the tracks. Add a section for your own track by declaration merging: `declare module
 * 'provemark/plugin' { interface TrackSections { mine?: { width?: number } } }`.
 */
export interface TrackSections {
  lenet?: Record<string, never>
  depth?: DepthConfig
  breadth?: BreadthConfig
  operators?: OperatorsConfig
  mlp?: MlpConfig
  resnet?: ResnetConfig
  transformer?: TransformerConfig
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
