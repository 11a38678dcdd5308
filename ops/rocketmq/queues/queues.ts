// Orders a queue change: read queues first when the topic grows, write queues first when it shrinks.

import type { ChangeKind, Tools } from '../change.ts';
import { letSettle } from '../let-settle.ts';
import { awaitExpired } from '../await-expired.ts';
import { grows, QueuesFacts, shrinks, leavingQueues } from './facts.ts';
import { setOrder } from '../topics/set-order.ts';
import { awaitLate, closeReads, awaitQueuesQuiet, awaitQueuesRead, whileClosed } from './shrink.ts';
import { seconds } from '../../../core/clock.ts';
import { done, heldBy, type Step } from '../../change/step.ts';
import {
  goneWith,
  restoreOnEach,
  staleRoutes,
  setOnEach,
  restoreQueuesAt,
  queuesText,
  type Queues,
} from './set-queues.ts';
import type { Io } from '../../../brokers/driver.ts';
import { masterOf, topicAt } from '../broker-group.ts';
import { untilCopied } from '../until-copied.ts';
import { restoreEach } from '../change-each.ts';
import { readUnread } from '../unread.ts';

export const queues: ChangeKind<QueuesFacts> = {
  name: 'queues',
  facts: QueuesFacts,

  steps(facts, tools) {
    if (facts.order === undefined && !grows(facts) && !shrinks(facts)) return [];
    const steps: Step<QueuesFacts>[] = [
      ...(grows(facts) ? [openReads(facts, tools), letSettle(facts, tools)] : []),
      setWrites(facts, tools),
      ...(facts.order === undefined ? [] : [setOrder<QueuesFacts>(facts.topic, facts.order, tools.desk)]),
      ...(shrinks(facts)
        ? [
            awaitQueuesQuiet(facts, tools),
            ...whileClosed(facts, tools, [
              awaitLate(facts, tools),
              awaitQueuesRead(facts, tools),
              awaitExpired(facts, tools),
              closeReads(facts, tools),
            ]),
          ]
        : []),
    ];
    const definition = {
      what: facts.topic,
      async at(address: string, io: Io) {
        const found = await topicAt(tools.desk, address, facts.topic, io);
        return found && { en: queuesText(found), zh: queuesText(found, 'zh') };
      },
    };
    return [...steps.slice(0, -1), ...steps.slice(-1).map((step) => untilCopied(step, facts, tools, definition))];
  },

  notice: (facts) => {
    const { topic, to, brokers } = facts;
    const names = brokers.map(({ brokerName }) => brokerName).join(', ');
    return {
      en: [
        `Notice: the number of queues of RocketMQ topic ${topic} changes to ${to} on each of ${names}`,
        'What clients see: producers and consumers use the new number after their next route refresh (30 s for Java), and consumers rebalance within another 20 s. Sending and reading continue.',
        'Order: messages of one key move to another queue once. Until the old queue is read, consumers may process both at the same time, so order is not guaranteed.',
        shrinks(facts)
          ? 'Removed queues stay readable until they are read and, unless replay was given up, until their messages have expired.'
          : 'No queue is removed.',
        'Please do: keep consumers online, and do not run more consumers of a group than there are queues.',
        'Rollback: the number of queues can be restored at any time; a queue with messages stays readable.',
      ],
      zh: [
        `通知：RocketMQ Topic ${topic} 的队列数调整为每个 Broker（${names}）${to} 个`,
        '对客户端的影响：新队列数在生产者和消费者下一次更新路由后（Java 客户端为 30 秒）生效，消费者随后在 20 秒内重新分配队列。收发不中断。',
        '顺序：同一 Key 的消息会切换一次队列；旧队列消费完之前，新旧队列可能同时被消费，不保证顺序。',
        shrinks(facts) ? '被缩掉的队列在消费完毕之前保持可读；若未放弃回溯，则保持到消息过期。' : '不会减少队列。',
        '请配合：保持消费者在线，同一消费组的消费者数量不要超过队列数。',
        '回滚方案：可随时恢复原队列数；仍有消息的队列保持可读。',
      ],
    };
  },
};

