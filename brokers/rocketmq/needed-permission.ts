// Names the permission that an access key lacks when a RocketMQ broker refuses one of its requests.

export type RocketmqAction = 'PUB' | 'SUB' | 'GET' | 'CREATE' | 'UPDATE' | 'DELETE';
export type RocketmqResource = 'topic' | 'group' | 'cluster';

type Actions = Readonly<Partial<Record<RocketmqResource, RocketmqAction>>>;

const send: Actions = { topic: 'PUB' };
const consume: Actions = { topic: 'SUB', group: 'SUB' };
/** A retry topic is checked as the group in its name, without %RETRY%. */
const readTopic: Actions = { topic: 'GET', group: 'GET' };
const readGroup: Actions = { group: 'GET' };
const readCluster: Actions = { cluster: 'GET' };
const changeAccess: Actions = { cluster: 'UPDATE' };

/**
 * Actions by request code, of ACL 2.0 (5.3). If the broker accepts one of several actions, the one that grants least.
 * Source: DefaultAuthorizationContextBuilder and `@RocketMQAction` of the request headers, 5.3.3.
 */
const actions: Readonly<Record<number, Actions>> = {
  10: send,
  310: send,
  320: send,
  37: send,
  11: consume,
  34: consume,
  35: consume,
  36: consume,
  41: consume,
  42: consume,
  12: readTopic,
  29: readTopic,
  30: readTopic,
  31: readTopic,
  33: readTopic,
  202: readTopic,
  14: { topic: 'GET', group: 'GET' },
  208: { topic: 'GET', group: 'GET' },
  38: readGroup,
  203: readGroup,
  307: readGroup,
  315: readCluster,
  328: readCluster,
  3001: changeAccess,
  3002: changeAccess,
  3003: changeAccess,
  3005: readCluster,
  3006: changeAccess,
  3008: changeAccess,
  3010: readCluster,
  15: { topic: 'UPDATE', group: 'UPDATE' },
  222: { topic: 'UPDATE', group: 'UPDATE' },
  17: { topic: 'CREATE' },
  207: { group: 'DELETE' },
  215: { topic: 'DELETE', group: 'DELETE' },
};

/**
 * @param code request code
 * @param remark remark of the broker's answer
 * @returns `needs GET on topic orders`; undefined for an answer that is not about permissions
 */
export function neededPermission(code: number, remark: string): string | undefined {
  // ACL 2.0: `User:x has no permission to access Topic:orders from 10.0.0.1, no matched policies.`
  const [, kind, resource] = /no permission to access (Topic|Group|Cluster):(\S+) from /.exec(remark) ?? [];
  if (kind !== undefined && resource !== undefined) {
    const what = kind.toLowerCase() as RocketmqResource;
    return `needs ${actions[code]?.[what] ?? 'a permission'} on ${what} ${resource}`;
  }
  // 4.x: `No default permission for topic:orders`, `Need admin permission for request code=17, but …`
  const [, plainKind, plainResource] =
    /No default permission for (topic|group)[: ]+(\S+?)[,.]?(?:\s|$)/.exec(remark) ?? [];
  if (plainKind !== undefined)
    return `needs ${actions[code] === send ? 'PUB' : 'SUB'} on ${plainKind} ${plainResource}`;
  return remark.includes('Need admin permission') ? 'needs an account with admin: true' : undefined;
}
