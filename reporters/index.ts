import '../src/require-node.ts'
import * as card from './card-reporter.ts'
import * as exit from './exit-reporter.ts'
import * as html from './html-reporter.ts'
import * as jsonl from './jsonl-reporter.ts'
import * as live from './live-reporter.ts'

export type { Row } from '../src/row/schema.ts'
export { RowReporter } from './row-reporter.ts'

// Reporters exported in 0.1, which the plugin now adds itself. Kept for one release.
/** @deprecated The plugin adds this reporter. */
export class CardReporter extends card.CardReporter {}
/** @deprecated The plugin adds this reporter. */
export class ExitReporter extends exit.ExitReporter {}
/** @deprecated The plugin adds this reporter: set the option `report`. */
export class HtmlReporter extends html.HtmlReporter {}
/** @deprecated The plugin adds this reporter: set the option `results`. */
export class JsonlReporter extends jsonl.JsonlReporter {}
/** @deprecated The plugin adds this reporter. */
export class LiveReporter extends live.LiveReporter {}