function setWrites(facts: QueuesFacts, tools: Tools): Step<QueuesFacts> {
  const { to } = facts;
  const { desk } = tools;
  return {
    id: 'set-writes',
    description: `let producers write to ${to} queues on each broker`,
    zh: `允许生产者写入每个 Broker 的 ${to} 个队列`,
    pause: seconds(1),
    async run(io) {
      // Slaves copy definitions every 10 s, so a newly elected master may lack the read queues, which consumers must find first.
      if (facts.readableAt !== undefined) {
        let isRaised = false;
        await setOnEach(desk, facts, io, (now) => {
          isRaised ||= now.readQueues < to;
          return { ...now, readQueues: Math.max(now.readQueues, to) };
        });
        if (isRaised) {
          const what = `a master was elected that did not have ${to} queues to read: it has them now`;
          const zh = `新选举的主节点此前没有 ${to} 个读队列：现已补齐`;
          return { ...heldBy({ en: what, zh }), learnt: { readableAt: tools.clock.now().toISOString() } };
        }
        const settled = await letSettle(facts, tools).run(io);
        if (settled.kind === 'held') return settled;
      }
      const evidence = await setOnEach(desk, facts, io, ({ readQueues }) => ({
        readQueues: Math.max(readQueues, to),
        writeQueues: to,
      }));
      const holds = await staleRoutes(desk, facts, ({ writeQueues }) => writeQueues === to, io);
      return holds.length > 0 ? { kind: 'held', holds } : done(evidence);
    },
    undo: {
      description: 'restore the former number of write queues',
      zh: '恢复原来的写队列数',
      run: (io) =>
        restoreOnEach(tools, facts, io, (now, { readQueues, writeQueues }) =>
          [to, writeQueues].includes(now.writeQueues)
            ? { readQueues: Math.max(now.readQueues, readQueues), writeQueues }
            : undefined,
        ),
    },
  };
}

/** Opens read queues before write queues, so that no message is missed. */
function openReads(facts: QueuesFacts, { desk, clock, gone }: Tools): Step<QueuesFacts> {
  const { to, brokers } = facts;
  return {
    id: 'open-reads',
    description: `let consumers read ${to} queues on each broker`,
    zh: `允许消费者读取每个 Broker 的 ${to} 个队列`,
    pause: seconds(1),
    async run(io) {
      const raised = (now: number) => Math.max(now, to);
      const evidence = await setOnEach(desk, facts, io, (now) => ({ ...now, readQueues: raised(now.readQueues) }));
      const holds = await staleRoutes(desk, facts, ({ readQueues }) => readQueues >= to, io);
      if (holds.length > 0) return { kind: 'held', holds };
      return { ...done(evidence), learnt: { readableAt: clock.now().toISOString() } };
    },
    undo: {
      description: 'restore the former number of read queues, if the new ones have no unread messages',
      zh: '若新队列没有未消费消息，恢复原来的读队列数',
      run: (io) =>
        restoreEach(
          brokers,
          async (broker) => {
            const added = leavingQueues({ ...facts, to: broker.readQueues }, { ...broker, readQueues: to });
            const address = await masterOf(desk, broker.brokerName, io, broker.address);
            const unread = added.length === 0 ? [] : await readUnread(desk, address, added, io);
            const ends = await desk.ends(address, added, io);
            if (unread.length > 0 || ends.some((end) => end > 0n)) {
              const command = `plimsoll ops rocketmq queues --topic ${facts.topic} --broker ${broker.brokerName} --to ${broker.readQueues}`;
              return {
                en: `${broker.brokerName}: new queues hold messages and stay readable; \`${command}\` removes them`,
                zh: `${broker.brokerName}：新队列中有消息，保持可读；可用 \`${command}\` 移除`,
              };
            }
            // Producers may write to queues that others opened since then, so consumers must read them.
            const isOfOthers = ({ readQueues, writeQueues }: Queues) =>
              ![broker.readQueues, to].includes(readQueues) || ![broker.writeQueues, to].includes(writeQueues);
            const before = (now: Queues) => (isOfOthers(now) ? undefined : { ...now, readQueues: broker.readQueues });
            return await restoreQueuesAt(desk, facts, { ...broker, address }, before, io);
          },
          goneWith({ desk, gone }, facts, io),
        ),
    },
  };
}
