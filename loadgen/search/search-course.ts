// How is a search written down? As straight code that yields a trial and is handed its outcome.

import type { SearchEnding } from '../../core/documents/search-certificate.ts';
import type { MessagesPerSecond } from '../../core/units.ts';
import type { Trial, TrialOutcome } from './trial.ts';

export type SearchCourse = Generator<Trial, Conclusion, TrialOutcome>;

export interface Conclusion {
  because: SearchEnding;
  /** The rate whose deciding trials passed. */
  lower?: MessagesPerSecond;
  /** Rates that failed as often as the search asks for, in the order in which they did. */
  rejected: readonly MessagesPerSecond[];
}
