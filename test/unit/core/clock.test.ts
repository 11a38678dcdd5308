import { expect, onTestFinished, test } from 'vitest';
import { seconds, systemClock } from '../../../core/clock.ts';

test.each([30 * 86_400, Infinity])('a sleep of %d s does not end early and emits no warning', async (duration) => {
  const warnings: Error[] = [];
  const listen = (warning: Error) => void warnings.push(warning);
  process.on('warning', listen);
  onTestFinished(() => void process.off('warning', listen));
  const awake = new AbortController();
  const sleeping = systemClock.sleep(seconds(duration), { signal: awake.signal });
  const early = await Promise.race([sleeping.then(() => true), systemClock.sleep(seconds(0.05)).then(() => false)]);
  expect(early).toBe(false);
  const reason = new Error('the broker is gone');
  awake.abort(reason);
  await expect(sleeping).rejects.toBe(reason);
  expect(warnings).toEqual([]);
});
