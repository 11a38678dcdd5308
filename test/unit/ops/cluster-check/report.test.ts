import { expect, test } from 'vitest';
import type { HostReading } from '../../../../core/documents/evidence/host-reading.ts';
import { clusterCheckReport, isBlind } from '../../../../ops/cluster-check/report.ts';
import type { SyncStateSet } from '../../../../brokers/rocketmq/protocol/controller-requests.ts';
import { brokerWith, snapshotWith } from '../../../support/rocketmq-snapshot.ts';
import type { CheckedBroker, CheckedCluster } from '../../../../ops/cluster-check/checked-cluster.ts';
import {
  gib,
  rules,
  type Machine,
  goodMachine,
  sightOf,
  reportOf,
  foundBy,
  sysctl,
  reads,
  flag,
  runs,
  setting,
  disk,
  mount,
} from '../../../support/checked-machine.ts';

test('a well-configured host and broker have no findings', () => {
  expect(foundBy(() => {})).toEqual([]);
  expect(reportOf(() => {}).counts.kept).toBeGreaterThan(45);
});

test.each<[string, (machine: Machine) => void]>([
  ['os-overcommit', sysctl('vm.overcommit_memory', '0')],
  ['os-max-map-count', sysctl('vm.max_map_count', '65530')],
  ['os-min-free', sysctl('vm.min_free_kbytes', '67584')],
  ['os-min-free-too-high', sysctl('vm.min_free_kbytes', '10000000')],
  ['os-extra-free', sysctl('vm.extra_free_kbytes', '0')],
  ['os-dirty-ratios', sysctl('vm.dirty_ratio', '5')],
  ['os-dirty-writeback', sysctl('vm.dirty_writeback_centisecs', '360000')],
  ['os-zone-reclaim', sysctl('vm.zone_reclaim_mode', '1')],
  ['os-page-cluster', sysctl('vm.page-cluster', '6')],
  ['os-accept-backlog', sysctl('net.core.somaxconn', '128')],
  ['os-kernel', sysctl('kernel.osrelease', '2.6.32-754.el6')],
  [
    'os-huge-pages',
    (machine) => (machine.settings = { ...machine.settings, hugePages: { enabled: 'always', defrag: 'madvise' } }),
  ],
  [
    'os-huge-pages-defrag',
    (machine) => (machine.settings = { ...machine.settings, hugePages: { enabled: 'never', defrag: 'always' } }),
  ],
  [
    'os-drop-caches-kept',
    (machine) =>
      (machine.settings = {
        ...machine.settings,
        persisted: [{ file: '/etc/sysctl.conf', key: 'vm.drop_caches', value: '1' }],
      }),
  ],
  [
    'os-settings-not-kept',
    (machine) =>
      (machine.settings = {
        ...machine.settings,
        persisted: [{ file: '/etc/sysctl.conf', key: 'vm.swappiness', value: '60' }],
      }),
  ],
  ['os-swap-used', reads({ memoryBytes: { MemTotal: 64 * gib, SwapTotal: gib, SwapFree: gib - 1 } })],
  ['os-softirq-drops', reads({ softnet: [{ cpu: 0, processed: 10, dropped: 3, timesSqueezed: 0 }] })],
  ['os-clock', reads({ time: { epochSeconds: 1, timex: { offset_seconds: -0.2 } } })],
  ['nic-duplex', reads({ links: [{ device: 'eth0', words: { duplex: 'half' }, numbers: {} }] })],
  ['nic-speed', reads({ links: [{ device: 'eth0', words: {}, numbers: {}, reportedBitsPerSecond: 1e8 }] })],
  ['nic-bond', reads({ bonds: [{ device: 'bond0', members: 2, membersUp: 1, carriers: ['eth0'] }] })],
  ['nic-not-counted', (machine) => (machine.addresses = ['192.168.0.1'])],
  ['open-files-rocketmq', runs({ openFilesLimit: 4096 })],
  ['open-files-used', runs({ openFiles: 600_000 })],
  [
    'maps-used',
    (machine) => {
      sysctl('vm.max_map_count', '65530')(machine);
      runs({ memoryMaps: 60_000 })(machine);
    },
  ],
  ['process-swapped', runs({ memory: { virtualBytes: 0, residentBytes: 0, swapBytes: 4096 } })],
  ['store-temporary', setting('storePathCommitLog', '/dev/shm/store')],
  ['store-own-disk', setting('storePathCommitLog', '/root/store/commitlog')],
  ['store-file-system', mount({ type: 'nfs4' })],
  ['store-atime', mount({ options: ['rw', 'strictatime'] })],
  ['store-scheduler-spinning', disk({ isRotational: true, scheduler: 'none' })],
  ['store-scheduler-nvme', disk({ scheduler: 'bfq' })],
  ['store-raid', disk({ raidLevel: 'raid5' })],
  ['heap-fixed', flag(/^-Xms/)],
  ['young-share', flag(/^-Xmn/, '-Xmn6g')],
  ['young-with-g1', flag(/^-Xmn/, '-Xmn4g')],
  ['collector', flag(/UseG1GC/, '-XX:+UseParallelGC')],
  ['pause-goal', flag(/^x/, '-XX:MaxGCPauseMillis=1')],
  ['g1-region', flag(/G1HeapRegionSize/)],
  ['g1-reserve', flag(/G1ReservePercent/)],
  ['g1-start', flag(/InitiatingHeap/)],
  ['soft-references', flag(/SoftRef/, '-XX:SoftRefLRUPolicyMSPerMB=10000')],
  ['pre-touch', flag(/AlwaysPreTouch/)],
  ['direct-memory-stated', flag(/MaxDirect/)],
  ['memory-fits', flag(/MaxDirect/, '-XX:MaxDirectMemorySize=40g')],
  ['gc-log', flag(/^-Xlog/)],
  ['gc-log-rotates', flag(/^-Xlog/, '-Xlog:gc*:file=/dev/shm/gc.log:time:filecount=0')],
  ['gc-log-place', flag(/^-Xlog/, '-Xlog:gc*:file=/data/gc.log')],
  ['rocketmq-in-sync-replicas', setting('inSyncReplicas', '1')],
  ['rocketmq-sync-flush', setting('flushDiskType', 'SYNC_FLUSH')],
  ['rocketmq-transient-pool', setting('transientStorePoolEnable', 'true')],
])('finds %s by its cause, without unrelated findings', (rule, change) => {
  // A young generation above half the heap has an explicit size, which young-with-g1 reports, too.
  const beside: Record<string, string[]> = {
    'young-share': ['young-with-g1'],
    'store-temporary': ['store-own-disk'],
    'maps-used': ['os-max-map-count'],
  };
  expect(new Set(foundBy(change))).toEqual(new Set([rule, ...(beside[rule] ?? [])]));
});

