// Checks that a network interface shaped below its stated speed is the limit only if lost or queued packets indicate it.

import { describe, expect, test } from 'vitest';
import { analyzeRun } from '../../../../../analyzer/verdict/analyze-run.ts';
import type { HostInterval, LoadTestRun } from '../../../../../analyzer/evidence/load-test-run.ts';
import { Analysis } from '../../../../../core/documents/analysis.ts';
import { examplePolicy } from '../../../../support/example-policy.ts';
import { plainRun, withIntervals } from '../../../../support/load-test-run.ts';

const policy = examplePolicy();
const analyse = (run: LoadTestRun) => Analysis.parse(analyzeRun(run, policy));
const messageOf = ({ findings }: Analysis, code: string) => findings.find((each) => each.code === code)?.message;

/** A card stated as 100 Mbit/s that receives at most 2.11 MB/s: 3,500 msg/s of 600 bytes. The generator has readings, too. */
const flat = () => {
  const run = plainRun({
    rates: [1000, 2000, 3000, 4000, 5000],
    linkBytesPerSecond: 1.25e7,
    carried: (rate) => Math.min(1, 3500 / rate),
  });
  return withIntervals(run, (interval) => interval, 'generator');
};
const stepOf = ({ from }: HostInterval) => Math.floor(from / 12);
const lossy = (at: (step: number) => number, host = 'generator') =>
  withIntervals(flat(), (interval) => ({ ...interval, retransmitsPerSecond: at(stepOf(interval)) }), host);
const atCeiling = (step: number) => (step >= 3 ? 12 : 0.2);

