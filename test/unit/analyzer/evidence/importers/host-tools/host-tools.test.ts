import { readdirSync, readFileSync } from 'node:fs';
import { join } from 'node:path';
import { describe, expect, test } from 'vitest';
import { hostToolOf, hostTools } from '../../../../../../analyzer/evidence/importers/host-tools/registry.ts';
import { AppError } from '../../../../../../core/errors.ts';

const folder = join(import.meta.dirname, '../../../../../fixtures/host-tools');
const fixture = (name: string) => readFileSync(join(folder, name), 'utf8');

function refusal(text: string): string {
  try {
    hostToolOf(text).import(text);
  } catch (error) {
    const { code, message, hint } = error as AppError;
    return `${code}: ${message} (${hint})`;
  }
  throw new Error('it was read');
}

const first = (name: string) => {
  const text = fixture(name);
  return hostToolOf(text).import(text).readings[0];
};

// Captured on one host with procps 4.0.2, sysstat 12.6.1 and OpenJDK 17 under load; the figures below were read by eye.
describe.each(readdirSync(folder))('%s', (name) => {
  test('is recognised only by the importer of its tool', () => {
    const [, tool] = /^([a-z]+)/.exec(name) ?? [];
    const text = fixture(name);
    expect(Object.values(hostTools).filter(({ detect }) => detect(text.slice(0, 65_536)))).toHaveLength(1);
    expect(hostToolOf(text).tool).toContain(tool);
  });

  test('yields shares between 0 and 1, and every row is understood', () => {
    const { readings, left } = hostToolOf(fixture(name)).import(fixture(name));
    expect(readings.length).toBeGreaterThan(1);
    expect([...left.keys()]).not.toContain('rows that were not understood');
    for (const { cpu } of readings.flatMap(({ host }) => host ?? [])) {
      if (cpu === undefined) continue;
      const { user, nice = 0, system, idle, iowait = 0, irq = 0, softirq = 0, steal = 0 } = cpu;
      expect(user + nice + system + idle + iowait + irq + softirq + steal).toBeCloseTo(1, 1);
    }
  });

  test('cut off anywhere, is rejected with an error or read up to the cut', () => {
    const text = fixture(name);
    const { readings } = hostToolOf(text).import(text);
    let most = 0;
    for (let length = 0; length < text.length; length += 61) {
      const part = text.slice(0, length);
      try {
        const whole = hostToolOf(part).import(part).readings.slice(0, -1);
        // The later tables of sar are missing, so readings lack figures.
        expect(readings.slice(0, whole.length), `cut after ${length}`).toMatchObject(whole);
        most = Math.max(most, whole.length);
      } catch (error) {
        if (!(error instanceof AppError)) throw error;
        expect(error.code).toBe('readings-unreadable');
      }
    }
    expect(most > 0, 'only JSON is incomplete at every cut').toBe(!name.endsWith('.json'));
  });
});

test.each([
  ['top-C.txt', { user: 0.81, system: 0.139, nice: 0.022, idle: 0, iowait: 0, irq: 0, softirq: 0.026, steal: 0.004 }],
  ['top-de_DE.txt', { user: 0.735, system: 0.209, nice: 0.026, idle: 0, iowait: 0, irq: 0, softirq: 0.03, steal: 0 }],
  ['top-zh_CN.txt', { user: 0.901, system: 0.099, nice: 0, idle: 0, iowait: 0, irq: 0, softirq: 0, steal: 0 }],
  [
    'top-fr_FR.txt',
    { user: 0.849, system: 0.108, nice: 0.034, idle: 0.004, iowait: 0, irq: 0, softirq: 0.004, steal: 0 },
  ],
  ['iostat-C.txt', { user: 0.796, nice: 0.0199, system: 0.1791, iowait: 0, steal: 0.005, idle: 0 }],
  ['iostat-fr_FR.txt', { user: 0.87, nice: 0.025, system: 0.105, iowait: 0, steal: 0, idle: 0 }],
  ['vmstat-C.txt', { user: 0.82, system: 0.18, idle: 0, iowait: 0, steal: 0.01 }],
  ['sar-C.txt', { user: 0.8069, nice: 0.0149, system: 0.1733, iowait: 0, steal: 0.005, idle: 0, busiestCore: 1 }],
  ['sar-en_US.txt', { user: 0.8408, nice: 0.0348, system: 0.1244, iowait: 0, steal: 0, idle: 0, busiestCore: 1 }],
  ['sadf.json', { user: 0.8069, nice: 0.0149, system: 0.1733, iowait: 0, steal: 0.005, idle: 0, busiestCore: 1 }],
])('reads the CPU shares of %s', (name, shares) => {
  const cpu = first(name)?.host?.cpu;
  expect(Object.keys(cpu ?? {}).toSorted()).toEqual(Object.keys(shares).toSorted());
  for (const [mode, share] of Object.entries(shares)) expect(cpu?.[mode as 'user'], mode).toBeCloseTo(share, 6);
});

