import { mkdtempDisposable, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { expect, test } from 'vitest';
import { ScalingDocument } from '../../../../cli/scale/scaling-document.ts';
import { cisco } from '../../../support/scaling-data.ts';
import { runWords } from '../../../support/run-words.ts';

async function scale(content: string | Buffer, ...words: string[]) {
  await using folder = await mkdtempDisposable(join(tmpdir(), 'plimsoll-scale-'));
  const file = join(folder.path, 'points.csv');
  await writeFile(file, content);
  return await runWords('scale', file, ...words);
}

const csv = (...points: (readonly [number, number])[]) =>
  ['concurrency,throughput', ...points.map((p) => p.join(','))].join('\n');

test('the example shows law, peak, knee, and the concurrency for a throughput', async () => {
  const { exitCode, stdout, stderr } = await runWords('scale', 'examples/scaling.csv', '--at-throughput', '11048');
  expect([exitCode, stderr]).toEqual([0, '']);
  expect(stdout).toContain('32 concurrencies follow the Universal Scalability Law');
  expect(stdout).toMatch(/Peak: 12,343\/s \([\d,]+ to [\d,]+\) at 35\.6/);
  expect(stdout).toContain('Knee: 9,427/s at 14');
  expect(stdout).toContain('11,048/s takes a concurrency of 19.92.');
  expect(stdout.split('\n').filter((line) => /[.o]/.test(line) && line.includes('|')).length).toBeGreaterThan(5);
});

test('the example as JSON has the coefficients of the book', async () => {
  const { stdout } = await runWords('scale', 'examples/scaling.csv', '--at-throughput', '12201', '--json');
  const document = JSON.parse(stdout);
  expect(Object.keys(document)).toEqual([
    'schemaVersion',
    'model',
    'sigma',
    'kappa',
    'lambda',
    'standardErrors',
    'peak',
    'knee',
    'r2',
    'inverse',
  ]);
  expect(document).toMatchObject({ schemaVersion: 1, model: 'usl' });
  expect(document.lambda).toBeCloseTo(995.6486, 2);
  expect(document.inverse.concurrency).toBeCloseTo(29.57, 2);
});

test('reordered and repeated points in a file with Windows line ends give the same result', async () => {
  const rows = cisco
    .toReversed()
    .flatMap(({ concurrency, throughput }) => [`${concurrency},${throughput - 5}`, `${concurrency},${throughput + 5}`]);
  const { stdout } = await scale(`\uFEFF${['concurrency,throughput', ...rows].join('\r\n')}\r\n`, '--json');
  const { peak, sigma } = JSON.parse(stdout);
  expect([sigma.toFixed(5), peak.concurrency.toFixed(2)]).toEqual(['0.02672', '35.57']);
});

test('growth without loss has no peak, and the text states what was reached', async () => {
  const points = csv([1, 100], [2, 201], [4, 398], [8, 803]);
  const text = await scale(points);
  expect([text.exitCode, text.stdout]).toEqual([0, expect.stringContaining('Peak: unknown')]);
  expect(text.stdout).toContain('At least 803/s at 8.');
  const { stdout } = await scale(points, '--json');
  expect(Object.keys(JSON.parse(stdout))).toEqual([
    'schemaVersion',
    'model',
    'sigma',
    'lambda',
    'standardErrors',
    'r2',
  ]);
  expect(JSON.parse(stdout)).toMatchObject({ model: 'linear', sigma: 0 });
});

test("pure contention yields Amdahl's law with its upper bound", async () => {
  const { stdout } = await scale(
    csv(...[1, 2, 4, 8, 16, 32].map((n) => [n, (1000 * n) / (1 + 0.1 * (n - 1))] as const)),
  );
  expect(stdout).toContain("Amdahl's law");
  expect(stdout).toContain('the law stays below 10,000/s');
});

test('does not report a peak beyond the last step, and shows the highest step instead', async () => {
  const points = [1, 2, 3, 4, 5, 6, 7, 8].map(
    (n) => [n, (1000 * n) / (1 + 0.01 * (n - 1) + 0.001 * n * (n - 1))] as const,
  );
  const { stdout } = await scale(csv(...points), '--json');
  const { peak, atLeast, model } = JSON.parse(stdout);
  expect([model, peak, atLeast]).toEqual([
    'usl',
    undefined,
    { concurrency: 8, throughput: points[7]?.[1], reason: 'beyond-the-steps' },
  ]);
  expect((await scale(csv(...points))).stdout).toContain(
    'Peak: unknown, the law puts it beyond the last step: measure there. At least 7,',
  );
});

test.each([
  ['too-few-points', csv([1, 100], [2, 180], [4, 300]), '3 concurrencies are too few'],
  ['no-law', csv([1, 30], [2, 10], [3, 40], [4, 10], [5, 50], [6, 9]), 'the best fit misses the throughputs by'],
  ['one-concurrency', csv([4, 100], [4, 110], [4, 90], [4, 95]), 'all 4 points are of one concurrency, 4'],
])('fits nothing and exits with 3: %s', async (code, points, words) => {
  const { exitCode, stdout, stderr } = await scale(points, '--json');
  expect([exitCode, JSON.parse(stdout)]).toEqual([
    3,
    { schemaVersion: 1, refused: { code, message: expect.stringContaining(words) } },
  ]);
  expect(stderr).toContain(words);
  const text = await scale(points);
  expect([text.exitCode, text.stdout, text.stderr]).toEqual([3, '', expect.stringContaining(words)]);
});

test.each([
  [['--at-throughput', '13000'], 'the law stays below 12,343/s'],
  [['--at-latency', '0.5ms'], 'one worker waits 1 ms already'],
])('%j is never reached, with exit code 3', async (words, message) => {
  const { exitCode, stdout } = await runWords('scale', 'examples/scaling.csv', ...words);
  expect([exitCode, stdout]).toEqual([3, expect.stringContaining(`is not reached: ${message}`)]);
  const json = await runWords('scale', 'examples/scaling.csv', ...words, '--json');
  expect([json.exitCode, JSON.parse(json.stdout).inverse]).toEqual([3, undefined]);
});

test('accepts a latency in seconds or with a unit', async () => {
  const [seconds, unit] = await Promise.all(
    ['0.0018077', '1.8077ms'].map((time) => runWords('scale', 'examples/scaling.csv', '--at-latency', time)),
  );
  expect(seconds?.stdout).toContain('a latency of 1.81 ms takes a concurrency of 20.');
  expect(unit?.stdout).toBe(seconds?.stdout);
});

test.each([
  [['scale'], 'a CSV file'],
  [['scale', 'nowhere.csv'], 'cannot read nowhere.csv: no such file'],
  [['scale', 'examples'], 'it is a folder'],
  [['scale', 'examples/scaling.csv', '--at-throughput=-5'], '-5 is not above 0'],
  [['scale', 'examples/scaling.csv', '--at-throughput', 'much'], 'is not a number'],
  [['scale', 'examples/scaling.csv', '--at-latency', 'long'], '--at-latency'],
  [['scale', 'examples/scaling.csv', '--at-throughput', '5', '--at-latency', '5'], 'exclude each other'],
])('rejects %j', async (words, message) => {
  const { exitCode, stderr } = await runWords(...words);
  expect([exitCode, stderr]).toEqual([2, expect.stringContaining(message)]);
});

test.each([
  ['UTF-16', Buffer.from(`\uFEFF${csv([1, 2])}`, 'utf16le'), 'is not UTF-8 text'],
  ['no text', Buffer.from([1, 2, 0, 255]), 'is not UTF-8 text'],
  ['more than a mebibyte', Buffer.alloc(1_100_000, '1,2\n'), 'it has 1100000 bytes, more than 1048576'],
])('rejects a file in %s', async (_, content, message) => {
  const { exitCode, stderr } = await scale(content);
  expect([exitCode, stderr]).toEqual([2, expect.stringContaining(message)]);
});

test.each([
  [
    'a law with its peak',
    csv(...cisco.map(({ concurrency, throughput }) => [concurrency, throughput] as const)),
    ['--at-throughput', '11048'],
  ],
  ['a law without one', csv([1, 100], [2, 201], [4, 398], [8, 803]), ['--at-latency', '10ms']],
  ['no law', csv([1, 100], [2, 201]), []],
])('%s is a document of its schema', async (_, points, words) => {
  const { stdout } = await scale(points, '--json', ...words);
  expect(ScalingDocument.safeParse(JSON.parse(stdout))).toMatchObject({ success: true });
});
