// Names the permission that an access key lacks when a RocketMQ broker refuses one of its requests.

export type RocketmqAction = 'PUB' | 'SUB' | 'GET' | 'CREATE' | 'UPDATE' | 'DELETE';
export type RocketmqResource = 'topic' | 'group' | 'cluster';

type Actions = Readonly<Partial<Record<RocketmqResource, RocketmqAction>>>;

const send: Actions = { topic: 'PUB' };

/**
 * Request codes by their actions, of ACL 2.0 (5.3). If the broker accepts one of several actions, the one that grants least.
 * Source: DefaultAuthorizationContextBuilder and `@RocketMQAction` of the request headers, 5.3.3.
 */
const requests: readonly (readonly [Actions, readonly number[]])[] = [
  [send, [10, 310, 320, 37]],
  [{ topic: 'SUB', group: 'SUB' }, [11, 34, 35, 36, 41, 42]],
  // A retry topic is checked as the group in its name, without %RETRY%.
  [{ topic: 'GET', group: 'GET' }, [12, 14, 29, 30, 31, 33, 202, 208]],
  [{ group: 'GET' }, [38, 203, 307]],
  [{ cluster: 'GET' }, [315, 328, 3005, 3010]],
  [{ cluster: 'UPDATE' }, [3001, 3002, 3003, 3006, 3008]],
  [{ topic: 'UPDATE', group: 'UPDATE' }, [15, 222]],
  [{ topic: 'CREATE' }, [17]],
  [{ group: 'DELETE' }, [207]],
  [{ topic: 'DELETE', group: 'DELETE' }, [215]],
];

const actionsOf = (code: number) => requests.find(([, codes]) => codes.includes(code))?.[0];

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
    return `needs ${actionsOf(code)?.[what] ?? 'a permission'} on ${what} ${resource}`;
  }
  // 4.x: `No default permission for topic:orders`, `Need admin permission for request code=17, but …`
  const [, plainKind, plainResource] =
    /No default permission for (topic|group)[: ]+(\S+?)[,.]?(?:\s|$)/.exec(remark) ?? [];
  if (plainKind !== undefined)
    return `needs ${actionsOf(code) === send ? 'PUB' : 'SUB'} on ${plainKind} ${plainResource}`;
  return remark.includes('Need admin permission') ? 'needs an account with admin: true' : undefined;
}
