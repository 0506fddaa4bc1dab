import { PHASES, type Phase, type Row, type Status } from '../row/schema.ts'

/** What one iteration of a phase left for the next phase. */
export interface Link {
  iteration: number
  status: Status
  /** Absolute paths by name: the model, the input and every artifact made so far on this chain. */
  files: Readonly<Record<string, string>>
  circuit_sha256: string | null
  /** What the phases so far reported beside their figures. */
  extra: Readonly<Record<string, unknown>>
  /** Made by an earlier process of a resumed run: its row is there, its files are not. */
  isGone?: boolean
}

/** The links of a point so far, by phase, in the order of their iterations. */
export type Chain = Record<Phase, Link[]>

export function startChain(): Chain {
  return { compile: [], witness: [], prove: [], verify: [] }
}

/** What the row of an earlier process of the run says of its iteration. */
export function linkOfRow({ iteration, status, circuit_sha256 }: Row): Link {
  return {
    iteration: iteration ?? 1,
    status: status ?? 'ok',
    files: {},
    circuit_sha256: circuit_sha256 ?? null,
    extra: {},
    isGone: true,
  }
}

export function earlierPhases(phase: Phase): Phase[] {
  return PHASES.slice(0, PHASES.indexOf(phase))
}

/**
 * The link that an iteration of a phase builds on: the same iteration of the phase before, or, where that phase has
 * fewer iterations, its last good one. For a good one without files here another good one serves, if there is any. A
 * link carries its whole history, so circuit and quantised model always come from one compile.
 */
export function linkBefore(chain: Chain, phase: Phase, iteration: number): Link | undefined {
  const links = linksBefore(chain, phase)
  return chooseLink(
    links,
    links.find((link) => link.iteration === iteration),
  )
}

/**
 * The links whose files an iteration that is still to come may build on.
 * @param planned most iterations that each phase can have
 */
export function linksStillNeeded(chain: Chain, planned: Readonly<Record<Phase, number>>): Set<Link> {
  const needed = new Set<Link>()
  for (const phase of PHASES.slice(1)) {
    const links = linksBefore(chain, phase)
    const byIteration = new Map(links.map((link) => [link.iteration, link]))
    const run = new Set(chain[phase].map(({ iteration }) => iteration))
    for (let iteration = 1; iteration <= planned[phase]; iteration++) {
      const link = run.has(iteration) ? undefined : chooseLink(links, byIteration.get(iteration))
      if (link) needed.add(link)
    }
  }
  return needed
}

function linksBefore(chain: Chain, phase: Phase): readonly Link[] {
  const before = earlierPhases(phase).at(-1)
  return before ? chain[before] : []
}

/** Of the links of a phase the one that serves, given the one of the same iteration where there is one. */
function chooseLink(links: readonly Link[], same: Link | undefined): Link | undefined {
  const link = same ?? links.findLast(({ status }) => status === 'ok') ?? links.at(-1)
  if (link?.status !== 'ok' || !link.isGone) return link
  return links.findLast(({ status, isGone }) => status === 'ok' && !isGone) ?? link
}