test.each([
  [
    'iostat-C.txt',
    { busy: 0.48, awaitSeconds: (246 * 3.41 + 2547 * 0.18) / 2793 / 1000, writtenBytesPerSecond: 648_760 * 1024 },
  ],
  [
    'iostat-de_DE.txt',
    { busy: 0.596, awaitSeconds: (19 * 0.21 + 3665 * 0.17) / 3684 / 1000, writtenBytesPerSecond: 933_300 * 1024 },
  ],
  ['sar-C.txt', { busy: 0.5069, awaitSeconds: 0.00045, writtenBytesPerSecond: 684_158.42 * 1024 }],
  ['sar-zh_CN.txt', { busy: 0.0079, awaitSeconds: 0.00024, writtenBytesPerSecond: 63.37 * 1024 }],
  ['sadf.json', { busy: 0.5069, awaitSeconds: 0.00045, writtenBytesPerSecond: 684_918.81 * 1024 }],
])('reads the disk figures of %s', (name, figures) => {
  const disk = first(name)?.host?.disks?.find(({ device }) => device === 'vda');
  for (const [key, value] of Object.entries(figures)) expect(disk?.[key as 'busy'], key).toBeCloseTo(value, 6);
});

test('network figures of sar are bytes and packets per direction, with drops from their separate block', () => {
  expect(first('sar-en_US.txt')?.host?.networkDevices).toContainEqual({
    device: 'eth0',
    receiveBytesPerSecond: 2344.84 * 1024,
    receivePacketsPerSecond: 61,
    transmitBytesPerSecond: 3.92 * 1024,
    transmitPacketsPerSecond: 56,
    dropsPerSecond: 0,
  });
});

test.each([
  ['top-C.txt', 24_105.6 * 2 ** 20, 21_398.8 * 2 ** 20],
  ['top-de_DE.txt', 24_105.6 * 2 ** 20, 21_186.4 * 2 ** 20],
  ['top-fr_FR.txt', 24_105.6 * 2 ** 20, 21_296.3 * 2 ** 20],
  ['free-zh_CN.txt', 24_684_092 * 1024, 21_988_608 * 1024],
  ['free-de_DE.txt', 24_684_092 * 1024, 21_695_684 * 1024],
])('the memory of %s is total and available, not "used"', (name, totalBytes, availableBytes) => {
  expect(first(name)?.host?.memory).toEqual({ totalBytes, availableBytes });
});

// As top of procps 3.3.10 to 4 prints memory: prT of top.c keeps eight characters.
test.each([
  [
    '187 GiB',
    'KiB Mem : 19670142+total, 19372916+free,   969588 used,  2002672 buff/cache\n' +
      'KiB Swap:  3145724 total,  3145724 free,        0 used. 19447926+avail Mem \n',
    { totalBytes: 196_701_420 * 1024, availableBytes: 194_479_260 * 1024 },
  ],
  [
    '1008 GiB in MiB',
    'MiB Mem : 1031763.+total, 219741.0 free, 345922.1 used, 466100.3 buff/cache\n' +
      'MiB Swap:      0.0 total,      0.0 free,      0.0 used. 621284.3 avail Mem \n',
    { totalBytes: 1_031_763 * 2 ** 20, availableBytes: 621_284.3 * 2 ** 20 },
  ],
  [
    'several TiB, with two digits missing',
    'KiB Mem : 19670142+total, 19372916+free,  9695880 used, 20026720 buff/cache\n' +
      'KiB Swap:  3145724 total,  3145724 free,        0 used. 19447926+avail Mem \n',
    undefined,
  ],
  [
    '300 GiB or 3 TiB',
    'KiB Mem : 31457280+total, 10485760+free, 10485760+used, 10485760+buff/cache\n' +
      'KiB Swap:        0 total,        0 free,        0 used. 20971520+avail Mem \n',
    undefined,
  ],
])('the memory of a host with %s is read correctly or not at all', (_, memory, expected) => {
  const screen =
    'top - 06:38:14 up  6:38,  1 user,  load average: 0.35, 0.08, 0.03\n' +
    '%Cpu(s):  1.7 us,  2.7 sy,  0.0 ni, 94.7 id,  0.0 wa,  0.0 hi,  0.9 si,  0.0 st\n';
  const { readings, left } = hostTools.top.import(`${screen}${memory}${screen}${memory}`);
  expect(readings[0]?.host?.memory).toEqual(expected);
  expect(left.has('memory of a screen that prints + for more than one digit')).toBe(expected === undefined);
});