describe('a card with constant traffic below its stated speed while targets rise', () => {
  test('is the limit, with its measured traffic as capacity, if packets to it are lost', () => {
    const analysis = analyse(lossy(atCeiling));
    const limit = { resource: 'network-in', node: '1' };
    expect(analysis.steps.map(({ verdict }) => verdict).slice(3)).toEqual([
      { kind: 'saturated', bottleneck: limit },
      { kind: 'saturated', bottleneck: limit },
    ]);
    expect(analysis.saturationTps).toMatchObject({ kind: 'confirmed', estimateTps: 3500, limitedBy: limit });
    expect(analysis.safeMaxTps).toMatchObject({ kind: 'predicted', limitedBy: limit });
    // By hand: 80% of 2,110,000 bytes, less 10,000 without load, over 600.
    expect(analysis.safeMaxTps).toHaveProperty('estimateTps', expect.closeTo((0.8 * 2.11e6 - 1e4) / 600, 0));
    const card = analysis.resources.find(({ resource, node }) => resource === 'network-in' && node === '1');
    expect(card?.capacity).toMatchObject({
      value: 2.11e6,
      source: 'eth0 at 16.9 Mbit/s: measured, stated are 100 Mbit/s',
    });
    expect(messageOf(analysis, 'stated-link-speed-contradicted')).toMatch(
      /stated link speed of 100 Mbit\/s, but 16\.9 Mbit\/s was measured inbound: .*packets were dropped and retransmitted/,
    );
    expect(messageOf(analysis, 'limit-cause-unknown')).toBeUndefined();
  });

  const waiting = (at: (step: number) => number, host = 'generator') =>
    withIntervals(
      flat(),
      (interval) => ({
        ...interval,
        network: interval.network?.map((link) => ({ ...link, backlogBytes: at(stepOf(interval)) })) ?? [],
      }),
      host,
    );

  test('is the limit if packets wait in the send queue of the sender, even if none is lost', () => {
    const analysis = analyse(waiting((step) => (step >= 3 ? 400_000 : 1500)));
    expect(analysis.saturationTps).toMatchObject({
      kind: 'confirmed',
      limitedBy: { resource: 'network-in', node: '1' },
    });
    expect(messageOf(analysis, 'stated-link-speed-contradicted')).toContain(
      'packets waited in the queue of the sender',
    );
  });

  /** Recorded from a generator with a saturated card, and from one at 95%. */
  const full = [9084, 31_794, 0, 6056, 16_732, 3028];
  const nearlyFull = [0, 0, 0, 11_017, 0, 0];
  const recorded = (atCeiling: readonly number[], before: readonly number[]) =>
    withIntervals(
      flat(),
      (interval) => ({
        ...interval,
        network:
          interval.network?.map((link) => {
            const samples = stepOf(interval) >= 3 ? atCeiling : before;
            return { ...link, backlogBytes: samples[interval.from % samples.length] ?? 0 };
          }) ?? [],
      }),
      'generator',
    );

  test('is the limit if a few packets wait in most readings', () => {
    expect(analyse(recorded(full, nearlyFull)).saturationTps).toMatchObject({
      limitedBy: { resource: 'network-in', node: '1' },
    });
  });

  test('is a suspect if a queue appears only briefly or also at lower rates', () => {
    expect(analyse(recorded(nearlyFull, [0])).safeMaxTps).toMatchObject({ reason: 'limit-cause-unknown' });
    expect(analyse(recorded(full, full)).safeMaxTps).toMatchObject({ reason: 'limit-cause-unknown' });
  });

  test.each([
    ['no packet is lost', () => 0],
    ['the same number of packets is lost at lower rates', () => 12],
    ['packets are lost rarely', (step: number) => (step >= 3 ? 0.5 : 0)],
    ['one of the steps loses no packets', (step: number) => (step === 3 ? 12 : 0)],
  ])('is a suspect if %s', (_, at) => {
    const analysis = analyse(lossy(at));
    // The network interface may be the limit, so its policy reserve applies to the observed rate.
    expect(analysis.safeMaxTps).toMatchObject({ kind: 'at-least', tps: 0.8 * 3500, reason: 'limit-cause-unknown' });
    expect(messageOf(analysis, 'limit-cause-unknown')).toContain('network');
  });

  test('is a suspect if its own host retransmits, since that concerns only outbound traffic', () => {
    const analysis = analyse(lossy(atCeiling, 'broker-1'));
    expect(analysis.safeMaxTps).toMatchObject({ reason: 'limit-cause-unknown' });
  });

  test('is a suspect if another broker receives as steadily, since the lost packets may belong to either', () => {
    const run = withIntervals(lossy(atCeiling), (interval) => interval, 'broker-2');
    const { environment } = run.document;
    const brokers = [...environment.brokers, { id: '2', address: '127.0.0.1:9093', host: 'broker-2' }];
    const pair = { ...run, document: { ...run.document, environment: { ...environment, brokers } } };
    expect(analyse(pair).safeMaxTps).toMatchObject({ reason: 'limit-cause-unknown' });
  });

  const uneven = (run: LoadTestRun) =>
    withIntervals(run, (interval) => ({
      ...interval,
      network:
        interval.network?.map((link) => ({
          ...link,
          inBytesPerSecond: link.inBytesPerSecond * (1 + 0.08 * Math.sin(7 * interval.from)),
          outBytesPerSecond: link.outBytesPerSecond * (1 + 0.08 * Math.cos(7 * interval.from)),
        })) ?? [],
    }));

  test('is not the limit if traffic varies between seconds as it does with busy threads, whatever is lost', () => {
    expect(analyse(uneven(lossy(atCeiling))).safeMaxTps).toMatchObject({ reason: 'limit-cause-unknown' });
  });

  test('is the limit if packets wait in the send queue of the sender, even if traffic varies between seconds', () => {
    const analysis = analyse(uneven(waiting((step) => (step >= 3 ? 400_000 : 0))));
    expect(analysis.saturationTps).toMatchObject({ limitedBy: { resource: 'network-in', node: '1' } });
  });

  test('counts as steady if only single seconds differ, such as the first second of a step', () => {
    const run = withIntervals(lossy(atCeiling), (interval) => ({
      ...interval,
      network:
        interval.network?.map((link) => ({
          ...link,
          inBytesPerSecond: link.inBytesPerSecond * (interval.from % 6 === 2 ? 0.85 : 1),
        })) ?? [],
    }));
    expect(analyse(run).saturationTps).toMatchObject({ limitedBy: { resource: 'network-in', node: '1' } });
  });
});
