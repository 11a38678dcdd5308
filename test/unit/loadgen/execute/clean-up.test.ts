import { expect, test } from 'vitest';
import type { ClusterAdmin, ClusterInspector } from '../../../../brokers/driver.ts';
import { AppError } from '../../../../core/errors.ts';
import { cleanUp, foreignTo, madeBy, stillThere } from '../../../../loadgen/execute/clean-up.ts';
import { createSteppedClock } from '../../../support/stepped-clock.ts';
import type { LoadTestDocument } from '../../../../loadgen/plan/stored-workload.ts';

const io = { signal: new AbortController().signal };

/** @param stuck topics or groups that cannot be deleted before second `until` */
function clusterWith(topics: string[], groups: string[], stuck: readonly string[] = [], until = Infinity) {
  const clock = createSteppedClock();
  const drop = (list: string[]) => async (name: string) => {
    if (stuck.includes(name) && clock.monotonic() < until) throw new AppError('broker-refused', `${name} is in use`);
    list.splice(list.indexOf(name), 1);
  };
  const admin = { deleteTopic: drop(topics), deleteGroup: drop(groups) } as unknown as ClusterAdmin;
  const snapshot = async () => ({ topics: topics.map((name) => ({ name })), groups: groups.map((name) => ({ name })) });
  return { admin, inspector: { snapshot } as unknown as ClusterInspector, topics, groups, clock };
}

test('deletes what the run created and leaves everything else', async () => {
  const cluster = clusterWith(['orders', 'plimsoll-7'], ['billing', 'plimsoll-7-1']);
  const made = { topics: ['plimsoll-7'], groups: ['plimsoll-7-1', 'plimsoll-7-2'] };
  const found = await stillThere(made, cluster.inspector, io);
  expect(found).toEqual({ topics: ['plimsoll-7'], groups: ['plimsoll-7-1'] });
  const done = await cleanUp(found, cluster, io);
  expect(done).toEqual({ deleted: { topics: ['plimsoll-7'], groups: ['plimsoll-7-1'] }, left: [] });
  expect([cluster.topics, cluster.groups]).toEqual([['orders'], ['billing']]);
  expect(await stillThere(made, cluster.inspector, io)).toEqual({ topics: [], groups: [] });
});

test('reports what could not be deleted, and deletes the rest', async () => {
  const cluster = clusterWith(['plimsoll-7'], ['plimsoll-7-1'], ['plimsoll-7-1']);
  const cleaning = cleanUp({ topics: ['plimsoll-7'], groups: ['plimsoll-7-1'] }, cluster, io);
  await cluster.clock.advance(30);
  const done = await cleaning;
  expect(done.left).toEqual([{ what: 'group plimsoll-7-1', reason: 'plimsoll-7-1 is in use' }]);
  expect(done.deleted.topics).toEqual(['plimsoll-7']);
});

test('waits for a group in which a killed member is still counted', async () => {
  const cluster = clusterWith(['plimsoll-7'], ['plimsoll-7-1'], ['plimsoll-7-1'], 11);
  const cleaning = cleanUp({ topics: ['plimsoll-7'], groups: ['plimsoll-7-1'] }, cluster, io);
  await cluster.clock.advance(12);
  expect(await cleaning).toEqual({ deleted: { topics: ['plimsoll-7'], groups: ['plimsoll-7-1'] }, left: [] });
});

test('a topic that existed before the run is not deleted', () => {
  const document = {
    id: '7',
    resume: { workload: { topic: 'plimsoll-shadow', topics: 1, groups: 1 }, ownTopics: [] },
  } as unknown as LoadTestDocument;
  expect(madeBy(document)).toEqual({ topics: [], groups: ['plimsoll-7-1'] });
});

test('a bundle that names a topic without the permitted prefix is detected', () => {
  const document = {
    id: '7',
    resume: { workload: { topic: 'orders', topics: 1, groups: 1 }, ownTopics: ['plimsoll-7', 'orders'] },
  } as unknown as LoadTestDocument;
  expect(foreignTo(madeBy(document), 'plimsoll-')).toBe('orders');
  expect(foreignTo({ topics: ['plimsoll-7'], groups: ['plimsoll-7-1'] }, 'plimsoll-')).toBeUndefined();
});
