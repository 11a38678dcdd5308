import { fileURLToPath } from 'node:url';
import { describe, expect, test } from 'vitest';
import { analyzeBundle } from '../../../../../analyzer/verdict/analyze.ts';
import { decide } from '../../../../../analyzer/review/capacity-report/decide.ts';
import type { GoCase, ClusterSettings, Measured } from '../../../../../analyzer/review/capacity-report/go-case.ts';
import { withShares } from '../../../../../analyzer/verdict/limits/consumer-groups/ceiling.ts';
import { groupCapacity } from '../../../../../analyzer/verdict/limits/consumer-groups/capacity.ts';
import { proofOf } from '../../../../../analyzer/review/capacity-report/proofs.ts';
import type { ReplicaRow } from '../../../../../core/documents/evidence/replica-placement.ts';
import {
  actionText,
  reasonCodes,
  reasonText,
  type Reason,
  type ReasonCode,
} from '../../../../../core/documents/reasons/go-reasons.ts';
import type { Policy } from '../../../../../core/policy/policy.ts';
import { examplePolicy } from '../../../../support/example-policy.ts';
import { goCase, measured, proven, recordedRun, soonConfirmed, threeBrokers } from '../../../../support/go-case.ts';

const policy = examplePolicy();
const peak = (high: number) => ({ low: 0.8 * high, mid: 0.9 * high, high });
const recorded = async (path: string, by: Policy = policy): Promise<Measured> => ({
  analysis: await analyzeBundle(fileURLToPath(new URL(`../../../../../${path}`, import.meta.url)), by),
  source: path,
});
const loadTest = await recorded('examples/load-test');
const readings = await recorded('examples/founding-70k');
const findSafe = await recorded('test/fixtures/recorded-runs/find-safe');
const stopped = await recorded('test/fixtures/recorded-runs/stopped');

const decisionOf = (change: Partial<GoCase>) => decide({ ...goCase, ...change });
const codesOf = (change: Partial<GoCase>) => decisionOf(change).reasons.map(({ code }) => code);
const reasonOf = (change: Partial<GoCase>, code: ReasonCode) =>
  decisionOf(change).reasons.find((reason) => reason.code === code);
const stateOf = (change: Partial<GoCase>, name: string) =>
  decisionOf(change).conditions.find(({ condition }) => condition === name)?.state;

const predicted = measured(recordedRun(), policy);
const changed = (change: Record<string, string>): ClusterSettings[] => [
  { ...(goCase.settings[0] as ClusterSettings), fingerprint: { ...proven.analysis.fingerprint, ...change } },
];
const withoutKey = (key: string): ClusterSettings[] =>
  goCase.settings.map((each) => ({
    ...each,
    fingerprint: Object.fromEntries(Object.entries(each.fingerprint).filter(([name]) => !name.startsWith(key))),
  }));
/** Read 5,000 a second while it caught up, of 10,000 produced. */
const slowGroup: Measured = {
  ...proven,
  analysis: {
    ...proven.analysis,
    consumerGroups: (() => {
      const bins = Array.from({ length: 40 }, (_, bin) => ({ from: bin * 60, to: bin * 60 + 60 }));
      const history = {
        group: 'audit',
        lag: bins.map(({ to }, bin) => ({
          group: 'audit',
          elapsedSeconds: to,
          messages: Math.max(0, 40_000 - 2000 * bin),
        })),
        commits: bins.map((span, bin) => ({ ...span, group: 'audit', messagesPerSecond: bin < 20 ? 700 : 650 })),
      };
      return withShares([groupCapacity(history, 0.95)], [history], 675);
    })(),
  },
};
const withoutHost = (() => {
  const run = recordedRun();
  return measured({ ...run, hosts: new Map([...run.hosts].filter(([host]) => host !== 'host-2')) });
})();
const slowCard = measured(recordedRun({ ...threeBrokers, cards: { '1': 6.25e6, '2': 3.125e6, '3': 6.25e6 } }));
const lostMessages = measured({
  ...recordedRun(),
  ledger: {
    sent: 1000,
    acknowledged: 1000,
    refused: 0,
    unknownFate: 0,
    isExact: true,
    groups: [
      {
        group: 'billing',
        received: 999,
        lost: 1,
        unread: 0,
        duplicated: 0,
        redelivered: 0,
        rewritten: 0,
        reordered: 0,
        corrupted: 0,
        foreign: 0,
        late: 0,
        unknownFateButDelivered: 0,
        refusedButDelivered: 0,
        untoldButDelivered: 0,
        places: [{ topic: 'orders', partition: 1, lost: 1 }],
      },
    ],
  },
});
/** The same test of a cluster whose config gives it the same name. */
const elsewhere = (() => {
  const run = recordedRun();
  const { environment } = run.document;
  const brokers = environment.brokers.map((each) => ({ ...each, host: `other-${each.host}` }));
  const hosts = new Map(
    [...run.hosts].map(([host, series]) => [`other-${host}`, { ...series, host: `other-${host}` }]),
  );
  return measured({ ...run, hosts, document: { ...run.document, environment: { ...environment, brokers } } });
})();
const withoutHosts = (() => {
  const run = recordedRun();
  const { environment } = run.document;
  const brokers = environment.brokers.map(({ id, address }) => ({ id, address }));
  return measured({ ...run, document: { ...run.document, environment: { ...environment, brokers } } });
})();
const plan = { probabilityEnough: 0.95 };
const unsure = { probabilityEnough: 0.6 };
const older: Measured = {
  ...proven,
  // As versions before it was computed wrote it.
  analysis: {
    ...proven.analysis,
    withoutOne: (proven.analysis.withoutOne ?? []).map((loss) => {
      const { returning: _, ...kept } = loss;
      return kept;
    }),
  },
};

