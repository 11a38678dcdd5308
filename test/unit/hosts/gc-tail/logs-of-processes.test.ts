import { expect, test } from 'vitest';
import { gcLogPatterns } from '../../../../hosts/gc-tail/logs-of-processes.ts';

const patterns = (...flags: string[]) => gcLogPatterns(flags, { folder: '/opt/broker', pid: 42 });

test.each([
  ['-Xloggc:/dev/shm/rmq_srv_gc_%p_%t.log', ['/dev/shm/rmq_srv_gc_pid42_*.log', '/dev/shm/rmq_srv_gc_42_*.log']],
  [
    '-Xlog:gc*:file=/var/log/kafka/kafkaServer-gc.log:time,tags:filecount=10,filesize=100M',
    ['/var/log/kafka/kafkaServer-gc.log'],
  ],
  ['-Xlog:gc*,safepoint:logs/gc.log', ['/opt/broker/logs/gc.log']],
  ['-Xlog:safepoint,gc:file="/logs/a gc.log":uptime', ['/logs/a gc.log']],
  ['-Xlog::/logs/all.log', ['/logs/all.log']],
  ['-Xlog:gc*', []],
  ['-Xlog:gc*:stdout:time', []],
  ['-Xlog:class+load:file=/logs/classes.log', []],
  ['-Xlog:disable', []],
  ['-Xmx4g', []],
])('%s writes to %s', (flag, expected) => expect(patterns('-server', flag)).toEqual(expected));

test('the last option about GC logging applies', () => {
  expect(patterns('-Xlog:gc:file=/a.log', '-Xlog:class+load:file=/b.log')).toEqual(['/a.log']);
  expect(patterns('-Xloggc:/a.log', '-Xloggc:/b.log')).toEqual(['/b.log']);
});

test('a process in a container has another id there', () => {
  expect(gcLogPatterns(['-Xlog:gc:file=gc_%p.log'], { folder: '/app' })).toEqual(['/app/gc_*.log']);
});
