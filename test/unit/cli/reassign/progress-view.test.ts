import { expect, test } from 'vitest';
import { reassignView } from '../../../../cli/reassign/progress-view.ts';
import { systemClock } from '../../../../core/clock.ts';

test.each([
  [{ LC_ALL: '', LANG: 'en_US.UTF-8' }, '[█████░░░░░]'],
  [{ LC_ALL: 'C', LANG: 'en_US.UTF-8' }, '[#####-----]'],
])('the bar fits a terminal with %j', (environment, bar) => {
  let written = '';
  const stderr = { write: (text: string) => void (written += text), isTerminal: true, columns: 80 };
  const view = reassignView({ clock: systemClock, stderr, environment });
  view.progress({ replicas: { done: 1, all: 2 }, bytes: { done: 50, all: 100 }, moving: 1 });
  expect(written).toContain(`${bar} 50%, 1 of 2 replicas, 1 move`);
});
