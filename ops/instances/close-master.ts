// Closes a RocketMQ master to producers before it is stopped, and opens it again once it serves.

import type { Io } from '../../brokers/driver.ts';
import type { ChangeDesk } from '../../brokers/rocketmq/changes/change-desk.ts';
import type { TopicDefinition } from '../../brokers/rocketmq/protocol/topic-requests.ts';
import type { Clock } from '../../core/clock.ts';
import type { Finding } from '../../core/documents/analysis.ts';
import type { InLanguages } from '../../core/documents/findings/finding-entry.ts';
import { finding } from '../change/change-kind.ts';
import { named, type Text } from '../../core/text/bilingual.ts';
import { type Blocker, done, type Step } from '../change/step.ts';
import { AppError, faultOf, isUnreachable } from '../../core/errors.ts';
import { parseProperties } from '../../hosts/instances/instance-settings.ts';
import { isStopped, readService } from '../../hosts/instances/service.ts';
import { awaitQuiet } from '../rocketmq/await-quiet.ts';
import { clientTopics, electsLeader, mastersIn } from '../rocketmq/broker-group.ts';
import { ownNames, readListings } from '../rocketmq/listings.ts';
import {
  awaitClosed,
  closedAlready,
  closeWrites,
  mayWrite,
  membersOf,
  openWrites,
  permissionIn,
  withoutWrites,
} from '../rocketmq/close-writes.ts';
import { membersNow } from '../rocketmq/members.ts';
import { findingsOfOrder, findingsOfStatic, topicsOfOpen, topicsOnlyHere } from '../rocketmq/other-masters.ts';
import type { ChangedInstance, ClosedMaster, InstanceFacts, InstanceTools } from './facts.ts';
import { until } from './until.ts';

/** Java clients update routes every 30 s (pollNameServerInterval), so no sender has an old route after this time. */
const quietSeconds = 35;
const sendsFail = {
  en: 'stop these producers before; --accept-refused-sends restarts the broker nevertheless, and their sends fail meanwhile',
  zh: '请先停止这些生产者；指定 --accept-refused-sends 会直接重启该 Broker，期间其发送会失败',
};
/** Timeout of the start during a rollback. */
const startSeconds = 120;
/** How long clients that still send may block a rollback: default of --wait. */
const sendersSeconds = 300;
/** How long errors of brokers or name servers, and accepted senders, may. */
const acceptedSeconds = 60;

/**
 * @returns nothing for brokers other than masters, and if DLedger or a controller moves the leadership. @throws
 *   AppError broker-unreachable
 */
