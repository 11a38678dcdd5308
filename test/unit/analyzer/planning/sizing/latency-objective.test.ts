// Checks that a plan uses only rates with a measured latency within the objective of the domain.

import { mkdtempDisposable, readFile, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { fileURLToPath } from 'node:url';
import { expect, test } from 'vitest';
import { keptUpTo, latenciesOf, underObjective } from '../../../../../analyzer/planning/sizing/latency-objective.ts';
import { sizeDomains } from '../../../../../analyzer/planning/sizing/size-domains.ts';
import { readDomains } from '../../../../../app/planning/read-domains.ts';
import { examplePolicy } from '../../../../support/example-policy.ts';
import { about, domainOf, measuredAs, requestOf } from '../../../../support/sized.ts';

const fileOf = (path: string) => fileURLToPath(new URL(`../../../../../${path}`, import.meta.url));

/** Its steps of 5,000 to 24,996 msg/s had a p99 of 4.9 to 18.7 ms; its safe maximum is 21,841 msg/s. */
const verdict = `verdict: ${fileOf('test/fixtures/analyses/load-test.json')}`;
const stated = 'stated: { safeTps: 21841, limitedBy: cpu, source: a vendor page }';

/** A measurement of another shape with a stated figure. */
const further =
  '  - { broker: kafka, mode: kraft, replicas: 3, shape: 8c16g, masters: 3, messageBytes: 500B, stated: { safeTps: 90000, limitedBy: cpu, source: a vendor page } }\n';

async function sized(latencyP99: string | undefined, measurement = verdict, more = '') {
  await using folder = await mkdtempDisposable(join(tmpdir(), 'plimsoll-latency-objective-'));
  const path = join(folder.path, 'domains.yaml');
  const objective = latencyP99 === undefined ? '' : `, latencyP99: ${latencyP99}`;
  await writeFile(
    path,
    `catalogue: ${fileOf('examples/domains-catalogue.yaml')}
measurements:
  - { broker: kafka, mode: kraft, replicas: 3, shape: 24c48g-10g, masters: 3, messageBytes: 500B, ${measurement} }
${more}domains:
  orders:
    demand: { peakTps: 19000, messageBytes: 500B, retention: 1d${objective} }
    placement: { brokers: [kafka], zones: 3 }
    proposed: { broker: kafka, mode: kraft, replicas: 3, masters: 12, shape: 24c48g-10g }
`,
  );
  const reading = await readDomains(path, { policy: examplePolicy(), signal: new AbortController().signal });
  const { clusters, refused, judged } = sizeDomains({ ...reading, seed: 'plimsoll', worlds: 32 });
  return {
    cores: clusters.reduce((sum, { masters, shape }) => sum + masters * shape.cores, 0),
    shapes: clusters.map(({ shape }) => shape.name),
    stated: clusters.flatMap(({ domains }) => domains.map(({ latencyP99Seconds }) => latencyP99Seconds)),
    refused: refused[0],
    judged: judged?.[0],
    found: (clusters[0]?.findings ?? []).filter(({ code }) => code === 'latency-objective'),
  };
}

test('a stricter objective needs more brokers, and the plan states the highest rate within it', async () => {
  const without = await sized(undefined);
  expect(without.found).toEqual([]);
  const loose = await sized('1s');
  expect([without.stated, loose.stated]).toEqual([[undefined], [1]]);
  expect(loose.cores).toBe(without.cores);
  const [mean, strict] = [await sized('8ms'), await sized('5ms')];
  expect(mean.cores).toBeGreaterThan(without.cores);
  expect(strict.cores).toBeGreaterThan(2 * mean.cores);
  expect(strict.found).toMatchObject([
    { severity: 'info', message: expect.stringContaining('4.9 ms at 5,000 msg/s') as string },
  ]);
});

test('a measurement that missed the objective in its lowest step yields no plan and no accepted proposal', async () => {
  const missed = await sized('1ms');
  expect(missed.cores).toBe(0);
  expect(missed.refused?.latencyP99Seconds).toBe(0.001);
  const text = /latencyP99 of 1 ms is exceeded at every tested rate: .* was 4.9 ms at 5,000 msg.s, the lowest/;
  expect(missed.refused?.rejections[0]?.message).toMatch(text);
  expect(missed.judged?.verdict).toBe('not-measured');
  expect(missed.judged?.findings).toMatchObject([{ code: 'latency-objective', severity: 'critical' }]);
  expect(missed.judged?.findings[0]?.message).toMatch(text);
  expect((await sized('8ms')).judged?.verdict).not.toBe('not-measured');
});

test('a miss in a cold start is no limit of a plan, unless files without times only seem to begin with it', async () => {
  const analysis = JSON.parse(await readFile(fileOf('test/fixtures/analyses/load-test.json'), 'utf8')) as {
    run: object;
    steps: { latencySeconds: { p99: number } }[];
  };
  const steps = analysis.steps.map((step, index) => ({
    ...step,
    latencySeconds: { ...step.latencySeconds, p99: index === 0 ? 0.1 : 0.005 },
    endedSeconds: 600 * (index + 1),
  }));
  await using folder = await mkdtempDisposable(join(tmpdir(), 'plimsoll-cold-'));
  const path = join(folder.path, 'cold.json');
  await writeFile(path, JSON.stringify({ ...analysis, steps }));
  const cold = await sized('8ms', `verdict: ${path}`);
  expect(cold.refused).toBeUndefined();
  expect(cold.found).toMatchObject([{ message: expect.stringContaining('was 5 ms at 24,996 msg/s') as string }]);
  const missedIf = (change: { endedSeconds?: number | undefined }) => {
    const sustained = steps.map((step) => ({ ...step, achievedTps: 1, verdict: { kind: 'sustained' }, ...change }));
    return keptUpTo(latenciesOf({ run: {}, steps: sustained }), 0.008).missed?.p99Seconds;
  };
  expect(missedIf({})).toBeUndefined();
  expect(missedIf({ endedSeconds: 1800 })).toBe(0.1);
  expect(missedIf({ endedSeconds: undefined })).toBe(0.1);
});

test('a shape with a measurement that missed the objective is not scaled from another shape', async () => {
  const { judged, shapes } = await sized('1ms', verdict, further);
  expect(judged?.verdict).toBe('not-measured');
  expect(shapes).toEqual(['8c16g']);
});

test('a rate limited by the objective leaves no idle CPU for more requests', () => {
  const latencies = [5000, 10_000, 20_000].map((tps) => ({ tps, targetTps: tps, p99Seconds: tps / 1e6 }));
  const run = measuredAs({ isAtLeast: true, safeTps: about(20_000, 0), requestUse: 0.3, latencies });
  const requestUses = [0.012, 1].map((latencyP99Seconds) => {
    const [measured] = underObjective([run], requestOf(domainOf({ demand: { latencyP99Seconds } })));
    return [measured?.safeTps.mid, measured?.requestUse];
  });
  expect(requestUses).toEqual([
    [10_000, undefined],
    [20_000, 0.3],
  ]);
});

test('an objective without any measured latency is a warning', async () => {
  const unmeasured = await sized('8ms', stated);
  expect(unmeasured.found).toMatchObject([
    { severity: 'warning', message: expect.stringContaining('a vendor page has no latencies') as string },
  ]);
});
