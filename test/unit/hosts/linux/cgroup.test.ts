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
  [`${container}/memory.current`]: '8400000000\n',
  [`${container}/memory.events`]: 'low 0\nhigh 0\nmax 1274\noom 1\noom_kill 1\n',
  [`${container}/memory.pressure`]:
    'some avg10=2.62 avg60=1.41 avg300=0.61 total=10559146\nfull avg10=1.00 avg60=0.50 avg300=0.10 total=4000000\n',
  [`${container}/cpu.max`]: '200000 100000\n',
  [`${pod}/cpu.max`]: 'max 100000\n',
  [`${container}/cpu.stat`]:
    'usage_usec 6140034000\nuser_usec 5\nsystem_usec 6\nnr_periods 1000\nnr_throttled 250\nthrottled_usec 31500000\n',
};

test('version 2: the tightest limit of the groups around it counts', () =>
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

test('version 1: hierarchies by controller, limits in microseconds and usage in nanoseconds', () =>
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

test('no limit is absent, in either version', () => {
  expect(cgroupOf('0::/\n', { 'memory.max': 'max\n', 'cpu.max': 'max 100000\n' })).toEqual({ version: 2 });
  const none = { 'memory/memory.limit_in_bytes': '9223372036854771712\n' };
  expect(cgroupOf('9:memory:/\n', none)).toEqual({ version: 1 });
});

test('a group that lies outside of what this machine shows is unknown', () =>
  expect(cgroupOf('0::/../../docker/93\n', kubernetes)).toBeUndefined());

test('a hundred nested groups cost a bounded number of files', () => {
  const places = parseCgroupPaths(`0::${'/a'.repeat(100)}\n`, '/sys');
  expect(places && cgroupFiles(places).length).toBeLessThan(50);
});
