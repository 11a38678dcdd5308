import { expect, test } from 'vitest';
import type { JournalLine } from '../../../../core/documents/run-bundle.ts';
import { messagesPerSecond } from '../../../../core/units.ts';
import { seconds } from '../../../../core/clock.ts';
import type { Conductor } from '../../../../loadgen/execute/conductor.ts';
import { conductSearch } from '../../../../loadgen/execute/conduct-search.ts';
import { createRunProgressSum } from '../../../../loadgen/record/run-progress-sum.ts';
import { completeCriteria } from '../../../../loadgen/search/criteria/criteria-options.ts';
import type { SearchStep } from '../../../../loadgen/search/search.ts';
import { watchTrials } from '../../../../loadgen/search/trial-watch.ts';
import { examplePolicy } from '../../../support/example-policy.ts';
import { createManualRunClock } from '../../../support/manual-run-clock.ts';

const trial = { rate: messagesPerSecond(100), duration: seconds(1), purpose: 'rise' as const };

/** Every group has received everything at once. */
const conductor: Conductor = {
  extend: () => 0,
  cut() {},
  isCut: false,
  announce: async () => createRunProgressSum([]).step(0),
  async finished() {},
  drain: async () => ({ tookSeconds: 0, lagMessages: 0 }),
  moveShare: () => false,
};

test('a trial is in the journal before the cluster settles, so that it is not repeated after an interruption', async () => {
  const clock = createManualRunClock();
  const lines: JournalLine[] = [];
  const stopped = new AbortController();
  const searching = conductSearch(
    {
      search: { next: (): SearchStep => ({ kind: 'drive', trial }) },
      criteria: completeCriteria({}, 'find-safe', examplePolicy()),
      settle: seconds(5),
      warmUpSeconds: 0,
      conductor,
      clock,
      watch: watchTrials(createRunProgressSum([]), { hosts: [], brokers: [] }),
      history: [],
      firstStep: 3,
      completeSecond() {},
      record: (line) => void lines.push(line),
      onProgress() {},
    },
    { signal: stopped.signal },
  );
  await clock.advanceTo(1);
  expect(lines).toMatchObject([{ kind: 'trial', step: 3, targetTps: 100 }]);
  stopped.abort(new Error('interrupted'));
  await expect(searching).rejects.toThrow('interrupted');
  expect(lines).toHaveLength(1);
});