export async function planMasters(
  order: readonly ChangedInstance[],
  desk: ChangeDesk | undefined,
  io: Io,
): Promise<{ masters: Record<string, ClosedMaster>; findings: Finding[] }> {
  const masters: Record<string, ClosedMaster> = {};
  const findings: Finding[] = [];
  const moving: TopicDefinition[] = [];
  const chosen = order.filter(({ target }) => target.role === 'rocketmq-master');
  if (desk === undefined || chosen.length === 0) return { masters, findings };
  const listings = await readListings(desk, io);
  const names = ownNames(listings);
  const led = mastersIn(listings);
  for (const { name, target } of chosen) {
    const [brokerName] = target.broker?.split(':') ?? [];
    const master = led.find((each) => each.brokerName === brokerName);
    const refused = (why: InLanguages<string>) =>
      findings.push(
        finding('warning', 'sends-refused', {
          en: `sends to ${name} are rejected while it restarts: ${why.en}`,
          zh: `${name} 重启期间，发往它的消息会被拒绝：${why.zh}`,
        }),
      );
    if (brokerName === undefined || master === undefined) {
      refused(
        brokerName === undefined
          ? { en: 'it has no `broker` in instances.yaml', zh: 'instances.yaml 中没有它的 `broker`' }
          : { en: `no name server lists ${brokerName}:0`, zh: `没有 NameServer 列出 ${brokerName}:0` },
      );
      continue;
    }
    const others = led.filter((each) => each.brokerName !== brokerName);
    if (others.length === 0) {
      refused({
        en: 'no other master exists; swap it with its slave first (ops rocketmq switch)',
        zh: '没有其他主节点；请先与其从节点互换（ops rocketmq switch）',
      });
      continue;
    }
    const settings = await desk.settings(master.address, io);
    if (electsLeader(settings)) continue;
    const topics = clientTopics(await desk.topics(master.address, io), names);
    const open = await topicsOfOpen(desk, others, io);
    const alone = topicsOnlyHere(topics, open, names);
    if (open.length === 0) {
      const closed = others.map((each) => each.brokerName);
      refused({
        en: `no other master accepts messages (${named(closed)}: no answer, access refused, or brokerPermission has no write bit); open one first (ops rocketmq alter-config)`,
        zh: `没有其他主节点接受消息（${named(closed, 5, 'zh')}：无响应、拒绝访问，或 brokerPermission 没有写权限）；请先开放一个（ops rocketmq alter-config）`,
      });
    } else if (alone.length > 0) {
      refused({
        en: `no other master that can be read accepts messages for ${named(alone)}, so it is not closed first: sends to these fail until it serves again, and those to its other topics until they are retried at another master; create these topics on another master first (ops rocketmq create-topic)`,
        zh: `没有其他可读取的主节点接受 ${named(alone, 5, 'zh')} 的消息，因此重启前不会先禁写：这些 Topic 的发送会失败，直至它恢复服务；其余 Topic 的发送在其他主节点重试前会失败。请先在其他主节点上创建这些 Topic（ops rocketmq create-topic）`,
      });
    } else {
      const member = { brokerId: 0, address: master.address, permission: permissionIn(settings) };
      const consequence = { en: `${name} stays closed once it serves again`, zh: `${name} 恢复服务后仍然禁写` };
      findings.push(...closedAlready([member], consequence), ...findingsOfStatic(name, topics, 'warning', sendsFail));
      moving.push(...topics);
      masters[name] = {
        brokerName,
        members: [member],
        topics: topics.map((topic) => topic.name),
        names: [...names],
        quietSeconds,
      };
    }
  }
  return { masters, findings: [...findings, ...findingsOfOrder(moving)] };
}

export const closeMaster = ofMaster((closed, tools, { acceptRefusedSends }, continued) => {
  const { desk, clock } = tools;
  const close = closeWrites(closed, tools);
  const { undo } = close;
  return [
    {
      ...close,
      undo: {
        ...undo,
        // The previous rollback step has just started the broker.
        async run(io: Io) {
          for (const { address } of closed.members) {
            await until({ clock, patienceSeconds: startSeconds }, io, async () =>
              (await desk.reach(address, io)) === 'answers' ? undefined : `${address} does not answer`,
            );
          }
          return 'run' in undo && undo.run !== undefined ? await undo.run(io) : [];
        },
      },
    },
    awaitClosed(closed, tools),
    awaitQuiet(closed, tools, {
      isAccepted: acceptRefusedSends === true,
      hint: {
        en: `stop these producers, or let them refresh their routes; --${continued} --accept-refused-sends stops the broker nevertheless: sends to it are rejected until it serves again`,
        zh: `请停止这些生产者，或等待它们更新路由；--${continued} --accept-refused-sends 会直接停止该 Broker：在它恢复服务之前，发往它的消息会被拒绝`,
      },
      evidence: ({ en, zh }) => ({
        en: `${en}; --accept-refused-sends was given`,
        zh: `${zh}；已指定 --accept-refused-sends`,
      }),
    }),
  ];
});

/**
 * Before a rollback stops a broker that serves with its new program or settings; `close-writes` restores its permission
 * afterwards. Skipped for a broker that does not answer, which accepts no messages, and for one that cannot be closed.
 *
 * @throws AppError change-stopped while clients still send
 */
