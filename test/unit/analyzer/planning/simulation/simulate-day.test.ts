import { expect, test } from 'vitest';
import { simulateDay } from '../../../../../analyzer/planning/simulation/simulate-day.ts';
import { constant, machine, simulated, stream } from '../../../../support/simulated.ts';

const nothing = { outages: [], slow: [] };
const away = (index: number, from: number, until: number) => ({
  outages: [{ machine: index, from, until, isOrderly: false }],
  slow: [],
});
const lastLag = (series: Float64Array) => series.findLastIndex((lag) => lag > 0);

test('at 70,000 msg/s a group of 100,000 msg/s that paused for 600 s needs 1,400 s to catch up', () => {
  const groups = [{ name: 'billing', mostPerSecond: 100_000 }];
  const cluster = simulated({ streams: [stream(constant(70_000), { groups })] });
  const slow = [{ stream: 0, group: 0, from: 0, until: 600, mostPerSecond: 0 }];
  const { course } = simulateDay(cluster, { outages: [], slow });
  expect(course.lag[9]).toBeCloseTo(42_000_000, 3);
  // The lag ends at 2,000 s: 20 s into the minute that ends at 2,040.
  expect(course.lag[32]).toBeCloseTo(30_000 * (2000 - 33 * 60), 3);
  expect(course.lag[33]).toBe(0);
  expect(Math.max(...course.lagSeconds)).toBeCloseTo(600, 6);
});

test('a saturated card accepts its capacity, and producers hold the remaining messages', () => {
  const machines = [machine('broker-0', { networkBytesPerSecond: 1e8 })];
  const streams = [stream(constant(200_000, 10), { groups: [] })];
  const { course, state } = simulateDay(simulated({ machines, streams }), nothing);
  expect(course.accepted[5]).toBeCloseTo(100_000, 6);
  expect(course.networkIn[5]).toBeCloseTo(1, 9);
  const [taken] = state.streams;
  expect(taken?.failed).toBeCloseTo(100_000 * 600 - 200_000 * 120, 0);
});

test('consumers share the capacity that replication leaves on a saturated card', () => {
  const machines = [0, 1].map((index) => machine(`broker-${index}`, { networkBytesPerSecond: 2.1e8 }));
  const groups = ['a', 'b'].map((name) => ({ name }));
  const streams = [stream(constant(200_000, 10), { groups })];
  const { course } = simulateDay(simulated({ brokers: 2, copies: 2, machines, streams }), nothing);
  expect(course.networkOut[5]).toBeCloseTo(1, 6);
  // Each broker leads 100,000: replication and responses are 1.11e8 bytes out; the remaining 0.99e8 are 99,000 messages for two groups.
  expect(course.accepted[9]).toBeCloseTo(200_000, 6);
  expect(course.lag[9]).toBeCloseTo((100_000 - 49_500) * 2 * 600, -3);
});

test('on a saturated RocketMQ master card, slaves and large groups share equally, and a small group is not limited', () => {
  const machines = [0, 1].map((index) => machine(`broker-${index}`, { networkBytesPerSecond: 1.7e8 }));
  const streams = [
    stream(constant(75_000, 10), { groups: [{ name: 'billing' }] }),
    stream(constant(25_000, 10), { groups: [{ name: 'labels' }] }),
  ];
  const sets = [{ name: 'broker-a', copies: [0, 1] }];
  const cluster = simulated({ broker: 'rocketmq', failover: 'none', machines, sets, streams });
  const { course, state } = simulateDay(cluster, nothing);
  expect(course.accepted[9]).toBeCloseTo(100_000, 6);
  expect(course.networkOut[5]).toBeCloseTo(1, 6);
  // Responses need 1e7 and the small group 2.5e7; replication of 100,000 messages and the large group share the remaining 1.35e8.
  expect(course.lag[9]).toBeCloseTo((75_000 - 67_500) * 600, -4);
  expect((state.missing[1] ?? 0) / ((1e8 - 6.75e7) * 600)).toBeCloseTo(1, 2);
});