test('a swappiness finding has both sources, the value and where it was read, and the fix', () => {
  const [finding] = reportOf((machine) => {
    sysctl('vm.swappiness', '60')(machine);
    machine.settings = { ...machine.settings, persisted: [] };
  }).findings;
  expect(finding).toMatchObject({
    rule: 'os-swappiness',
    found: '60',
    where: 'host mq-1, sysctl vm.swappiness',
    wanted: 'at most 10',
    conflict: expect.stringContaining('1 (os.sh'),
    fix: expect.stringContaining('sysctl -w vm.swappiness=1'),
  });
});

test('an asynchronous master is critical if messages must not be lost', () => {
  const change = (machine: Machine) => {
    machine.mustNotLose = true;
    machine.config.set('brokerRole', 'ASYNC_MASTER');
  };
  expect(foundBy(change)).toEqual(['rocketmq-safe-copies']);
});

const quorum = { enableBatchPush: 'true', dLegerPeers: 'n0-mq-1:40911;n1-mq-2:40911;n2-mq-3:40911' };

test.each<[Record<string, string>, string[]]>([
  [{ enableControllerMode: 'true', allAckInSyncStateSet: 'true' }, []],
  [{ enableControllerMode: 'true', allAckInSyncStateSet: 'false' }, ['rocketmq-in-sync-replicas']],
  [{ enableControllerMode: 'false', allAckInSyncStateSet: 'true' }, ['rocketmq-in-sync-replicas']],
  [{ enableDLegerCommitLog: 'true', ...quorum }, []],
])('inSyncReplicas=1 of a SYNC_MASTER with %j: %j', (settings, found) => {
  const change = (machine: Machine) => {
    setting('inSyncReplicas', '1')(machine);
    for (const [key, value] of Object.entries(settings)) setting(key, value)(machine);
  };
  expect(foundBy(change)).toEqual(found);
});

