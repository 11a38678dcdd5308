import { expect, test } from 'vitest';
import { AppError } from '../../../../core/errors.ts';
import { seconds } from '../../../../core/clock.ts';
import { carryOut, type Execution } from '../../../../ops/change/carry-out.ts';
import { newJournal, type ChangeJournal } from '../../../../ops/change/journal.ts';
import { heldBy, changesNothing, type Step } from '../../../../ops/change/step.ts';
import { createHandClock } from '../../../support/hand-clock.ts';

interface Facts {
  seen?: number;
}

function changeOf(stepOf: (id: string) => Partial<Step<Facts>>, over: Partial<Execution<Facts>> = {}) {
  const clock = createHandClock();
  const journal = newJournal({ cluster: 'lab', change: 'queues', subject: 'orders', facts: {} }, clock.now());
  const done: string[] = [];
  const steps = ['one', 'two'].map((id): Step<Facts> => ({
    id,
    by: 'plimsoll',
    description: id,
    zh: id,
    run: async () => {
      done.push(`run ${id}`);
      return { kind: 'done', evidence: [] };
    },
    undo: {
      description: 'back',
      zh: '恢复',
      run: async () => {
        done.push(`undo ${id}`);
        return [];
      },
    },
    ...stepOf(id),
  }));
  const saved: string[] = [];
  const change: Execution<Facts> = {
    journal,
    steps,
    clock,
    signal: new AbortController().signal,
    save: async () => void saved.push(JSON.stringify(journal)),
    check: async () => undefined,
    tell: () => undefined,
    ...over,
  };
  return { change, journal, done, saved };
}

test('a change that loses its lease ends before its next step with a fault that names it, and keeps its state', async () => {
  let isLost = false;
  const check = async () => {
    if (isLost) throw new AppError('lease-lost', 'this process no longer holds the lease of the cluster');
  };
  const run: Step<Facts>['run'] = async () => {
    isLost = true;
    return { kind: 'done', evidence: [] };
  };
  const { change, journal, done } = changeOf((id) => ({ pause: seconds(1), ...(id === 'one' && { run }) }), { check });
  await expect(carryOut(change, seconds(10))).rejects.toMatchObject({
    code: 'lease-lost',
    message: 'queues of orders stopped in two: this process no longer holds the lease of the cluster',
    hint: expect.stringContaining('the commands that continue or roll back this change') as string,
  });
  expect(done).toEqual([]);
  expect(journal).toMatchObject({
    status: 'running',
    steps: [{ id: 'one', doneAt: expect.any(String) as string }, { id: 'two' }],
  });
  journal.direction = 'back';
  await expect(carryOut(change)).rejects.toMatchObject({ code: 'lease-lost' });
  expect(done).toEqual([]);
});

test.each(['broker-unreachable', 'broker-busy', 'host-hung', 'host-unreachable'] as const)(
  'a step with attempts left waits on %s, and a step without attempts ends the change',
  async (code) => {
    let fails = 3;
    const run: Step<Facts>['run'] = async () => {
      fails -= 1;
      if (fails >= 0) throw new AppError(code, 'mq-1 does not answer');
      return { kind: 'done', evidence: [] };
    };
    expect(await carryOut(changeOf(() => ({ pause: seconds(1), run })).change, seconds(10))).toEqual({ kind: 'done' });
    fails = 30;
    expect(await carryOut(changeOf(() => ({ pause: seconds(1), run })).change, seconds(10))).toMatchObject({
      kind: 'held',
      step: 'one',
      holds: [{ what: 'mq-1 does not answer' }],
    });
    fails = 1;
    await expect(carryOut(changeOf(() => ({ run })).change, seconds(10))).rejects.toMatchObject({ code });
  },
);

test('writes each step to the journal before the step runs, and again when it is done', async () => {
  const seen: unknown[] = [];
  const { change, saved } = changeOf((id) => ({
    run: async () => {
      seen.push(
        (JSON.parse(saved.at(-1) ?? '{}') as ChangeJournal).steps.map(({ doneAt, ...record }) => [
          record.id,
          doneAt !== undefined,
        ]),
      );
      return { kind: 'done', evidence: [id], learnt: { seen: 1 } };
    },
  }));
  expect(await carryOut(change)).toEqual({ kind: 'done' });
  expect(seen).toEqual([
    [['one', false]],
    [
      ['one', true],
      ['two', false],
    ],
  ]);
  expect(JSON.parse(saved.at(-1) ?? '')).toMatchObject({ status: 'done', facts: { seen: 1 }, direction: 'forward' });
});

