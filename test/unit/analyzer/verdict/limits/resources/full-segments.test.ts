import { describe, expect, test } from 'vitest';
import { analyzeRun } from '../../../../../../analyzer/verdict/analyze-run.ts';
import type { LoadTestRun } from '../../../../../../analyzer/evidence/load-test-run.ts';
import { savedByFullSegments } from '../../../../../../analyzer/verdict/limits/resources/network.ts';
import { examplePolicy } from '../../../../../support/example-policy.ts';
import { plainRun, withIntervals } from '../../../../../support/load-test-run.ts';

const traffic = (payload: number, framesPerSecond: number) => ({
  bytesPerSecond: payload + 90 * framesPerSecond,
  framesPerSecond,
});
const idle = traffic(0, 0);

describe('bytes saved by full segments', () => {
  test('are the headers of all frames except the full ones', () => {
    // 1,448,000 bytes fit into 1,000 full segments; 3,000 frames were sent.
    const own = traffic(1_448_000, 3000);
    expect(savedByFullSegments(own, idle)).toBeCloseTo((90 * 2000) / own.bytesPerSecond, 12);
  });

  test('exclude the frames that carry ACKs for the opposite direction', () => {
    const own = traffic(1_448_000, 3000);
    expect(savedByFullSegments(own, traffic(2_896_000, 2500))).toBeCloseTo((90 * 1000) / own.bytesPerSecond, 12);
  });

  test('are zero if segments are full or larger than an Ethernet frame, or without traffic', () => {
    expect(savedByFullSegments(traffic(1_448_000, 1000), idle)).toBe(0);
    expect(savedByFullSegments(traffic(1_448_000, 170), traffic(1_448_000, 170))).toBe(0);
    expect(savedByFullSegments(idle, idle)).toBe(0);
  });
});

describe('a card with partly filled segments', () => {
  const withFrames = (run: LoadTestRun, payloadOfFrame: number) =>
    withIntervals(run, (interval) => ({
      ...interval,
      network: (interval.network ?? []).map((link) => ({
        ...link,
        inFramesPerSecond: link.inBytesPerSecond / (payloadOfFrame + 90),
        outFramesPerSecond: link.outBytesPerSecond / 1538,
      })),
    }));
  const policy = examplePolicy();
  const judged = (payloadOfFrame?: number) => {
    const run = plainRun({ rates: [2000, 3000, 4000, 5000, 6000] });
    const analysis = analyzeRun(payloadOfFrame === undefined ? run : withFrames(run, payloadOfFrame), policy);
    if (analysis.saturationTps.kind !== 'predicted') throw new Error(analysis.saturationTps.kind);
    return { ...analysis, saturationTps: analysis.saturationTps };
  };

  test('has a higher saturation rate than the fit alone predicts, and the same safe maximum', () => {
    const [law, filling] = [judged(), judged(400)];
    // Three quarters of the savings: 490 bytes on the wire, of which full segments would need about 425.
    const spared = 1 - (400 + (90 * 400) / 1448 + (90 * 0.1 * 490 * (1448 / 1538)) / 2896) / 490;
    expect(filling.saturationTps.estimateTps / law.saturationTps.estimateTps).toBeCloseTo(1 / (1 - 0.75 * spared), 2);
    expect(filling.saturationTps.interval.high).toBeGreaterThan(law.saturationTps.interval.high ?? 0);
    expect(filling.safeMaxTps).toEqual(law.safeMaxTps);
    expect(filling.findings.map(({ code }) => code)).toContain('segments-fill');
  });

  test('has no segments-fill finding if its segments are full', () => {
    const [law, full] = [judged(), judged(1448)];
    expect(full.saturationTps).toEqual(law.saturationTps);
    expect(full.findings.map(({ code }) => code)).not.toContain('segments-fill');
  });
});
