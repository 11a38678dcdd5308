import { expect, test } from 'vitest';
import { DomainsFile } from '../../../../../analyzer/planning/domains/domains-file.ts';
import { loadDraws } from '../../../../../analyzer/planning/sizing/cluster-load-draws.ts';
import { capacityOf } from '../../../../../analyzer/planning/sizing/capacity.ts';
import { fromStated, fromVerdict, type Measured } from '../../../../../analyzer/planning/sizing/measured.ts';
import { messageVector } from '../../../../../analyzer/planning/sizing/message-vector.ts';
import type { Build } from '../../../../../analyzer/planning/sizing/request.ts';
import { analyzeRun } from '../../../../../analyzer/verdict/analyze-run.ts';
import { examplePolicy } from '../../../../support/example-policy.ts';
import { defined } from '../../../../../core/defined.ts';
import { sizingPolicy } from '../../../../../analyzer/planning/sizing/sizing-policy.ts';
import type { BusinessDomain, Shape } from '../../../../../core/documents/cluster-plan.ts';
import { assumptionText } from '../../../../../core/documents/reasons/plan-assumptions.ts';
import { linkCeilings } from '../../../../../core/wire/ethernet.ts';
import { plainRun } from '../../../../support/load-test-run.ts';
import { planSamplesOf } from '../../../../../analyzer/planning/sizing/plan-samples.ts';
import { about, domainOf, type DomainParts, measuredAs, requestOf, shapes } from '../../../../support/sized.ts';

const dledger: Build = { broker: 'rocketmq', mode: 'dledger', replicas: 3 };
const [small, middle, large] = shapes as [Shape, Shape, Shape];
const policy = sizingPolicy(examplePolicy(), {});
const vector = messageVector(dledger, { consumerGroups: 2 }, 1000);
const requests = { stated: 0, unstatedShare: 1 };
const asMeasured = { meanBytes: vector.in + vector.out, meanGroups: 2, requests };
const capacity = (shape: Shape, measured: Partial<Measured> = {}, load = asMeasured, build = dledger) =>
  capacityOf(shape, build, load, [measuredAs(measured)], shapes, policy);

const kafka: Build = { broker: 'kafka', mode: 'kraft', replicas: 1 };
const plainBytes = messageVector(kafka, { consumerGroups: 0 }, 500);
const plainLoad = { meanBytes: plainBytes.in + plainBytes.out, meanGroups: 0, requests };

function sectionOf(stated: object) {
  const cluster = { ...kafka, shape: 'middle', masters: 1, consumerGroups: 0, messageBytes: '500B' };
  const demand = { peakTps: 1000, messageBytes: '500B', retention: '1d' };
  const file = { measurements: [{ ...cluster, ...stated }], domains: { orders: { demand } } };
  return DomainsFile.parse(file).measurements[0]!;
}

function stated(safeTps: number, over: object = {}): Measured {
  const figure = { safeTps, limitedBy: 'cpu', source: `a web page with ${safeTps} msg/s` };
  const reading = fromStated(sectionOf({ stated: figure, ...over }), policy);
  return reading.kind === 'measured' ? reading.measured : expect.fail(reading.reason.kind);
}

/** A measurement from the verdict of a load test up to 5,000 msg/s. */
function tested(change: Parameters<typeof plainRun>[0] = {}, file = 'verdict.json'): Measured {
  const analysis = analyzeRun(plainRun(change), examplePolicy());
  const reading = fromVerdict(sectionOf({ verdict: file }), analysis, file, policy);
  return reading.kind === 'measured' ? reading.measured : expect.fail(reading.reason.kind);
}

test.each([
  ['a verdict before a higher stated figure', tested(), stated(100_000)],
  ['a verdict before a lower stated figure', tested(), stated(3000)],
  ['a limit before a rate at which none was reached', tested(), tested({ linkBytesPerSecond: 1e9 }, 'no-limit.json')],
  ['the measurement with the most similar messages', stated(50_000), stated(20_000, { messageBytes: '4KiB' })],
  ['the lowest of several equally similar rates', stated(40_000), stated(100_000)],
])('of measurements on one shape, %s is used, whatever their order in the file', (_, first, other) => {
  for (const measurements of [
    [first, other],
    [other, first],
  ]) {
    const found = capacityOf(middle, kafka, plainLoad, measurements, shapes, policy);
    expect(found?.resources.messages.source).toContain(first.source);
  }
});

