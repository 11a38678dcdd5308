// Up to which rate is the cluster comfortable? Rises gently to the first limit, and soaks one step below it.

import { messagesPerSecond, type MessagesPerSecond } from '../../core/units.ts';
import { judge } from './driven-trial.ts';
import { roundDown } from './rate-grid.ts';
import type { Conclusion, SearchCourse } from './search-course.ts';
import { steepestRise, type FindSafeOptions, type Started } from './search-options.ts';

/**
 *     rate   proven   proven   proven  limit
 *      |                         .--.  .-.
 *      |                .--.    |    ||   |  .-----------------.   failed: one step lower, and
 *      |       .--.    |    |   |    ||   | |                  |   the whole soak again
 *      |      |    |   |    |   |    ||   | |       soak       |
 *      +------+----+---+----+---+----+-----+-+----------------+--- t
 *
 * No rate lies further past the last proven one than `rise`. The answer is the rate of the soak that passed: it was
 * driven, not computed.
 */
export function* findSafe(options: Started<FindSafeOptions>): SearchCourse {
  const { start, highest, trial: duration, soak, verifications } = options;
  const proven: MessagesPerSecond[] = [];
  const rejected: MessagesPerSecond[] = [];
  let because = 'highest-rate-held' as Conclusion['because'];
  for (let rate: MessagesPerSecond | undefined = start; rate !== undefined; rate = following(rate, options)) {
    const verdict = yield* judge({ rate, duration, purpose: 'rise' }, verifications);
    if (verdict === 'passed') {
      proven.push(rate);
      continue;
    }
    if (verdict === 'failed') rejected.push(rate);
    because = verdict === 'failed' ? 'bounds-met' : 'generator-limited';
    break;
  }
  for (const rate of proven.toReversed()) {
    const verdict = yield* judge({ rate, duration: soak, purpose: 'soak' }, verifications);
    if (verdict === 'passed') return { because, lower: rate, rejected };
    if (verdict === 'failed') rejected.push(rate);
    because = verdict === 'failed' ? 'bounds-met' : 'generator-limited';
  }
  return { because: because === 'generator-limited' ? because : 'nothing-passed', rejected };

  function following(rate: MessagesPerSecond, { rise }: FindSafeOptions): MessagesPerSecond | undefined {
    const next = roundDown(rate * (1 + Math.min(rise, steepestRise)));
    if (highest === undefined || next <= highest) return next;
    return highest > rate ? messagesPerSecond(highest) : undefined;
  }
}
