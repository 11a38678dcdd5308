import { expect, test } from 'vitest';
import type { ClusterLookup } from '../../../../brokers/lookup.ts';
import { AppError } from '../../../../core/errors.ts';
import { createLookups } from '../../../../service/clusters/lookups.ts';
import { createHandClock } from '../../../support/hand-clock.ts';

function asking({ fails = () => false }: { fails?: () => boolean } = {}) {
  const clock = createHandClock();
  let setBackMs = 0;
  let opened = 0;
  let closed = 0;
  const lookups = createLookups({ ...clock, now: () => new Date(clock.now().getTime() - setBackMs) });
  const served = {
    name: 'orders',
    lookUp: async () => {
      opened++;
      if (fails()) throw new AppError('broker-unreachable', 'cannot connect to 10.0.0.1:9092');
      return { [Symbol.asyncDispose]: async () => void closed++ } as unknown as ClusterLookup;
    },
  };
  return {
    ask: (question: string, read: () => Promise<unknown> = async () => question) => lookups.ask(served, question, read),
    pass: (ms: number) => clock.advance(ms / 1000),
    setBack: (ms: number) => void (setBackMs += ms),
    counts: () => ({ opened, closed }),
  };
}

test('an answer is cached for one minute, then the brokers are queried again', async () => {
  const { ask, pass, counts } = asking();
  expect(await ask('settings')).toEqual({ kind: 'answered', value: 'settings', at: new Date(0) });
  pass(59_000);
  await ask('settings');
  expect(counts()).toEqual({ opened: 1, closed: 1 });
  pass(1000);
  expect(await ask('settings')).toMatchObject({ at: new Date(60_000) });
  expect(counts()).toEqual({ opened: 2, closed: 2 });
});

test('an answer is not cached longer if the wall clock is set back', async () => {
  const { ask, pass, setBack, counts } = asking();
  await ask('settings');
  setBack(3_600_000);
  pass(60_000);
  await ask('settings');
  expect(counts().opened).toBe(2);
});

test('identical concurrent lookups open one connection', async () => {
  const { ask, counts } = asking();
  await Promise.all([ask('settings'), ask('settings'), ask('settings')]);
  expect(counts().opened).toBe(1);
});

test('a third concurrent lookup is refused with the reason', async () => {
  const { ask } = asking();
  const { promise, resolve } = Promise.withResolvers<string>();
  const open = [ask('a', () => promise), ask('b', () => promise)];
  expect(await ask('c')).toMatchObject({ kind: 'unanswered', reason: expect.stringContaining('more than 2') });
  resolve('answer');
  expect(await Promise.all(open)).toMatchObject([{ value: 'answer' }, { value: 'answer' }]);
  expect(await ask('c')).toMatchObject({ kind: 'answered' });
});

test('a failed refresh shows the older answer with the reason, or only the reason if there is no older answer', async () => {
  let isBroken = false;
  const { ask, pass } = asking({ fails: () => isBroken });
  await ask('settings');
  isBroken = true;
  pass(60_000);
  const reason = 'cannot connect to 10.0.0.1:9092';
  expect(await ask('settings')).toEqual({ kind: 'answered', value: 'settings', at: new Date(0), trouble: reason });
  expect(await ask('producers')).toEqual({ kind: 'unanswered', reason });
});
