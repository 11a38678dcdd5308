import { expect, test } from 'vitest';
import { carryTrial } from '../../../../app/ab-test/drive-turns.ts';
import { AppError } from '../../../../core/errors.ts';
import { newJournal } from '../../../../ops/change/journal.ts';
import { inThreadSteps } from '../../../../ops/kafka/settings/thread-steps.ts';
import { pretendKafka } from '../../../support/pretend-kafka.ts';

const facts = { parameter: 'num.io.threads', a: '8', b: '16', out: 'runs/worth' };

/** Broker 1 has a separate value, broker 2 the default. @param drive runs in each turn */
function trial(
  drive: (kafka: ReturnType<typeof pretendKafka>, turn: number, signal: AbortSignal) => unknown = () => undefined,
) {
  const kafka = pretendKafka([], [1, 2]);
  kafka.settings.set('broker 1', new Map([['num.io.threads', '4']]));
  const journal = newJournal({ cluster: 'lab', change: 'worth', subject: facts.parameter, facts }, new Date(0));
  const saved: (typeof journal)[] = [];
  const seen: string[] = [];
  const interrupted = new AbortController();
  const shown = () => ['1', '2'].map((id) => kafka.settings.get(`broker ${id}`)?.get('num.io.threads') ?? 'default');
  const held = {
    save: async () => void saved.push(structuredClone(journal)),
    check: async () => undefined,
    request: async () => undefined,
  };
  const said: string[] = [];
  const io = {
    clock: kafka.clock,
    signal: interrupted.signal,
    tell: (text: string) => void said.push(`${text}\n`),
  };
  const carry = (of = journal, asked = facts, by = held) =>
    carryTrial({
      setting: {
        changes: inThreadSteps(kafka.changes, kafka.clock),
        brokers: async () => ['1', '2'],
        async [Symbol.asyncDispose]() {},
      },
      turns: ['a', 'b', 'b', 'a'],
      async drive(directory, signal) {
        seen.push(`${directory} ${shown().join()}`);
        await drive(kafka, seen.length, signal);
        interrupted.signal.throwIfAborted();
      },
    })({ ...io, ...by, journal: Object.assign(of, { facts: asked }) });
  return { kafka, journal, saved, seen, shown, carry, interrupted, said };
}

test('runs each turn with its value, and restores the former values of all brokers', async () => {
  const { carry, seen, shown, journal, saved } = trial();
  await expect(carry()).resolves.toEqual({ kind: 'done' });
  expect(seen).toEqual([
    'runs/worth/turn-1-a 8,8',
    'runs/worth/turn-2-b 16,16',
    'runs/worth/turn-3-b 16,16',
    'runs/worth/turn-4-a 8,8',
  ]);
  expect(shown()).toEqual(['4', 'default']);
  expect(journal).toMatchObject({ status: 'done', borrowed: [] });
  expect(saved.find(({ borrowed }) => borrowed.length > 0)?.borrowed).toMatchObject([
    { name: '1', why: 'ab-test', before: { 'num.io.threads': '4' } },
    { name: '2', before: { 'num.io.threads': null } },
  ]);
});

test('writes the former values of brokers to the journal before it changes the first broker', async () => {
  const { carry, kafka, saved } = trial();
  let borrowedThen: number | undefined;
  kafka.onRequest = (name) => {
    if (name === 'alterSettings') borrowedThen ??= saved.at(-1)?.borrowed.length;
  };
  await carry();
  expect(borrowedThen).toBe(2);
});

test('a failed load test restores the setting and rethrows its error', async () => {
  const { carry, shown, journal } = trial((_, turn) => {
    if (turn === 2) throw new AppError('run-missing', 'the load test failed');
  });
  await expect(carry()).rejects.toMatchObject({ code: 'run-missing' });
  expect(shown()).toEqual(['4', 'default']);
  expect(journal.borrowed).toEqual([]);
});

