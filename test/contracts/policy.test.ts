// Checks that a policy limit of the config reaches every consumer, and that each default exists once.

import { mkdtempSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join, resolve } from 'node:path';
import { afterAll, expect, onTestFinished, test } from 'vitest';
import { Analysis } from '../../core/documents/analysis.ts';
import { AnalyzerConfig, resolvePolicy } from '../../core/policy/policy-config.ts';
import { readDefaultPolicy } from '../../core/policy/policy.ts';
import { percentText } from '../../core/text/quantity-text.ts';
import { completeCriteria } from '../../loadgen/search/criteria/criteria-options.ts';
import { renderAlertRules } from '../../ops/render/alert-rules.ts';
import { runWords } from '../support/run-words.ts';
import { sourceFiles } from '../support/source-files.ts';

const folder = mkdtempSync(join(tmpdir(), 'plimsoll-policy-'));
afterAll(() => rmSync(folder, { recursive: true }));
const config = join(folder, 'plimsoll.yaml');
writeFileSync(config, 'analyzer: { policy: { network: 60% } }\n');
const policy = resolvePolicy(AnalyzerConfig.parse({ policy: { network: '60%' } }));

/** Runs a command with the default, and with 60%. */
async function both(...words: string[]): Promise<[string, string]> {
  const [usual, configured] = [await runWords(...words), await runWords(...words, '--config', config)];
  expect([usual.stderr, configured.stderr]).toEqual(['', '']);
  return [usual.stdout, configured.stdout];
}

const founding = 'examples/founding-70k';
const limitsOf = (safe: unknown) => JSON.stringify(safe).match(/(?<="policyLimit":)[\d.]+/g);

test('a limit in the config reaches analyze and compare', async () => {
  const analyses = await both('analyze', founding, '--json');
  const [usual, configured] = analyses.map((text) => limitsOf(Analysis.parse(JSON.parse(text)).safeMaxTps)?.[0]);
  expect([usual, configured]).toEqual([String(readDefaultPolicy().limits['network-out'].value), '0.6']);

  const analysis = join(folder, 'analysis.json');
  writeFileSync(analysis, analyses[0]);
  const compared = (await both('compare', founding, analysis, '--json')).map((text) => {
    const { verdicts } = JSON.parse(text) as { verdicts: { a: unknown; b: unknown } };
    return [limitsOf(verdicts.a)?.[0], limitsOf(verdicts.b)?.[0]];
  });
  expect(compared).toEqual([
    [usual, usual],
    ['0.6', usual],
  ]);
});

test('without --config, the policy of ./plimsoll.yaml is used, and stderr names that file', async () => {
  const [run, before] = [resolve(founding), process.cwd()];
  process.chdir(folder);
  onTestFinished(() => process.chdir(before));
  const { stdout, stderr } = await runWords('analyze', run, '--json');
  expect(stderr).toBe('policy limits from plimsoll.yaml\n');
  expect(limitsOf(Analysis.parse(JSON.parse(stdout)).safeMaxTps)?.[0]).toBe('0.6');
});

test('a limit in the config reaches find-safe', () => {
  expect(completeCriteria({}, 'find-safe', policy).hosts).toMatchObject({ 'network-in': 0.6, 'network-out': 0.6 });
});

test('a limit in the config reaches size, simulate and admit', async () => {
  const sized = await both('size', 'examples/domains.yaml', '--simulations', '32', '--json');
  expect(sized[1]).not.toBe(sized[0]);
  const plan = join(folder, 'plan.json');
  writeFileSync(plan, sized[0]);
  const days = await both('simulate', plan, '--scenario', 'broker-lost', '--json');
  expect(days[1]).not.toBe(days[0]);
  const admissions = await both('admit', 'examples/topic.yaml', '--domains', 'examples/domains.yaml');
  expect(admissions[1]).not.toBe(admissions[0]);
});

const commands = ['start', 'analyze', 'compare', 'advise', 'report', 'ab-test', 'size', 'admit', 'alerts'];
test.each([...commands.map((command) => `commands/${command}`), 'simulate/simulation-options'])(
  '%s resolves the policy once',
  (file) => {
    const text = readFileSync(`cli/${file}.ts`, 'utf8');
    expect(text.match(/\bpolicyOf\(io\)/g)).toHaveLength(1);
  },
);

test('a limit in the policy reaches the alert rules', () => {
  const networkIn = { ...policy.limits['network-in'], value: 0.5 };
  const rules = renderAlertRules({ ...policy, limits: { ...policy.limits, 'network-in': networkIn } });
  const text = rules.map((file) => file.text).join('');
  expect(text).toContain('direction="transmit"}[5m])) > 0.6 # policy: limits.network-out\n');
  expect(text).toContain('direction="receive"}[5m])) > 0.5 # policy: limits.network-in\n');
  expect(text).toContain('idle_ratio) < 0.3 # policy: 1 - limits.network-threads\n');
});

test('help and documentation show the default limits', () => {
  const limit = readDefaultPolicy().limits['network-out'];
  expect(AnalyzerConfig.shape.policy.unwrap().shape.network.description).toContain(percentText(limit.value));
  expect(readFileSync('docs/reference/policy.md', 'utf8')).toContain(
    `\`limits.network-out\` ${limit.value}: ${limit.source}`,
  );
});

test('only outer folders and the policy modules read the defaults', () => {
  const inside = sourceFiles(['core', 'brokers', 'hosts', 'gc', 'exporter', 'loadgen', 'analyzer', 'ops', 'service'])
    .filter(({ url }) => /\b(readDefaultPolicy|resolvePolicy)\(/.test(readFileSync(url, 'utf8')))
    .map(({ path }) => path);
  expect(inside).toEqual(['core/policy/policy-config.ts', 'core/policy/policy.ts']);
});
