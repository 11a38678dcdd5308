import { describe, expect, test } from 'vitest';
import { analyzeRun } from '../../../../../analyzer/verdict/analyze-run.ts';
import { examplePolicy } from '../../../../support/example-policy.ts';
import { Analysis } from '../../../../../core/documents/analysis.ts';
import { limitAt, placedRun, type PlacedRun } from '../../../../support/placed-run.ts';

const policy = examplePolicy();
const analyse = (shape: PlacedRun) => Analysis.parse(analyzeRun(placedRun(shape), policy));

function skewOf(shape: PlacedRun) {
  const { findings, safeMaxTps } = analyse(shape);
  const skew = findings.find(({ code }) => code === 'broker-skew');
  const safe = 'tps' in safeMaxTps ? safeMaxTps.tps : 0;
  const gains = (skew?.evidence ?? []).flatMap(({ name, value, unit }) =>
    unit === 'messages/s' && typeof value === 'number' ? [{ name, ratio: value / safe }] : [],
  );
  return { skew, gains };
}

const even: PlacedRun = {
  broker: 'kafka',
  cards: { '1': 6.25e6, '2': 6.25e6, '3': 3.125e6 },
  rows: [
    { leader: '1', replicas: ['1', '2', '3'], partitions: 4 },
    { leader: '2', replicas: ['2', '3', '1'], partitions: 4 },
    { leader: '3', replicas: ['3', '1', '2'], partitions: 4 },
  ],
  groups: 1,
  rates: [1000, 1200, 1400, 1600, 1800],
  isRecorded: true,
  replicationFactor: 3,
};

describe('cards of 50, 50 and 25 Mbit/s, with a replica of every message on each broker', () => {
  const { skew, gains } = skewOf(even);

  test('reports that the card is slower, not that the broker has more traffic', () => {
    expect(skew?.message).toContain('for about the same use per message it has 3.13 MB/s where others have 6.25 MB/s');
  });

  test('advises a faster card, with the resulting rate: the limit of the other brokers', () => {
    const card = gains.find(({ name }) => name.startsWith('a card of 50 Mbit/s at broker 3'));
    // By hand: all brokers receive and send the same traffic, so a card twice as fast doubles the rate, except for the idle bytes.
    expect(card?.ratio).toBeCloseTo(limitAt('1', even) / limitAt('3', even), 2);
  });

  test('advises no move of leaders, since broker 3 receives each message anyway', () => {
    // Without leaders it sends 0 to followers, and still receives 1,100 bytes of each message: 2,498,000 / 1,130 before, 2,498,000 / 1,100 after.
    expect(gains.map(({ name }) => name)).toEqual(['a card of 50 Mbit/s at broker 3 (like broker 1)']);
    expect(skew?.message).not.toContain('leader');
  });
});

test('advises to spread leaders that are all on one broker, with the resulting rate', () => {
  const shape: PlacedRun = {
    ...even,
    cards: { '1': 6.25e6, '2': 6.25e6, '3': 6.25e6 },
    rows: [{ leader: '1', replicas: ['1', '2', '3'], partitions: 12 }],
    rates: [600, 800, 1000, 1200, 1400],
  };
  const { gains, skew } = skewOf(shape);
  // By hand: each of 3 leaders sends 3 copies of a third of the messages, 1,100 bytes: 3.3 times less than 3 copies of all.
  const spread = {
    ...shape,
    rows: [
      { leader: '1', replicas: ['1', '2', '3'], partitions: 4 },
      { leader: '2', replicas: ['2', '1', '3'], partitions: 4 },
      { leader: '3', replicas: ['3', '1', '2'], partitions: 4 },
    ],
  };
  const expected = Math.min(limitAt('1', spread), limitAt('2', spread), limitAt('3', spread)) / limitAt('1', shape);
  expect(gains[0]?.name).toMatch(/^moving 4 leaders from broker 1 to broker [23] and 4 leaders to broker [23]$/);
  expect(Math.abs((gains[0]?.ratio ?? 0) / expected - 1)).toBeLessThan(0.05);
  expect(skew?.message).toMatch(
    /Moving 4 leaders from broker 1 .* raises the safe maximum from [\d,]+ to [\d,]+ msg\/s\./,
  );
});

test('advises to move replicas from a slow broker to a broker without replicas', () => {
  const shape: PlacedRun = {
    ...even,
    cards: { '1': 6.25e6, '2': 6.25e6, '3': 3.125e6, '4': 6.25e6 },
    rows: [
      { leader: '1', replicas: ['1', '3'], partitions: 6 },
      { leader: '2', replicas: ['2', '3'], partitions: 6 },
    ],
    groups: 0,
    replicationFactor: 2,
  };
  const { gains } = skewOf(shape);
  // By hand: broker 3 replicates all 12 with half a card; with 8 of them on broker 4 it replicates a third: three times the rate. Brokers 1 and 2
  // with half of the messages each then stop at twice the rate of a whole card.
  expect(gains[0]?.name).toMatch(/^moving \d replicas from broker 3 to broker 4/);
  expect(gains[0]?.ratio).toBeGreaterThan(2.5);
});

test('advises to move queues between RocketMQ masters only', () => {
  const shape: PlacedRun = {
    ...even,
    broker: 'rocketmq',
    cards: { 'a:0': 6.25e6, 'a:1': 6.25e6, 'b:0': 6.25e6, 'b:1': 6.25e6 },
    rows: [
      { leader: 'a:0', replicas: ['a:0', 'a:1'], partitions: 12 },
      { leader: 'b:0', replicas: ['b:0', 'b:1'], partitions: 4 },
    ],
    rates: [800, 1100, 1400, 1700, 2000],
  };
  const { gains } = skewOf(shape);
  // By hand: 12 of 16 queues are 3/4 of the messages; with half each the rate is 3/2.
  expect(gains[0]?.name).toMatch(/^moving 4 queues from a:0 to b:0$/);
  expect(gains[0]?.ratio).toBeCloseTo(1.5, 1);
});
