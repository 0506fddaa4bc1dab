import which from 'which'

/** Path of the Python 3 on PATH; undefined without one. */
export async function findPython(): Promise<string | undefined> {
  for (const name of ['python3', 'python']) {
    const found = await which(name, { nothrow: true })
    if (found) return found
  }
  return undefined
}
