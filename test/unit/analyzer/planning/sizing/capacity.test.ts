import { expect, test } from 'vitest';
import { capacityOf } from '../../../../../analyzer/planning/sizing/capacity.ts';
import type { Measured } from '../../../../../analyzer/planning/sizing/measured.ts';
import { messageVector } from '../../../../../analyzer/planning/sizing/message-vector.ts';
import type { Build } from '../../../../../analyzer/planning/sizing/request.ts';
import { examplePolicy } from '../../../../support/example-policy.ts';
import { sizingPolicy } from '../../../../../analyzer/planning/sizing/sizing-policy.ts';
import type { Shape } from '../../../../../core/documents/cluster-plan.ts';
import { measuredAs, shapes } from '../../../../support/sized.ts';

const dledger: Build = { broker: 'rocketmq', mode: 'dledger', replicas: 3 };
const [small, middle, large] = shapes as [Shape, Shape, Shape];
const policy = sizingPolicy(examplePolicy(), {});
const vector = messageVector(dledger, { consumerGroups: 2 }, 1000);
const asMeasured = { meanBytes: vector.in + vector.out, meanGroups: 2 };
const capacity = (shape: Shape, measured: Partial<Measured> = {}, load = asMeasured, build = dledger) =>
  capacityOf(shape, build, load, [measuredAs(measured)], shapes, policy);

test('the same load on the same shape carries what was measured, and assumes nothing', () => {
  const same = capacity(middle);
  expect(same?.resources.messages).toMatchObject({ safe: 20_000, full: 28_000 });
  expect(same?.resources.messages.low).toBeCloseTo(0.8, 9);
  expect(same?.assumptions).toEqual([]);
});

test('no mode reports what another one carries', () => {
  expect(capacity(middle, {}, asMeasured, { ...dledger, mode: 'controller' })).toBeUndefined();
  expect(capacity(middle, { broker: 'kafka', mode: 'kraft' })).toBeUndefined();
});

test('another shape carries by its cores, twice at most, and less surely', () => {
  const [fewer, more] = [capacity(small), capacity(large)];
  expect(fewer?.resources.messages.safe).toBeCloseTo(20_000 / 3, 6);
  expect(more?.resources.messages.safe).toBe(40_000);
  expect(fewer?.resources.messages.low).toBeLessThan(0.75);
  expect(fewer?.assumptions).toMatchObject([{ kind: 'scaled-by-cores', shape: 'small', measuredShape: 'middle' }]);
});

test('larger messages and more groups take away, smaller ones add nothing', () => {
  const twice = capacity(middle, {}, { meanBytes: 2 * asMeasured.meanBytes, meanGroups: 2 });
  expect(twice?.resources.messages.safe).toBeCloseTo(10_000, 6);
  expect(capacity(middle, {}, { ...asMeasured, meanGroups: 5 })?.resources.messages.safe).toBeCloseTo(10_000, 6);
  const tiny = capacity(middle, {}, { meanBytes: asMeasured.meanBytes / 10, meanGroups: 0 });
  expect(tiny?.resources.messages.safe).toBe(20_000);
  expect(tiny?.assumptions).toMatchObject([{ kind: 'smaller-messages' }]);
});

test('a card that was measured full counts with its measured bytes; one that cannot have been is reported', () => {
  const full = {
    resource: 'network-out',
    safeTps: { low: 8000, mid: 10_000, high: 12_000 },
    saturationTps: 12_000,
  } as const;
  const wide = capacity(middle, full);
  expect(wide?.resources['network-out']).toMatchObject({ safe: 10_000 * vector.out, full: 12_000 * vector.out });
  expect(wide?.resources.messages.safe).toBe(12_000);
  expect(wide?.warnings).toEqual([]);
  const narrow = capacity(small, { ...full, shape: 'small', saturationTps: 60_000 });
  expect(narrow?.warnings.map(({ code }) => code)).toEqual(['measured-beyond-the-card']);
});
