// Waits until the new broker is registered at every name server with the same settings as the others.

import { pluralText } from '../../../core/text/quantity-text.ts';
import type { AclRule } from '../../../brokers/acl-rule.ts';
import type { Io } from '../../../brokers/driver.ts';
import type { ChangeDesk } from '../../../brokers/rocketmq/changes/change-desk.ts';
import type { BrokerUser } from '../../../brokers/rocketmq/protocol/access-requests.ts';
import { configDrift } from '../../../brokers/rocketmq/inspect/disagreements.ts';
import { seconds } from '../../../core/clock.ts';
import { faultOf, isUnreachable } from '../../../core/errors.ts';
import { joinedTexts } from '../../../core/text/bilingual.ts';
import { masterOf } from '../broker-group.ts';
import { silentServer } from '../listings.ts';
import { changesNothing, done, heldBy, type Blocker, type Step } from '../../change/step.ts';
import type { Tools } from '../change.ts';
import type { ScaleOutFacts } from './facts.ts';

export function awaitStarted(facts: ScaleOutFacts, { desk }: Tools): Step<ScaleOutFacts> {
  const { brokerName, like } = facts;
  return {
    id: 'start',
    by: 'operator',
    description: `start ${brokerName} and check that every name server lists it`,
    zh: `启动 ${brokerName}，并确认所有 NameServer 都列出它`,
    how: [
      {
        en: `on the new host: install the version and the JVM settings of ${like}, and copy its broker.conf (and conf/plain_acl.yml)`,
        zh: `在新主机上安装与 ${like} 相同的版本和 JVM 参数，并复制其 broker.conf（及 conf/plain_acl.yml）`,
      },
      {
        en: `change brokerName=${brokerName}, brokerIP1 and the store paths; keep brokerClusterName, namesrvAddr, messageDelayLevel and fileReservedTime`,
        zh: `修改 brokerName=${brokerName}、brokerIP1 和存储路径；保持 brokerClusterName、namesrvAddr、messageDelayLevel 和 fileReservedTime 不变`,
      },
      {
        en: 'set autoCreateTopicEnable=false: this change creates the topics',
        zh: '设置 autoCreateTopicEnable=false：Topic 由本变更创建',
      },
      {
        en: 'sh bin/mqbroker -c conf/broker.conf, its slaves after it',
        zh: 'sh bin/mqbroker -c conf/broker.conf，之后再启动其从节点',
      },
    ],
    pause: seconds(2),
    undo: {
      description: `an operator stops ${brokerName} before clients use it, or removes it with scale-in`,
      zh: `在客户端使用之前由运维人员停止 ${brokerName}，或用 scale-in 下线`,
    },
    async run(io) {
      const listings = await desk.listings(io);
      const holds = listings.flatMap(({ server, brokers, reason }): Blocker[] => {
        if (brokers === undefined) return [silentServer(server, reason)];
        const group = brokers.find((each) => each.brokerName === brokerName);
        if (group?.addresses.has(0) === true) return [];
        const what = `name server ${server} lists no master of ${brokerName}`;
        return [{ what, zh: `NameServer ${server} 未列出 ${brokerName} 的主节点` }];
      });
      if (holds.length > 0) return { kind: 'held', holds };
      const address = await masterOf(desk, brokerName, io);
      const evidence = {
        en: `${brokerName}:0 at ${address} is on ${pluralText(listings.length, 'name server')}`,
        zh: `${brokerName}:0（${address}）已注册到 ${listings.length} 个 NameServer`,
      };
      return { ...done(evidence), learnt: { address } };
    },
  };
}

/** Settings that may differ: a new broker may use other controllers and another kind of store. */
const mayDiffer = /^(controllerAddr|messageStorePlugIn)$/;

export function awaitSameSettings(facts: ScaleOutFacts, { desk }: Tools): Step<ScaleOutFacts> {
  const { brokerName, like, acceptDrift } = facts;
  return {
    id: 'see-alike',
    description: `compare the settings of ${brokerName} with those of ${like}`,
    zh: `比对 ${brokerName} 与 ${like} 的配置`,
    pause: seconds(5),
    undo: changesNothing,
    async run(io) {
      const drift = await driftOf(desk, brokerName, like, io);
      if (drift.length === 0)
        return done({ en: `every setting equals that of ${like}`, zh: `所有配置与 ${like} 一致` });
      const { en, zh } = joinedTexts(drift);
      if (acceptDrift) return done({ en: `accepted by --accept-drift: ${en}`, zh: `已由 --accept-drift 接受：${zh}` });
      return heldBy(
        drift.map((each) => ({
          en: `${each.en}: make it the same, or use --accept-drift with a new plan`,
          zh: `${each.zh}：请保持一致，或用 --accept-drift 重新规划`,
        })),
      );
    },
  };
}

export async function driftOf(desk: ChangeDesk, brokerName: string, like: string, io: Io) {
  const sides = await Array.fromAsync([brokerName, like], async (name) => {
    const address = await masterOf(desk, name, io);
    return { id: name, brokerName: name, address, config: await desk.settings(address, io) };
  });
  return [
    ...configDrift(sides)
      .filter(({ subject }) => !mayDiffer.test(subject))
      .map(({ subject, sides }) => ({
        en: `${subject} is ${sides[brokerName]}, and ${sides[like]} on ${like}`,
        zh: `${subject} 为 ${sides[brokerName]}，${like} 上为 ${sides[like]}`,
      })),
    ...(await missingAccess(desk, sides, io)),
  ];
}

interface Side {
  brokerName: string;
  address: string;
  config: ReadonlyMap<string, string>;
}

/** Each broker with ACL 2.0 stores separate users and rules. @returns those that the first broker lacks */
async function missingAccess(desk: ChangeDesk, sides: readonly Side[], io: Io) {
  const isOn = (key: string) => sides.some(({ config }) => config.get(key) === 'true');
  const [withUsers, withRules] = [isOn('authenticationEnabled'), isOn('authorizationEnabled')];
  const [here, like] = sides.map(({ brokerName }) => brokerName);
  try {
    const [own = [], wanted = []] = await Array.fromAsync(sides, async ({ address }) => [
      ...(withUsers ? ((await desk.users(address, io)) ?? []).filter(({ isEnabled }) => isEnabled).map(userText) : []),
      ...(withRules ? ((await desk.acls(address, io)) ?? []).map(ruleText) : []),
    ]);
    const known = new Set(own.map(({ en }) => en));
    return wanted
      .filter(({ en }) => !known.has(en))
      .map(({ en, zh }) => ({
        en: `${en} is on ${like} and not on ${here} (ops rocketmq alter-user, alter-acl)`,
        zh: `${here} 没有 ${like} 上的${zh}（ops rocketmq alter-user、alter-acl）`,
      }));
  } catch (cause) {
    const fault = faultOf(cause, io);
    if (isUnreachable(fault)) throw fault;
    return [
      {
        en: `users and rules of ${here} and ${like} are not compared (${fault.message})`,
        zh: `未比对 ${here} 与 ${like} 的用户和访问规则（${fault.message}）`,
      },
    ];
  }
}

const userText = ({ name, type }: BrokerUser) => ({
  en: `enabled user ${name} (${type})`,
  zh: `启用的用户 ${name}（${type}）`,
});

function ruleText({ subject, decision, actions, resource, name, sources }: AclRule) {
  const from = sources.length === 0 ? '' : ` from ${sources.toSorted().join('+')}`;
  const text = `${subject} ${decision} ${actions.toSorted().join('+')} on ${resource}:${name}${from}`;
  return { en: `rule ${text}`, zh: `规则 ${text}` };
}
