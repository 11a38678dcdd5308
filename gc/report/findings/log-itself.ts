// Judges the log: two writers, lost messages, clock steps, torn records, storage and unparsed lines.

import { countText, pluralText } from '../../../core/text/quantity-text.ts';
import { figure, type FindingRule } from './finding-rule.ts';

/** Bytes of logs that the RocketMQ start script keeps: five files of 30 MB. */
const rocketmqRing = 5 * 30 * 1e6;

/** In the order of findings of equal severity. */
export const logRules = {
  'two-writers': ({ fold: { notices } }) =>
    notices.has('two-writers')
      ? {
          severity: 'warning',
          en: 'Two JVMs wrote into one log: lines are torn and some are lost. Give each its own file, with %p (process id) in its name.',
          zh: '两个 JVM 写入同一个日志：有些行被打断，有些丢失。请为每个 JVM 使用单独的文件，并在文件名中加入 %p（进程号）。',
          evidence: [figure('logs with two writers', notices.get('two-writers')?.count ?? 0, 'logs')],
        }
      : undefined,

  'messages-dropped': ({ fold: { notices } }) => {
    const dropped = notices.get('messages-dropped');
    return dropped === undefined
      ? undefined
      : {
          severity: 'warning',
          en: `The JVM dropped ${pluralText(dropped.amount, 'message')} of its log: figures are too low. Raise -XX:AsyncLogBufferSize, or remove -Xlog:async.`,
          zh: `JVM 丢弃了 ${countText(dropped.amount)} 条日志消息，统计值偏低。请增大 -XX:AsyncLogBufferSize，或去掉 -Xlog:async。`,
          evidence: [figure('dropped', dropped.amount, 'messages')],
        };
  },

  'log-in-memory': ({ paths, fold: { facts } }) => {
    const isInMemory = paths.some((path) => path.includes('/dev/shm/')) || facts.flags?.includes('/dev/shm/') === true;
    if (!isInMemory) return undefined;
    return {
      severity: 'info',
      en: 'The GC log is in /dev/shm, which is memory: it counts against the container, and is gone after a reboot. Each start of RocketMQ begins another set of up to five files of 30 MB; in a container /dev/shm has 64 MB. Set GC_LOG_DIR to a folder on a disk, or remove old sets.',
      zh: 'GC 日志位于 /dev/shm：占用内存并计入容器限额，重启后丢失。RocketMQ 每次启动都会新建一组日志，最多五个 30 MB 的文件；容器的 /dev/shm 只有 64 MB。请把 GC_LOG_DIR 设为磁盘上的目录，或删除旧的日志。',
      evidence: [
        figure('one set', rocketmqRing, 'bytes', 'apache/rocketmq, bin/runbroker.sh: filecount=5,filesize=30M'),
        figure('a case of it', '64 MB of /dev/shm filled', 'text', 'apache/rocketmq-operator, issue 177'),
      ],
    };
  },

  'pauses-not-logged': ({ figures: { pauses } }) =>
    pauses === undefined
      ? {
          severity: 'info',
          en: 'The log has cycles of the collector and not its pauses. Start the JVM with -Xlog:gc*,safepoint to see how long it pauses.',
          zh: '日志只有回收周期，没有停顿。请用 -Xlog:gc*,safepoint 启动 JVM，以记录停顿时长。',
          evidence: [],
        }
      : undefined,

  'clock-step': ({ fold: { notices } }) =>
    notices.has('clock-step')
      ? {
          severity: 'info',
          en: 'The wall clock was set while the JVM ran: times before and after do not fit together.',
          zh: 'JVM 运行期间系统时钟被调整，调整前后的时间无法对应。',
          evidence: [figure('clock steps', notices.get('clock-step')?.count ?? 0, 'steps')],
        }
      : undefined,

  'torn-records': ({ fold: { notices } }) => {
    const count = (notices.get('torn-record')?.count ?? 0) + (notices.get('record-too-long')?.count ?? 0);
    return count === 0
      ? undefined
      : {
          severity: 'info',
          en: `${pluralText(count, 'record')} cut or torn, and not counted.`,
          zh: `${countText(count)} 条记录被截断或损坏，未计入统计。`,
          evidence: [figure('torn records', count, 'records')],
        };
  },

  'unparsed-lines': ({ figures: { unparsed } }) =>
    unparsed.lines === 0
      ? undefined
      : {
          severity: 'info',
          en: `Not recognized: ${pluralText(unparsed.lines, 'line')} of the log, listed by shape. Application output in the same file is harmless. Report any GC lines among them.`,
          zh: `日志中有 ${countText(unparsed.lines)} 行未能识别，已按形式归类列出。同一文件中的应用输出没有影响；如果其中有 GC 日志行，请反馈。`,
          evidence: [figure('unparsed', unparsed.lines, 'lines')],
        },
} satisfies Record<string, FindingRule>;