test('a lease lost during a turn ends its load test and restores the setting', async () => {
  const lost = new AppError('lease-lost', 'this process no longer holds the lease of the cluster: it was deleted');
  let isLost = false;
  const { carry, shown, seen } = trial(async (_, turn, signal) => {
    if (turn < 2) return;
    isLost = true;
    const { promise, reject } = Promise.withResolvers<void>();
    signal.addEventListener('abort', () => reject(new AppError('aborted', 'the run was stopped')));
    await promise;
  });
  const held = {
    save: async () => undefined,
    check: async () => {
      if (isLost) throw lost;
      return undefined;
    },
    request: async () => undefined,
  };
  await expect(carry(undefined, undefined, held)).rejects.toBe(lost);
  expect([seen.length, shown()]).toEqual([2, ['4', 'default']]);
});

test('Ctrl-C restores the setting, too', async () => {
  const reason = new AppError('aborted', 'interrupted by SIGINT');
  const { carry, shown, interrupted } = trial(() => interrupted.abort(reason));
  await expect(carry()).rejects.toBe(reason);
  expect(shown()).toEqual(['4', 'default']);
});

test('names a broker that cannot be restored, and --abort restores it from the journal', async () => {
  let isAway = false;
  const { carry, kafka, shown, journal, saved } = trial((_, turn) => {
    if (turn === 1) isAway = true;
  });
  kafka.onRequest = (name) => {
    if (isAway && name === 'alterSettings') throw new AppError('broker-unreachable', 'cannot reach broker 1');
  };
  await expect(carry()).rejects.toMatchObject({
    code: 'change-stopped',
    message: expect.stringContaining('num.io.threads of broker 1: cannot reach broker 1'),
  });
  expect(shown()).toEqual(['8', '8']);
  isAway = false;
  expect(saved.at(-1)).toMatchObject({ status: 'running', borrowed: [{ name: '1' }, { name: '2' }] });
  journal.direction = 'back';
  await expect(carry()).resolves.toEqual({ kind: 'rolled-back' });
  expect(shown()).toEqual(['4', 'default']);
});

test('a broker that keeps another value ends the turns before load is generated', async () => {
  const { carry, kafka, seen } = trial();
  kafka.onRequest = (name) => {
    if (name === 'alterSettings') kafka.onRequest = () => kafka.settings.get('broker 2')?.set('num.io.threads', '5');
  };
  await expect(carry()).rejects.toThrow('num.io.threads of broker 2 still is 5, after it was set');
  expect(seen).toEqual([]);
});

test('reaches and restores thread counts in steps if a broker refuses large changes', async () => {
  const { carry, journal, seen, shown } = trial();
  await expect(carry(journal, { ...facts, a: '32', b: '2' })).resolves.toEqual({ kind: 'done' });
  expect(seen.map((turn) => turn.split(' ')[1])).toEqual(['32,32', '2,2', '2,2', '32,32']);
  expect([shown(), journal.borrowed]).toEqual([['4', 'default'], []]);
});

test('the next attempt restores a broker that failed between two steps of the restore', async () => {
  let isRestored = false;
  let failures = 0;
  const { carry, journal, kafka, shown, said } = trial((_, turn) => {
    isRestored = turn === 4;
  });
  kafka.onRequest = (name) => {
    if (!isRestored || failures > 0 || name !== 'alterSettings' || shown()[0] !== '16') return;
    failures += 1;
    throw new AppError('broker-unreachable', 'cannot reach broker 1');
  };
  await expect(carry(journal, { ...facts, a: '32', b: '2' })).resolves.toEqual({ kind: 'done' });
  expect([failures, shown(), journal.borrowed]).toEqual([1, ['4', 'default'], []]);
  expect(said.join('')).not.toContain('changed by others');
});

