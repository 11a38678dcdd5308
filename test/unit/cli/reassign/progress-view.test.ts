import { expect, test } from 'vitest';
import { reassignView } from '../../../../cli/reassign/plan-text.ts';
import { systemClock } from '../../../../core/clock.ts';

test.each([
  [{ LC_ALL: '', LANG: 'en_US.UTF-8' }, '[█████░░░░░]'],
  [{ LC_ALL: 'C', LANG: 'en_US.UTF-8' }, '[#####-----]'],
])('the progress bar suits a terminal with %j', (environment, bar) => {
  let written = '';
  const stderr = { write: (text: string) => void (written += text), isTerminal: true, columns: 80 };
  const view = reassignView({ clock: systemClock, stderr, environment });
  view.progress({ replicas: { done: 1, all: 2 }, bytes: { done: 50, all: 100 }, moving: 1 });
  expect(written).toContain(`${bar} 50%, 1 of 2 replicas copied, 1 move`);
});

function lines(...progress: Parameters<ReturnType<typeof reassignView>['progress']>[0][]) {
  let written = '';
  const stderr = { write: (text: string) => void (written += text), isTerminal: false, columns: 80 };
  const view = reassignView({ clock: systemClock, stderr, environment: {} });
  for (const each of progress) view.progress(each);
  return written.split('\n').filter(Boolean);
}
const copied = (done: number) => ({
  replicas: { done, all: 2 },
  bytes: { done: 50 * done, all: 100 },
  moving: 2 - done,
});

test('keeps counts while a change waits, and shows none before the first progress', () => {
  const waiting = { held: 'writes are slow' };
  expect(lines(waiting, { ...copied(1), throttleBytesPerSecond: 1_048_576 }, waiting)).toEqual([
    expect.stringMatching(/^0 s, waits: writes are slow$/),
    expect.stringMatching(/^50%, 1 of 2 replicas copied, 1 move, throttle 1\.05 MB\/s, 0 s$/),
    expect.stringMatching(/^50%, 1 of 2 replicas copied, 0 s, waits: writes are slow$/),
  ]);
});

test('a change that only removes replicas counts the removed ones', () => {
  const none = { done: 0, all: 0 };
  expect(lines({ replicas: none, bytes: none, removed: { done: 6, all: 24 }, moving: 0 })).toEqual([
    expect.stringMatching(/^25%, 6 of 24 replicas removed, 0 move, 0 s$/),
  ]);
});
