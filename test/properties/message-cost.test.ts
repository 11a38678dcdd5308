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
      kind: fc.constantFrom('plain', 'delayed', 'transactional'),
    }),
  )
  .map(given);
const bytesOf = (each: ClusterLoad) => cardBytes(messageCost(each));

test('a message costs at least its body inbound, and one body outbound per follower and group', () => {
  fc.assert(
    fc.property(load, (each) => {
      const { in: into, out } = bytesOf(each);
      expect(into).toBeGreaterThan(each.bodyBytes);
      expect(out).toBeGreaterThan((each.replicas - 1 + each.groups) * each.bodyBytes);
      expect(messageCost(each).diskBytes).toBeGreaterThan(each.bodyBytes);
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

test('computed bytes lie within the expected bytes and cause no finding', () => {
  fc.assert(
    fc.property(load, (each) => {
      const { in: into, out } = bytesOf(each);
      const span = expectedBytes(each, { of: 'card', as: 'counter' });
      expect(into).toBeGreaterThanOrEqual(span.in.low);
      expect(out).toBeLessThanOrEqual(span.out.high);
      expect(byteFindings({ ...each, measured: { in: { value: into }, out: { value: out } } })).toEqual([]);
    }),
  );
});