test.each([
  ['-m', '24105        2820       19741           8        1866       21284'],
  ['-g', '23           2          19           0           1          20'],
  ['-b', '25276063744  2957762560 20700729344     9166848  1957527552 22318301184'],
  ['-m on a larger host', '1031763      402820      219741           8      466106      621284'],
  ['below 1 GiB', '524288       80012      301004        2048      143272      444276'],
])('the output of free %s, which has no unit, is rejected with a remedy', (_, cells) => {
  const text = `               total        used        free      shared  buff/cache   available\nMem:  ${cells}\n`;
  expect(refusal(text)).toMatch(
    /total of \d+ has no unit: .* less than 1 GiB \(give what `free -s 1` prints, .*`free -h -s 1` prints\)/,
  );
});

test('a container limit in kB that is a whole number of MiB is not taken for bytes', () => {
  const text = fixture('free-C.txt').replaceAll('24684092', String(16 * 2 ** 20));
  expect(hostTools.free.import(text).readings[0]?.host?.memory?.totalBytes).toBe(16 * 2 ** 30);
});

test('jstat collections are differences between two rows, since rows count from the start of the JVM', () => {
  const { readings } = hostTools.jstat.import(fixture('jstat-17.txt'));
  expect(readings).toHaveLength(4);
  const { youngSeconds, fullSeconds, concurrentSeconds, ...counts } = readings[0]?.jvm ?? {};
  expect(counts).toEqual({
    youngCollections: 222,
    fullCollections: 4,
    concurrentCollections: 60,
    oldUsedRatio: 0.7916,
  });
  expect([youngSeconds, fullSeconds, concurrentSeconds]).toEqual([
    expect.closeTo(0.626, 9),
    expect.closeTo(0.01, 9),
    expect.closeTo(0.033, 9),
  ]);
  expect(readings[0]?.intervalSeconds).toBeCloseTo(1, 9);
});

test('collections that a collector does not have count as zero: young and full for ZGC, concurrent for Parallel', () => {
  const jvmOf = (name: string) => hostTools.jstat.import(fixture(name)).readings.map(({ jvm }) => jvm);
  expect(jvmOf('jstat-17-zgc.txt')).toMatchObject([
    { youngCollections: 0, fullCollections: 0, fullSeconds: 0, concurrentCollections: 3 },
    { concurrentCollections: 6 },
    { concurrentCollections: 3 },
  ]);
  expect(jvmOf('jstat-17-parallel.txt')[1]).toMatchObject({ fullCollections: 1, concurrentCollections: 0 });
});

test('reads the line of the founding test, which has percent signs', () => {
  const screen = (time: string, wa: string) =>
    `top - ${time} up 24 min,  0 users,  load average: 12.03, 12.05, 12.08\n` +
    `Cpu(s):  0.3% us,  0.3% sy,  0.0% ni, 76.7% id, ${wa}% wa,  0.0% hi,  0.0% si\n`;
  const text = screen('10:00:00', '1.0') + screen('10:00:01', '13.2');
  const [reading] = hostToolOf(text).import(text).readings;
  expect(reading?.host?.cpu).toMatchObject({ idle: 0.767, iowait: 0.132 });
  expect(reading?.host?.load).toEqual({ one: 12.03, five: 12.05, fifteen: 12.08 });
});

test('one line per core is averaged, and the busiest core is kept', () => {
  const core = (number: number, idle: string) =>
    `%Cpu${number}  : ${(100 - Number(idle)).toFixed(1)} us,  0.0 sy,  0.0 ni, ${idle} id,  0.0 wa,  0.0 hi,  0.0 si,  0.0 st\n`;
  const screen = `top - 10:00:00 up 1 day,  0 users,  load average: 1.00, 1.00, 1.00\n${core(0, '10.0')}${core(1, '90.0')}`;
  const read = hostToolOf(screen + screen).import(screen + screen);
  expect(read.cores).toBe(2);
  expect(read.readings[0]?.host?.cpu).toMatchObject({ idle: 0.5, busiestCore: 0.9 });
});

