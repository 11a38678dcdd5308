// Defines a search as a generator that yields trials and receives their outcomes.

import type { SearchEnding } from '../../core/documents/search-certificate.ts';
import type { MessagesPerSecond } from '../../core/units.ts';
import type { Trial, TrialOutcome } from './trial.ts';

export type SearchCourse = Generator<Trial, Conclusion, TrialOutcome>;

export interface Conclusion {
  because: SearchEnding;
  /** Rate for which the deciding trials passed. */
  lower?: MessagesPerSecond;
  /** Rates that failed as often as required, in order. */
  rejected: readonly MessagesPerSecond[];
}
