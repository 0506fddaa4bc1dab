import { expect, expectTypeOf, test } from 'vitest'
import type { z } from 'zod'
import { gateSchema } from '../gate/options.ts'
import { breadthTrack, depthTrack } from '../track/cnn.ts'
import { modelsTrack, workloadsTrack } from '../track/models.ts'
import { mlpTrack, resnetTrack, transformerTrack } from '../track/networks.ts'
import { operatorsTrack } from '../track/operators.ts'
import type { GateConfig, RunConfig, TrackSections } from './config-types.ts'
import { fieldsOf } from './fields.ts'
import { runSchema } from '../plan/options.ts'
import { commandSchema } from './flags.ts'

type Section<Name extends keyof TrackSections> = Required<NonNullable<TrackSections[Name]>>

test('the documented types are those of the schemas', () => {
  expectTypeOf<Required<RunConfig>>().toEqualTypeOf<Required<z.input<typeof runSchema>>>()
  expectTypeOf<Required<GateConfig>>().toEqualTypeOf<Required<z.input<typeof gateSchema>>>()
  expectTypeOf<Section<'depth'>>().toEqualTypeOf<Required<z.input<typeof depthTrack.params>>>()
  expectTypeOf<Section<'breadth'>>().toEqualTypeOf<Required<z.input<typeof breadthTrack.params>>>()
  expectTypeOf<Section<'operators'>>().toEqualTypeOf<Required<z.input<typeof operatorsTrack.params>>>()
  expectTypeOf<Section<'mlp'>>().toEqualTypeOf<Required<z.input<typeof mlpTrack.params>>>()
  expectTypeOf<Section<'resnet'>>().toEqualTypeOf<Required<z.input<typeof resnetTrack.params>>>()
  expectTypeOf<Section<'transformer'>>().toEqualTypeOf<Required<z.input<typeof transformerTrack.params>>>()
  expectTypeOf<Section<'models'>>().toEqualTypeOf<Required<z.input<typeof modelsTrack.params>>>()
  expectTypeOf<Section<'workloads'>>().toEqualTypeOf<Required<z.input<typeof workloadsTrack.params>>>()
})

test('every key says what it means, in which unit, and what happens without it', () => {
  const schemas = [
    runSchema,
    commandSchema,
    gateSchema,
    depthTrack.params,
    breadthTrack.params,
    modelsTrack.params,
    operatorsTrack.params,
    mlpTrack.params,
    resnetTrack.params,
    transformerTrack.params,
    workloadsTrack.params,
  ]
  const fields = schemas.flatMap((schema) => fieldsOf(schema))
  const without = (isGood: (field: (typeof fields)[number]) => boolean) =>
    fields.filter((field) => !isGood(field)).map(({ key }) => key)
  expect(fields.length).toBeGreaterThan(40)
  expect(without(({ description }) => description.length > 10)).toEqual([])
  expect(without((field) => field.default !== undefined || /default: \S/.test(field.description))).toEqual([])
  const units = { _s: /seconds/, _mb: /MB/, _hw: /pixels/, _hw_list: /pixels/ }
  for (const [ending, unit] of Object.entries(units))
    expect(without(({ key, description }) => !key.endsWith(ending) || unit.test(description))).toEqual([])
})