test('sar -A, with more blocks per CPU, yields the CPU shares of each second', () => {
  const { readings, left } = hostToolOf(fixture('sar-softnet.txt')).import(fixture('sar-softnet.txt'));
  expect(
    readings.map(({ at, host }) => (at.kind === 'local' ? [at.dates[0]?.day, at.secondOfDay, host?.cpu?.user] : [])),
  ).toEqual([
    [27, 36_267, expect.closeTo(0.7638, 9)],
    [27, 36_268, expect.closeTo(0.76, 9)],
    [27, 36_269, expect.closeTo(0.8856, 9)],
  ]);
  expect([...left]).toEqual([
    ['rows of CPU total/s', 9],
    ['rows of CPU MHz', 9],
  ]);
});

// As print_cpu_stats and json_print_cpu_stats of sysstat 10 print an offline core.
test('an offline core does not count as busy', () => {
  const row = (core: string, ...modes: string[]) => `10:00:01        ${[core, ...modes].join('     ')}\n`;
  const text =
    'Linux 3.10.0 (mq-1) \t2026-01-31 \t_x86_64_\t(2 CPU)\n\n' +
    '10:00:00        CPU     %user     %nice   %system   %iowait    %steal     %idle\n' +
    row('all', '20.00', '0.00', '5.00', '0.00', '0.00', '75.00') +
    row('0', '20.00', '0.00', '5.00', '0.00', '0.00', '75.00') +
    row('1', '0.00', '0.00', '0.00', '0.00', '0.00', '0.00');
  const read = hostToolOf(text).import(text);
  expect([read.readings[0]?.host?.cpu?.busiestCore, [...read.left]]).toEqual([0.25, []]);
  const core = (cpu: string, user: number, idle: number) => ({
    cpu,
    user,
    nice: 0,
    system: 0,
    iowait: 0,
    steal: 0,
    idle,
  });
  const timestamp = { date: '2026-01-31', time: '10:00:01', utc: 1, interval: 1 };
  const json = JSON.stringify({
    sysstat: {
      hosts: [
        {
          'file-date': '2026-01-31',
          statistics: [{ timestamp, 'cpu-load': [core('all', 25, 75), core('0', 25, 75), core('1', 0, 0)] }],
        },
      ],
    },
  });
  expect(hostToolOf(json).import(json).readings[0]?.host?.cpu?.busiestCore).toBe(0.25);
});

test('reads more screens of top than fit into the arguments of one call', () => {
  const text = 'top - 10:00:00 up 1 day,  0 users,  load average: 1.00, 1.00, 1.00\n'.repeat(150_000);
  expect(hostTools.top.import(text).readings).toHaveLength(149_999);
});

const sarHead = 'Linux 5.10.0 (mq-1) \t01/31/26 \t_x86_64_\t(24 CPU)\n\n';
const cpuRow = (time: string, idle: string) =>
  `${time}        all      0.00      0.00      0.00      0.00      0.00     ${idle}\n`;
const cpuHeading = (time: string) => `${time}        CPU     %user     %nice   %system   %iowait    %steal     %idle\n`;

test('sar output across midnight and a restart has correct intervals', () => {
  const text =
    sarHead +
    cpuHeading('23:58:00') +
    cpuRow('23:59:00', '99.00') +
    cpuRow('00:00:00', '98.00') +
    '\n00:07:00     LINUX RESTART\t(24 CPU)\n\n' +
    cpuHeading('00:10:00') +
    cpuRow('00:11:00', '97.00') +
    'Average:        all      0.00      0.00      0.00      0.00      0.00     98.00\n';
  const { readings, left, cores } = hostToolOf(text).import(text);
  expect(cores).toBe(24);
  expect(readings.map(({ intervalSeconds }) => intervalSeconds)).toEqual([60, 60, 60]);
  expect(
    readings.map(({ at }) => (at.kind === 'local' ? [at.dates[0]?.month, at.dates[0]?.day, at.secondOfDay] : [])),
  ).toEqual([
    [1, 31, 86_340],
    [2, 1, 0],
    [2, 1, 660],
  ]);
  expect(left.get('restarts of the machine')).toBe(1);
});