test('a saturation rate that was only predicted is no evidence for a rate of the CPU', () => {
  // The test used 60% of its card of 40 Mbit/s: 80% is 6,650 msg/s, all of it 8,300 msg/s.
  const run = tested({ linkBytesPerSecond: 5e6 });
  expect(run).toMatchObject({ resource: 'network-in', saturationTps: expect.closeTo(8317, -2) as number });
  const wider: Shape = { ...middle, name: 'wider', networkBitsPerSecond: 10 * middle.networkBitsPerSecond };
  const found = capacityOf(wider, kafka, plainLoad, [run], [middle, wider], policy);
  // Without stated batches, they are full: the bytes of each message differ by 1%.
  expect((found?.resources.messages.safe ?? 0) / run.safeTps.mid).toBeCloseTo(0.993, 3);
  expect((found?.resources.messages.full ?? 0) / run.saturationTps).toBeCloseTo(0.993, 3);
});

test('the measured load on the measured shape has the measured capacity, without assumptions', () => {
  const same = capacity(middle);
  expect(same?.resources.messages).toMatchObject({ safe: 20_000, full: 28_000 });
  expect(same?.resources.messages.low).toBeCloseTo(0.8, 9);
  expect(same?.assumptions).toEqual([]);
});

test('a measurement of one mode is not used for another mode', () => {
  expect(capacity(middle, {}, asMeasured, { ...dledger, mode: 'controller' })).toBeUndefined();
  expect(capacity(middle, { broker: 'kafka', mode: 'kraft' })).toBeUndefined();
});

test('another shape scales with its cores, by a factor of at most two, with a wider interval', () => {
  const [fewer, more] = [capacity(small), capacity(large)];
  expect(fewer?.resources.messages.safe).toBeCloseTo(20_000 / 3, 6);
  expect(more?.resources.messages.safe).toBe(40_000);
  expect(fewer?.resources.messages.low).toBeLessThan(0.75);
  expect(fewer?.assumptions).toMatchObject([{ kind: 'scaled-by-cores', shape: 'small', measuredShape: 'middle' }]);
});

test('larger messages and more groups reduce the capacity, smaller messages do not increase it', () => {
  const twice = capacity(middle, {}, { ...asMeasured, meanBytes: 2 * asMeasured.meanBytes });
  expect(twice?.resources.messages.safe).toBeCloseTo(10_000, 6);
  expect(capacity(middle, {}, { ...asMeasured, meanGroups: 5 })?.resources.messages.safe).toBeCloseTo(10_000, 6);
  const tiny = capacity(middle, {}, { ...asMeasured, meanBytes: asMeasured.meanBytes / 10, meanGroups: 0 });
  expect(tiny?.resources.messages.safe).toBe(20_000);
  expect(tiny?.assumptions).toMatchObject([{ kind: 'smaller-messages' }]);
});

test('a domain with smaller batches than the measurement has more requests, by which the rate is divided', () => {
  const safeOf = (batch?: number, other?: number) => {
    const demands = [batch, other].map((messagesPerRequest) => defined({ messagesPerRequest }));
    const domains = demands.map((demand, index) => domainOf({ name: `domain-${index}`, demand }));
    const size = { ...kafka, replicas: 3, clusters: 1, masters: 3 };
    const load = loadDraws(requestOf(...domains), size, planSamplesOf('test', 0), policy);
    const measured = measuredAs({ ...kafka, replicas: 3, messagesPerRequest: 20 });
    return capacityOf(middle, { ...kafka, replicas: 3 }, load, [measured], shapes, policy)?.resources.messages.safe;
  };
  expect([safeOf(20, 20), safeOf(40, 40)]).toEqual([20_000, 20_000]);
  // Full batches of 16 messages cost a few more bytes.
  expect(safeOf()).toBeCloseTo(19_979, 0);
  expect(safeOf(2, 2)).toBeCloseTo(2000, 6);
  // Half of the messages one by one, of the other half the batches are unknown: (20 + 1) / 2.
  expect(safeOf(1)).toBeCloseTo(20_000 / 10.5, 6);
});

test('more requests cost a cluster whose card was full only what its CPU lacks for them', () => {
  const run = tested({ linkBytesPerSecond: 5e6, cores: 1 });
  const { requestUse = Number.NaN, messagesPerRequest: batch = Number.NaN, ...unknownUse } = run;
  expect(requestUse).toBeGreaterThan(0.2);
  expect(requestUse).toBeLessThan(0.7);
  const capacityAt = (times: number, measured: Measured) => {
    const load = { ...plainLoad, requests: { stated: times / batch, unstatedShare: 0 } };
    const found = capacityOf(middle, kafka, load, [{ ...measured, messagesPerRequest: batch }], [middle], policy);
    return found ?? expect.fail('not measured');
  };
  const same = capacityAt(1, run).resources;
  const more = capacityAt(10, run);
  expect(more.resources.messages.safe / run.seenTps).toBeCloseTo(1 / (10 * requestUse), 6);
  expect(capacityAt(1 / requestUse, run).resources.messages.safe).toBe(same.messages.safe);
  expect(more.resources['network-in']).toEqual(same['network-in']);
  const [text] = more.assumptions.map((each) => assumptionText(each, 'en'));
  expect(text).toMatch(/\(.* 10\.00 times the requests with CPU and queues at \d\d% of their limits\)/);
  expect(capacityAt(10, unknownUse).resources.messages.safe / run.seenTps).toBeCloseTo(1 / 10, 6);
  // The CPU itself was the limit.
  expect(capacityAt(10, { ...run, resource: 'cpu' }).resources.messages.safe / run.safeTps.mid).toBeCloseTo(1 / 10, 6);
});

