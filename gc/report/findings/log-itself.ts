// Judges the log: two writers, lost messages, clock steps, torn records, storage and unparsed lines.

import { pluralText } from '../../../core/text/quantity-text.ts';
import { figure, type FindingRule } from './finding-rule.ts';

export const twoWriters: FindingRule = ({ fold: { notices } }) =>
  notices.has('two-writers')
    ? {
        severity: 'warning',
        message:
          'Two JVMs wrote into one log: lines are torn and some are lost. Give each its own file, with %p (process id) in its name.',
        evidence: [figure('logs with two writers', notices.get('two-writers')?.count ?? 0, 'logs')],
      }
    : undefined;

export const droppedMessages: FindingRule = ({ fold: { notices } }) => {
  const dropped = notices.get('messages-dropped');
  return dropped === undefined
    ? undefined
    : {
        severity: 'warning',
        message: `The JVM dropped ${pluralText(dropped.amount, 'message')} of its log: figures are too low. Raise -XX:AsyncLogBufferSize, or remove -Xlog:async.`,
        evidence: [figure('dropped', dropped.amount, 'messages')],
      };
};

export const clockSteps: FindingRule = ({ fold: { notices } }) =>
  notices.has('clock-step')
    ? {
        severity: 'info',
        message: 'The wall clock was set while the JVM ran: times before and after do not fit together.',
        evidence: [figure('clock steps', notices.get('clock-step')?.count ?? 0, 'steps')],
      }
    : undefined;

export const tornRecords: FindingRule = ({ fold: { notices } }) => {
  const count = (notices.get('torn-record')?.count ?? 0) + (notices.get('record-too-long')?.count ?? 0);
  return count === 0
    ? undefined
    : {
        severity: 'info',
        message: `${pluralText(count, 'record')} cut or torn, and not counted.`,
        evidence: [figure('torn records', count, 'records')],
      };
};

/** Bytes JVMs keep by the start script of RocketMQ: five files of 30 MB. */
const rocketmqRing = 5 * 30 * 1e6;

export const logInMemory: FindingRule = ({ paths, fold: { facts } }) => {
  const isInMemory = paths.some((path) => path.includes('/dev/shm/')) || facts.flags?.includes('/dev/shm/') === true;
  if (!isInMemory) return undefined;
  return {
    severity: 'info',
    message:
      'The GC log lies in /dev/shm: it is memory, counts against the container, and is gone after a reboot. Each start of RocketMQ begins another set of up to five files of 30 MB; in a container /dev/shm has 64 MB. Set GC_LOG_DIR to a folder on a disk, or remove old sets.',
    evidence: [
      {
        name: 'one set',
        value: rocketmqRing,
        unit: 'bytes',
        source: 'apache/rocketmq, bin/runbroker.sh: filecount=5,filesize=30M',
      },
      {
        name: 'a case of it',
        value: '64 MB of /dev/shm filled',
        unit: 'text',
        source: 'apache/rocketmq-operator, issue 177',
      },
    ],
  };
};

export const unparsedLines: FindingRule = ({ figures: { unparsed } }) =>
  unparsed.lines === 0
    ? undefined
    : {
        severity: 'info',
        message: `Not recognized: ${pluralText(unparsed.lines, 'line')} of the log, listed by shape. Application output in the same file is harmless. Report any GC lines among them.`,
        evidence: [figure('unparsed', unparsed.lines, 'lines')],
      };

export const noPauses: FindingRule = ({ figures: { pauses } }) =>
  pauses === undefined
    ? {
        severity: 'info',
        message:
          'The log has cycles of the collector and not its pauses. Start the JVM with -Xlog:gc*,safepoint to see how long it pauses.',
        evidence: [],
      }
    : undefined;
