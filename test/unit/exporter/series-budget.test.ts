import { expect, test } from 'vitest';
import type { ClusterCollector, Measurement, MetricDefinition } from '../../../exporter/collector.ts';
import { offsets } from '../../../exporter/collectors/offsets.ts';
import { rocketmqQueues } from '../../../exporter/collectors/rocketmq/queues.ts';
import { rocketmqStoredMessages } from '../../../exporter/collectors/rocketmq/stored-messages.ts';
import { renderLines } from '../../../exporter/exposition/render-lines.ts';
import { createSeriesBudget } from '../../../exporter/series-budget.ts';
import { snapshotWith, topicWith } from '../../support/rocketmq-snapshot.ts';

const definitions: Readonly<Record<string, MetricDefinition>> = {
  brokers: { type: 'gauge', help: 'h', labels: [] },
  members: { type: 'gauge', help: 'h', labels: ['consumergroup'], additive: true },
  lag: { type: 'gauge', help: 'h', labels: ['consumergroup', 'topic', 'partition'], additive: true },
  leader: { type: 'gauge', help: 'h', labels: ['topic', 'partition'] },
};

/** One series of the cluster, one for each of 2 groups, and for each of so many partitions 2 lags and 1 leader. */
function* measure(partitions: number): Iterable<Measurement> {
  yield { metric: 'brokers', labels: [], value: 3 };
  for (const group of ['g1', 'g2']) yield { metric: 'members', labels: [group], value: 1 };
  for (let partition = 0; partition < partitions; partition++) {
    const labels = [partition % 2 === 0 ? 'even' : 'odd', String(partition)];
    yield { metric: 'leader', labels, value: 1 };
    for (const group of ['g1', 'g2']) {
      yield { metric: 'lag', labels: [group, ...labels], value: 9_007_199_254_740_993n };
    }
  }
}

/** Returns the series of a cluster with a budget for successive partition counts; undefined is a failed reading. */
function budgeted(budget: number) {
  const withinBudget = createSeriesBudget(budget);
  return async (partitions?: number) => {
    const { rendering, series, shed } = await withinBudget((shedding, count) =>
      renderLines(definitions, partitions === undefined ? [] : measure(partitions), {
        origin: { names: [], values: [] },
        shed: shedding,
        count,
      }),
    );
    const text = [...rendering.values()].flat().join('');
    return { lines: text.split('\n').slice(0, -1), series, shed };
  };
}

test('exports every series while they fit in the budget', async () => {
  const { lines, series, shed } = await budgeted(33)(10);
  expect([lines.length, series]).toEqual([33, 33]);
  expect(shed).toEqual({ partition: 0, topic: 0, group: 0 });
});

test('above the budget, partitions are summed by topic exactly, and series without a sum are left out', async () => {
  const { lines, series, shed } = await budgeted(32)(10);
  expect(lines).toEqual([
    'brokers 3',
    'members{consumergroup="g1"} 1',
    'members{consumergroup="g2"} 1',
    'lag{consumergroup="g1",topic="even",partition="_other"} 45035996273704965',
    'lag{consumergroup="g2",topic="even",partition="_other"} 45035996273704965',
    'lag{consumergroup="g1",topic="odd",partition="_other"} 45035996273704965',
    'lag{consumergroup="g2",topic="odd",partition="_other"} 45035996273704965',
  ]);
  expect([series, shed]).toEqual([7, { partition: 30, topic: 0, group: 0 }]);
});

test('next topics and then groups are summed, while cluster-level series stay', async () => {
  expect((await budgeted(6)(10)).lines.slice(3)).toEqual([
    'lag{consumergroup="g1",topic="_other",partition="_other"} 90071992547409930',
    'lag{consumergroup="g2",topic="_other",partition="_other"} 90071992547409930',
  ]);
  const least = await budgeted(1)(10);
  expect(least.lines).toEqual([
    'brokers 3',
    'members{consumergroup="_other"} 2',
    'lag{consumergroup="_other",topic="_other",partition="_other"} 180143985094819860',
  ]);
  expect(least.shed).toEqual({ partition: 30, topic: 0, group: 2 });
});

test('detail returns below nine tenths of the budget, and not at its edge', async () => {
  const show = budgeted(100);
  const seriesOf = async (partitions: number) => (await show(partitions)).series;
  expect(await seriesOf(33)).toBe(7);
  // 93 series would fit, and 87 with a margin: detail returns at the following scrape.
  expect([await seriesOf(30), await seriesOf(30)]).toEqual([7, 7]);
  expect([await seriesOf(26), await seriesOf(26)]).toEqual([7, 81]);
});

test('a failed reading does not bring detail back', async () => {
  const show = budgeted(100);
  const shown = [await show(33), await show(), await show(30)];
  expect(shown.map(({ series }) => series)).toEqual([7, 0, 7]);
});

test('counters and offsets are never summed, because a missing partition would look like a counter reset', async () => {
  const { topic, offsets: all } = topicWith('orders', {
    a: [
      [3n, 10_000_000_000n],
      [3n, 1_000_000_000n],
    ],
    b: [[3n, 500n]],
  });
  const details = { topics: [{ name: 'orders', kind: 'normal' as const, routes: [] }] };
  const shown = async (read: typeof all, budget: number) => {
    const snapshot = snapshotWith(details, { topics: [topic], offsets: read });
    const pages = [offsets, rocketmqQueues, rocketmqStoredMessages].map((collector) => {
      const { metrics } = collector as ClusterCollector;
      const collection = collector.collect({ snapshot });
      if (collection.kind !== 'ok') throw new Error(collection.reason);
      return createSeriesBudget(budget)((shed, count) =>
        renderLines(metrics, collection.measurements, { origin: { names: [], values: [] }, shed, count }),
      );
    });
    const texts = (await Promise.all(pages)).map(({ rendering }) => [...rendering.values()].flat().join(''));
    return new Map(
      texts
        .join('')
        .split('\n')
        .slice(0, -1)
        .map((line) => line.split(' ') as [string, string]),
    );
  };
  expect((await shown(all, 100)).size).toBeGreaterThan(10);
  expect([...(await shown(all, 1))]).toEqual([]);
});
