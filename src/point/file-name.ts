import { createHash } from 'node:crypto'

/** What a file name may hold everywhere: no separator, nothing hidden, no dash in front, well under 255 bytes. */
const SAFE = /^\w[\w.-]{0,99}$/

/**
 * A name for a file or a folder that stands for a text, such as the id of a point: the text itself where it is safe,
 * else what is safe of it and a digest, so that two texts never share a name and none leads out of its folder.
 */
export function fileNameOf(text: string): string {
  if (SAFE.test(text)) return text
  const digest = createHash('sha256').update(text).digest('hex').slice(0, 8)
  return `_${text.replaceAll(/[^\w.-]/g, '_').slice(0, 60)}-${digest}`
}
