import { mkdtempDisposable } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { expect, test } from 'vitest';
import { blockersNow } from '../../../../cli/commands/instances-roll.ts';
import { openHistory } from '../../../../service/history/sqlite-history.ts';
import { createHandClock } from '../../../support/hand-clock.ts';
import { operator } from '../../../support/history-entries.ts';
import { forecastWithin, threeBrokers } from '../../../support/known-evidence.ts';
import { madeStart } from '../../../support/made-history.ts';

const day = 86_400;
/** When the forecast begins. */
const nowMs = madeStart + 70 * day * 1000;
const testedBefore = (days: number) => {
  const startedAt = new Date(nowMs - days * day * 1000).toISOString();
  const document = { ...threeBrokers, run: { ...threeBrokers.run, startedAt } };
  return { kind: 'test', cluster: 'orders', document } as const;
};

test('a missing or expired verdict holds the change, and a newer one lets it continue', async () => {
  await using folder = await mkdtempDisposable(join(tmpdir(), 'plimsoll-roll-'));
  const clock = createHandClock();
  clock.advance(nowMs / 1000);
  using history = openHistory(join(folder.path, 'ledger.sqlite'), { clock });
  const window = { cluster: 'orders', freezes: [], nowMs, lastsSeconds: 1800, risk: 0.05 };
  const blockers = () => blockersNow(history, { ...window, verdictLasts: 30 * day });
  expect(blockers()).toMatchObject([{ what: 'there is no forecast of cluster orders' }]);
  history.append({ kind: 'forecast', cluster: 'orders', document: forecastWithin(threeBrokers, 2) }, operator);
  expect(blockers()).toMatchObject([{ what: 'cluster orders has no safe maximum after the loss of a broker' }]);
  history.append(testedBefore(40), operator);
  const expired = expect.stringMatching(/^verdict 2 of orders has expired: \d+ days old, verdicts last 30 d$/);
  expect(blockers()).toMatchObject([{ what: expired }]);
  history.append(testedBefore(1), operator);
  expect(blockers()).toEqual([]);
});
