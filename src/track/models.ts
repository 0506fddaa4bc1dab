import { existsSync } from 'node:fs'
import { basename, dirname, resolve } from 'node:path'
import { glob } from 'tinyglobby'
import { z } from 'zod'
import { ProvemarkError } from '../errors.ts'
import type { TrackDefinition } from './define.ts'

const params = z.object({
  model: z.array(z.string().min(1)).describe('ONNX files, by path or glob').default([]),
  input: z.array(z.string().min(1)).describe('input files, one for all models or one for each').default([]),
})

/** Any ONNX files. */
export const models = {
  name: 'models',
  params,
  empty: 'no model given: --model FILE, or tracks.models.model in the config',
  async points({ model, input }, { tag }) {
    const files = (await Promise.all(model.map(expandGlob))).flat()
    if (input.length > 1 && input.length !== files.length) {
      throw new ProvemarkError('CONFIG_INVALID', `${input.length} inputs for ${files.length} models`, {
        hint: 'give one --input for all models, or one for each in the same order',
      })
    }
    const names = files.map((file) => nameOf(basename(file, '.onnx')))
    return files.map((file, i) => {
      const alone = names.filter((other) => other === names[i]).length === 1
      const name = alone ? names[i]! : `${nameOf(basename(dirname(file)))}_${names[i]}`
      const values = input.length > 1 ? input[i] : input[0]
      return {
        id: tag ? `${name}_${tag}` : name,
        params: { model: name },
        model: file,
        input: values && resolve(values),
      }
    })
  },
} satisfies TrackDefinition<typeof params>

/** File names may hold anything; an id stands in tables and on terminals. */
function nameOf(file: string): string {
  return file.replaceAll(/\p{Cc}/gu, '\uFFFD')
}

/** A path names itself, brackets and all where such a file is meant literally; a glob names what it matches. */
async function expandGlob(pattern: string): Promise<string[]> {
  if (existsSync(pattern)) return [resolve(pattern)]
  const files = await glob(pattern, { absolute: true, onlyFiles: true, expandDirectories: false })
  if (files.length) return files.toSorted()
  throw new ProvemarkError('CONFIG_INVALID', `model: no file matches ${JSON.stringify(pattern)}`, {
    hint: 'check the path with ls; quote a glob, so that the shell leaves it alone',
  })
}
