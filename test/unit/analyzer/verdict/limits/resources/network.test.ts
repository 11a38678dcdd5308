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

  test('makes the network capacity unknown if the card carries most of the traffic', () => {
    const { findings, resources } = withCard(9);
    expect(findings.find(({ code }) => code === 'network-capacity-unknown')?.message).toContain('ens5');
    expect(resources.flatMap(({ resource, capacity }) => (capacity ? [resource] : []))).toEqual(['cpu']);
  });

  test('names the setting to add, with network.devices only if several cards have no speed', () => {
    const run = plainRun();
    const [series] = run.hosts.values();
    if (series === undefined) throw new Error('no host');
    const messageOf = (...devices: readonly string[]) => {
      const inventory = { host: series.host, networkDevices: devices.map((device) => ({ device })) };
      const { findings } = analyzeRun({ ...run, hosts: new Map([[series.host, { ...series, inventory }]]) }, policy);
      return findings.find(({ code }) => code === 'network-capacity-unknown')?.message;
    };
    expect(messageOf('eth0', 'eth1')).toContain(
      'set hosts.broker-1.network.speed, and network.devices to the cards with this speed',
    );
    expect(messageOf('eth0')).not.toContain('network.devices');
  });

  test('changes nothing if the card counts the same traffic as the first card', () => {
    const { findings, safeMaxTps } = withCard(1);
    expect(findings.map(({ code }) => code)).not.toContain('network-capacity-unknown');
    expect(safeMaxTps).toEqual(analyzeRun(plainRun(), policy).safeMaxTps);
  });
});
