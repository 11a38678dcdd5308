import { describe, expect, test } from 'vitest';
import { analyzeRun } from '../../../../../../analyzer/verdict/analyze-run.ts';
import { examplePolicy } from '../../../../../support/example-policy.ts';
import { plainRun, withIntervals } from '../../../../../support/load-test-run.ts';

const policy = examplePolicy();

describe('a second card of unknown speed', () => {
  const withCard = (share: number) => {
    const run = withIntervals(plainRun(), (interval) => ({
      ...interval,
      network: (interval.network ?? []).flatMap((card) => [
        card,
        {
          ...card,
          device: 'ens5',
          inBytesPerSecond: share * card.inBytesPerSecond,
          outBytesPerSecond: share * card.outBytesPerSecond,
        },
      ]),
    }));
    const [[host, series] = []] = [...run.hosts];
    if (host === undefined || series?.inventory === undefined) throw new Error('no host');
    const { networkDevices = [] } = series.inventory;
    const inventory = { ...series.inventory, networkDevices: [...networkDevices, { device: 'ens5' }] };
    return analyzeRun({ ...run, hosts: new Map([[host, { ...series, inventory }]]) }, policy);
  };

  test('makes the network unknown where it carries most of the traffic', () => {
    const { findings, resources } = withCard(9);
    expect(findings.find(({ code }) => code === 'network-capacity-unknown')?.message).toContain('ens5');
    expect(resources.flatMap(({ resource, capacity }) => (capacity ? [resource] : []))).toEqual(['cpu']);
  });

  test('changes nothing where it counts what the card below it counts', () => {
    const { findings, safeMaxTps } = withCard(1);
    expect(findings.map(({ code }) => code)).not.toContain('network-capacity-unknown');
    expect(safeMaxTps).toEqual(analyzeRun(plainRun(), policy).safeMaxTps);
  });
});