test.each<[Partial<SyncStateSet>[] | undefined, string[]]>([
  [[{ inSync: ['mq-1'], notInSync: ['mq-3'] }], ['broker-a:3 at mq-3']],
  [[{ inSync: ['mq-1'], notInSync: [] }], []],
  // 5.0 does not report brokers out of sync.
  [[{ inSync: ['mq-1'] }], []],
  // The controllers of another cluster.
  [[], []],
  [undefined, []],
])('brokers of a controller group that no name server lists: %j', (sets, missing) => {
  const at = (address: string) => ({ address, brokerId: Number(address.at(-1)) });
  const syncStateSets = (sets ?? []).map(({ inSync = [], notInSync, ...set }) => {
    const replicas = [...inSync, ...(notInSync ?? [])].map(at);
    return { brokerName: 'broker-a', masterEpoch: 1, replicas, inSync, ...(notInSync && { notInSync }), ...set };
  });
  const machine = goodMachine();
  machine.config.set('enableControllerMode', 'true').set('controllerAddr', 'c-1:9878;c-2:9878');
  const parts = { brokers: [brokerWith({ id: 'broker-a:0', address: 'mq-1' })], syncStateSets };
  const cluster = { name: 'orders', kind: 'rocketmq', brokers: [], controllerId: 'c-2:9878' } as const;
  const sections = sets ? [{ section: 'sync-state', kind: 'fresh' } as const] : [];
  const checked = { ...sightOf(machine), snapshot: snapshotWith(parts, { cluster, sections }) };
  const now = new Date('2026-11-20T12:00:00Z');
  const { findings, unread } = clusterCheckReport({ checked, rules, waivers: [], now, notices: [] });
  const found = findings.filter(({ rule }) => rule === 'rocketmq-broker-missing');
  expect(found.map((finding) => finding.found)).toEqual(missing);
  const [finding] = found;
  if (finding) expect(finding.fix).toContain('start broker-a:3 at mq-3; ');
  if (finding) expect(finding.fix).toContain('mqadmin cleanBrokerMetadata -a c-2:9878 ');
  const reasons = unread.filter(({ rule }) => rule === 'rocketmq-broker-missing').map(({ reason }) => reason);
  const isKnown = sets?.some(({ notInSync }) => notInSync !== undefined);
  const unconfigured = 'only controllers know stopped brokers: set clusters.orders.controllers: [c-1:9878, c-2:9878]';
  const lacking = sets?.length === 0 ? 'they know none of them' : 'release 5.0 lacks stopped ones';
  const incomplete = `the controllers did not report all brokers: ${lacking}`;
  expect(reasons).toEqual(isKnown === true ? [] : [sets === undefined ? unconfigured : incomplete]);
});

const dledgerMember = (id: string, selfId: string): CheckedBroker => ({
  broker: { id, address: `${id}:10911` },
  addresses: [],
  settings: new Map([
    ['enableDLegerCommitLog', 'true'],
    ['dLegerPeers', 'n0-mq-1:40911;n1-mq-2:40911;n2-mq-3:40911'],
    ['dLegerSelfId', selfId],
  ]),
});

test.each<[string, Partial<CheckedCluster>, string | undefined]>([
  [
    'a DLedger member that is down',
    { brokers: [dledgerMember('broker-a:0', 'n1'), dledgerMember('broker-a:1', 'n0')] },
    'n2-mq-3:40911 of broker-a',
  ],
  [
    'all DLedger members up',
    { brokers: ['n0', 'n1', 'n2'].map((selfId, id) => dledgerMember(`broker-a:${id}`, selfId)) },
    undefined,
  ],
  [
    'settings of a member not read',
    { brokers: [dledgerMember('broker-a:0', 'n1'), { broker: { id: 'broker-a:1', address: '' }, addresses: [] }] },
    undefined,
  ],
  ['a group of the config file that is down', { configured: ['broker-a', 'broker-b'] }, 'every member of broker-b'],
  ['every group of the config file up', { configured: ['broker-a'] }, undefined],
])('brokers that no name server lists, with %s', (_, parts, missing) => {
  const checked = { ...sightOf(goodMachine()), snapshot: snapshotWith({}), ...parts };
  const { findings } = clusterCheckReport({ checked, rules, waivers: [], now: new Date(0), notices: [] });
  expect(findings.find(({ rule }) => rule === 'rocketmq-broker-missing')?.found).toBe(missing);
});

