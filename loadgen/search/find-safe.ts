// Finds a safe rate: rises gradually to the first limit and soaks one step below it.

import type { MessagesPerSecond } from '../../core/units.ts';
import { judge, type RateVerdict } from './driven-trial.ts';
import type { Conclusion, SearchCourse } from './search-course.ts';
import { risingRates } from './rising-rates.ts';
import type { FindSafeOptions, Started } from './search-options.ts';

/**
 *     rate   proven   proven   proven  limit
 *      |                         .--.  .-.
 *      |                .--.    |    ||   |  .-----------------.   failed: one step lower, and
 *      |       .--.    |    |   |    ||   | |                  |   the whole soak again
 *      |      |    |   |    |   |    ||   | |       soak       |
 *      +------+----+---+----+---+----+-----+-+----------------+--- t
 *
 * No rate exceeds the last proven one by more than `rise`. The result is the rate of the soak that passed: it was
 * tested, not computed.
 */
export function* findSafe(options: Started<FindSafeOptions>): SearchCourse {
  const { trial: duration, soak, verifications } = options;
  const proven: MessagesPerSecond[] = [];
  const rejected: MessagesPerSecond[] = [];
  let because = 'highest-rate-held' as Conclusion['because'];
  for (const rate of risingRates(options)) {
    const verdict = yield* judge({ rate, duration, purpose: 'rise' }, verifications);
    if (verdict === 'passed') {
      proven.push(rate);
      continue;
    }
    refuse(rate, verdict);
    break;
  }
  for (const rate of proven.toReversed()) {
    const verdict = yield* judge({ rate, duration: soak, purpose: 'soak' }, verifications);
    if (verdict === 'passed') return { because, lower: rate, rejected };
    refuse(rate, verdict);
  }
  return { because: because === 'generator-limited' ? because : 'nothing-passed', rejected };

  function refuse(rate: MessagesPerSecond, verdict: RateVerdict): void {
    because = verdict === 'beyond-generator' ? 'generator-limited' : 'bounds-met';
    if (verdict !== 'beyond-generator') rejected.push(rate);
  }
}
