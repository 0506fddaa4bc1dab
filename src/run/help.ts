import { commandSchema } from '../config/command-options.ts'
import { fieldsOf } from '../config/fields.ts'
import { renderFields } from '../config/help.ts'
import { gateSchema } from '../gate/schema.ts'
import { PROFILES, runSchema } from '../plan/options.ts'
import type { TrackDefinition } from '../track/define.ts'

/** The flags of a run and of every track. */
export function renderHelp(tracks: readonly TrackDefinition[]): string {
  const sections = [
    renderFields('every run:', [...fieldsOf(runSchema), ...fieldsOf(commandSchema)], PROFILES),
    renderFields('gate:', fieldsOf(gateSchema)),
    ...tracks.map(({ name, params, profiles }) =>
      renderFields(`track ${name}:`, fieldsOf(params), profiles ?? {}),
    ),
  ]
  return ['usage: npx vitest bench [track…] [-t phase] -- [flags]', ...sections].join('\n\n')
}
