import { readFileSync } from 'node:fs';
import { describe, expect, test } from 'vitest';
import type { ReadingsRun } from '../../../../../analyzer/evidence/load-test-run.ts';
import { analyzeWritten } from '../../../../../analyzer/verdict/analyze-written.ts';
import { Analysis } from '../../../../../core/documents/analysis.ts';
import { examplePolicy } from '../../../../support/example-policy.ts';
import { RunDocument } from '../../../../../core/documents/run-bundle.ts';

interface Figures {
  brokers: number;
  copies: number;
  groups: number;
  bytes: number;
  megabits: number;
  tps: number;
}

/** A written load test of Kafka: the founding case with other figures. */
function written({ brokers, copies, groups, bytes, megabits, tps }: Figures, readBytesPerSecond?: number): Analysis {
  const text = readFileSync(new URL('../../../../../examples/founding-70k/run.json', import.meta.url), 'utf8');
  const run = RunDocument.parse(JSON.parse(text));
  if (run.origin !== 'readings') throw new Error(run.origin);
  const [card] = run.environment.hosts[0]?.networkDevices ?? [];
  if (card?.speed === undefined) throw new Error('no card');
  card.speed.bitsPerSecond = megabits * 1e6;
  const node = run.environment.brokers[0]?.id ?? '';
  const readings: ReadingsRun['readings'] = run.readings.flatMap((reading) => {
    if (reading.quantity === 'produced-tps') return [{ ...reading, value: tps }];
    if (reading.quantity !== 'network-bytes-per-second' || readBytesPerSecond === undefined) return [];
    const { unitAsWritten: _, ...stated } = reading;
    return [{ ...stated, value: readBytesPerSecond, node }];
  });
  const kafka: ReadingsRun = {
    ...run,
    broker: 'kafka',
    workload: { messageBytes: bytes },
    topology: {
      masters: brokers,
      followersPerMaster: copies - 1,
      replication: copies === 1 ? 'none' : 'kafka',
      consumers: groups,
      consumerGroups: groups,
    },
    readings,
  };
  return Analysis.parse(analyzeWritten(kafka, examplePolicy()));
}

const finding = (analysis: Analysis, code: string) => analysis.findings.find((each) => each.code === code);

// docs/evidence/truth.md, real brokers behind links of known speed: cluster rate with a saturated network interface.
const driven: readonly (readonly [string, Figures])[] = [
  ['kafka-4-two-groups', { brokers: 1, copies: 1, groups: 2, bytes: 500, megabits: 50, tps: 5546 }],
  ['kafka-4-three-copies', { brokers: 3, copies: 3, groups: 1, bytes: 1024, megabits: 30, tps: 3158 }],
  ['kafka-3-three-groups', { brokers: 1, copies: 1, groups: 3, bytes: 1024, megabits: 100, tps: 3745 }],
  ['kafka-4-small-batched', { brokers: 1, copies: 1, groups: 0, bytes: 100, megabits: 20, tps: 21_353 }],
  ['kafka-4-two-copies', { brokers: 3, copies: 2, groups: 2, bytes: 500, megabits: 30, tps: 6538 }],
  ['kafka-3-three-copies', { brokers: 3, copies: 3, groups: 0, bytes: 500, megabits: 30, tps: 6515 }],
];

describe('written figures of a Kafka load test', () => {
  test.each(driven)('%s: the computed interval contains the rate that saturated the card', (_, figures) => {
    const agrees = finding(written(figures), 'figures-agree');
    const named = (name: string) => agrees?.evidence.find((each) => each.name === name)?.value as number;
    expect(named('full-card-tps-low') * figures.brokers).toBeLessThan(figures.tps);
    expect(named('full-card-tps-high') * figures.brokers).toBeGreaterThan(figures.tps);
    expect(agrees?.message).toContain('a leader with ');
  });

  test.each(driven)('%s: more than twice that rate contradicts the speed of the card', (_, figures) => {
    const analysis = written({ ...figures, tps: 2.2 * figures.tps });
    const codes = analysis.findings.map(({ code }) => code);
    expect(codes.filter((code) => code === 'figures-disagree' || code === 'physically-infeasible')).not.toEqual([]);
  });

  test('bytes replicated from other leaders count as received', () => {
    const three = { brokers: 3, copies: 3, groups: 0, bytes: 500, megabits: 30, tps: 6000 };
    const received = (figures: Figures) =>
      finding(written(figures), 'figures-agree')?.evidence.find(
        ({ name }) => name === 'network-in-bytes-per-message-low',
      )?.value as number;
    expect(received(three)).toBeGreaterThan(3 * 500);
    // One leader with two followers receives only the produced messages.
    expect(received({ ...three, brokers: 1, tps: 2000 })).toBeLessThan(1.2 * 500);
  });

  test('a reading at line rate is limited by outbound traffic, and all bytes are explained', () => {
    const analysis = written({ brokers: 3, copies: 3, groups: 1, bytes: 1024, megabits: 30, tps: 3100 }, 3.7e6);
    expect(analysis.safeMaxTps).toMatchObject({ kind: 'observed', limitedBy: { resource: 'network-out' } });
    expect(finding(analysis, 'bytes-not-modelled')).toBeUndefined();
  });
});
