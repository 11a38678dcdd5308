import { expect, test } from 'vitest';
import { namelessOf, threadGroupOf } from '../../../../hosts/processes/read-process.ts';

/** Thread names of a JVM 8u504 in the kernel. */
const java8 = [
  'java',
  'java',
  'GC task thread#',
  'GC task thread#',
  'VM Thread',
  'Finalizer',
  'C2 CompilerThre',
  'ReputMessageSer',
];

test.each([
  ['ReputMessageSer', 'reput'],
  ['GC task thread#', 'gc'],
  ['kafka-request-h', 'kafka-data-plane'],
  ['kafka-network-t', 'kafka-data-plane'],
  ['Finalizer', 'other'],
])('a thread named %s belongs to %s', (name, group) => {
  expect(threadGroupOf(name)).toBe(group);
});

test('threads are nameless if most have the name of the process', () => {
  expect(namelessOf(java8, 'java')).toBeUndefined();
  expect(namelessOf(['java', 'java', 'java', 'java', 'nioEventLoopGro'], 'java')).toBe('java');
  expect(namelessOf([], 'java')).toBeUndefined();
});
