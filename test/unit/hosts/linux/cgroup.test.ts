import { expect, test } from 'vitest';
import { cgroupFiles, parseCgroup, parseCgroupPaths } from '../../../../hosts/linux/cgroup.ts';

/** @param files below /sys/fs/cgroup; a process of a container reads all it asks for, and nothing else */
function cgroupOf(procCgroup: string, files: Record<string, string>) {
  const places = parseCgroupPaths(procCgroup, '/sys');
  if (places === undefined) return undefined;
  const asked = new Set(cgroupFiles(places));
  return parseCgroup(places, (path) => (asked.has(path) ? files[path.replace('/sys/fs/cgroup/', '')] : undefined));
}

const pod = 'kubepods.slice/kubepods-pod7f.slice';
const container = `${pod}/cri-containerd-93.scope`;
const kubernetes = {
  [`${container}/memory.max`]: 'max\n',
  [`${pod}/memory.max`]: '8589934592\n',
  'kubepods.slice/memory.max': '64000000000\n',
  [`${container}/memory.current`]: '8300000000\n',
  [`${container}/memory.events`]: 'low 0\nhigh 0\nmax 0\noom 0\noom_kill 1\noom_group_kill 0\n',
  [`${pod}/memory.current`]: '8400000000\n',
  [`${pod}/memory.events`]: 'low 0\nhigh 0\nmax 1274\noom 1\noom_kill 3\noom_group_kill 0\n',
  [`${container}/memory.pressure`]:
    'some avg10=2.62 avg60=1.41 avg300=0.61 total=10559146\nfull avg10=1.00 avg60=0.50 avg300=0.10 total=4000000\n',
  [`${container}/cpu.max`]: '200000 100000\n',
  [`${pod}/cpu.max`]: 'max 100000\n',
  [`${container}/cpu.stat`]:
    'usage_usec 6140034000\nuser_usec 5\nsystem_usec 6\nnr_periods 1000\nnr_throttled 250\nthrottled_usec 31500000\n',
};

test('version 2: uses the tightest limit of the enclosing groups', () =>
  expect(cgroupOf(`0::/${container}\n`, kubernetes)).toEqual({
    version: 2,
    memoryLimitBytes: 8_589_934_592,
    memoryUsageBytes: 8_400_000_000,
    memoryLimitHits: 1274,
    oomKills: 1,
    memoryPressure: { someSeconds: 10.559146, fullSeconds: 4 },
    cpuLimitCores: 2,
    cpuUsageSeconds: 6140.034,
    cpuPeriods: 1000,
    cpuThrottledPeriods: 250,
    cpuThrottledSeconds: 31.5,
  }));

test('version 2: throttling is that of the slice with the effective limit, memory that of the innermost group', () => {
  // systemd: CPUQuota=150% on the slice, MemoryMax on the service; a group without a quota counts no periods.
  const slice = 'system.slice/system-kafka.slice';
  const service = `${slice}/kafka@1.service`;
  const none = 'nr_periods 0\nnr_throttled 0\nthrottled_usec 0\nnr_bursts 0\nburst_usec 0\n';
  expect(
    cgroupOf(`0::/${service}\n`, {
      [`${service}/memory.max`]: '4294967296\n',
      [`${service}/memory.current`]: '4000000000\n',
      [`${service}/memory.events`]: 'low 0\nhigh 0\nmax 7\noom 0\noom_kill 0\noom_group_kill 0\n',
      [`${service}/cpu.max`]: 'max 100000\n',
      [`${service}/cpu.stat`]: `usage_usec 40000000\nuser_usec 30000000\nsystem_usec 10000000\n${none}`,
      [`${slice}/memory.max`]: 'max\n',
      [`${slice}/memory.current`]: '9000000000\n',
      [`${slice}/memory.events`]: 'low 0\nhigh 0\nmax 9\noom 0\noom_kill 0\noom_group_kill 0\n',
      [`${slice}/cpu.max`]: '150000 100000\n',
      [`${slice}/cpu.stat`]:
        'usage_usec 90000000\nuser_usec 60000000\nsystem_usec 30000000\nnr_periods 800\nnr_throttled 200\nthrottled_usec 12500000\nnr_bursts 0\nburst_usec 0\n',
      'system.slice/cpu.max': 'max 100000\n',
      'system.slice/memory.max': 'max\n',
      'cpu.stat': `usage_usec 900000000\nuser_usec 600000000\nsystem_usec 300000000\n${none}`,
    }),
  ).toEqual({
    version: 2,
    memoryLimitBytes: 4_294_967_296,
    memoryUsageBytes: 4_000_000_000,
    memoryLimitHits: 7,
    oomKills: 0,
    cpuLimitCores: 1.5,
    cpuUsageSeconds: 90,
    cpuPeriods: 800,
    cpuThrottledPeriods: 200,
    cpuThrottledSeconds: 12.5,
  });
});