test('an abort during a step undoes all begun steps in reverse order', async () => {
  const asked: Step<Facts>['run'] = async () => ({ kind: 'asked', request: 'abort' });
  const { change, journal, done } = changeOf((id) => (id === 'two' ? { run: asked } : {}));
  expect(await carryOut(change)).toEqual({ kind: 'rolled-back' });
  expect(done).toEqual(['run one', 'undo two', 'undo one']);
  expect(journal).toMatchObject({ status: 'rolled-back', direction: 'back' });
});

test('a change that is rolled back when blocked logs the blocker and its end in both languages', async () => {
  const run: Step<Facts>['run'] = async () =>
    heldBy({ en: 'it answers', zh: '仍在响应' }, new Date('2026-11-23T00:00:00Z'));
  const { change, journal } = changeOf((id) => (id === 'two' ? { run } : {}), { abortsWhenHeld: true });
  expect(await carryOut(change)).toMatchObject({ kind: 'rolled-back' });
  expect(journal.log).toContainEqual(
    expect.objectContaining({
      says: 'rolled back (--abort-when-held), because blocked by: it answers; the block ends at 2026-11-23T00:00:00Z at the latest',
      zh: '因受阻而回滚（--abort-when-held）：仍在响应（该阻碍最迟于 2026-11-23T00:00:00Z 解除）',
    }),
  );
});

test('a resumed change runs the prerequisite of a begun step again before the step', async () => {
  let isServing = false;
  const run: Step<Facts>['run'] = async () => {
    if (!isServing) throw new AppError('change-stopped', 'the broker ended while it started');
    return { kind: 'done', evidence: [] };
  };
  const { change, journal, done } = changeOf((id) => (id === 'two' ? { run, after: 'one' } : {}));
  await expect(carryOut(change)).rejects.toMatchObject({ code: 'change-stopped' });
  isServing = true;
  expect(await carryOut(change)).toEqual({ kind: 'done' });
  expect(done).toEqual(['run one', 'run one']);
  expect(journal.steps.map(({ id }) => id)).toEqual(['one', 'two']);
});

test('a pause keeps the state of the change and removes the lease from the journal', async () => {
  const asked: Step<Facts>['run'] = async () => ({ kind: 'asked', request: 'pause' });
  const { change, journal, done } = changeOf((id) => (id === 'two' ? { run: asked } : {}));
  journal.leaseId = 'ours';
  expect(await carryOut(change)).toEqual({ kind: 'paused' });
  expect(done).toEqual(['run one']);
  expect(journal).toMatchObject({ status: 'running', direction: 'forward' });
  expect(journal.leaseId).toBeUndefined();
});

test('a second rollback undoes only the steps that the first one did not reach', async () => {
  let isAway = true;
  const run = async () => {
    if (isAway) throw new AppError('broker-unreachable', 'nobody answers');
    return ['broker-b is not restored'];
  };
  const { change, journal, done } = changeOf((id) =>
    id === 'one' ? { undo: { description: 'back', zh: '恢复', run } } : {},
  );
  await carryOut(change);
  journal.direction = 'back';
  await expect(carryOut(change)).rejects.toMatchObject({ code: 'broker-unreachable' });
  isAway = false;
  expect(await carryOut(change)).toEqual({ kind: 'rolled-back' });
  expect(done).toEqual(['run one', 'run two', 'undo two']);
  expect(journal.steps.find(({ id }) => id === 'one')?.evidence).toEqual(['broker-b is not restored']);
});

test('settles a stop once and throws the error that the settling returns', async () => {
  const fault = new AppError('broker-refused', 'no');
  const run = async () => {
    throw fault;
  };
  const stopped = async (cause: unknown) => new AppError('change-stopped', (cause as AppError).message);
  const { change } = changeOf(() => ({ run }), { stopped });
  await expect(carryOut(change)).rejects.toMatchObject({ code: 'change-stopped', message: 'no' });
});

test('restores borrowed settings after an unexpected error, too', async () => {
  const run = async () => {
    throw new TypeError('no such method');
  };
  const restored: unknown[] = [];
  const stopped = async (cause: unknown) => {
    restored.push(cause);
    return new AppError('change-stopped', (cause as Error).message, { cause });
  };
  const { change } = changeOf(() => ({ run }), { stopped });
  await expect(carryOut(change)).rejects.toMatchObject({ code: 'change-stopped', message: 'no such method' });
  expect(restored).toHaveLength(1);
});