test('facts that the kernel lacks are not applicable, facts that were not read are unread, and neither is a finding', () => {
  const { notApplicable, findings } = reportOf(() => {});
  expect(notApplicable.map(({ rule }) => rule)).toContain('os-extra-free');
  const blind = { host: 'mq-1', trouble: 'cannot log in to mq-1' };
  const checked: CheckedCluster = { kind: 'rocketmq', name: 'orders', hosts: [blind], brokers: [], mustNotLose: false };
  const now = new Date('2026-11-20T12:00:00Z');
  const { unread, counts, read } = clusterCheckReport({ checked, rules, waivers: [], now, notices: [] });
  expect([findings.length, counts.critical + counts.warning + counts.info, read.hosts.length]).toEqual([0, 0, 0]);
  expect(new Set(unread.map(({ reason }) => reason))).toEqual(new Set(['cannot log in to mq-1']));
});

test('a check is blind if it has no broker settings or none of its hosts was read', () => {
  const good = sightOf(goodMachine());
  const blindWith = (over: Partial<CheckedCluster>, isOneMachine = false) => {
    const checked = { ...good, ...over };
    const now = new Date('2026-11-20T12:00:00Z');
    return isBlind(checked, clusterCheckReport({ checked, rules, waivers: [], now, notices: [] }), isOneMachine);
  };
  const unread = [{ host: 'mq-1', trouble: 'cannot log in to mq-1' }];
  const unsettled = good.brokers.map(({ broker, addresses }) => ({ broker, addresses }));
  expect([blindWith({}), blindWith({ hosts: [] })]).toEqual([false, false]);
  expect([blindWith({ hosts: unread }), blindWith({ brokers: unsettled })]).toEqual([true, true]);
  expect(blindWith({ brokers: unsettled }, true)).toBe(false);
  expect(blindWith({ hosts: unread, brokers: [] }, true)).toBe(true);
});

test('a waived finding is not counted and shows its waiver', () => {
  const machine = goodMachine();
  sysctl('vm.swappiness', '60')(machine);
  mount({ options: ['rw', 'strictatime'] })(machine);
  machine.settings = { ...machine.settings, persisted: [] };
  disk({ raidLevel: 'raid5' })(machine);
  const waivers = [{ rule: 'os-swappiness', reason: 'old', until: '2026-12-01' }];
  const report = clusterCheckReport({
    checked: sightOf(machine),
    rules,
    waivers,
    now: new Date('2026-11-20T12:00:00Z'),
    notices: [],
  });
  expect(report.counts).toMatchObject({ waived: 1, warning: 1, info: 1 });
  expect(report.findings.find(({ rule }) => rule === 'os-swappiness')?.waiver).toEqual({
    reason: 'old',
    until: '2026-12-01',
  });
});

test('does not judge the disks of the host for a broker in a container', () => {
  const { findings, unread } = reportOf((machine) => {
    // A path of the container image: on the host, the same path would be on the root disk.
    setting('storePathCommitLog', '/home/rocketmq/store/commitlog')(machine);
    runs({ isContained: true })(machine);
  });
  expect(findings).toEqual([]);
  const rulesUnread = unread.filter(({ reason }) => /runs in a container/.test(reason)).map(({ rule }) => rule);
  expect(rulesUnread).toEqual(expect.arrayContaining(['store-own-disk', 'store-file-system', 'store-scheduler-nvme']));
});

test.each<[string, HostReading, boolean]>([
  [
    'team0',
    { links: [{ device: 'team0', words: { duplex: 'full' }, numbers: { name_assign_type: 3 } }], bonds: [] },
    false,
  ],
  [
    'bond0.100',
    {
      links: [{ device: 'bond0.100', kind: 'vlan', words: { duplex: 'full' }, numbers: { name_assign_type: 3 } }],
      bonds: [{ device: 'bond0', members: 2, membersUp: 2, carriers: ['eth0', 'eth1'] }],
    },
    true,
  ],
])(
  '%s is not reported as a card without counters: a known bond is judged, another is unread',
  (card, more, isJudged) => {
    const { findings, unread } = reportOf((machine) => {
      machine.settings = { ...machine.settings, cards: { '10.0.0.1': card } };
      reads(more)(machine);
    });
    expect(findings).toEqual([]);
    expect(unread.every(({ rule }) => rule !== 'nic-not-counted')).toBe(isJudged);
  },
);
