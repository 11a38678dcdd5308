import { expect, test } from 'vitest';
import { commandsIn } from '../../../cli/command-list.ts';
import { findCommand } from '../../../cli/command-line.ts';
import { commands } from '../../../cli/registry.ts';

const names = commandsIn(commands).map(({ name }) => name);

/** Commands in the hint of the error, without the one that lists all. */
function meantBy(line: string): readonly string[] {
  try {
    findCommand(line.split(' '), names);
  } catch (cause) {
    const [, meant = ''] = /^did you mean (.*)\? /.exec((cause as { hint: string }).hint) ?? [];
    return [...meant.matchAll(/`plimsoll ([^`]+)`/g)].map(([, name = '']) => name);
  }
  throw new Error(`${line} is a command`);
}

test.each([
  ['anlyze', 'analyze'],
  ['analyse run', 'analyze'],
  ['get brokesr', 'get brokers'],
  ['history shwo', 'history show'],
])('`%s`, misspelled, leads to %s', (line, name) => expect(meantBy(line)).toEqual([name]));

test.each([
  ['reassign', 'ops kafka reassign'],
  ['ops reassign', 'ops kafka reassign'],
  ['offsets reset', 'ops offsets reset'],
  ['offsets', 'ops offsets'],
  ['topic list', 'get topics'],
  ['describe topic orders', 'get topic'],
  ['ops kafka topic create', 'ops kafka create-topic'],
  ['rocketmq create-topic', 'ops rocketmq create-topic'],
  ['delete-topic', 'ops rocketmq delete-topic'],
  ['brokers', 'get brokers'],
  ['get consumers', 'get groups'],
  ['instance list', 'instances list'],
  ['configs check', 'config check'],
])('`%s`, in other words or another order, leads to %s', (line, name) => expect(meantBy(line)).toContain(name));

test.each([
  ['find-safe', 'run'],
  ['load-test', 'run'],
  ['producer-perf-test', 'run'],
  ['plan', 'size'],
  ['lag', 'get groups'],
  ['consumers', 'get groups'],
  ['rebalance', 'ops kafka reassign'],
  ['produce', 'send'],
  ['ui', 'serve'],
  ['kafka-topics.sh --list', 'get topics'],
  ['kafka-topics.sh --create', 'ops kafka create-topic'],
  ['kafka-reassign-partitions.sh', 'ops kafka reassign'],
  ['kafka-consumer-groups.sh --describe', 'get groups'],
  ['kafka-consumer-groups.sh --reset-offsets', 'ops offsets reset'],
  ['kafka-configs.sh --alter', 'ops kafka alter-config'],
  ['topicList', 'get topics'],
  ['brokerStatus', 'get brokers'],
  ['updateTopic', 'ops rocketmq alter-topic'],
  ['consumerProgress', 'get groups'],
  ['resetOffsetByTime', 'ops offsets reset'],
  ['queryMsgTraceById', 'get message-trace'],
])('the unknown command `%s` leads to %s', (line, name) => expect(meantBy(line)).toContain(name));

test.each(['doctor', 'xyzzy', 'get pods'])('`%s` leads to no command', (line) => expect(meantBy(line)).toEqual([]));