test('RocketMQ sends delayed messages one by one, and batches that are not stated are an assumption', () => {
  const assumedFor = (over: DomainParts & Pick<BusinessDomain, 'traits'>, messagesPerRequest?: number) => {
    const domain = { ...domainOf(over), traits: over.traits };
    const load = loadDraws(
      requestOf(domain),
      { ...dledger, clusters: 1, masters: 3 },
      planSamplesOf('test', 0),
      policy,
    );
    const measured = measuredAs(defined({ messagesPerRequest }));
    const found = capacityOf(middle, dledger, load, [measured], shapes, policy);
    return found?.assumptions.filter(({ kind }) => kind === 'costlier-messages' || kind === 'batches-assumed');
  };
  const stated = { demand: { messagesPerRequest: 20 } };
  expect(assumedFor({ ...stated, traits: ['general'] }, 20)).toEqual([]);
  expect(assumedFor({ ...stated, traits: ['delayed'] }, 20)).toMatchObject([
    { kind: 'costlier-messages', requests: 20 },
  ]);
  expect(assumedFor({ traits: ['general'] }, 20)).toEqual([{ kind: 'batches-assumed', measured: 20 }]);
  expect(assumedFor({ ...stated, traits: ['general'] })).toEqual([{ kind: 'batches-assumed' }]);
  expect(assumedFor({ traits: ['general'] }, 1)).toEqual([]);
});

test('a card measured at saturation has the measured bytes, and an impossible measurement is reported', () => {
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
  const card = linkCeilings(small.networkBitsPerSecond).counter;
  const limit = policy.limits['network-out'].value;
  expect(narrow?.resources['network-out']).toMatchObject({ full: card, safe: 10_000 * vector.out });
  const higher = {
    ...full,
    shape: 'small',
    safeTps: { low: 48_000, mid: 50_000, high: 52_000 },
    saturationTps: 60_000,
  };
  expect(capacity(small, higher)?.resources['network-out']).toMatchObject({
    full: card,
    safe: card * limit,
    draws: 'wire',
  });
});

test('a shape with unknown disk speed is assumed to have the measured disk', () => {
  const { diskWriteBytesPerSecond: _, ...unknown } = large;
  const { diskWriteBytesPerSecond: __, ...unknownMiddle } = middle;
  const of = (shape: Shape, catalogue: readonly Shape[]) =>
    capacityOf(shape, dledger, asMeasured, [measuredAs({ resource: 'disk-io' })], catalogue, policy);
  const kinds = (of_: ReturnType<typeof of>) => of_?.assumptions.map(({ kind }) => kind);
  const [to, from] = [of(unknown, [middle, unknown]), of(large, [unknownMiddle, large])];
  for (const each of [to, from]) {
    expect(each?.resources['disk-io'].safe).toBeCloseTo(20_000 * vector.disk, 3);
    expect(kinds(each)).toContain('same-disk-speed');
  }
  for (const each of [of(large, [middle, large]), of(unknownMiddle, [unknownMiddle])]) {
    expect(each?.resources['disk-io'].safe).toBeCloseTo(20_000 * vector.disk, 3);
    expect(kinds(each)).not.toContain('same-disk-speed');
  }
});

test('a domain with the compression of the load test has the measured capacity', () => {
  const build: Build = { broker: 'rocketmq', mode: 'master-slave', replicas: 2 };
  const compressed = messageVector(build, { consumerGroups: 3, compressionRatio: 4 }, 8192);
  const like = { meanBytes: compressed.in + compressed.out, meanGroups: 3, requests };
  const card = linkCeilings(middle.networkBitsPerSecond).counter;
  const saturationTps = card / compressed.out;
  const run: Partial<Measured> = {
    mode: 'master-slave',
    replicas: 2,
    messageBytes: 8192,
    consumerGroups: 3,
    compressionRatio: 4,
    resource: 'network-out',
    saturationTps,
    safeTps: about(0.7 * saturationTps, 0.02),
  };
  const own = capacity(middle, run, like, build);
  expect(own?.warnings).toEqual([]);
  expect(own?.assumptions.map(({ kind }) => kind)).toEqual(['cpu-limit-unknown']);
  expect(own?.resources['network-out'].safe).toBeCloseTo(0.7 * card, 0);
  expect(own?.resources.messages.full).toBeCloseTo(saturationTps, 6);
});