test('the days of several sar files in one file keep their dates', () => {
  const dayOf = (date: string, clock: string, idle: string) =>
    sarHead.replace('01/31/26', date) + cpuHeading(`${clock}:00`) + cpuRow(`${clock}:01`, idle);
  const text = dayOf('01/31/26', '11:00', '90') + dayOf('02/03/26', '08:00', '50');
  const { readings } = hostToolOf(text).import(text + dayOf('02/03/26', '08:00', '50'));
  expect(readings.map(({ at, host }) => ({ at, idle: host?.cpu?.idle }))).toEqual([
    { at: expect.objectContaining({ dates: [{ year: 2026, month: 1, day: 31 }], secondOfDay: 39_601 }), idle: 0.9 },
    {
      at: expect.objectContaining({
        dates: [
          { year: 2026, month: 2, day: 3 },
          { year: 2026, month: 3, day: 2 },
        ],
      }),
      idle: 0.5,
    },
  ]);
  expect(refusal(text + dayOf('02/03/26', '09:00', '50').replace('mq-1', 'mq-2'))).toContain('several machines');
});

test.each<[string, string[], string[]]>([
  [
    'summer time ends',
    ['02:40:00 heading', '02:50:00', '02:00:00', '02:10:00', '02:10:00 heading', '02:50:00', '03:00:00'],
    ['31 02:50:00 600', '31 03:00:00 600'],
  ],
  [
    'chrony steps the clock',
    ['13:52:55 heading', '13:52:56', '13:52:58', '13:52:57', '13:52:58', '13:52:59'],
    ['31 13:52:56 1', '31 13:52:58 2', '31 13:52:59 1'],
  ],
])('drops repeated times of sar when %s, and keeps the date', (_, lines, expected) => {
  const text = lines.map((line) => (line.endsWith('heading') ? cpuHeading(line.slice(0, 8)) : cpuRow(line, '99.00')));
  const { readings, left } = hostToolOf(sarHead + text.join('')).import(sarHead + text.join(''));
  const clockOf = (second: number) => new Date(second * 1000).toISOString().slice(11, 19);
  const placed = readings.map(({ at, intervalSeconds }) =>
    at.kind === 'local' ? `${at.dates[0]?.day} ${clockOf(at.secondOfDay)} ${intervalSeconds}` : at.kind,
  );
  expect(placed).toEqual(expected);
  const rows = lines.filter((line) => !line.endsWith('heading'));
  expect([...left]).toEqual([['rows that were not understood', rows.length - expected.length]]);
});

// As glibc 2.36 has d_fmt and t_fmt in localedata/locales/ko_KR and en_HK.
const inKorean = (text: string) =>
  text
    .replaceAll(/(\d\d)时(\d\d)分(\d\d)秒/g, '$1시 $2분 $3초')
    .replaceAll(/(\d{4})年(\d\d)月(\d\d)日/g, '$1년 $2월 $3일');
const inHongKong = (text: string) => text.replaceAll(/(:\d\d [AP]M) /g, '$1 HKT ');

test.each([
  ['sar-zh_CN.txt', inKorean],
  ['iostat-zh_CN.txt', inKorean],
  ['sar-en_US.txt', inHongKong],
])('%s with the times of another locale has the same readings', (name, inLocale) => {
  const [text, there] = [fixture(name), inLocale(fixture(name))];
  expect(there).not.toBe(text);
  expect(hostToolOf(there).import(there)).toEqual(hostToolOf(text).import(text));
});

test('recognises restarts and comments of sar after a time with a zone', () => {
  const inZone = (text: string) => text.replaceAll(/^(\d\d:\d\d:\d\d) {3}/gm, '$1 PM HKT');
  const text =
    sarHead +
    inZone(
      `${cpuHeading('01:00:00')}${cpuRow('01:01:00', '99.00')}\n01:02:00          LINUX RESTART\t(24 CPU)\n` +
        `01:03:00     COM deployed\n`,
    );
  expect([...hostToolOf(text).import(text).left]).toEqual([
    ['restarts of the machine', 1],
    ['comments', 1],
  ]);
});

describe('rejects other files', () => {
  test.each([
    ['hello\n', /it is not the output of any of sadf -j, iostat -o JSON, top/],
    [fixture('vmstat-C.txt') + fixture('top-C.txt'), /holds output of top and vmstat.*separate file/],
    ['{"sysstat": {"hosts": [{"file-date": "2026-01-01", "statistics": [', /not JSON.*cut off/],
    ['{"sysstat": {"hosts": [{"file-date": "2026-01-01", "statistics": []}]}}', /holds no statistics/],
    [fixture('vmstat-C.txt').split('\n').slice(0, 3).join('\n'), /only row is the mean since boot.*vmstat -t 1/],
    [
      '             total       used       free     shared    buffers     cached\nMem:         16000      15000       1000          0        100       9000\n',
      /did not print what is available/,
    ],
  ])('rejects %j', (text, words) => expect(refusal(text)).toMatch(words));
});
