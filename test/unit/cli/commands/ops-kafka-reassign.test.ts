import { mkdtempDisposable, truncate, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { expect, test } from 'vitest';
import { runWords } from '../../../support/run-words.ts';

const example = [
  '--assignment',
  'examples/reassignment/current.json',
  '--brokers',
  'examples/reassignment/brokers.json',
];
const orders = (...replicas: number[][]) => ({
  version: 1,
  partitions: replicas.map((each, partition) => ({ topic: 'orders', partition, replicas: each })),
});
const four = [0, 1, 2, 3].map((id) => ({ id }));

async function reassign(
  files: { assignment?: unknown; brokers?: unknown; sizes?: unknown; topics?: unknown },
  ...words: string[]
) {
  await using folder = await mkdtempDisposable(join(tmpdir(), 'plimsoll-reassign-'));
  const options: string[] = [];
  for (const [name, content] of Object.entries({ assignment: orders([0, 1], [1, 2]), brokers: four, ...files })) {
    const path = join(folder.path, `${name}.json`);
    await writeFile(path, typeof content === 'string' ? content : JSON.stringify(content));
    options.push(`--${name}`, path);
  }
  return await runWords('ops', 'kafka', 'reassign', ...options, ...words);
}

test('the example says what moves, what is the least, and what comes after', async () => {
  const { exitCode, stdout, stderr } = await runWords('ops', 'kafka', 'reassign', ...example, '--add', '4');
  expect([exitCode, stderr]).toEqual([0, '']);
  expect(stdout).toContain('4 replicas move; 1 partitions get another preferred leader.');
  expect(stdout).toContain('No even plan moves fewer than 4 replicas');
  expect(stdout).toContain('elect the preferred leaders');
});

test('the document has a plan, waves and a rollback that Kafka reads', async () => {
  const { stdout } = await runWords('ops', 'kafka', 'reassign', ...example, '--add', '4', '--json');
  const document = JSON.parse(stdout);
  expect(Object.keys(document)).toEqual([
    'schemaVersion',
    'moves',
    'lowerBound',
    'gap',
    'waves',
    'plan',
    'rollback',
    'findings',
  ]);
  expect(document).toMatchObject({
    schemaVersion: 1,
    moves: { replicas: 4, leaders: 1 },
    lowerBound: { replicas: 4 },
    gap: 0,
  });
  expect(document.rollback.version).toBe(1);
  expect(document.plan.partitions).toHaveLength(4);
});

test('sizes and links give bytes, throttles above what comes in, and a time with its interval', async () => {
  const sizes = [0, 1].map((partition) => ({ topic: 'orders', partition, bytes: 8e9 }));
  const brokers = four.map((broker) => ({ ...broker, capacity: { networkBytesPerSecond: 100e6 } }));
  const { stdout } = await reassign({ sizes, brokers }, '--incoming', '20e6', '--json');
  const { waves, etaSeconds, moves } = JSON.parse(stdout);
  expect([moves.bytes, waves[0].throttleBytesPerSecond]).toEqual([8e9, 72e6]);
  expect(etaSeconds.low).toBeCloseTo(8e9 / 90e6);
  expect(etaSeconds.mid).toBeCloseTo(8e9 / 72e6);
  expect(etaSeconds.high).toBeCloseTo(8e9 / 52e6);
});

test('links that leave no room above what comes in give no throttle and no time, and say so', async () => {
  const sizes = [0, 1].map((partition) => ({ topic: 'orders', partition, bytes: 8e9 }));
  const brokers = four.map((broker) => ({ ...broker, capacity: { networkBytesPerSecond: 100e6 } }));
  const { stdout } = await reassign({ sizes, brokers }, '--incoming', '60e6', '--json');
  const document = JSON.parse(stdout);
  expect([document.etaSeconds, document.waves[0].throttleBytesPerSecond]).toEqual([undefined, undefined]);
  expect(document.findings[0]).toMatchObject({ severity: 'critical', code: 'no-room-to-move' });
});

test('a broker that leaves is not safe to stop while it holds the only copy of something', async () => {
  const { stdout } = await reassign({ assignment: orders([3], [0, 3], [1, 2]) }, '--remove', '3', '--json');
  const { findings } = JSON.parse(stdout);
  expect(findings[0]).toMatchObject({ severity: 'critical', code: 'removal-unsafe' });
  expect(findings[0].message).toContain('Of orders-0 it holds the only copy');
});

test('topics that are not chosen stay where they are, and are named where they keep a broker from leaving', async () => {
  const assignment = {
    version: 1,
    partitions: ['orders', 'users'].map((topic) => ({ topic, partition: 0, replicas: [3] })),
  };
  const { stdout } = await reassign({ assignment }, '--remove', '3', '--topics', 'ord.*', '--json');
  const { plan, findings } = JSON.parse(stdout);
  expect(plan.partitions.map(({ topic }: { topic: string }) => topic)).toEqual(['orders']);
  expect(findings.map(({ code }: { code: string }) => code)).toContain('left-behind');
});

test.each([
  ['en', ['Domains: trade, pay', 'Topics: 1 (orders)', 'Window: Tuesday 02:00', 'Rollback:']],
  ['zh', ['涉及业务域：trade, pay', '涉及主题：1 个（orders）', '时间窗口：Tuesday 02:00', '回滚方案：']],
])('a notice in %s names domains, topics, window, what clients see and the way back', async (language, told) => {
  const words = ['--notice', language, '--domain', 'trade', '--domain', 'pay', '--window', 'Tuesday 02:00'];
  const { stdout } = await reassign({}, ...words);
  for (const text of told) expect(stdout).toContain(text);
});

test.each<[string, Parameters<typeof reassign>[0], string[], string]>([
  ['text that is not JSON', { assignment: 'Current partition replica assignment' }, [], 'is not JSON'],
  ['an unknown key', { brokers: [{ id: 0, racks: 'a' }] }, [], 'did you mean rack?'],
  ['another version', { assignment: { version: 2, partitions: [] } }, [], 'version 2 is not known; it must be 1'],
  ['a broker nobody knows', { assignment: orders([0, 9]) }, [], 'orders-0 has a replica on broker 9'],
  ['a replica twice', { assignment: orders([1, 1]) }, [], 'orders-0 names broker 1 twice'],
  ['a broker twice', { brokers: [{ id: 0 }, { id: 0 }] }, [], 'broker 0 is listed twice'],
  ['racks of some', { brokers: [{ id: 0, rack: 'a' }, { id: 1 }, { id: 2 }] }, [], 'broker 1 has no rack'],
  [
    'no size of a partition',
    { sizes: [{ topic: 'orders', partition: 0, bytes: 1 }] },
    [],
    'the sizes do not name orders-1',
  ],
  ['removing all', {}, ['--remove', '0,1,2,3'], 'every broker is to be removed'],
  [
    'more replicas than brokers',
    { assignment: orders([0, 1, 2]) },
    ['--remove', '2,3'],
    'orders-0 has 3 replicas, and 2 brokers stay',
  ],
  ['a new broker that is not new', {}, ['--add', '1'], 'broker 1 of --add holds replicas already'],
  ['a broker to remove that is not there', {}, ['--remove', '7'], 'broker 7 of --remove is not in the list'],
  ['ids that are none', {}, ['--add', '4,x'], '--add: "x" is no id of a broker'],
  ['a pattern that is none', {}, ['--topics', '('], '--topics (:'],
  ['a pattern that fits nothing', {}, ['--topics', 'user.*'], '--topics chooses none'],
  ['a topic that is not there', { topics: { version: 1, topics: [{ topic: 'order' }] } }, [], 'names topic order'],
  ['a language nobody planned', {}, ['--notice', 'fr'], '--notice fr: a notice is written in zh or en'],
  [
    'disks too small',
    {
      sizes: [0, 1].map((partition) => ({ topic: 'orders', partition, bytes: 900 })),
      brokers: four.map((each) => ({ ...each, capacity: { diskBytes: 100 } })),
    },
    [],
    'the replicas take 3600 bytes',
  ],
  [
    'racks too small',
    { assignment: orders([0, 1, 2, 3]), brokers: four.map(({ id }) => ({ id, rack: id === 0 ? 'a' : 'b' })) },
    [],
    'with rack "a" that small there is room for 3',
  ],
])('%s is refused in words', async (_, files, words, told) => {
  const { exitCode, stderr, stdout } = await reassign(files, ...words);
  expect([exitCode, stdout]).toEqual([2, '']);
  expect(stderr).toContain(told);
  expect(stderr).toContain('hint:');
});

test('a file that is missing, a folder, or larger than one can be is named', async () => {
  await using folder = await mkdtempDisposable(join(tmpdir(), 'plimsoll-reassign-'));
  const large = join(folder.path, 'large.json');
  await writeFile(large, '');
  await truncate(large, 64 * 2 ** 20 + 1);
  for (const [path, told] of [
    ['missing.json', 'there is no file missing.json'],
    [folder.path, 'it is a folder'],
    [large, 'are the most that are read'],
  ] as const) {
    const { exitCode, stderr } = await runWords('ops', 'kafka', 'reassign', '--assignment', path, ...example.slice(2));
    expect([exitCode, stderr]).toEqual([2, expect.stringContaining(told)]);
  }
});