/** What gives each reason; a verdict of a run that was recorded, or of the bytes of one by arithmetic. */
const reaching: Readonly<Record<ReasonCode, Partial<GoCase>>> = {
  proven: {},
  'not-confirmed': { measured: [predicted], confirmationSeconds: 600 },
  'groups-not-confirmed': { measured: [predicted], confirmationSeconds: 600 },
  'read-once': { measured: [readings], peakTps: peak(50_000) },
  'interval-overlaps': { measured: [predicted], peakTps: { low: 1000, mid: 1300, high: 1600 }, survives: 'none' },
  'plan-closes-gap': { peakTps: peak(3000), plan },
  'peak-unknown': { peakTps: undefined },
  'not-measured': { measured: [stopped] },
  'no-maximum-found': { measured: [findSafe], peakTps: peak(900) },
  'safe-below-peak': { measured: [loadTest], peakTps: peak(9000) },
  'plan-not-sure': { peakTps: peak(3000), plan: unsure },
  'refused-by-plan': { plan: 'refused' },
  'evidence-expired': { asOf: '2026-07-02' },
  'not-monitored': { measured: [withoutHost] },
  'after-loss-unknown': { measured: [findSafe], peakTps: peak(400) },
  'after-loss-below-peak': { measured: [slowCard], peakTps: peak(1300) },
  'catch-up-unknown': { measured: [older] },
  'catch-up-below-peak': { peakTps: peak(1390) },
  'groups-unknown': { measured: [measured({ ...recordedRun(), consumed: [] })] },
  'group-below-share': { measured: [slowGroup] },
  'message-size-unknown': { messageBytes: undefined },
  'messages-too-small': { messageBytes: 2048 },
  'cluster-unknown': { measured: [proven, withoutHosts] },
  'different-clusters': { measured: [proven, elsewhere] },
  'critical-finding': { measured: [lostMessages] },
  'drift-unknown': { settings: [] },
  drifted: { settings: changed({ 'broker.settings.num.io.threads': '4' }) },
};

test.each(reasonCodes)('%s is reached', (code) => {
  expect(codesOf(reaching[code])).toContain(code);
});

