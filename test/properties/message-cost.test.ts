import fc from 'fast-check';
import { expect, test } from 'vitest';
import type { ClusterLoad } from '../../core/wire/cluster-load.ts';
import { byteFindings } from '../../analyzer/evidence/bytes/discrepancy.ts';
import { expectedBytes } from '../../core/wire/expected-bytes.ts';
import { cardBytes, messageCost } from '../../core/wire/message-cost.ts';

const common = {
  groups: fc.integer({ min: 0, max: 6 }),
  bodyBytes: fc.integer({ min: 1, max: 100_000 }),
  topicBytes: fc.integer({ min: 1, max: 200 }),
  groupBytes: fc.integer({ min: 1, max: 100 }),
  messagesPerPull: fc.option(fc.double({ min: 1, max: 32, noNaN: true }), { nil: undefined }),
};
const replicated = fc.integer({ min: 2, max: 5 });
const given = (load: object) =>
  Object.fromEntries(Object.entries(load).filter(([, value]) => value !== undefined)) as unknown as ClusterLoad;
const load = fc
  .oneof(
    fc.record({
      ...common,
      broker: fc.constant('kafka'),
      mode: fc.constant('kraft'),
      replicas: fc.integer({ min: 1, max: 5 }),
    }),
    fc.record({ ...common, broker: fc.constant('rocketmq'), mode: fc.constant('single'), replicas: fc.constant(1) }),
    fc.record({
      ...common,
      broker: fc.constant('rocketmq'),
      mode: fc.constantFrom('master-slave', 'dledger', 'controller'),
      replicas: replicated,
      kind: fc.constantFrom('plain', 'delayed', 'timer', 'transactional'),
    }),
  )
  .map(given);
const bytesOf = (each: ClusterLoad) => cardBytes(messageCost(each));

test('a message costs its body inbound, and one body outbound per stored copy and group, with at most 4 kB around each', () => {
  fc.assert(
    fc.property(load, (each) => {
      const { bodyBytes: body, replicas, groups } = each;
      const { diskBytes, storedMessages } = messageCost(each);
      const { in: into, out } = bytesOf(each);
      const copies = storedMessages * (replicas - 1) + groups;
      const around = 4000 * (1 + copies);
      expect(into).toBeGreaterThan(body);
      // Headers of segments are 5% at most, ACKs of what goes out 3%.
      expect(into).toBeLessThan((1.05 + 0.03 * copies) * body + around);
      expect(out).toBeGreaterThan((replicas - 1 + groups) * body);
      // DLedger sends bodies in base64.
      expect(out).toBeLessThan((0.03 + 1.45 * copies) * body + around);
      expect(diskBytes).toBeGreaterThan(body);
      expect(diskBytes).toBeLessThan(storedMessages * (body + 1000));
    }),
  );
});

test('an additional group or byte of body never lowers the cost in either direction', () => {
  fc.assert(
    fc.property(load, (each) => {
      const before = bytesOf(each);
      for (const more of [{ groups: each.groups + 1 }, { bodyBytes: each.bodyBytes + 1 }]) {
        // A full Kafka batch may contain fewer large records; a fixed batch size makes them comparable.
        const sized = each.broker === 'kafka' ? { recordsPerBatch: 10 } : {};
        const [one, other] = [bytesOf({ ...each, ...sized }), bytesOf({ ...each, ...sized, ...more })];
        expect(other.in).toBeGreaterThanOrEqual(one.in - 1e-9 * before.in);
        expect(other.out).toBeGreaterThanOrEqual(one.out - 1e-9 * before.out);
      }
    }),
  );
});

test('the computed bytes cause no finding, and a multiple of the most expected ones causes one', () => {
  fc.assert(
    fc.property(load, (each) => {
      const { in: into, out } = bytesOf(each);
      const span = expectedBytes(each, { of: 'card', as: 'counter' });
      const findings = (measured: Parameters<typeof byteFindings>[0]['measured']) =>
        byteFindings({ ...each, measured });
      expect(findings({ in: { value: into }, out: { value: out } })).toEqual([]);
      // Acknowledges at most what is sent the other way.
      const multiple = 3 * (span.in.high + span.out.high);
      const beyond = [
        { in: { value: multiple }, out: { value: out } },
        { in: { value: into }, out: { value: multiple } },
      ];
      for (const measured of beyond) expect(findings(measured), JSON.stringify(measured)).toHaveLength(1);
    }),
  );
});
