import { inEnglish } from '../../../support/in-english.ts';
import { expect, test } from 'vitest';
import { topicOf } from '../../../support/defined-topic.ts';
import { fakeBroker, store } from '../../../support/fake-change-desk.ts';
import { delaysOf } from '../../../../ops/rocketmq/late-messages.ts';
import { retentionBlockers } from '../../../../ops/rocketmq/await-expired.ts';
import { planScaleIn } from '../../../../ops/rocketmq/scale-in/plan-scale-in.ts';
import { delayBlockers } from '../../../../ops/rocketmq/scale-in/await-delivered.ts';
import { io, spec, pair, travel, codesOf } from '../../../support/scale-in.ts';

test('delay levels and timers hold the scale-in for at most the longest delay', () => {
  const holds = delayBlockers(
    { delayLevels: [{ level: 3, delivered: 5n, end: 9n }], timerWaitingMessages: 2n, timerBehindMessages: 0n },
    { quietAt: '2026-11-20T00:00:00Z', delaySeconds: delaysOf('1s 5s 10s'), longestTimerSeconds: 259_200 },
  );
  expect(holds).toMatchObject([
    { what: 'pending messages of delay level 3: 4', until: new Date('2026-11-20T00:00:10Z') },
    { what: 'pending timer messages: 2', until: new Date('2026-11-23T00:00:00Z') },
  ]);
});

test('messages of a delay level without deliveries hold the scale-in although 4.9 does not list the level', async () => {
  const cluster = pair();
  const broker = cluster.brokers.get('b:1') ?? fakeBroker('');
  broker.ends.set('SCHEDULE_TOPIC_XXXX 2', 10n);
  const { arrival } = (await travel(cluster, 100)) as unknown as { arrival: { holds: { what: string }[] } };
  expect(arrival.holds.map(({ what }) => what)).toEqual(['pending messages of delay level 3: 10']);
});

const tagged = (tag: string) => ({ properties: Buffer.from(`TAGS\u0001${tag}\u0002`) });
const reviveLog = 'rmq_sys_REVIVE_LOG_lab';

/** @param settled offset of the last check point that was handled in queue 0 */
function poppingBroker(tags: readonly string[], settled?: bigint) {
  const cluster = pair();
  const broker = cluster.brokers.get('b:1') ?? fakeBroker('');
  broker.topics.set(reviveLog, topicOf(reviveLog, { readQueues: 8, writeQueues: 8 }));
  for (const tag of tags) store(broker, reviveLog, tagged(tag));
  const byQueue = new Map<number, bigint>(settled === undefined ? [] : [[0, settled]]);
  broker.commits = [{ topic: reviveLog, group: 'CID_RMQ_SYS_REVIVE_GROUP', byQueue }];
  return cluster;
}

test('acknowledgements behind the last settled pop checkpoint do not hold the scale-in', async () => {
  const { arrival } = (await travel(poppingBroker(['ck', 'ck', 'ack', 'bAck'], 1n))) as unknown as { arrival: object };
  expect(arrival).toMatchObject({ kind: 'held', step: 'stop' });
});

test.each([
  { what: 'behind the last settled one', settled: 1n, waiting: 1 },
  { what: 'of a queue where none is settled yet', settled: undefined, waiting: 3 },
])('pop checkpoints $what hold the scale-in', async ({ settled, waiting }) => {
  const cluster = poppingBroker(['ck', 'ck', 'ack', 'ck', 'ack'], settled);
  const { arrival } = (await travel(cluster)) as unknown as { arrival: { holds: { what: string }[] } };
  expect(arrival).toMatchObject({
    step: 'see-delivered',
    holds: [{ what: `${waiting} pending pop records (not acknowledged)` }],
  });
});