test('after a kill between two steps of the restore, --abort restores the broker and does not blame others', async () => {
  const { carry, journal, kafka, saved, shown, said } = trial();
  const killed = new Error('killed');
  kafka.onRequest = (name) => {
    if (name === 'alterSettings' && shown()[0] === '16' && journal.borrowed.length > 0) throw killed;
  };
  await expect(carry(journal, { ...facts, a: '32', b: '32' })).rejects.toMatchObject({ cause: killed });
  kafka.onRequest = () => undefined;
  const left = saved.at(-1);
  if (left === undefined) throw new Error('nothing was saved');
  left.direction = 'back';
  await carry(left, { ...facts, a: '32', b: '32' });
  expect([shown(), left.borrowed]).toEqual([['4', 'default'], []]);
  expect(said.join('')).not.toContain('changed by others');
});

test('restores thread counts even if the disk is full', async () => {
  const { carry, journal, shown } = trial(() => {
    full.is = true;
    throw new AppError('no-space', 'the disk is full');
  });
  const full = { is: false };
  const held = {
    save: async () => {
      if (full.is) throw new AppError('no-space', 'the disk is full');
      return undefined;
    },
    check: async () => undefined,
    request: async () => undefined,
  };
  await expect(carry(journal, { ...facts, a: '32', b: '2' }, held)).rejects.toThrow('the disk is full');
  expect(shown()).toEqual(['4', 'default']);
});

const cleanerRate = 'log.cleaner.io.max.bytes.per.second';
/** Kafka reports a DOUBLE as Java formats the parsed value. */
const parsed = new Map([
  ['10000000', '1.0E7'],
  ['50000000', '5.0E7'],
]);

function doubleTrial({
  drive,
  reported = parsed,
}: { drive?: Parameters<typeof trial>[0]; reported?: typeof parsed } = {}) {
  const made = trial(drive);
  const facts = { parameter: cleanerRate, a: '10000000', b: '50000000', out: 'runs/double' };
  made.kafka.settings.clear();
  const { settingsOf } = made.kafka.changes;
  made.kafka.changes.settingsOf = async (of, keys, io) =>
    new Map(
      Array.from(await settingsOf(of, keys, io), ([key, setting]) => [
        key,
        { ...setting, ...(setting.value !== undefined && { value: reported.get(setting.value) ?? setting.value }) },
      ]),
    );
  const given = () => [...made.kafka.settings.values()].flatMap((settings) => [...settings.values()]);
  return { ...made, carry: (journal = made.journal) => made.carry(journal, facts), given };
}

test('tests and restores a value that brokers report in another form than it was set', async () => {
  const { carry, seen, given, journal } = doubleTrial();
  await expect(carry()).resolves.toEqual({ kind: 'done' });
  expect(seen).toHaveLength(4);
  expect([given(), journal.borrowed, journal.log.filter(({ says }) => says.includes('others'))]).toEqual([[], [], []]);
});

test('keeps and names a value that others set during a turn', async () => {
  const { carry, given, said } = doubleTrial({
    drive: (kafka, turn) => {
      if (turn === 4) kafka.settings.get('broker 2')?.set(cleanerRate, '7.0E7');
    },
  });
  await expect(carry()).resolves.toEqual({ kind: 'done' });
  expect(given()).toEqual(['7.0E7']);
  expect(said.join('')).toContain('of broker 2 was changed by others to 7.0E7, and is kept');
});

test('restores the value from the journal of a process that was killed before it read the value back', async () => {
  const { carry, given, kafka, saved } = doubleTrial();
  let left: (typeof saved)[number] | undefined;
  kafka.onRequest = (name) => {
    if (name === 'alterSettings') left ??= structuredClone(saved.at(-1));
  };
  await carry();
  kafka.settings.get('broker 1')?.set(cleanerRate, '10000000');
  await expect(carry(left && { ...left, direction: 'back' })).resolves.toEqual({ kind: 'rolled-back' });
  expect(given()).toEqual([]);
});

test('restores the setting even if brokers convert the value into another one', async () => {
  const { carry, given } = doubleTrial({ reported: new Map([['10000000', '0.0']]) });
  await expect(carry()).rejects.toMatchObject({
    code: 'broker-refused',
    message: expect.stringContaining('still is 0.0, after it was set'),
  });
  expect(given()).toEqual([]);
});
