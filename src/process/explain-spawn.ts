import {
  accessSync,
  closeSync,
  constants,
  existsSync,
  openSync,
  readSync,
  statSync,
  type Stats,
} from 'node:fs'
import { isAbsolute, join, resolve } from 'node:path'
import which from 'which'

interface Started {
  file: string
  cwd: string
  env?: Readonly<Record<string, string>> | undefined
}

/** Enough for a shebang line and for the headers of a program. */
const HEAD_BYTES = 4096
/** Kernels read this much of the first line of a script. */
const SHEBANG_BYTES = 255

/**
 * Why a program could not be started, with a next step. The system reports ENOENT for a missing program, interpreter,
 * loader or working folder alike, and EACCES for many other causes. Undefined if no cause is found.
 */
export function explainSpawn({ file, cwd, env }: Started): string | undefined {
  if (!existsSync(cwd)) return `no working folder ${cwd}`
  const path = findFile(file, cwd, env)
  const stats = path === undefined ? undefined : statOf(path)
  if (path === undefined || !stats) return undefined
  if (stats.isDirectory()) return `it is a folder: name the program in it`
  if (!stats.isFile()) return `it is not a regular file: name a program`
  if (!isExecutable(path)) return `it is not executable: chmod +x ${path}`
  return explainHead(path, readHead(path), cwd, env)
}

function explainHead(path: string, head: Buffer, cwd: string, env: Started['env']): string | undefined {
  if (head.length === 0) return 'it is empty: build or install it again'
  if (head.subarray(0, 2).toString() === '#!') return explainScript(path, head, cwd, env)
  if (head.subarray(0, 4).toString('latin1') === '\u007FELF') return explainElf(head)
  if (process.platform !== 'linux') return undefined
  if (head.subarray(0, 2).toString() === 'MZ') return 'it is a program for Windows: install the one for Linux'
  if (MACH_O.has(head.readUInt32BE(0))) return 'it is a program for macOS: install the one for Linux'
  const marked = head.subarray(0, 3).toString('hex') === 'efbbbf'
  if (marked) return 'a byte order mark stands before its #!: save it without one'
  return `it is neither a program nor a script with a first line such as #!/bin/sh: add one, or name its interpreter as the program`
}

const MACH_O = new Set([0xcafebabe, 0xfeedface, 0xfeedfacf, 0xcefaedfe, 0xcffaedfe])

function explainScript(path: string, head: Buffer, cwd: string, env: Started['env']): string | undefined {
  const line = head.subarray(2, SHEBANG_BYTES).toString('utf8').split('\n')[0]!
  const words = line.trim().split(/[ \t]+/)
  const interpreter = words[0]!
  if (line.endsWith('\r')) {
    return `its first line ends with a carriage return, so that its interpreter is looked for as ${JSON.stringify(`${line.trimStart().split(/[ \t]/)[0]!}`)}: save it with line ends of Unix (sed -i 's/\\r$//' ${path})`
  }
  if (!interpreter) return 'its first line names no interpreter: write one, such as #!/bin/sh'
  if (/(?:^|\/)env$/.test(interpreter)) return explainEnv(path, words.slice(1), env)
  const found = resolve(cwd, interpreter)
  const stats = statOf(found)
  if (!stats)
    return `its interpreter ${interpreter} is not there: install it, or correct the first line of ${path}`
  if (!stats.isFile() || !isExecutable(found)) {
    return `its interpreter ${interpreter} is ${stats.isDirectory() ? 'a folder' : 'not executable'}: correct the first line of ${path}`
  }
  return explainHead(found, readHead(found), cwd, undefined)?.replace(/^(?:it is|its)\b/, (start) =>
    start === 'its' ? `of its interpreter ${interpreter} the` : `its interpreter ${interpreter} is`,
  )
}

/** `env` looks for the interpreter on PATH. */
function explainEnv(path: string, words: readonly string[], env: Started['env']): string | undefined {
  const name = words.find((word) => !word.startsWith('-') && !word.includes('='))
  if (name === undefined || findFile(name, '/', env)) return undefined
  return `its interpreter ${name} is not on PATH: install it, or correct the first line of ${path}`
}

/** ELF machines by Node's names of architectures. */
const MACHINES: Readonly<Record<number, string>> = {
  3: 'ia32',
  8: 'mips',
  20: 'ppc',
  21: 'ppc64',
  22: 's390x',
  40: 'arm',
  62: 'x64',
  183: 'arm64',
  243: 'riscv64',
  258: 'loong64',
}

/** A program for another architecture, or one whose loader is missing, as with another C library. */
function explainElf(head: Buffer): string | undefined {
  if (head.length < 64) return 'it is truncated: build or install it again'
  const isLittle = head[5] === 1
  const view = new DataView(head.buffer, head.byteOffset, head.byteLength)
  const type = view.getUint16(18, isLittle)
  const machine = MACHINES[type] ?? `machine ${type}`
  const loader = head[4] === 2 ? findLoader(head, view, isLittle) : undefined
  if (loader !== undefined && !existsSync(loader)) {
    return `its loader ${loader} is not there: it was built for another C library${machine === process.arch ? '' : `, and for ${machine}`}; install that, or a build for this system`
  }
  if (machine !== process.arch)
    return `it is a program for ${machine}, and this machine is ${process.arch}: install a build for it`
  return undefined
}

/** The path in a 64-bit program's PT_INTERP, if it is in the part that was read. */
function findLoader(head: Buffer, view: DataView, isLittle: boolean): string | undefined {
  const PT_INTERP = 3
  const read32 = (at: number) => view.getUint32(at, isLittle)
  const [size, count] = [view.getUint16(54, isLittle), view.getUint16(56, isLittle)]
  for (let at = read32(32), i = 0; i < count && at + 56 <= head.length; at += size, i++) {
    if (read32(at) !== PT_INTERP) continue
    const from = read32(at + 8)
    const [path] = head.toString('utf8', from, from + read32(at + 32)).split('\0')
    return path || undefined
  }
  return undefined
}

function findFile(file: string, cwd: string, env: Started['env']): string | undefined {
  if (isAbsolute(file)) return file
  if (file.includes('/')) return join(cwd, file)
  return which.sync(file, { nothrow: true, path: env?.['PATH'] ?? process.env['PATH'] ?? '' }) ?? undefined
}

function statOf(path: string): Stats | undefined {
  return statSync(path, { throwIfNoEntry: false })
}

function isExecutable(path: string): boolean {
  try {
    accessSync(path, constants.X_OK)
    return true
  } catch {
    return false
  }
}

function readHead(path: string): Buffer {
  try {
    const fd = openSync(path, 'r')
    try {
      const buffer = Buffer.alloc(HEAD_BYTES)
      return buffer.subarray(0, readSync(fd, buffer, 0, HEAD_BYTES, 0))
    } finally {
      closeSync(fd)
    }
  } catch {
    // Executable but not readable: nothing more is known about it.
    return Buffer.from('#!/bin/sh')
  }
}