test('pops in RocksDB are not reported as settled, and their replay is not given up', async () => {
  const cluster = pair();
  cluster.brokers.get('b:1')?.settings.set('popConsumerKVServiceEnable', 'true');
  const planned = async (giveUpReplay: boolean) =>
    (await planScaleIn(cluster.desk, { ...spec, giveUpReplay }, new Date(0), io)).findings.map(
      ({ severity, code }) => `${severity} ${code}`,
    );
  expect(await planned(true)).toContain('critical pops-not-counted');
  expect(await planned(false)).toContain('warning pops-not-counted');
  const { journey } = await travel(cluster);
  expect(inEnglish(journey.journal.steps.find(({ id }) => id === 'see-delivered')?.evidence)).toEqual([
    expect.stringMatching(/; no timer or transaction is pending$/),
  ]);
  const facts = { hidesWaiting: true, giveUpReplay: true, quietAt: '2026-11-20T00:00:00Z', retentionHours: 72 };
  expect(retentionBlockers(facts, new Date('2026-11-20T12:00:00Z')), 'resumed with --give-up-replay').toHaveLength(1);
});

test('half messages in RocksDB are neither reported as settled nor counted as client messages', async () => {
  const cluster = pair();
  const broker = cluster.brokers.get('b:1') ?? fakeBroker('');
  const names = ['RMQ_SYS_ROCKSDB_TRANS_HALF_TOPIC', 'RMQ_SYS_ROCKSDB_TRANS_OP_HALF_TOPIC'];
  for (const name of names) broker.topics.set(name, topicOf(name));
  broker.settings.set('transRocksDBEnable', 'true');
  expect(await codesOf(cluster), 'halves are in the topic of before').toEqual([]);
  broker.settings.set('transWriteOriginTransHalfEnable', 'false');
  expect(await codesOf(cluster)).toEqual(['transactions-not-counted']);
  const { arrival, journey } = (await travel(cluster)) as Awaited<ReturnType<typeof travel>> & { arrival: unknown };
  expect(inEnglish(journey.journal.steps.find(({ id }) => id === 'see-delivered')?.evidence)).toEqual([
    expect.stringMatching(/; no timer or pop is pending$/),
  ]);
  expect(arrival).toMatchObject({ kind: 'held', step: 'see-expired' });
});

test('timers in RocksDB hold the scale-in for the longest possible delay, whatever the reported figures', async () => {
  const cluster = pair();
  const broker = cluster.brokers.get('b:1') ?? fakeBroker('');
  broker.settings.set('timerRocksDBEnable', 'true').set('timerMaxDelaySec', '30');
  // As 5.5 reports: all timers since the switch, and those of the wheel that takes none any more.
  broker.runtime.set('timerOffsetBehind', '500').set('timerCongestNum', '7');
  expect(await codesOf(cluster)).toEqual(['timers-not-counted']);
  const { holds, findings } = await planScaleIn(cluster.desk, { ...spec, giveUpReplay: false }, new Date(0), io);
  expect(holds).toEqual([]);
  expect(findings.find(({ code }) => code === 'timers-not-counted')?.message).toContain(
    'the change waits for the longest delay (timerMaxDelaySec)',
  );
  const { arrival, journey, said } = (await travel(cluster, 200)) as Awaited<ReturnType<typeof travel>> & {
    arrival: unknown;
  };
  expect(said.join('\n')).toContain('timer messages cannot be counted (timerRocksDBEnable)');
  expect(inEnglish(journey.journal.steps.find(({ id }) => id === 'see-delivered')?.evidence)).toEqual([
    expect.stringMatching(/; no transaction or pop is pending$/),
  ]);
  expect(arrival).toMatchObject({ kind: 'held', step: 'see-expired' });
});

test('timers of a re-enabled timer wheel hold the scale-in, and those left in RocksDB are not counted', async () => {
  const cluster = pair();
  const broker = cluster.brokers.get('b:1') ?? fakeBroker('');
  // The state that switchTimerEngine of 5.5 leaves.
  broker.settings.set('timerRocksDBEnable', 'true').set('timerRocksDBStopScan', 'true');
  broker.runtime.set('timerOffsetBehind', '5').set('timerCongestNum', '7');
  expect(await codesOf(cluster)).toEqual(['timers-not-counted']);
  expect((await planScaleIn(cluster.desk, spec, new Date(0), io)).holds).toMatchObject([
    { what: 'pending timer messages: 12' },
  ]);
});

test('reads delay levels with their units', () =>
  expect(delaysOf('1s 30s 1m 2h 1d')).toEqual([1, 30, 60, 7200, 86_400]));