test('a slave that catches up without a throttle uses half of the card of its master', () => {
  const machines = [0, 1].map((index) => machine(`broker-${index}`, { networkBytesPerSecond: 1.2e8 }));
  const sets = [{ name: 'broker-a', copies: [0, 1] }];
  const streams = [stream(constant(50_000, 20))];
  const cluster = simulated({ broker: 'rocketmq', failover: 'none', machines, sets, streams });
  const { course } = simulateDay(cluster, away(1, 60, 120));
  expect(course.lag[2]).toBe(0);
  expect(course.networkOut[2]).toBeCloseTo(1, 6);
  // It missed 50,000 messages in 60 s and receives 6.5e7 bytes per second, of which 5e7 are new messages.
  const behindUntil = course.networkOut.findIndex((use, minute) => minute > 2 && use < 0.99);
  expect(behindUntil).toBe(Math.ceil((120 + (60 * 5e7) / 1.5e7) / 60));
});

test('messages older than the retention are lost to a group that did not read them', () => {
  const streams = [stream(constant(1000, 120), { retentionSeconds: 3600 })];
  const slow = [{ stream: 0, group: 0, from: 0, until: 7200, mostPerSecond: 0 }];
  const { course } = simulateDay(simulated({ streams }), { outages: [], slow });
  expect(course.lost[119]).toBeCloseTo(1000 * 3600, 6);
  expect(course.lag[119]).toBeCloseTo(1000 * 3600, 6);
  expect(course.lagSeconds[119]).toBeCloseTo(3600, 6);
});

test('a full RocketMQ disk deletes the oldest messages, whether they were read or not', () => {
  const machines = [machine('a', { diskBytes: 2e9 })];
  const streams = [stream(constant(1000, 60), { averageTps: 0 })];
  const cluster = simulated({ broker: 'rocketmq', failover: 'none', machines, streams, deletesBeyondShare: 0.85 });
  const slow = [{ stream: 0, group: 0, from: 0, until: 3600, mostPerSecond: 0 }];
  const { course } = simulateDay(cluster, { outages: [], slow });
  expect(course.diskUsed[59]).toBeCloseTo(0.85, 2);
  expect(course.lost[59]).toBeCloseTo(3_600_000 - 1_700_000, -4);
});

test('a full Kafka disk accepts no messages', () => {
  const machines = [machine('a', { diskBytes: 2e9 })];
  const streams = [stream(constant(1000, 60), { averageTps: 0 })];
  const { course } = simulateDay(simulated({ machines, streams }), nothing);
  expect(course.accepted[50]).toBe(0);
});

test('lag beyond the page cache is read from disk, at most at the speed of the disk', () => {
  const machines = [machine('a', { diskBytesPerSecond: 1.5e6, cacheBytes: 6e7 })];
  const streams = [stream(constant(1000, 120), { averageTps: 1000 })];
  const slow = [{ stream: 0, group: 0, from: 0, until: 600, mostPerSecond: 0 }];
  const { course } = simulateDay(simulated({ machines, streams }), { outages: [], slow });
  // 1e6 bytes/s are written, so 500 msg/s can be read from disk: the lag grows by 500 msg/s and never ends.
  expect(course.lag[9]).toBeCloseTo(600_000, 6);
  expect(course.lag[19]).toBeCloseTo(900_000, 3);
  expect(course.readFromDisk[19]).toBe(1);
  expect(course.disk[19]).toBeCloseTo(1, 9);
});

test('without one of three Kafka brokers, each remaining broker leads 50% more after the election', () => {
  const cluster = simulated({ brokers: 3, copies: 3, streams: [stream(constant(3000))] });
  const safe = { ...cluster.safe, perLeaderTps: 1000 };
  const { course, state } = simulateDay({ ...cluster, safe }, away(0, 600, 1200));
  expect(course.load[9]).toBeCloseTo(1, 9);
  expect(course.load[15]).toBeCloseTo(1.5, 9);
  expect(state.streams[0]?.failed).toBe(0);
  // Messages held during the election are accepted after it.
  expect(course.accepted[10]).toBeCloseTo(3000, 6);
});