test('version 1: a limit of the pod has the use of the pod, and the OOM kills of the innermost group', () =>
  expect(
    cgroupOf('9:memory:/kubepods/pod7f/93\n4:cpu,cpuacct:/kubepods/pod7f/93\n', {
      'memory/kubepods/pod7f/93/memory.limit_in_bytes': '9223372036854771712\n',
      'memory/kubepods/pod7f/93/memory.usage_in_bytes': '3000000000\n',
      'memory/kubepods/pod7f/93/memory.failcnt': '0\n',
      'memory/kubepods/pod7f/93/memory.oom_control': 'oom_kill_disable 0\nunder_oom 0\noom_kill 2\n',
      'memory/kubepods/pod7f/memory.limit_in_bytes': '4294967296\n',
      'memory/kubepods/pod7f/memory.usage_in_bytes': '4200000000\n',
      'memory/kubepods/pod7f/memory.failcnt': '31\n',
      'memory/kubepods/pod7f/memory.oom_control': 'oom_kill_disable 0\nunder_oom 0\noom_kill 0\n',
      'cpu/kubepods/pod7f/93/cpu.cfs_quota_us': '-1\n',
      'cpu/kubepods/pod7f/93/cpu.cfs_period_us': '100000\n',
      'cpu/kubepods/pod7f/93/cpu.stat': 'nr_periods 0\nnr_throttled 0\nthrottled_time 0\n',
      'cpu/kubepods/pod7f/93/cpuacct.usage': '61000000000\n',
      'cpu/kubepods/pod7f/cpu.cfs_quota_us': '200000\n',
      'cpu/kubepods/pod7f/cpu.cfs_period_us': '100000\n',
      'cpu/kubepods/pod7f/cpu.stat': 'nr_periods 50\nnr_throttled 20\nthrottled_time 1500000000\n',
      'cpu/kubepods/pod7f/cpuacct.usage': '75000000000\n',
    }),
  ).toEqual({
    version: 1,
    memoryLimitBytes: 4_294_967_296,
    memoryUsageBytes: 4_200_000_000,
    memoryLimitHits: 31,
    oomKills: 2,
    cpuLimitCores: 2,
    cpuUsageSeconds: 75,
    cpuPeriods: 50,
    cpuThrottledPeriods: 20,
    cpuThrottledSeconds: 1.5,
  }));

test('version 1: reads hierarchies by controller, limits in microseconds and usage in nanoseconds', () =>
  expect(
    cgroupOf('9:memory:/docker/93\n4:cpu,cpuacct:/docker/93\n1:name=systemd:/docker/93\n0::/system.slice/docker\n', {
      'memory/docker/93/memory.limit_in_bytes': '4294967296\n',
      'memory/memory.limit_in_bytes': '9223372036854771712\n',
      'memory/docker/93/memory.usage_in_bytes': '4000000000\n',
      'memory/docker/93/memory.failcnt': '12\n',
      'memory/docker/93/memory.oom_control': 'oom_kill_disable 0\nunder_oom 0\noom_kill 3\n',
      'cpu/docker/93/cpu.cfs_quota_us': '150000\n',
      'cpu/docker/93/cpu.cfs_period_us': '100000\n',
      'cpu/cpu.cfs_quota_us': '-1\n',
      'cpu/cpu.cfs_period_us': '100000\n',
      'cpu/docker/93/cpu.stat': 'nr_periods 10\nnr_throttled 4\nthrottled_time 2500000000\n',
      'cpu/docker/93/cpuacct.usage': '61000000000\n',
    }),
  ).toEqual({
    version: 1,
    memoryLimitBytes: 4_294_967_296,
    memoryUsageBytes: 4_000_000_000,
    memoryLimitHits: 12,
    oomKills: 3,
    cpuLimitCores: 1.5,
    cpuUsageSeconds: 61,
    cpuPeriods: 10,
    cpuThrottledPeriods: 4,
    cpuThrottledSeconds: 2.5,
  }));

test('omits a missing limit in both versions', () => {
  expect(cgroupOf('0::/\n', { 'memory.max': 'max\n', 'cpu.max': 'max 100000\n' })).toEqual({ version: 2 });
  const none = { 'memory/memory.limit_in_bytes': '9223372036854771712\n' };
  expect(cgroupOf('9:memory:/\n', none)).toEqual({ version: 1 });
});

test('a group outside the visible hierarchy is unknown', () =>
  expect(cgroupOf('0::/../../docker/93\n', kubernetes)).toBeUndefined());

test('a hundred nested groups need a bounded number of files', () => {
  const places = parseCgroupPaths(`0::${'/a'.repeat(100)}\n`, '/sys');
  expect(places && cgroupFiles(places).length).toBeLessThan(50);
});
