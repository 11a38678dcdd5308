import { describe, expect, test } from 'vitest';
import type { GoCase, Measured } from '../../../../../analyzer/review/capacity-report/go-case.ts';
import { driftOf } from '../../../../../analyzer/evidence/fingerprint.ts';
import { actionText, type Reason } from '../../../../../core/documents/reasons/go-reasons.ts';
import {
  goCase,
  measured,
  proven,
  recordedRun,
  soonConfirmed,
  threeBrokers,
  withoutBrokers,
} from '../../../../support/go-case.ts';
import { changed, codesOf, decisionOf, figureOf, peak, reasonOf, stateOf } from '../../../../support/go-decisions.ts';
import type { PlacedRun } from '../../../../support/placed-run.ts';
import {
  elected,
  electing,
  fixed,
  ids,
  members,
  since,
  testedGroups,
  twoGroups,
  valuesOf,
} from '../../../../support/rocketmq-groups.ts';

const without = (lost: string[], run = recordedRun()): Measured =>
  measured(withoutBrokers(run, lost), soonConfirmed, `without ${lost.join(', ')}`);

describe('drift since a test with brokers down', () => {
  test.each([[['2']], [['2', '3']]])(
    'settings of the lost brokers %j, which the test could not read, are no drift',
    (lost) => {
      expect(proven.analysis.fingerprint).toHaveProperty('broker.settings.node.id@2');
      expect(without(lost).analysis.fingerprint).not.toHaveProperty('broker.settings.node.id@2');
      expect(codesOf({ measured: [proven, without(lost)] })).toEqual(['proven']);
    },
  );

  test('a changed setting on a remaining broker is drift', () => {
    for (const lost of [['2'], ['2', '3']]) {
      const settings = changed({ 'broker.settings.num.io.threads': '4', 'jvm.1.flags': '-Xmx2g' });
      expect(reasonOf({ measured: [proven, without(lost)], settings }, 'drifted')?.subjects).toEqual([
        'broker.settings.num.io.threads 8 → 4',
        'jvm.1.flags -Xmx6g → -Xmx2g',
      ]);
    }
    const onlyDegraded = { measured: [without(['2'])], settings: changed({ 'broker.settings.node.id@3': '4' }) };
    const drift = decisionOf({ ...onlyDegraded, measured: [proven, ...onlyDegraded.measured] });
    expect(drift.reasons.map(({ code }) => code)).toEqual(['drifted']);
  });
});

describe('resources that a test with a broker down did not monitor', () => {
  const { analysis, source } = without(['2']);
  if (analysis.held === undefined) throw new Error('no rate held');
  const blind = { source, analysis: { ...analysis, held: { ...analysis.held, unmonitored: ['host of broker 3'] } } };

  test('are reported as not monitored', () => {
    expect(codesOf({ measured: [proven, { source, analysis }] })).toEqual(['proven']);
    expect(codesOf({ measured: [proven, blind] })).toEqual(['not-monitored']);
  });

  test('are not needed if the domain survives no loss', () => {
    expect(codesOf({ measured: [proven, blind], survives: 'none' })).toEqual(['proven']);
  });
});

describe('the planned loss of two brokers', () => {
  const two = { lostBrokers: 2 };

  test('needs a test with two brokers down', () => {
    const unknown = reasonOf(two, 'after-loss-unknown') as Reason;
    expect(unknown.missing).toEqual([{ what: 'brokers-down', of: '2' }]);
    expect(actionText(unknown, 'en')).toContain('`plimsoll run --degraded BROKERS`');
    expect(stateOf({ ...two, measured: [proven, without(['2'])] }, 'after-loss')).toBe('unknown');
    const tested = { ...two, measured: [proven, without(['3', '2'])] };
    expect([stateOf(tested, 'after-loss'), stateOf(tested, 'catch-up')]).toEqual(['holds', 'holds']);
    expect(stateOf({ ...two, survives: 'none' }, 'after-loss')).toBe('not-required');
  });

  test('is judged by a test of a larger loss only if there is no other test', () => {
    const cards = { ...threeBrokers.cards, '4': 6.25e6 };
    const zone = without(['2', '3', '4'], recordedRun({ ...threeBrokers, cards, groups: 4, rates: [300, 500, 700] }));
    expect(stateOf({ ...two, measured: [proven, without(['3', '2']), zone] }, 'after-loss')).toBe('holds');
    expect(stateOf({ ...two, measured: [proven, zone] }, 'after-loss')).toBe('fails');
  });

  test('is not proven by a test of one broker that an older version recorded twice', () => {
    const twice = { ...without(['2']) };
    const degraded = { lost: ['2', '2'], waitedSeconds: 10, copies: 2 };
    twice.analysis = { ...twice.analysis, degraded };
    expect(stateOf({ ...two, measured: [proven, twice] }, 'after-loss')).toBe('unknown');
  });
});