describe('GO', () => {
  test('needs every condition, and says what proves the rate', () => {
    const { decision, reasons, conditions, proof } = decisionOf({});
    expect([decision, reasons.map(({ code }) => code)]).toEqual(['go', ['proven']]);
    expect(conditions.map(({ condition, state }) => [condition, state])).toEqual([
      ['proof', 'holds'],
      ['after-loss', 'holds'],
      ['catch-up', 'holds'],
      ['groups', 'holds'],
      ['message-size', 'holds'],
      ['one-cluster', 'holds'],
      ['findings', 'holds'],
      ['monitoring', 'holds'],
      ['drift', 'holds'],
      ['lifetime', 'holds'],
    ]);
    expect(conditions.find(({ condition }) => condition === 'after-loss')).toMatchObject({ basis: 'computed' });
    expect(proof).toMatchObject({ origin: 'load-test', seconds: 12, source: 'analysis orders' });
  });

  test('a prediction alone is a condition, and names the rate to generate', () => {
    const { decision, reasons } = decisionOf({ measured: [predicted], confirmationSeconds: 600 });
    expect(decision).toBe('conditions');
    expect(reasons).toEqual([
      { code: 'not-confirmed', tps: expect.any(Number), neededTps: 1000, targetTps: 1010, seconds: 600 },
      {
        code: 'groups-not-confirmed',
        missing: [{ what: 'group-rate', of: 'billing', in: '1,400' }],
        targetTps: 1010,
        seconds: 600,
      },
    ]);
  });

  test('a step that was shorter than the confirmation time of the report proves nothing', () => {
    expect(proofOf(proven, 12)?.tps).toBeCloseTo(1400, -1);
    expect(proofOf(proven, 600)).toBeUndefined();
  });

  test('a domain that has to survive nothing needs no loss, and the report says so', () => {
    const change = { measured: [findSafe], survives: 'none' as const, peakTps: peak(400) };
    expect([stateOf(change, 'after-loss'), stateOf(change, 'catch-up')]).toEqual(['not-required', 'not-required']);
  });

  test('messages as large as those of the domain, or larger, or smaller within the tolerance, prove a rate', () => {
    for (const messageBytes of [100, 1000, 1050]) expect(codesOf({ messageBytes })).toEqual(['proven']);
    expect(codesOf({ messageBytes: 1060 })).toEqual(['messages-too-small']);
    expect(reasonOf({ messageBytes: 2048 }, 'messages-too-small')).toMatchObject({
      testedBytes: 1000,
      neededBytes: 2048,
    });
  });

  test('a test of an unknown size proves nothing; a natural peak has the size of the domain', () => {
    const { messageBytes: _, ...run } = proven.analysis.run;
    const unsized: Measured = { ...proven, analysis: { ...proven.analysis, run } };
    expect(codesOf({ measured: [unsized] })).toEqual(['message-size-unknown']);
    const natural: Measured = { ...unsized, analysis: { ...unsized.analysis, run: { ...run, origin: 'production' } } };
    expect(stateOf({ measured: [natural], messageBytes: undefined }, 'message-size')).toBe('holds');
  });

  test('verdicts of another name are of another cluster', () => {
    const renamed = {
      ...proven,
      analysis: { ...proven.analysis, run: { ...proven.analysis.run, cluster: 'payments' } },
    };
    expect(reasonOf({ measured: [proven, renamed] }, 'different-clusters')?.subjects).toEqual([
      'lab (analysis orders)',
      'payments (analysis orders)',
    ]);
  });

  test('the id that brokers report says which cluster it is, whatever their hosts are called', () => {
    const withId = (clusterId: string, { analysis }: Measured = proven): Measured => ({
      ...proven,
      analysis: { ...analysis, fingerprint: { ...analysis.fingerprint, 'cluster.id': clusterId } },
    });
    expect(codesOf({ measured: [withId('4L6g3nShT-eMCtK')] })).toEqual(['proven']);
    expect(codesOf({ measured: [withId('4L6g3nShT-eMCtK'), withId('4L6g3nShT-eMCtK')] })).toEqual(['proven']);
    expect(codesOf({ measured: [withId('4L6g3nShT-eMCtK'), withId('other')] })).toContain('different-clusters');
    expect(
      stateOf({ measured: [withId('4L6g3nShT-eMCtK'), withId('4L6g3nShT-eMCtK', elsewhere)] }, 'one-cluster'),
    ).toBe('holds');
    expect(
      reasonOf({ measured: [withId('then')], settings: changed({ 'cluster.id': 'now' }) }, 'drift-unknown')?.missing,
    ).toEqual([{ what: 'other-cluster', of: 'then', in: 'now' }]);
  });

  test('a rate held below any limit has no N-1, which a test with each broker down gives', () => {
    const atLeast = measured(recordedRun({ ...threeBrokers, cards: { '1': 1.25e9, '2': 1.25e9, '3': 1.25e9 } }));
    expect(atLeast.analysis.safeMaxTps.kind).toBe('at-least');
    expect(reasonOf({ measured: [atLeast] }, 'after-loss-unknown')?.missing).toContainEqual({
      what: 'loss-limit',
      of: 'broker 2',
      in: expect.stringMatching(/closer to the limit|came near/),
    });
    const without = ['1', '2', '3'].map((id) => {
      const run = recordedRun();
      const degraded = { lost: [id], waitedSeconds: 10, copies: 2 };
      return measured({ ...run, document: { ...run.document, degraded } }, soonConfirmed, `without ${id}`);
    });
    expect(stateOf({ measured: [atLeast, ...without] }, 'after-loss')).toBe('holds');
  });

  test('of a rate held below any limit N-1 is computed where its limit is near enough', () => {
    // Three groups read from two leaders in place of three, so that each sends a fifth more.
    const atLeast = measured(
      recordedRun({
        ...threeBrokers,
        cards: { '1': 7.1e6, '2': 7.1e6, '3': 7.1e6 },
        rows: ['1', '2', '3'].map((leader, place, ids) => ({
          leader,
          replicas: [leader, ids[(place + 1) % 3] as string, ids[(place + 2) % 3] as string],
          partitions: 4,
        })),
        groups: 3,
      }),
    );
    expect(atLeast.analysis.safeMaxTps).toMatchObject({ kind: 'at-least', reason: 'no-limit-reached' });
    expect(atLeast.analysis.withoutOne?.map(({ id }) => id).toSorted()).toEqual(['1', '2', '3']);
    expect(stateOf({ measured: [atLeast] }, 'after-loss')).toBe('holds');
  });

  test('a zone has to be known where the domain declares it', () => {
    expect(codesOf({ survives: 'zone' })).toEqual(['after-loss-unknown']);
    const rows: ReplicaRow[] = [
      { leader: '1', replicas: ['1', '3'], partitions: 3 },
      { leader: '2', replicas: ['2', '4'], partitions: 3 },
      { leader: '3', replicas: ['3', '1'], partitions: 3 },
      { leader: '4', replicas: ['4', '2'], partitions: 3 },
    ];
    const zoned = measured(
      recordedRun({
        ...threeBrokers,
        cards: { '1': 6.25e6, '2': 6.25e6, '3': 6.25e6, '4': 6.25e6 },
        zones: { '1': 'a', '2': 'a', '3': 'b', '4': 'b' },
        rows,
        replicationFactor: 2,
        rates: [4000, 5000, 6000, 7000, 8000],
      }),
    );
    const settings = [{ ...(goCase.settings[0] as ClusterSettings), fingerprint: zoned.analysis.fingerprint ?? {} }];
    expect(decisionOf({ measured: [zoned], settings, survives: 'zone', peakTps: peak(3500) }).decision).toBe('go');
    expect(codesOf({ measured: [zoned], settings, survives: 'zone', peakTps: peak(4000) })).toContain(
      'catch-up-below-peak',
    );
  });

  test('a test with a broker down answers for that broker in place of the model', () => {
    const run = recordedRun();
    const degraded = { lost: ['2'], waitedSeconds: 10, copies: 2 };
    const without = measured({ ...run, document: { ...run.document, degraded } }, soonConfirmed, 'analysis orders 2');
    const { conditions } = decisionOf({ measured: [slowCard, without], peakTps: peak(1000) });
    expect(conditions.find(({ condition }) => condition === 'after-loss')).toMatchObject({ subject: 'broker 1' });
    expect(decisionOf({ measured: [without] }).reasons.map(({ code }) => code)).toContain('not-measured');
  });

  test('a placement that was only assumed is no basis for a loss', () => {
    const assumed = measured(recordedRun({ ...threeBrokers, isRecorded: false }));
    expect(reasonOf({ measured: [assumed] }, 'after-loss-unknown')?.missing).toContainEqual({
      what: 'placement',
      of: 'broker 2',
    });
  });

  test('the group of a load generator is the same in a later test, which held its rate', () => {
    const ofRun = (id: string, highest: number, by: Policy) => {
      const run = recordedRun({ ...threeBrokers, rates: [600, 800, 1000, 1200, highest] });
      const consumed = run.consumed.map((line) => ({ ...line, group: `plimsoll-${id}-1` }));
      return measured({ ...run, document: { ...run.document, id }, consumed }, by);
    };
    const [brief, held] = [ofRun('a', 1450, policy), ofRun('b', 1400, soonConfirmed)];
    const { consumerGroups = [] } = brief.analysis;
    const higher = {
      ...brief,
      analysis: {
        ...brief.analysis,
        consumerGroups: consumerGroups.map((each) => ({ ...each, seconds: 3 })),
      },
    };
    expect(codesOf({ measured: [higher, held] })).toEqual(['proven']);
  });

  test('groups that are declared and were not measured are missing', () => {
    expect(codesOf({ declaredGroups: 3 })).toEqual(['groups-unknown']);
    expect(codesOf({ declaredGroups: 1 })).toEqual(['proven']);
    expect(stateOf({ declaredGroups: 0, measured: [measured({ ...recordedRun(), consumed: [] })] }, 'groups')).toBe(
      'not-required',
    );
  });
});

