import { expect, test } from 'vitest';
import { createSectionMemory, type SectionRead, type Sections } from '../../../brokers/sections.ts';
import { seconds, systemClock } from '../../../core/clock.ts';
import { AppError } from '../../../core/errors.ts';

const io = { signal: new AbortController().signal };
const down = new AppError('broker-unreachable', 'cannot reach b:9092: connection refused');

function memoryAt(clock: { time: number }, governor?: Parameters<typeof createSectionMemory>[0]['governor']) {
  return createSectionMemory({
    clock: { ...systemClock, monotonic: () => seconds(clock.time) },
    ...(governor && { governor }),
  });
}

const sectionsAt: (...given: Parameters<typeof memoryAt>) => Sections = (...given) => memoryAt(...given).begin();

const offsets = (read: () => Promise<number>, over: Partial<SectionRead<number>> = {}): SectionRead<number> => ({
  section: 'offsets',
  broker: '2',
  ...over,
  read,
});

test('a section that was just read is fresh', async () => {
  const sections = sectionsAt({ time: 10 });
  expect(
    await sections.ask(
      offsets(async () => 7),
      io,
    ),
  ).toBe(7);
  expect(sections.report()).toEqual([
    { section: 'offsets', broker: '2', kind: 'fresh', durationSeconds: 0, ageSeconds: 0 },
  ]);
});

test('a section that cannot be read shows its last value with its age, until that is too old', async () => {
  const clock = { time: 0 };
  const sections = sectionsAt(clock);
  await sections.ask(
    offsets(async () => 7, { keepSeconds: 60 }),
    io,
  );
  const failing = offsets(() => Promise.reject(down), { keepSeconds: 60 });
  clock.time = 59;
  expect(await sections.ask(failing, io)).toBe(7);
  clock.time = 61;
  expect(await sections.ask(failing, io)).toBeUndefined();
  const unreachable = { durationSeconds: 0, isUnreachable: true, reason: down.message, hint: down.hint };
  expect(sections.report().slice(1)).toEqual([
    {
      section: 'offsets',
      broker: '2',
      kind: 'kept',
      ageSeconds: 59,
      ...unreachable,
    },
    { section: 'offsets', broker: '2', kind: 'missing', ...unreachable },
  ]);
});

test('a refused read is not marked unreachable, while one that exceeds its deadline is', async () => {
  const sections = sectionsAt({ time: 0 });
  const refused = new AppError('credentials-refused', 'b:9092 refused the password');
  await sections.ask(
    offsets(() => Promise.reject(refused)),
    io,
  );
  await sections.ask(
    offsets(() => new Promise<number>(() => {}), { deadlineSeconds: 0.001 }),
    io,
  );
  const [first, second] = sections.report();
  expect(first).not.toHaveProperty('isUnreachable');
  expect(second).toMatchObject({ isUnreachable: true, reason: 'no answer before the deadline' });
});

test('a section with an interval is read once per interval', async () => {
  const clock = { time: 0 };
  const sections = sectionsAt(clock);
  let asked = 0;
  const configs = offsets(async () => ++asked, { everySeconds: 300 });
  await sections.ask(configs, io);
  clock.time = 299;
  expect(await sections.ask(configs, io)).toBe(1);
  clock.time = 300;
  expect(await sections.ask(configs, io)).toBe(2);
});

test('an optional read is skipped for an overloaded broker, with the reason', async () => {
  const sections = sectionsAt({ time: 0 }, { mayRead: () => ({ kind: 'no', reason: 'its queue waits 300 ms' }) });
  const read = () => Promise.reject(new Error('asked all the same'));
  expect(await sections.ask(offsets(read, { optional: true }), io)).toBeUndefined();
  expect(sections.report()).toEqual([
    { section: 'offsets', broker: '2', kind: 'skipped', reason: 'its queue waits 300 ms' },
  ]);
  expect(
    await sections.ask(
      offsets(async () => 3),
      io,
    ),
  ).toBe(3);
});

test('a refused part is reported in an otherwise fresh section', async () => {
  const sections = sectionsAt({ time: 0 });
  const refused = ['a-0', 'a-1', 'b-0', 'c-7'].map((part) => `${part}: TOPIC_AUTHORIZATION_FAILED`);
  await sections.ask(
    offsets(async () => 7, { refusals: () => refused }),
    io,
  );
  expect(sections.report()).toMatchObject([
    { kind: 'fresh', refused: 4, reason: expect.stringMatching(/^a-0: TOPIC_AUTHORIZATION_FAILED; .*; and 1 more$/) },
  ]);
});

test('a hanging read ends at its own deadline, with a message', async () => {
  const sections = sectionsAt({ time: 0 });
  const hung = offsets(() => new Promise(() => {}), { deadlineSeconds: 0.01 });
  expect(await sections.ask(hung, io)).toBeUndefined();
  expect(sections.report()).toMatchObject([{ kind: 'missing', reason: 'no answer before the deadline' }]);
});

test('a snapshot reports its own reads and not those of an earlier, aborted one', async () => {
  const memory = memoryAt({ time: 0 });
  await memory.begin().ask(
    offsets(() => Promise.reject(down)),
    io,
  );
  const sections = memory.begin();
  await sections.ask(
    offsets(async () => 7),
    io,
  );
  expect(sections.report()).toMatchObject([{ kind: 'fresh' }]);
});

test('the last values of a broker are dropped after an hour without requests', async () => {
  const clock = { time: 0 };
  const memory = memoryAt(clock);
  const keepSeconds = 86_400;
  for (const broker of ['1', '2']) {
    await memory.begin().ask(
      offsets(async () => 7, { broker, keepSeconds }),
      io,
    );
  }
  const failing = (broker: string) => offsets(() => Promise.reject(down), { broker, keepSeconds });
  for (clock.time = 0; clock.time <= 7200; clock.time += 600) await memory.begin().ask(failing('1'), io);
  const sections = memory.begin();
  expect(await sections.ask(failing('1'), io)).toBe(7);
  expect(await sections.ask(failing('2'), io)).toBeUndefined();
});