describe('an election in a RocketMQ group', () => {
  const rename = (id: string) => (id === 'broker-a:2' ? 'broker-a:1' : id);
  const after = measured(
    recordedRun({ ...twoGroups, cards: Object.fromEntries(ids.map((id) => [rename(id), 6.25e6])) }, 1, since),
  ).analysis.fingerprint;
  // Hosts are named by id in these runs, and keep their names.
  const machines = Object.entries(electing.whole.analysis.fingerprint ?? {}).filter(([key]) =>
    key.startsWith('hosts.'),
  );
  const settingsWith = (change: Readonly<Record<string, string>> = {}): GoCase['settings'] => {
    const kept = Object.entries(after ?? {}).filter(([key]) => !key.startsWith('hosts.'));
    const fingerprint = { ...Object.fromEntries([...kept, ...machines]), ...change };
    return goCase.settings.map((each) => ({ ...each, fingerprint }));
  };
  const both = [electing.whole, electing.without(['broker-a:2'], elected)];

  test('is no drift, for the test of the whole cluster and for the test after it', () => {
    expect(stateOf({ measured: both, settings: settingsWith() }, 'drift')).toBe('holds');
    expect(stateOf({ measured: both, settings: electing.settings }, 'drift')).toBe('holds');
  });

  test('is not assumed for two clusters without a common member, whose brokers are compared by id', () => {
    const elsewhere = Object.fromEntries(
      Object.entries(members).map(([id, address]) => [id, `10.9${address.slice(4)}`]),
    );
    const other = measured(recordedRun(twoGroups, 1, valuesOf(elsewhere))).analysis.fingerprint;
    const settings = driftOf(electing.whole.analysis.fingerprint, other).map(({ setting }) => setting);
    expect(settings.filter((setting) => !setting.includes('brokerIP1'))).toEqual(['client.acks']);
  });

  test('leaves the cluster the same, even if no member has its earlier id', () => {
    const { whole } = electing;
    const withHosts = (hosts: Readonly<Record<string, string>>): Measured => {
      const perBroker = Object.entries(hosts).map(([broker, host]) => ({
        ...whole.analysis.perBroker[0]!,
        broker,
        host,
      }));
      return { ...whole, analysis: { ...whole.analysis, perBroker } };
    };
    const stateWith = (hosts: Readonly<Record<string, string>>) =>
      stateOf({ measured: [withHosts({ 'broker-a:0': 'h1', 'broker-a:1': 'h2' }), withHosts(hosts)] }, 'one-cluster');
    expect(stateWith({ 'broker-a:0': 'h2' })).toBe('holds');
    expect(stateWith({ 'broker-a:0': 'h3' })).toBe('fails');
  });

  test('does not hide a changed setting of a member', () => {
    const changes = { 'jvm.broker-a:0.flags': '-Xmx2g', 'broker.settings.brokerName@broker-a:1': 'broker-c' };
    const settings = settingsWith(changes);
    expect(reasonOf({ measured: both, settings }, 'drifted')?.subjects).toEqual([
      'broker.settings.brokerName@broker-a/10.0.0.1:10911 broker-a → broker-c',
      'jvm.broker-a/10.0.0.2:10911.flags -Xmx6g → -Xmx2g',
    ]);
  });

  test('is drift if elections are not enabled', () => {
    const { 'broker.settings.enableDLegerCommitLog': _, ...rest } = settingsWith()[0]?.fingerprint ?? {};
    const settings = goCase.settings.map((each) => ({ ...each, fingerprint: rest }));
    expect(stateOf({ measured: [fixed.whole], settings }, 'drift')).toBe('fails');
  });
});

