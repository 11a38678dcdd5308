import { mkdtempDisposable, readFile, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join, resolve } from 'node:path';
import { expect, test } from 'vitest';
import { parse, stringify } from 'yaml';
import { AdmissionDocument } from '../../../../core/documents/admission.ts';
import { runWords } from '../../../support/run-words.ts';

const example = ['--domains', 'examples/domains.yaml'];

async function admit(lines: string[], ...words: string[]) {
  await using folder = await mkdtempDisposable(join(tmpdir(), 'plimsoll-admit-'));
  const path = join(folder.path, 'topic.yaml');
  const usual = ['topic: t', 'domain: orders', 'messageBytes: 500B', 'retention: 3d', 'partitions: 9', 'peakTps: 100'];
  const keys = new Set(lines.map((line) => line.split(':')[0]));
  await writeFile(path, [...usual.filter((line) => !keys.has(line.split(':')[0] ?? '')), ...lines].join('\n'));
  return await runWords('admit', path, ...words);
}

test('admits the example, as text and as a document', async () => {
  const text = await runWords('admit', 'examples/topic.yaml', ...example);
  expect([text.exitCode, text.stdout]).toEqual([0, expect.stringMatching(/^ADMITTED: cluster orders can take/)]);
  const page = await readFile('docs/explanation/admission.md', 'utf8');
  const [, documented = 'no example'] = /^\$ plimsoll admit .*\n([^…]*)…/m.exec(page) ?? [];
  expect(text.stdout).toContain(documented);
  const { stdout } = await runWords('admit', 'examples/topic.yaml', ...example, '--json');
  const document = AdmissionDocument.parse(JSON.parse(stdout));
  expect([document.kind, document.cluster]).toEqual(['admitted', 'orders']);
  expect(document.plannedPeakTps).toBeCloseTo(1560, 6);
});

test('a refusal exits with 6 and states the exceeded limit', async () => {
  const { exitCode, stdout } = await admit(['peakTps: 90000'], ...example);
  expect(exitCode).toBe(6);
  expect(stdout).toMatch(/- network-out: [\d.]+ .B\/s, limit [\d.]+ MB\/s/);
});

test('the result is in one language, English by default', async () => {
  const [english, chinese] = [[], ['--lang', 'zh']].map((words) => admit(['peakTps: 90000'], ...example, ...words));
  expect((await english)?.stdout).not.toMatch(/\p{Script=Han}/u);
  const { stdout = '' } = (await chinese) ?? {};
  expect(stdout).toMatch(/^拒绝：业务域 orders 没有集群可以承载 Topic t/);
  expect(stdout).toMatch(/^- 网卡出向：[\d.]+ .B\/s，上限 [\d.]+ MB\/s$/m);
  expect(stdout).not.toMatch(/has no room|NOW|limit|\bover\b|after|\d (messages|partitions)/);
});

test('no number of brokers is stated where a globally ordered domain cannot use more', async () => {
  await using folder = await mkdtempDisposable(join(tmpdir(), 'plimsoll-admit-queue-'));
  const path = join(folder.path, 'domains.yaml');
  const { measurements } = parse(await readFile('examples/domains.yaml', 'utf8')) as { measurements: unknown };
  const message = { messageBytes: '1KiB', consumerGroups: 2, messagesPerRequest: 100, retention: '6h' };
  const demand = { ...message, peakTps: 20_000, averageTps: 2000, order: 'global' };
  const domains = { orders: { demand, placement: { brokers: ['kafka'], zones: 3 } } };
  const catalogue = resolve('examples/domains-catalogue.yaml');
  await writeFile(path, stringify({ catalogue, measurements, domains }));
  const { stdout } = await admit(['peakTps: 200000'], '--domains', path);
  expect(stdout).toMatch(/^brokers needed +3 +- +3 +over$/m);
  expect(stdout).toContain('- brokers needed: no number is enough');
});

test.each([
  [['domain: order'], 'did you mean orders?'],
  [['peakTps: -1'], 'peakTps'],
  [['retention: 3'], 'retention'],
  [['partition: 3'], 'partition'],
])('rejects %j', async (lines, message) => {
  const { exitCode, stderr } = await admit(lines, ...example);
  expect([exitCode, stderr]).toEqual([2, expect.stringContaining(message)]);
});

test('rejects a plan with more simulations than size makes, before it repeats them', async () => {
  await using folder = await mkdtempDisposable(join(tmpdir(), 'plimsoll-admit-plan-'));
  const { stdout } = await runWords('size', 'examples/domains.yaml', '--json');
  const path = join(folder.path, 'plan.json');
  await writeFile(path, stdout.replace(/"count": ?512/, '"count": 100000000000'));
  const { exitCode, stderr } = await admit([], ...example, '--plan', path);
  expect([exitCode, stderr]).toEqual([2, expect.stringContaining('worlds.count')]);
});

test('rejects a topic without --domains', async () => {
  const { exitCode, stderr } = await admit([]);
  expect([exitCode, stderr]).toEqual([2, expect.stringContaining('--domains FILE')]);
});