test.each([
  ['is held', async () => heldBy('broker 2 does not serve')],
  ['fails', () => Promise.reject(new AppError('change-stopped', 'broker 2 does not serve'))],
])('a step that %s starts a rollback only if the change aborts when held', async (_, second) => {
  const stepOf = (id: string) => (id === 'two' ? { run: second } : {});
  const asked = changeOf(stepOf, { abortsWhenHeld: true });
  expect(await carryOut(asked.change)).toMatchObject({
    kind: 'rolled-back',
    holds: [{ what: 'broker 2 does not serve' }],
  });
  expect(asked.done).toEqual(['run one', 'undo two', 'undo one']);
  expect(asked.journal).toMatchObject({ status: 'rolled-back', direction: 'back' });

  const { change, done } = changeOf(stepOf);
  const arrival = await carryOut(change).catch(({ message }: AppError) => message);
  expect(JSON.stringify(arrival)).toContain('broker 2 does not serve');
  expect(done).toEqual(['run one']);
});

test('a step whose rollback failed midway runs again when the change goes forward', async () => {
  let fails = true;
  const undo: Step<Facts>['undo'] = {
    description: 'back',
    zh: '恢复',
    run: async () => {
      if (fails) throw new AppError('broker-unreachable', 'one of two brokers is restored');
      return [];
    },
  };
  const { change, journal, done } = changeOf((id) => (id === 'two' ? { undo } : {}));
  await carryOut(change);
  Object.assign(journal, { status: 'running', direction: 'back' });
  await expect(carryOut(change)).rejects.toMatchObject({ code: 'broker-unreachable' });
  fails = false;
  journal.direction = 'forward';
  expect(await carryOut(change)).toEqual({ kind: 'done' });
  expect(done).toEqual(['run one', 'run two', 'run two']);
});

test('the process that lost the lease does not roll its change back', async () => {
  const run = () => Promise.reject(new AppError('lease-lost', 'this process no longer holds the lease'));
  const { change, done } = changeOf((id) => (id === 'two' ? { run } : {}), { abortsWhenHeld: true });
  await expect(carryOut(change)).rejects.toMatchObject({ code: 'lease-lost' });
  expect(done).toEqual(['run one']);
});

test.each([
  { refusing: 'one', endsWhenRefused: true, watching: '', status: 'rolled-back' },
  { refusing: 'one', endsWhenRefused: false, watching: '', status: 'running' },
  { refusing: 'two', endsWhenRefused: true, watching: '', status: 'running' },
  { refusing: 'two', endsWhenRefused: true, watching: 'one', status: 'rolled-back' },
])(
  'a change refused in step $refusing (ends then: $endsWhenRefused, steps that change nothing: $watching) is $status',
  async ({ refusing, endsWhenRefused, watching, status }) => {
    const run = () => Promise.reject(new AppError('change-refused', 'the group has members'));
    const { change, journal, saved } = changeOf(
      (id) => ({ ...(id === refusing && { run }), ...(id === watching && { undo: changesNothing }) }),
      { endsWhenRefused },
    );
    await expect(carryOut(change)).rejects.toMatchObject({ code: 'change-refused' });
    expect([journal.status, (JSON.parse(saved.at(-1) ?? '{}') as { status: string }).status]).toEqual([status, status]);
  },
);

test('a change refused before it changed anything is not rolled back, so that its rollback cannot fail', async () => {
  const refusal = new AppError('change-refused', 'only b:1 is left to elect another leader');
  const run = () => Promise.reject(refusal);
  const { change, journal, done } = changeOf((id) => (id === 'one' ? { run } : {}), {
    endsWhenRefused: true,
    rollsBackWhenStopped: true,
  });
  await expect(carryOut(change)).rejects.toBe(refusal);
  expect([done, journal.status]).toEqual([[], 'rolled-back']);
});

test('a refusal does not end a change whose step was first held by a broker, because the step may have had effects', async () => {
  const faults = [new AppError('broker-unreachable', 'b does not answer'), new AppError('change-refused', 'no')];
  const run = async (): Promise<never> => {
    throw faults.shift() ?? new Error('called too often');
  };
  const { change, journal } = changeOf(() => ({ run, pause: seconds(1) }), { endsWhenRefused: true });
  await expect(carryOut(change, seconds(10))).rejects.toMatchObject({ code: 'change-refused' });
  expect(journal.status).toBe('running');
});