describe('the loss of several RocketMQ brokers', () => {
  const missingAfter = ({ whole, without: testOf, settings }: typeof electing, lost: string[]) =>
    reasonOf({ lostBrokers: 2, measured: [whole, testOf(lost)], settings, peakTps: peak(700) }, 'after-loss-unknown')
      ?.missing;
  const unknown = [{ what: 'brokers-down', of: '2' }];

  test('counts the groups that lost a broker which accepted messages', () => {
    expect(missingAfter(fixed, ['broker-a:0', 'broker-b:0'])).toBeUndefined();
    expect(missingAfter(fixed, ['broker-a:0', 'broker-b:2'])).toEqual(unknown);
    expect(missingAfter(fixed, ['broker-a:2', 'broker-b:2'])).toEqual(unknown);
    expect(missingAfter(electing, ['broker-a:2', 'broker-b:2'])).toBeUndefined();
    expect(missingAfter(electing, ['broker-a:2', 'broker-a:3'])).toEqual(unknown);
  });

  test('ignores broker names that the whole cluster does not have', () => {
    expect(missingAfter(electing, ['broker-a', 'broker-b'])).toEqual(unknown);
    expect(missingAfter(electing, ['broker-x:0', 'broker-y:0'])).toEqual(unknown);
    // All members are up: a DLedger group has the ids 0, 2 and 3.
    expect(missingAfter(electing, ['broker-a:1', 'broker-b:1'])).toEqual(unknown);
    expect(missingAfter(electing, ['broker-a:3', 'broker-b:1'])).toEqual(unknown);
  });
});

test('the loss of a group with elections is not proven by the loss of one member', () => {
  const { whole, settings, without: testOf } = electing;
  const group = ['broker-a:0', 'broker-a:2', 'broker-a:3'];
  const subject = (tests: Measured[], change: Partial<GoCase> = {}) => {
    const decided = decisionOf({ measured: [whole, ...tests], settings, ...change });
    const { state, basis, tps } = decided.conditions.find(({ condition }) => condition === 'after-loss') ?? {};
    return [state, basis, Math.round(tps ?? NaN)];
  };
  const lostGroup = { lostGroup: true as const };
  expect(subject([], lostGroup)).toEqual(['fails', 'computed', 878]);
  expect(subject([testOf(['broker-a:0'])], lostGroup)).toEqual(['fails', 'computed', 878]);
  expect(subject([testOf(group.toReversed())], lostGroup)).toEqual(['holds', 'computed', 1372]);
  expect(subject([testOf(['broker-a:0'])])).toEqual(['holds', 'computed', 1372]);
});