describe('drift', () => {
  test('names what changed', () => {
    expect(reasonOf(reaching.drifted, 'drifted')?.subjects).toEqual(['broker.settings.num.io.threads 8 → 4']);
    expect(codesOf({ settings: changed({ 'jvm.2.flags': '-Xmx4g' }) })).toEqual(['drifted']);
    expect(codesOf({ settings: changed({ 'hosts.host-1.eth0.speed': '1 Gbit/s' }) })).toEqual(['drifted']);
    expect(codesOf({ settings: changed({ 'broker.settings.background.threads': '20' }) })).toEqual(['drifted']);
  });

  test('settings of the load generator, its topics and its clients are none of the cluster', () => {
    expect(codesOf({ settings: changed({ 'client.acks': 'none', 'topic.partitions': '1' }) })).toEqual(['proven']);
  });

  test.each(['broker.settings', 'jvm.2', 'hosts.host-3', 'broker.version'])('without %s it is unknown', (key) => {
    expect(codesOf({ settings: withoutKey(key) })).toEqual(['drift-unknown']);
  });

  test('settings of before the test, and of more than a day ago, are not the current ones', () => {
    const at = (moment: string) => goCase.settings.map((each) => ({ ...each, at: moment }));
    expect(codesOf({ settings: at('2025-12-31T00:00:00Z') })).toEqual(['drift-unknown']);
    expect(codesOf({ settings: at('2026-01-01T12:00:00Z'), asOf: '2026-01-05' })).toEqual(['drift-unknown']);
  });

  test('settings of another cluster show nothing of this one', () => {
    const settings = goCase.settings.map((each) => ({ ...each, cluster: 'payments' }));
    expect(reasonOf({ settings }, 'drift-unknown')?.missing).toEqual([
      { what: 'other-cluster', of: 'lab', in: 'payments' },
    ]);
  });

  test('evidence of production is compared with settings that were read before it ended', () => {
    const { fingerprint: _, ...analysis } = proven.analysis;
    const run = { ...analysis.run, origin: 'production' as const };
    const production = { analysis: { ...analysis, run }, source: 'analysis orders' };
    expect(codesOf({ measured: [production] })).toEqual(['drift-unknown']);
    const [now] = goCase.settings as [ClusterSettings];
    const then = { ...now, at: '2025-12-31T00:00:00.000Z' };
    expect(decisionOf({ measured: [production], settings: [then, now] }).proof?.origin).toBe('natural-peak');
    expect(codesOf({ measured: [production], settings: [then, now] })).toEqual(['proven']);
    const changedSince = changed({ 'jvm.1.flags': '-Xmx2g' });
    expect(codesOf({ measured: [production], settings: [then, ...changedSince] })).toEqual(['drifted']);
  });

  test('a run that recorded no settings cannot show that nothing changed', () => {
    const run = recordedRun();
    const { settings: _, ...document } = run.document;
    expect(reasonOf({ measured: [measured({ ...run, document })] }, 'drift-unknown')?.missing).toContainEqual({
      what: 'broker-settings',
      of: 'broker 1',
      in: 'analysis orders',
    });
  });
});

test.each(['en', 'zh'] as const)('in %s every reason has a different text, with what to do', (language) => {
  const reached = reasonCodes.map((code) => reasonOf(reaching[code], code) as Reason);
  const texts = reached.map((reason) => reasonText(reason, language));
  expect(new Set(texts).size).toBe(reasonCodes.length);
  for (const [place, text] of texts.entries()) {
    expect(`${text} ${actionText(reached[place] as Reason, language)}`).not.toMatch(/undefined|NaN|: [.。]/);
  }
});

test('headroom is what is left of the safe maximum in the middle of the peak', () => {
  const safe = decisionOf({}).safeTps ?? 0;
  expect(decisionOf({}).headroom).toBeCloseTo(1 - 900 / safe, 6);
});