test.each([false, true])(
  'an error rolls such a change back and is thrown (interrupted: %s), also if the disk of the journal is full',
  async (isInterrupted) => {
    const fault = new AppError('drill-failed', 'no new leader');
    const interrupt = new AbortController();
    const run = async () => {
      if (isInterrupted) interrupt.abort(fault);
      isFull = true;
      throw fault;
    };
    let isFull = false;
    const save = async () => {
      if (isFull && journal.status === 'running') throw new AppError('no-space', 'the disk is full');
    };
    const how = { signal: interrupt.signal, rollsBackWhenStopped: true, save };
    const { change, journal, done } = changeOf((id) => (id === 'two' ? { run } : {}), how);
    await expect(carryOut(change)).rejects.toBe(fault);
    expect(done).toEqual(['run one', 'undo two', 'undo one']);
    expect(journal).toMatchObject({ status: 'rolled-back', direction: 'back' });
  },
);

test('until it is rolled back, a stopped change names the process that does so', async () => {
  const run = () => Promise.reject(new AppError('drill-failed', 'no new leader'));
  const { change, journal, saved } = changeOf((id) => (id === 'two' ? { run } : {}), { rollsBackWhenStopped: true });
  journal.leaseId = 'own';
  await expect(carryOut(change)).rejects.toMatchObject({ code: 'drill-failed' });
  const leases = saved.map((text) => (JSON.parse(text) as ChangeJournal).leaseId);
  expect([new Set(leases.slice(0, -1)), leases.at(-1)]).toEqual([new Set(['own']), undefined]);
});

test('a change that cannot be rolled back after an error names both causes and stays under way', async () => {
  const run = () => Promise.reject(new AppError('drill-failed', 'no new leader'));
  const busy = new AppError('broker-busy', 'b is busy', { hint: 'wait for it' });
  const undo = { description: 'back', zh: '恢复', run: () => Promise.reject(busy) };
  const { change, journal, done } = changeOf((id) => (id === 'two' ? { run } : { undo }), {
    rollsBackWhenStopped: true,
  });
  const message = 'queues of orders is not rolled back yet: b is busy; it stopped because: no new leader';
  await expect(carryOut(change)).rejects.toMatchObject({ code: 'change-stopped', message, hint: 'wait for it' });
  expect(journal).toMatchObject({ status: 'running', direction: 'back' });
  // The rollback has waited already, so it is not repeated at once.
  await expect(carryOut(change)).rejects.toMatchObject({
    code: 'change-stopped',
    message: 'queues of orders is not rolled back yet: b is busy',
  });
  expect(done).toEqual(['run one', 'undo two']);
});

test('a last step that cleans up is not followed by a rollback, so that a repeated command completes it', async () => {
  const run = () => Promise.reject(new AppError('broker-busy', 'b is busy'));
  const undo = { none: 'cleans up', zh: '清理' };
  const { change, journal, done } = changeOf((id) => (id === 'two' ? { run, undo } : {}), {
    rollsBackWhenStopped: true,
  });
  await expect(carryOut(change)).rejects.toMatchObject({ code: 'change-stopped' });
  expect(done).toEqual(['run one']);
  expect(journal).toMatchObject({ status: 'running', direction: 'forward' });
});

test.each([
  { borrowed: 0, undone: [] },
  { borrowed: 1, undone: ['undo two', 'undo one'] },
])('without the lease a stopped change is rolled back only for borrowed settings ($borrowed)', async (of) => {
  const lost = new AppError('lease-lost', 'this process no longer holds the lease');
  let isLost = false;
  const check = async () => {
    if (isLost) throw lost;
  };
  const run = async () => {
    isLost = true;
    throw lost;
  };
  const how = { check, rollsBackWhenStopped: true };
  const { change, journal, done } = changeOf((id) => (id === 'two' ? { run } : {}), how);
  if (of.borrowed > 0) journal.borrowed.push({ kind: 'broker', name: '1', why: 'ab-test', before: {} });
  await expect(carryOut(change)).rejects.toBe(lost);
  expect(done).toEqual(['run one', ...of.undone]);
});