test('the loss of a group is that of its members, whatever ids they had after an election', () => {
  const { whole, settings, without: testOf } = electing;
  const afterLoss = (measuredTests: Measured[], change: Partial<GoCase> = {}) => {
    const case_ = { measured: measuredTests, settings, lostGroup: true as const, peakTps: peak(800), ...change };
    const { state, basis } = decisionOf(case_).conditions.find(({ condition }) => condition === 'after-loss') ?? {};
    return [state, basis];
  };
  const rename = (id: string) => (id === 'broker-a:2' ? 'broker-a:1' : id);
  const shapeSince: PlacedRun = {
    ...twoGroups,
    cards: Object.fromEntries(Object.entries(twoGroups.cards).map(([id, card]) => [rename(id), card])),
    rows: twoGroups.rows.map((row) => ({ ...row, replicas: row.replicas.map(rename) })),
  };
  const lowRates = { groups: 4, rates: [300, 400, 500, 600, 650] };
  const testSince = (lost: string[], change: Partial<PlacedRun> = {}) =>
    measured(withoutBrokers(recordedRun({ ...shapeSince, ...change }, 1, since), lost, since), soonConfirmed, 'later');
  const group = ['broker-a:0', 'broker-a:1', 'broker-a:3'];
  expect(afterLoss([whole])).toEqual(['holds', 'computed']);
  expect(afterLoss([whole, testSince(group, lowRates)])).toEqual(['fails', 'measured']);
  expect(afterLoss([whole, testSince(['broker-a:0', 'broker-a:1'], lowRates)])).toEqual(['holds', 'computed']);
  const higher = { peakTps: peak(1000) };
  expect(afterLoss([whole], higher)).toEqual(['fails', 'computed']);
  expect(afterLoss([whole, testSince(group)], higher)).toEqual(['holds', 'computed']);
  const wholeSince = measured(recordedRun(shapeSince, 1, since), soonConfirmed, 'whole since');
  for (const test of [testSince(group), testOf(['broker-a:0', 'broker-a:2', 'broker-a:3'])]) {
    expect(afterLoss([whole, wholeSince, test], higher)).toEqual(['holds', 'computed']);
  }
  // The slaves of a group with a fixed master make no difference.
  const values = valuesOf(members, false);
  for (const lost of [['broker-a:0'], ['broker-a:0', 'broker-a:2', 'broker-a:3']]) {
    const low = measured(withoutBrokers(recordedRun({ ...twoGroups, ...lowRates }, 1, values), lost, values));
    expect(afterLoss([fixed.whole, low], { settings: fixed.settings })).toEqual(['fails', 'measured']);
  }
});

test('a test without two brokers of one host counts for their loss, in any order of the names', () => {
  const cards = { '9': 6.25e6, '10': 6.25e6, '11': 6.25e6 };
  const rows = [{ leader: '11', replicas: ['11', '9', '10'], partitions: 12 }];
  const onSharedHost = (shape: Partial<PlacedRun>) => {
    const run = recordedRun({ ...threeBrokers, cards, rows, ...shape });
    const { environment } = run.document;
    const brokers = environment.brokers.map((each) => (each.id === '10' ? { ...each, host: 'host-9' } : each));
    const hosts = new Map([...run.hosts].filter(([host]) => host !== 'host-10'));
    return { ...run, hosts, document: { ...run.document, environment: { ...environment, brokers } } };
  };
  const whole = measured(onSharedHost({}));
  expect(whole.analysis.withoutOneUnknown?.map(({ id }) => id)).toEqual(['9, 10']);
  const lower = onSharedHost({ groups: 4, rates: [300, 400, 500, 600, 700] });
  for (const lost of [
    ['9', '10'],
    ['10', '9'],
  ]) {
    expect(figureOf([whole, without(lost, lower)], 'after-loss')).toMatchObject({ state: 'fails', basis: 'measured' });
  }
});

describe('acks=all of a RocketMQ test, with a plan that accepts no loss of acknowledged messages,', () => {
  const weakIn = ({ whole, settings }: typeof electing, plannedLoss: GoCase['plannedLoss'] = 'acknowledged') =>
    reasonOf({ measured: [whole], settings, plannedLoss }, 'acks-too-weak')?.subjects;

  test('waited for a slave if masters are configured to do so or are elected', () => {
    expect(weakIn(fixed)).toBeUndefined();
    expect(weakIn(testedGroups(false, { inSyncReplicas: '2' }))).toBeUndefined();
    expect(weakIn(electing)).toBeUndefined();
    expect(stateOf({ ...fixed, measured: [fixed.whole], plannedLoss: 'never' }, 'replication')).toBe('holds');
  });

  test('did not wait if masters respond before they replicate', () => {
    const async = testedGroups(false, { brokerRole: 'ASYNC_MASTER' });
    expect(async.whole.analysis.fingerprint).toMatchObject({ 'broker.settings.brokerRole': 'ASYNC_MASTER' });
    expect(weakIn(async)).toEqual(['analysis orders (brokerRole=ASYNC_MASTER)']);
    expect(weakIn(async, 'may-lose')).toBeUndefined();
    // The default of 5.x.
    expect(weakIn(testedGroups(false, { inSyncReplicas: '1' }))).toEqual(['analysis orders (inSyncReplicas=1)']);
  });
});