test('a broker that returns fetches its missed messages before it leads again', () => {
  const machines = [0, 1, 2].map((index) => machine(`broker-${index}`, { networkBytesPerSecond: 1e7 }));
  const cluster = simulated({ brokers: 3, copies: 3, machines, streams: [stream(constant(3000), { groups: [] })] });
  const { course, state } = simulateDay(cluster, away(0, 600, 1200));
  expect(course.networkIn[20]).toBeCloseTo(1, 6);
  // 600 s of 3e6 bytes/s on a card of 1e7, while 3e6 more arrive: 1.8e9 / 7e6 = 257 s.
  expect(course.networkIn[23]).toBeCloseTo(1, 6);
  expect(course.networkIn[25]).toBeLessThan(0.5);
  expect(state.machines).toEqual(['up', 'up', 'up']);
});

test('RocketMQ producers use the other masters while one is down, and its slave serves reads', () => {
  const cluster = simulated({
    broker: 'rocketmq',
    failover: 'none',
    machines: ['a', 'a-slave', 'b', 'b-slave'].map((host) => machine(host)),
    sets: [
      { name: 'a', copies: [0, 1] },
      { name: 'b', copies: [2, 3] },
    ],
    safe: { perLeaderTps: 1000, networkShare: 0.8, diskShare: 0.8 },
    streams: [stream(constant(1000))],
  });
  const { course, state } = simulateDay(cluster, away(0, 600, 1200));
  expect(course.load[5]).toBeCloseTo(0.5, 9);
  expect(course.load[15]).toBeCloseTo(1, 9);
  expect(state.streams[0]?.failed).toBe(0);
  expect(lastLag(course.lag)).toBeLessThan(13);
});

test('the unread messages of a lost master without a slave remain until it returns', () => {
  const cluster = simulated({
    broker: 'rocketmq',
    failover: 'none',
    machines: [machine('a'), machine('b')],
    sets: [
      { name: 'a', copies: [0] },
      { name: 'b', copies: [1] },
    ],
    streams: [stream(constant(1000), { groups: [{ name: 'billing', mostPerSecond: 1500 }] })],
  });
  const slow = [{ stream: 0, group: 0, from: 0, until: 600, mostPerSecond: 0 }];
  const { course } = simulateDay(cluster, { ...away(0, 600, 3000), slow });
  expect(course.lag[45]).toBeCloseTo(300_000, 0);
  expect(course.lagSeconds[45]).toBeGreaterThan(2000);
});

test('a set with too few replicas accepts nothing, and sends fail after the delivery timeout', () => {
  const cluster = simulated({ brokers: 2, copies: 2, leastCopies: 2, streams: [stream(constant(1000))] });
  const { state } = simulateDay(cluster, away(0, 600, 1200));
  expect(state.streams[0]?.failed).toBeCloseTo(1000 * (600 - 120), 0);
});

test('of two DLedger groups, one has the whole load during an election, so each has to stay under half', () => {
  const over = (share: number) => {
    const cluster = simulated({
      broker: 'rocketmq',
      failover: 'within',
      machines: Array.from({ length: 6 }, (_, index) => machine(`host-${index}`)),
      sets: [0, 3].map((first) => ({ name: `group-${first}`, copies: [first, first + 1, first + 2] })),
      leastCopies: 2,
      electionSeconds: 30,
      streams: [stream(constant(2000 * share))],
      safe: { perLeaderTps: 1000, networkShare: 1, diskShare: 1 },
    });
    const { course, state } = simulateDay(cluster, away(0, 600, 1200));
    expect(state.streams[0]?.failed).toBe(0);
    return { seconds: course.outside.reduce((sum, each) => sum + each, 0), most: Math.max(...course.load) };
  };
  expect(over(0.5)).toEqual({ seconds: 0, most: 1 });
  expect(over(0.6).seconds).toBeCloseTo(30, 6);
  expect(over(0.6).most).toBeCloseTo(1.2, 9);
});

test('a set that requires more replicas than it has accepts nothing all day', () => {
  const { state } = simulateDay(simulated({ brokers: 2, copies: 1, leastCopies: 2 }), nothing);
  expect(state.streams[0]?.accepted).toBe(0);
});