export async function closeBeforeStop(
  each: ChangedInstance,
  facts: InstanceFacts,
  tools: Pick<InstanceTools, 'desk' | 'clock' | 'hostOf'>,
  io: Io,
): Promise<Text[]> {
  const { desk, clock } = tools;
  const closed = facts.masters?.[each.name];
  if (closed === undefined || desk === undefined) return [];
  const evidence: Text[] = [];
  const begun = clock.monotonic();
  let isSilent = false;
  for (const step of closeMaster(each, facts, tools, 'abort')) {
    await until({ clock, patienceSeconds: sendersSeconds }, io, async () => {
      isSilent = isSilent || !(await answers(desk, closed, io));
      if (isSilent) return undefined;
      const outcome = await step.run(io).catch((cause: unknown) => faultOf(cause, io));
      const isFault = outcome instanceof AppError;
      if (!isFault && outcome.kind === 'done') evidence.push(...outcome.evidence);
      if (!isFault && outcome.kind !== 'held') return undefined;
      const why = isFault ? outcome.message : outcome.holds.map(({ what }) => what).join('; ');
      const isAccepted = isFault || facts.acceptRefusedSends === true;
      if (!isAccepted || clock.monotonic() - begun < acceptedSeconds) return why;
      evidence.push(`${step.id}: ${why}`);
      return undefined;
    });
  }
  return evidence;
}

/** At its current address, which its new settings may have changed. */
async function answers(desk: ChangeDesk, closed: ClosedMaster, io: Io): Promise<boolean> {
  for (const { address } of await membersNow(membersOf(closed), desk, io)) {
    if ((await desk.reach(address, io)) === 'answers') return true;
  }
  return false;
}

export const openMaster = ofMaster((closed, tools) =>
  closed.members.map((member) => ({
    ...openWrites(closed, member, tools),
    ends: ['close-writes', 'see-closed', 'see-quiet'],
  })),
);

/** @returns steps for instances that are closed masters, and none for others */
function ofMaster(
  stepsOf: (
    closed: ClosedMaster,
    tools: { desk: ChangeDesk; clock: Clock },
    facts: InstanceFacts,
    continued: 'resume' | 'abort',
  ) => Step<ClosedMaster>[],
) {
  return (
    each: ChangedInstance,
    facts: InstanceFacts,
    tools: Pick<InstanceTools, 'desk' | 'clock' | 'hostOf'>,
    continued: 'resume' | 'abort' = 'resume',
  ) => {
    const { desk, clock } = tools;
    const closed = facts.masters?.[each.name];
    if (closed === undefined || desk === undefined) return [];
    return stepsOf(closed, { desk, clock }, facts, continued).map((step) => ofInstance(each, step, closed, tools));
  };
}

function ofInstance(
  { name, target }: ChangedInstance,
  { ends = [], ...step }: Step<ClosedMaster>,
  { members }: ClosedMaster,
  { hostOf }: Pick<InstanceTools, 'hostOf'>,
): Step<InstanceFacts> {
  /**
   * A broker that cannot write its file, as on a full disk, answers success and lists the new value nevertheless
   * (Configuration.persist of 5.3 and 5.5 logs the error).
   */
  async function unsavedBlockers(io: Io): Promise<Blocker[]> {
    const { host, settings: file = '' } = target;
    const { texts } = file === '' ? {} : await hostOf(host).files.readAll([file], io);
    const saved = Number(parseProperties(texts?.get(file) ?? '').get('brokerPermission'));
    if (!members.some(({ permission }) => mayWrite(permission) && withoutWrites(permission) === saved)) return [];
    const what = `${file} on ${host} still has brokerPermission=${saved}, so ${name} would start with it again: check the space and rights there`;
    const zh = `${host} 上的 ${file} 仍为 brokerPermission=${saved}，${name} 再次启动时会沿用：请检查该处的磁盘空间和权限`;
    return [{ what, zh }];
  }

  return {
    ...step,
    id: `${step.id}-${name}`,
    ends: ends.map((id) => `${id}-${name}`),
    async run(io) {
      try {
        const { learnt: _, ...outcome } = await step.run(io);
        const holds = ends.length > 0 && outcome.kind === 'done' ? await unsavedBlockers(io) : [];
        return holds.length > 0 ? { kind: 'held', holds } : outcome;
      } catch (cause) {
        // A rollback that was killed may have stopped it, and it needs no closing then.
        if (!(cause instanceof AppError) || !isUnreachable(cause) || ends.length > 0) throw cause;
        if (!isStopped(await readService(hostOf(target.host).commands, target, io))) throw cause;
        return done({ en: `${name} is stopped`, zh: `${name} 已停止` });
      }
    },
  };
}
