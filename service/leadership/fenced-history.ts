// Refuses writes of scheduled jobs after another instance has taken over.

import { AppError } from '../../core/errors.ts';
import type { History } from '../history/history.ts';
import type { Terms } from '../history/terms.ts';
import type { Leadership } from './leadership.ts';

/** @param terms absent if no other service uses the history */
export function fencedHistory(history: History, leadership: Leadership, terms: Terms | undefined): History {
  function fenced<Value>(write: () => Value): Value {
    const term = leadership.term();
    if (term === undefined) throw new AppError('leadership-lost', 'this instance does not run the scheduled jobs');
    return terms === undefined ? write() : terms.write(term, write);
  }
  return {
    ...history,
    append: (entry, by) => fenced(() => history.append(entry, by)),
    deleteForecasts: (ids) => fenced(() => history.deleteForecasts(ids)),
    deleteAlerts: (beforeMs) => fenced(() => history.deleteAlerts(beforeMs)),
  };
}
